"""The one way to SQLite. Its errors become ours here and nowhere else."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aggregator.adapters.store.texts import sqlar_uncompress
from aggregator.domain.errors import NotOurDatabase, StoreError

if TYPE_CHECKING:
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
#: The low byte of an extended result code is the primary one (sqlite.org/rescode.html).
PRIMARY = 0xFF


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn what SQLite reports of the database `name`, and a person can mend, into a StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & PRIMARY
        if code == sqlite3.SQLITE_NOTADB:
            raise NotOurDatabase(f"{name} is not a database; choose another file with --db") from error
        if code not in SENTENCES:
            raise
        raise StoreError(f"the database {name} cannot be used: {SENTENCES[code]} ({error})") from error


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

    @property
    def database(self) -> Database:
        """Return the connection as sqlite-utils sees it; only who makes or changes the schema needs it, and loads it."""
        from sqlite_utils import Database  # noqa: PLC0415 (0.2 s that a reader is spared)

        return Database(self.raw, recursive_triggers=False, execute_plugins=False)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with translated(self.name):
            return self.raw.execute(sql, parameters).fetchall()

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

    def write_all(self, sql: str, parameters: Iterable[Parameters]) -> None:
        """Execute a statement that writes once for each of `parameters`."""
        self._require_transaction()
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
        try:
            yield
            with translated(self.name):
                self.raw.execute("COMMIT")
        finally:
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
    return json.dumps(list(ids))
