"""Sparklines as the paths of SVG images: when a story's articles came, how many entries a feed brought each day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.core.stories.arrivals import arrivals

HEIGHT = 16
_STEP, _BAR = 4, 3
#: Fewer articles make no picture.
LEAST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars beside each other."""

    width: int
    #: As SVG's `path d` has it: digits, letters and blanks.
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline(Bars):
    """Bars from the first to the last article."""

    first: datetime
    last: datetime


def sparkline(moments: Sequence[datetime]) -> Sparkline | None:
    """Draw when articles came; None where there are too few."""
    if len(moments) < LEAST:
        return None
    counts = arrivals(moments)
    return Sparkline(width=_width(counts), path=_path(counts), first=min(moments), last=max(moments))


def bars(counts: Sequence[int]) -> Bars | None:
    """Draw counts; None where all are nought."""
    return Bars(width=_width(counts), path=_path(counts)) if any(counts) else None


def _width(counts: Sequence[int]) -> int:
    return len(counts) * _STEP


def _path(counts: Sequence[int]) -> str:
    tallest = max(counts)
    return "".join(
        f"M{place * _STEP} {HEIGHT}h{_BAR}v-{max(round(HEIGHT * count / tallest), 2)}h-{_BAR}z"
        for place, count in enumerate(counts)
        if count
    )
