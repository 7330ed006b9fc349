"""Open the database: make it, recognise it, bring it up to date; leave alone what is not ours."""

from __future__ import annotations

import glob
import os
import shutil
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.adapters.store.connection import SENTENCES, Connection, translated
from aggregator.adapters.store.copying import copy_to
from aggregator.adapters.store.migrations import VERSION, Progress, scripted
from aggregator.domain.errors import NewerDatabase, NotOurDatabase, StoreError

if TYPE_CHECKING:
    from sqlite_utils.migrations import Migrations

MEMORY = ":memory:"
#: "news" in ASCII; tells our files from other SQLite databases (`file news.db` shows it).
APPLICATION_ID = 0x6E657773
#: Longer than any transaction of ours: the largest writes one batch of 500 articles, in under a second.
BUSY_SECONDS = 30
#: Pages kept in memory, in KiB. Band keys land anywhere in their table; SQLite's own 2 MB made adding articles a fifth
#: slower at 20,000 of them.
CACHE_KIB = 65_536
#: Pages that the log may hold before they go into the database, 32 MB: a page that many articles change goes there once. With
#: SQLite's own 1,000 adding an article takes a third longer.
LOG_PAGES = 8_000


def open_for_writing(path: Path | str, *, keep_copy: bool = True, progress: Progress | None = None) -> Connection:
    """Open the database at `path`, or in memory; make it, with its folder, where there is none.

    One of an older version is brought up to date, and a copy of it kept beside it unless `keep_copy` is false. That may take
    minutes, so `progress` is told now and then how many articles are done.

    Raises:
        NotOurDatabase: something else is there; it is left as it is.
        NewerDatabase: a newer version wrote it; it is left as it is.
        StoreError: it cannot be opened or written, or there is no room for the copy.
    """
    if str(path) == MEMORY:
        return _prepared(Connection(_connect(MEMORY), MEMORY))
    path = Path(path)
    _make(path)
    version = checked_version(path)
    with translated(str(path)):
        connection = Connection(_connect(_uri(path, "rw")), str(path), place=path)
    try:
        if version < VERSION:
            return _prepared(connection, copied=path if version and keep_copy else None, progress=progress)
        return _tuned(connection)
    except BaseException:
        connection.close()
        raise


def open_for_reading(path: Path) -> Connection:
    """Open the database at `path` so that nothing can be written through it.

    Raises:
        StoreError: there is none yet, or it is not one of ours, or of another version.
    """
    if not path.exists() or not path.stat().st_size:
        raise StoreError(f"there is no database at {path} yet; start `aggregator run` first, or name another with --db")
    version = checked_version(path)
    if version < VERSION:
        raise StoreError(f"{path} is of an older version; start `aggregator run` once to bring it up to date")
    with translated(str(path)):
        return Connection(_connect(_uri(path, "ro")), str(path))


def migrate(connection: Connection, migrations: Migrations, version: int, *, copied: Path | None = None) -> None:
    """Bring the schema to `version`, wholly or not at all; two that try it at once wait for each other.

    What is at `copied` is copied before.
    """
    with connection.transaction(), translated(connection.name):
        # Whoever waited for another to do it has nothing left to do; above all not to copy what is new as what is old.
        known = connection.raw.execute("PRAGMA user_version").fetchone()[0]
        if copied is not None and known < version:
            _keep_copy(copied, version)
        migrations.apply(connection.database)
        connection.raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.raw.execute(f"PRAGMA user_version = {version}")


def _keep_copy(path: Path, version: int) -> None:
    """Copy a database that is about to become one of `version`, beside it; copies of earlier times go.

    Nobody can write meanwhile, for we hold the transaction that the change will be made in.
    """
    with translated(str(path)):
        reader = Connection(_connect(_uri(path, "ro")), str(path))
    try:
        if not reader.value("SELECT EXISTS (SELECT 1 FROM feed) OR EXISTS (SELECT 1 FROM article)"):
            return
        copy = path.with_name(f"{path.name}.before-v{version}")
        try:
            _require_room(path)
            copy_to(reader, copy)
        except StoreError as error:
            raise StoreError(
                f"{path} is of an older version, and a copy of it must be kept before it is brought up to date, but {error};"
                " it is as it was"
            ) from error
    finally:
        reader.close()
    for earlier in path.parent.glob(f"{glob.escape(path.name)}.before-v*"):
        if earlier != copy:
            earlier.unlink(missing_ok=True)


def _require_room(path: Path) -> None:
    needed, free = path.stat().st_size, shutil.disk_usage(path.parent).free
    if free < needed:
        raise StoreError(
            f"that takes {needed / 1e6:,.0f} MB and the disk has {free / 1e6:,.0f} MB left: make room and try again"
        )


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # What people read is their own affair; SQLite gives its side files the same mode. A file that exists is not
        # opened here: closing it would take away the locks that SQLite holds on it in this process.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise StoreError(f"the database {path} cannot be opened: {error.strerror}; choose another with --db") from error
    if not path.is_file():
        raise StoreError(f"the database {path} cannot be opened: it is not a file; choose another with --db")
    # SQLite would open it for reading then and fail at every write, also when it could be written again.
    if not os.access(path, os.W_OK):
        raise StoreError(f"the database {path} cannot be used: {SENTENCES[sqlite3.SQLITE_READONLY]}")
    _unseal(path)


def _unseal(path: Path) -> None:
    """Give the side files the mode of the database: whoever read it while it was read-only has left them read-only."""
    for end in ("-wal", "-shm"):
        side = path.with_name(path.name + end)
        if side.exists() and not os.access(side, os.W_OK):
            with suppress(OSError):
                side.chmod(path.stat().st_mode & 0o777)


def checked_version(path: Path) -> int:
    """Return the schema's version, 0 for an empty file, having only read it."""
    with translated(str(path)):
        raw = _connect(_uri(path, "ro"))
        try:
            # One state for all three, for another process may be making the schema right now.
            raw.execute("BEGIN")
            application = raw.execute("PRAGMA application_id").fetchone()[0]
            version = int(raw.execute("PRAGMA user_version").fetchone()[0])
            empty = not raw.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        finally:
            raw.close()
    if application != APPLICATION_ID and not (application == 0 and empty):
        raise NotOurDatabase(f"{path} is a database of another program; choose another file with --db")
    if version > VERSION:
        raise NewerDatabase(f"{path} was written by a newer version of aggregator; update aggregator to use it")
    return version


def _prepared(connection: Connection, *, copied: Path | None = None, progress: Progress | None = None) -> Connection:
    """Make or update the schema; what is at `copied` is copied before."""
    migrate(_tuned(connection), scripted(progress=progress), VERSION, copied=copied)
    return connection


def _tuned(connection: Connection) -> Connection:
    with translated(connection.name):
        # Readers go on while one writes. A crash of the machine may lose the last commits, never the database.
        _log_ahead(connection.raw)
        connection.raw.execute("PRAGMA synchronous = NORMAL")
        connection.raw.execute("PRAGMA foreign_keys = ON")
        connection.raw.execute(f"PRAGMA cache_size = {-CACHE_KIB}")
        connection.raw.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
    return connection


def _log_ahead(raw: sqlite3.Connection) -> None:
    """Switch to WAL. Where two do so at once SQLite turns one away without letting it wait, so we wait."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _connect(target: str) -> sqlite3.Connection:
    return sqlite3.connect(target, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=True)


def _uri(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"
