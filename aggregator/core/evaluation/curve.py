"""The measures over a threshold."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from aggregator.core.evaluation.measures import Scores, b_cubed, cross, pair_scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What was measured at one threshold."""

    threshold: float
    pairs: Scores
    b_cubed: Scores


def curve(
    gold: Sequence[Hashable], found_at: Callable[[float], Sequence[Hashable]], thresholds: Iterable[float]
) -> Iterator[Point]:
    """Measure what `found_at` finds at each threshold; it names the found cluster of each article, in `gold`'s order."""
    for threshold in thresholds:
        table = cross(gold, found_at(threshold))
        yield Point(threshold=threshold, pairs=pair_scores(table), b_cubed=b_cubed(table))
