"""Backups of a database, and the way back."""

import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from aggregator.adapters.store.connection import Connection, translated
from aggregator.adapters.store.copying import SIDE_FILES, copy_to, looked_through, new_file, put_in_place
from aggregator.adapters.store.migrations import VERSION
from aggregator.adapters.store.opening import checked_version, open_for_reading, open_for_writing
from aggregator.domain.errors import NewerDatabase, NotOurDatabase, StoreError, UsageError
from aggregator.domain.ids import require_utc
from aggregator.domain.keeping import Copied


def back_up(database: Path, target: Path, *, force: bool = False) -> Copied:
    """Copy the database to `target` while others may write to it.

    Raises:
        UsageError: something is there and `force` was not given, or it is the database itself.
        StoreError: there is no database, it is damaged, or the copy cannot be written.
    """
    connection = open_for_reading(database)
    with closing(connection):
        if target.is_dir():
            raise UsageError(f"{target} is a folder; name a file in it, such as {target / database.name}")
        if target.exists() and target.samefile(database):
            raise UsageError(f"{target} is the database itself; name another file")
        if target.exists() and not force:
            raise UsageError(f"{target} is there already; name another file, or say --force to replace it")
        return copy_to(connection, target)


def restore(database: Path, source: Path, now: datetime) -> tuple[Copied, Path | None]:
    """Put a backup in the place of the database; return what it holds, and where the one before is kept.

    A backup of an older version is brought up to date. Nobody else may be using the database.

    Raises:
        NotOurDatabase: `source` is something else.
        NewerDatabase: it is of a newer version.
        StoreError: it is not there or damaged, or the database cannot be written. In all cases nothing was changed.
    """
    with _opened(source, database) as backup, new_file(database) as beside:
        copy_to(backup, beside)
        open_for_writing(beside, keep_copy=False).close()
        restored = looked_through(beside)
        kept = _set_aside(database, now)
        try:
            put_in_place(beside, database)
        except StoreError:
            _put_back(kept, database)
            raise
    return restored, kept


def _opened(source: Path, database: Path) -> closing[Connection]:
    """Open a backup that is ours, of no newer version and sound."""
    if not source.is_file():
        raise StoreError(f"there is no file {source}; name one that `aggregator backup` made")
    if database.exists() and source.samefile(database):
        raise UsageError(f"{source} is the database itself; name a backup of it")
    try:
        version = checked_version(source)
    except NewerDatabase:
        raise NewerDatabase(
            f"{source} is of a newer version (this one knows {VERSION} and older); update aggregator to restore it"
        ) from None
    except NotOurDatabase:
        version = 0
    if not version:
        raise NotOurDatabase(f"{source} is not a database of aggregator; name a file that `aggregator backup` made")
    uri = f"{source.absolute().as_uri()}?mode=ro"
    with translated(str(source)):
        backup = Connection(sqlite3.connect(uri, isolation_level=None, uri=True), str(source))
    try:
        _require_sound(backup)
    except BaseException:
        backup.close()
        raise
    return closing(backup)


def _require_sound(backup: Connection) -> None:
    verdict = backup.value("PRAGMA integrity_check(1)")
    if verdict != "ok":
        raise StoreError(f"{backup.name} is damaged ({verdict}); restore another backup")


def _set_aside(database: Path, now: datetime) -> Path | None:
    """Give the database that is there another name, with all that was written to it."""
    if not database.exists() or not database.stat().st_size:
        return None
    kept = database.with_name(f"{database.name}.before-restore-{require_utc(now):%Y%m%dT%H%M%SZ}")
    if kept.exists():
        raise StoreError(f"{kept} is there already; wait a second and try again")
    # A damaged one cannot be tidied up; it may be the reason why we are here, and keeps its side files.
    with suppress(StoreError, sqlite3.Error), closing(_writable(database)) as connection:
        connection.value("PRAGMA wal_checkpoint(TRUNCATE)")
    sides = [end for end in SIDE_FILES if database.with_name(database.name + end).exists()]
    if not sides:
        # Its own name stays until the restored one takes it, so that a crash leaves no moment without a database.
        with suppress(OSError):
            kept.hardlink_to(database)
            return kept
    try:
        for end in ("", *sides):
            database.with_name(database.name + end).rename(kept.with_name(kept.name + end))
    except OSError as error:
        raise StoreError(f"{database} cannot be renamed: {error.strerror}") from error
    return kept


def _put_back(kept: Path | None, database: Path) -> None:
    """Let the database that was set aside be what it was."""
    if kept is None:
        return
    with suppress(OSError):
        if database.exists():
            if kept.samefile(database):
                kept.unlink()
            return
        for end in ("", *SIDE_FILES):
            if kept.with_name(kept.name + end).exists():
                kept.with_name(kept.name + end).rename(database.with_name(database.name + end))


def _writable(database: Path) -> Connection:
    with translated(str(database)):
        raw = sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", isolation_level=None, uri=True, timeout=30)
    return Connection(raw, str(database))
