"""How far a site's wrapper is trusted, and what a lesson changes in that."""

from dataclasses import replace
from zlib import crc32

from aggregator.core.wrappers.layouts import looks_elsewhere, merged, places
from aggregator.domain.wrappers import Layout, Lesson, Verdict, Way, Wrapper

#: Places that a wrapper has; what would have more is no template.
MOST_PLACES = 400
#: Pages in a row that a wrapper must have read right before it is trusted, and as many more for each time it was wrong.
PROOFS = 2
_MOST_FALLS = 5
#: One page in so many is read both ways for as long as a wrapper is trusted, and after a surprise.
SAMPLE, CLOSE_SAMPLE = 16, 4
#: Unreadable pages after which wrappers are tried with one page in SAMPLE only, for a try and a lesson cost as well.
_PATIENCE = 6
#: Unreadable pages are counted up to here.
_MOST_BARREN = 8


def way_for(wrapper: Wrapper, url: str) -> Way:
    """Return how the page at `url` is to be read: the same for one address as long as the wrapper is the same."""
    draw = crc32(url.encode("utf-8", "replace"))
    if wrapper.barren > _PATIENCE:
        return Way.FULL if draw % SAMPLE else Way.BOTH
    if is_trusted(wrapper):
        return Way.QUICK if draw % (CLOSE_SAMPLE if wrapper.barren else SAMPLE) else Way.BOTH
    return Way.BOTH


def is_trusted(wrapper: Wrapper) -> bool:
    """Tell whether a wrapper has been right often enough to be believed."""
    return wrapper.layout is not None and wrapper.proofs >= PROOFS * (1 + wrapper.falls)


def taught(wrapper: Wrapper, lesson: Lesson) -> Wrapper:
    """Return a wrapper as it is after a lesson; one that was trusted and wrong begins anew."""
    if lesson.verdict is Verdict.AGREED:
        most = PROOFS * (1 + wrapper.falls)
        shortest = min((length for length in (wrapper.shortest, lesson.short) if length is not None), default=None)
        return replace(wrapper, proofs=min(wrapper.proofs + 1, most), barren=wrapper.barren // 2, shortest=shortest)
    if lesson.verdict is Verdict.DIFFERED and is_trusted(wrapper):
        return Wrapper(layout=lesson.layout, falls=min(wrapper.falls + 1, _MOST_FALLS))
    proofs = 0 if lesson.verdict is Verdict.DIFFERED else wrapper.proofs
    return _widened(replace(wrapper, proofs=proofs, barren=min(wrapper.barren + 1, _MOST_BARREN)), lesson.layout)


def _widened(wrapper: Wrapper, shown: Layout | None) -> Wrapper:
    """Add what another page shows; one that was read elsewhere than all others is set aside until it has company."""
    if shown is None or wrapper.layout is None:
        return replace(wrapper, layout=shown or wrapper.layout)
    is_odd = wrapper.proofs > 0 and looks_elsewhere(wrapper.layout.body, shown.body)
    if is_odd and wrapper.barren <= _PATIENCE:
        return wrapper
    layout = merged(wrapper.layout, shown)
    if is_odd or places(layout.body) > MOST_PLACES:
        return Wrapper(layout=shown, falls=wrapper.falls, barren=wrapper.barren)
    return replace(wrapper, layout=layout)
