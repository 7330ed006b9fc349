"""When Python looks for garbage: not where looking costs more than it finds."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
    """Leave out what is there already: modules and tables stay, and to look through them stops the event loop for 50 ms."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
