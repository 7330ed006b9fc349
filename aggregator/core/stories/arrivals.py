"""When a story's articles came, in few numbers: what a sparkline shows."""

from collections.abc import Sequence
from datetime import datetime, timedelta

BARS = 24


def arrivals(moments: Sequence[datetime], bars: int = BARS) -> tuple[int, ...]:
    """Return how many of `moments` fall into each of `bars` equal parts of the time from the first to the last."""
    if not moments:
        return (0,) * bars
    first, last = min(moments), max(moments)
    part = (last - first) / bars or timedelta(seconds=1)
    counts = [0] * bars
    for moment in moments:
        counts[min((moment - first) // part, bars - 1)] += 1
    return tuple(counts)
