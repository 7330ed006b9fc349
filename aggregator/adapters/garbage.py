"""When Python looks for garbage: not where looking costs more than it finds."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

#: The generation that a full look goes through.
_FULL = 2


@contextmanager
def not_looked_for() -> Iterator[None]:
    """Look for none inside, where nothing makes cycles and all that is made stays: looking would take a tenth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def only_in_what_is_new() -> Iterator[None]:
    """Leave out what is there already, and what outlives a full look: else each stops the event loop for longer.

    Modules and tables are 50 ms of looking, what a crawl of 10,000 pages has at hand 130 ms more.
    """
    gc.callbacks.append(_leave_out_what_stays)
    look_everywhere()
    try:
        yield
    finally:
        gc.callbacks.remove(_leave_out_what_stays)
        gc.unfreeze()


def look_everywhere() -> None:
    """Look through what was left out as well, for it may have become garbage since."""
    gc.unfreeze()
    gc.collect()
    # Python puts off the next full look the longer, the more it went through in the last: now through nothing.
    gc.collect()


def _leave_out_what_stays(phase: str, told: Mapping[str, int]) -> None:
    if phase == "stop" and told["generation"] == _FULL:
        gc.freeze()
