"""The schema's history. A script, once released, is never changed; a change is a new script at the end."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from importlib.resources import files
from itertools import count
from typing import TYPE_CHECKING

from aggregator.adapters.store.parts import in_part
from aggregator.adapters.store.texts import octets, packed_text

if TYPE_CHECKING:
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

SCRIPTS = (
    "0001_first.sql",
    "0002_events.sql",
    "0003_crawling.sql",
    "0004_keeping.sql",
    "0005_compact.sql",
    "0006_wrappers.sql",
    "0007_marks.sql",
    "0008_counts.sql",
    "0009_digest.sql",
    "0010_told.sql",
    "0011_parts.sql",
)
#: Kept as SQLite's user_version.
VERSION = len(SCRIPTS)


#: Is told, once in a while, how many articles are done.
Progress = Callable[[int], None]

#: Articles after which that is told.
_STEP = 10_000
#: About so many keys in `band` are those of one article.
_KEYS = 100


def scripted(scripts: tuple[str, ...] = SCRIPTS, progress: Progress | None = None) -> Migrations:
    """Return the migrations that run `scripts` in their order."""
    from sqlite_utils.migrations import Migrations  # noqa: PLC0415 (0.2 s that a reader is spared)

    migrations = Migrations("aggregator")
    for script in scripts:
        migrations(name=script.removesuffix(".sql"))(_runner(script, progress))
    return migrations


def _runner(script: str, progress: Progress | None) -> Callable[[Database], None]:
    def run(database: Database) -> None:
        _give_functions(database.conn, progress)
        for statement in _statements(files(__package__).joinpath("schema", script).read_text("utf-8")):
            database.execute(statement)

    return run


def _give_functions(raw: sqlite3.Connection, progress: Progress | None) -> None:
    """Let scripts call what packs texts and signatures, and tells where keys stand; of each article some calls are counted."""
    from aggregator.adapters.store.signatures import packed_bands  # noqa: PLC0415 (numpy, which a reader is spared)
    from aggregator.core.words.packing import packed_hashes, packed_terms  # noqa: PLC0415 (the same)

    done, keys = count(), count()

    def packed_shingles(shingles: bytes) -> bytes:
        if progress is not None and (number := next(done)) % _STEP == 0:
            progress(number)
        return packed_hashes(shingles)

    def standing_key(key: int, dated: int) -> int:
        if progress is not None and (number := next(keys)) % (_KEYS * _STEP) == 0:
            progress(number // _KEYS)
        return in_part(key, dated)

    for function, arguments in (
        (packed_text, 1),
        (octets, 1),
        (packed_shingles, 1),
        (packed_terms, 1),
        (packed_bands, 2),
        (standing_key, 2),
    ):
        raw.create_function(function.__name__, arguments, function, deterministic=True)


def _statements(script: str) -> Iterator[str]:
    """Part a script where a line ends a statement.

    sqlite3's executescript would commit first, and sqlite-utils' own asks after each character (70 ms for our schema).
    """
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
