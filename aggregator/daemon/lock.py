"""One daemon a database: a lock on `<database>.pid` that ends with the process that holds it, however it ends."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from aggregator.domain.errors import AlreadyRunning, StoreError

#: `holder` looks by taking a shared lock for an instant; whoever wants to hold tries again for that long.
_PATIENCE = 0.5
_STEP = 0.05


@contextmanager
def hold(pid_file: Path, database: Path) -> Iterator[None]:
    """Hold the lock while the block runs; the file tells our PID meanwhile.

    The file stays when the lock is given back, empty: removing it would let two processes lock two files of one name.

    Raises:
        AlreadyRunning: another process holds it.
        StoreError: the file cannot be made.
    """
    try:
        pid_file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(pid_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"{pid_file} cannot be written ({error.strerror}); choose another place with --db") from error
    try:
        if not _take(handle):
            raise AlreadyRunning(database, _read_pid(handle))
        try:
            _write(handle, f"{os.getpid()}\n")
            yield
        finally:
            # On a disk that takes nothing any more the number stays; without the lock it means nothing.
            with suppress(OSError):
                _write(handle, "")
    finally:
        os.close(handle)


def holder(pid_file: Path) -> int | None:
    """Return the PID of the process that holds the lock; None when nobody does, 0 when it has not told its PID yet."""
    try:
        handle = os.open(pid_file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_pid(handle) or 0
    else:
        return None
    finally:
        os.close(handle)


def _take(handle: int) -> bool:
    give_up = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up:
                return False
            time.sleep(_STEP)
        else:
            return True


def _write(handle: int, text: str) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, text.encode(), 0)


def _read_pid(handle: int) -> int | None:
    text = os.pread(handle, 20, 0).strip()
    return int(text) if text.isdigit() else None
