"""A sparkline as the path of an SVG image: when a story's articles came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.core.stories.arrivals import arrivals

HEIGHT = 16
_STEP, _BAR = 4, 3
#: Fewer articles make no picture.
LEAST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline:
    """Bars from the first to the last article."""

    width: int
    #: As SVG's `path d` has it: digits, letters and blanks.
    path: str
    first: datetime
    last: datetime


def sparkline(moments: Sequence[datetime]) -> Sparkline | None:
    """Draw when articles came; None where there are too few."""
    if len(moments) < LEAST:
        return None
    counts = arrivals(moments)
    tallest = max(counts)
    bars = (
        f"M{place * _STEP} {HEIGHT}h{_BAR}v-{max(round(HEIGHT * count / tallest), 2)}h-{_BAR}z"
        for place, count in enumerate(counts)
        if count
    )
    return Sparkline(width=len(counts) * _STEP, path="".join(bars), first=min(moments), last=max(moments))
