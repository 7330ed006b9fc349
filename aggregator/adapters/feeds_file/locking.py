"""One editor of a file at a time."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from aggregator.domain.errors import FeedsFileError

#: An edit takes milliseconds; who holds the lock longer hangs.
LOCK_PATIENCE = timedelta(seconds=10)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other editors of `path` out; its folder is made where there is none.

    The lock is on the folder, for it outlives the file, which every edit replaces, and leaves nothing lying about.

    Raises:
        FeedsFileError: the folder cannot be opened or locked, or another process holds the lock.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise FeedsFileError(f"{path.parent} cannot be opened: {error.strerror}") from error
    try:
        _lock(folder, path)
        yield
    finally:
        os.close(folder)


def _lock(folder: int, path: Path) -> None:
    deadline = time.monotonic() + LOCK_PATIENCE.total_seconds()
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise FeedsFileError(f"{path} is being edited by another process; try again") from None
            time.sleep(0.02)
        except OSError as error:
            raise FeedsFileError(f"{path.parent} cannot be locked: {error.strerror}") from error
        else:
            return
