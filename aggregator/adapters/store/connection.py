"""The one way to SQLite. Its errors become ours here and nowhere else."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aggregator.adapters.store.remembering import Remembered
from aggregator.adapters.store.texts import sqlar_uncompress
from aggregator.domain.errors import NotOurDatabase, StoreError
from aggregator.domain.ids import ArticleId
from aggregator.domain.stories import Profile

if TYPE_CHECKING:
    from types import TracebackType

    from sqlite_utils import Database

Parameters = Sequence[Any] | Mapping[str, Any]

#: What SQLite's primary result codes mean to a person. What is not here is a mistake of ours and passes as it is.
SENTENCES = {
    sqlite3.SQLITE_BUSY: "another program has kept it locked for too long; close it and try again",
    sqlite3.SQLITE_LOCKED: "another program has kept it locked for too long; close it and try again",
    sqlite3.SQLITE_PROTOCOL: "another program has kept it locked for too long; close it and try again",
    sqlite3.SQLITE_FULL: "the disk is full; make room and try again",
    sqlite3.SQLITE_READONLY: "it may not be written; check the permissions of the file and of its folder",
    sqlite3.SQLITE_PERM: "it may not be opened; check the permissions of the file and of its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check that the folder exists and may be written",
    sqlite3.SQLITE_IOERR: "the disk reports an error; check the disk and the free space on it",
    sqlite3.SQLITE_CORRUPT: "it is damaged; restore a backup, or move it away to start anew",
}
#: Profiles kept in memory, each of some 2 KB: those of nine days of 1,700 articles, the window in which events are looked for.
PROFILES = 16_384
#: The low byte of an extended result code is the primary one (sqlite.org/rescode.html).
PRIMARY = 0xFF


class translated:  # noqa: N801  # reads as what is done within
    """Turn what SQLite reports of the database `name`, and a person can mend, into a StoreError."""

    # A class, for it is entered with every statement, and a generator takes three times as long.
    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        """Watch."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Translate."""
        if not isinstance(error, sqlite3.Error):
            return
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & PRIMARY
        if code == sqlite3.SQLITE_NOTADB:
            raise NotOurDatabase(f"{self._name} is not a database; choose another file with --db") from error
        if code in SENTENCES:
            raise StoreError(f"the database {self._name} cannot be used: {SENTENCES[code]} ({error})") from error


class Connection:
    """A connection whose writes happen in transactions only. For one thread at a time, whichever."""

    def __init__(self, raw: sqlite3.Connection, name: str, *, place: Path | None = None) -> None:
        """Take over `raw`, which must not begin transactions by itself (isolation_level None), of the file at `place`."""
        raw.row_factory = sqlite3.Row
        # The view that the search index reads has it; the sqlite3 shell has one of this name too.
        raw.create_function("sqlar_uncompress", 2, sqlar_uncompress, deterministic=True)
        self.raw = raw
        self.name = name
        self._place = place
        self._file = _file_at(place)
        self._profiles = Remembered[ArticleId, Profile](PROFILES)
        #: Another connection's commit makes SQLite's number another one.
        self._data_version: int | None = None
        self._times_forgotten = 0
        self._has_heeded = False

    @property
    def database(self) -> Database:
        """Return the connection as sqlite-utils sees it; only who makes or changes the schema needs it, and loads it."""
        from sqlite_utils import Database  # noqa: PLC0415 (0.2 s that a reader is spared)

        return Database(self.raw, recursive_triggers=False, execute_plugins=False)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with translated(self.name):
            return self.raw.execute(sql, parameters).fetchall()

    def rows_of(self, ids: Collection[int], sql: str) -> list[sqlite3.Row]:
        """Return all rows of a query that takes `ids` as `listed`; it is not asked of none."""
        return self.rows(sql, (listed(ids),)) if ids else []

    def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """Return the first row of a query."""
        with translated(self.name):
            found: sqlite3.Row | None = self.raw.execute(sql, parameters).fetchone()
            return found

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """Return the first column of the first row of a query, None without a row."""
        found = self.row(sql, parameters)
        return None if found is None else found[0]

    def write(self, sql: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        """Execute a statement that writes."""
        self._require_transaction()
        with translated(self.name):
            return self.raw.execute(sql, parameters)

    def write_all(self, sql: str, parameters: Collection[Parameters]) -> None:
        """Execute a statement that writes once for each of `parameters`."""
        self._require_transaction()
        if parameters:
            with translated(self.name):
                self.raw.executemany(sql, parameters)

    @contextmanager
    def transaction(self, kind: str = "IMMEDIATE") -> Iterator[None]:
        """Hold a transaction; a second one inside it is a mistake."""
        if self.raw.in_transaction:
            raise RuntimeError("a transaction is open already")
        # SQLite would go on writing to a file that has no name any more, and all of it would be lost.
        if _file_at(self._place) != self._file:
            raise StoreError(
                f"the database {self.name} cannot be used: its file was moved or removed; put it back where it was,"
                " or restart aggregator to begin anew"
            )
        with translated(self.name):
            self.raw.execute(f"BEGIN {kind}")
        is_kept = self._has_heeded = False
        try:
            yield
            with translated(self.name):
                self.raw.execute("COMMIT")
            is_kept = True
        finally:
            if not is_kept:
                self._forget()
            # Some errors (a full disk) have ended the transaction already.
            if self.raw.in_transaction:
                with translated(self.name):
                    self.raw.execute("ROLLBACK")

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Be part of the open transaction, or hold one."""
        if self.raw.in_transaction:
            yield
        else:
            with self.transaction():
                yield

    def close(self) -> None:
        """Close; what was not committed is gone."""
        with translated(self.name):
            self.raw.close()

    @property
    def profiles(self) -> Remembered[ArticleId, Profile]:
        """Profiles by article; nothing is to be taken from here outside a transaction."""
        self._heed_others()
        return self._profiles

    @property
    def times_forgotten(self) -> int:
        """How often what was read before a transaction might no longer hold in it, without a word from who wrote it."""
        self._heed_others()
        return self._times_forgotten

    def _heed_others(self) -> None:
        """Forget what was read if another connection has written since; asked once in a transaction."""
        if self._has_heeded:
            return
        version = self.value("PRAGMA data_version")
        if version != self._data_version:
            self._forget()
            self._data_version = version
        self._has_heeded = self.raw.in_transaction

    def _forget(self) -> None:
        self._profiles.clear()
        self._times_forgotten += 1

    def _require_transaction(self) -> None:
        if not self.raw.in_transaction:
            raise RuntimeError("a write outside transaction()")


def _file_at(place: Path | None) -> tuple[int, int] | None:
    """Return what tells a file from every other one, None where there is none."""
    try:
        found = place.stat() if place else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def listed(ids: Iterable[int]) -> str:
    """Return numbers as a statement takes them: JSON for `json_each`."""
    return f"[{','.join(map(str, ids))}]"
