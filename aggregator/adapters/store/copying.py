"""Copies of a database: made while others write to it, private, looked through before they get their name."""

import glob
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from aggregator.adapters.store.connection import PRIMARY, SENTENCES, Connection, translated
from aggregator.domain.errors import StoreError
from aggregator.domain.keeping import Copied

#: What SQLite keeps beside a database.
SIDE_FILES = ("-wal", "-shm", "-journal")
#: What of SQLite's complaints about a copy is the fault of what is copied; all others are of the place it goes to.
_OF_THE_SOURCE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_COUNTS = """
    SELECT (SELECT count(*) FROM feed WHERE configured) AS feeds, (SELECT count(*) FROM article) AS articles,
        (SELECT count(*) FROM story) AS stories
"""


def copy_to(connection: Connection, target: Path) -> Copied:
    """Copy the database as it is at one moment to `target`, replacing what is there once the copy is found sound.

    Whoever writes meanwhile is neither waited for nor kept waiting. Free pages are left out.

    Raises:
        StoreError: the database cannot be read, or the copy not be written; then there is none, and what was there stays.
    """
    with new_file(target) as beside:
        try:
            connection.raw.execute("VACUUM INTO ?", (os.fspath(beside),))
        except sqlite3.Error as error:
            raise _told(error, connection, target) from error
        copied = looked_through(beside)
        put_in_place(beside, target)
    return copied


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """Make an empty private file beside `target`, which is gone afterwards unless it was given another name."""
    _sweep(target)
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        try:
            os.close(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise StoreError(f"{target} cannot be written: {error.strerror}") from error
        yield beside
    finally:
        for end in ("", *SIDE_FILES):
            with suppress(OSError):
                beside.with_name(beside.name + end).unlink(missing_ok=True)


def _sweep(target: Path) -> None:
    """Remove what was left of copies whose makers were killed; such files are large."""
    with suppress(OSError):
        for left in target.parent.glob(f".{glob.escape(target.name)}.*.new*"):
            maker = left.name.rpartition(".new")[0].rpartition(".")[2]
            if maker.isdecimal() and not _is_alive(int(maker)):
                left.unlink()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def looked_through(path: Path) -> Copied:
    """Open a database for reading, have SQLite look through it, and count what it holds.

    Raises:
        StoreError: it is not sound.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with translated(str(path)), closing(sqlite3.connect(uri, isolation_level=None, uri=True)) as raw:
        verdict = raw.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise StoreError(f"the database {path} is damaged ({verdict})")
        feeds, articles, stories = raw.execute(_COUNTS).fetchone()
    return Copied(size=path.stat().st_size, feeds=feeds, articles=articles, stories=stories)


def put_in_place(beside: Path, target: Path) -> None:
    """Give a file that is complete its name, so that a crash leaves the one before or the new one."""
    _synced(beside, target)
    try:
        beside.replace(target)
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}") from error
    _synced(target.parent, target)


def _synced(path: Path, target: Path) -> None:
    """Have the disk take what was written."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}") from error


def _told(error: sqlite3.Error, source: Connection, target: Path) -> Exception:
    """Say whose fault it is. Damaged lengths may ask for more room than any disk has, so the source is looked through."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & PRIMARY
    if code not in _OF_THE_SOURCE and source.value("PRAGMA quick_check(1)") != "ok":
        code = sqlite3.SQLITE_CORRUPT
    if code in _OF_THE_SOURCE:
        return StoreError(f"the database {source.name} cannot be copied: {SENTENCES[code]} ({error})")
    return StoreError(f"the copy {target} cannot be written: {SENTENCES.get(code, error)} ({error})")
