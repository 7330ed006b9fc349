"""The worst errors: what was wrongly joined, what was wrongly torn apart, and what led from one side to the other."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from heapq import nlargest, nsmallest
from itertools import combinations
from typing import Generic

from aggregator.core.copies.copies import strength
from aggregator.core.evaluation.measures import Contingency, F, G
from aggregator.domain.ids import ArticleId
from aggregator.domain.stories import Tie


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseMerge(Generic[G, F]):
    """Two gold clusters that stand, in part or whole, in one found cluster."""

    found: F
    #: The side with more articles first.
    gold: tuple[G, G]
    #: Articles of each of the two in the found cluster.
    articles: tuple[int, int]

    @property
    def wrong_pairs(self) -> int:
        """Pairs of articles that are together and should not be."""
        return self.articles[0] * self.articles[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseSplit(Generic[G, F]):
    """A gold cluster that stands in several found ones."""

    gold: G
    #: (found cluster, articles of the gold cluster in it), the largest part first.
    parts: tuple[tuple[F, int], ...]

    @property
    def wrong_pairs(self) -> int:
        """Pairs of articles that are apart and should not be."""
        sizes = [articles for _, articles in self.parts]
        return (sum(sizes) ** 2 - sum(size * size for size in sizes)) // 2


def worst_merges(table: Contingency[G, F], limit: int) -> tuple[FalseMerge[G, F], ...]:
    """Return the joins that put most pairs wrongly together, the worst first."""
    merges: list[FalseMerge[G, F]] = []
    sides: dict[F, list[tuple[int, G]]] = defaultdict(list)
    for (gold, found), count in table.cells.items():
        sides[found].append((count, gold))
    for found, counts in sides.items():
        # No pair of the worst `limit` has a side beyond the `limit` + 1 largest: all pairs among those that are larger
        # come before it. So a story that swallowed the day costs no more than any other.
        largest = nlargest(limit + 1, counts, key=lambda side: side[0])
        merges += [
            FalseMerge(found=found, gold=(one, other), articles=(many, fewer))
            for (many, one), (fewer, other) in combinations(largest, 2)
        ]
    return tuple(nlargest(limit, merges, key=lambda merge: merge.wrong_pairs))


def worst_splits(table: Contingency[G, F], limit: int) -> tuple[FalseSplit[G, F], ...]:
    """Return the gold clusters torn into most parts, the worst first; among equals the one with more pairs torn."""
    parts: dict[G, list[tuple[F, int]]] = defaultdict(list)
    for (gold, found), count in table.cells.items():
        parts[gold].append((found, count))
    splits = (
        FalseSplit(gold=gold, parts=tuple(sorted(torn, key=lambda part: -part[1])))
        for gold, torn in parts.items()
        if len(torn) > 1
    )
    return tuple(nlargest(limit, splits, key=lambda split: (len(split.parts), split.wrong_pairs)))


def chains(
    ties: Collection[Tie], one: Collection[ArticleId], other: Collection[ArticleId], limit: int
) -> tuple[tuple[Tie, ...], ...]:
    """Return what leads from the articles of `one` to those of `other`, each a row of ties that begins in `one`.

    The strongest direct ties, `limit` at most; where there is none, the shortest way through other articles; else
    nothing.
    """
    first, last = frozenset(one), frozenset(other)
    direct = [tie for tie in ties if (tie.a in first and tie.b in last) or (tie.b in first and tie.a in last)]
    if direct:
        return tuple((tie,) for tie in nsmallest(limit, direct, key=strength))
    way = _shortest(ties, first, last)
    return (way,) if way else ()


def ends(chain: Iterable[Tie], one: Collection[ArticleId]) -> tuple[ArticleId, ArticleId]:
    """Return the article of `one` that a chain begins with, and the article that it ends with."""
    first, *more = chain
    begin = here = first.a if first.a in one else first.b
    for tie in (first, *more):
        here = tie.b if tie.a == here else tie.a
    return begin, here


def _shortest(ties: Iterable[Tie], first: frozenset[ArticleId], last: frozenset[ArticleId]) -> tuple[Tie, ...]:
    near: dict[ArticleId, list[tuple[ArticleId, Tie]]] = defaultdict(list)
    for tie in ties:
        near[tie.a].append((tie.b, tie))
        near[tie.b].append((tie.a, tie))
    ways: dict[ArticleId, tuple[Tie, ...]] = dict.fromkeys(sorted(first), ())
    queue = list(ways)
    for article in queue:  # grows while it is walked
        if article in last:
            return ways[article]
        for next_one, tie in near[article]:
            if next_one not in ways:
                ways[next_one] = (*ways[article], tie)
                queue.append(next_one)
    return ()
