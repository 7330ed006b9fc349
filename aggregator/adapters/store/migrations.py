"""The schema's history. A script, once released, is never changed; a change is a new script at the end."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

SCRIPTS = ("0001_first.sql", "0002_events.sql", "0003_crawling.sql", "0004_keeping.sql")
#: Kept as SQLite's user_version.
VERSION = len(SCRIPTS)


def scripted(scripts: tuple[str, ...] = SCRIPTS) -> Migrations:
    """Return the migrations that run `scripts` in their order."""
    from sqlite_utils.migrations import Migrations  # noqa: PLC0415 (0.2 s that a reader is spared)

    migrations = Migrations("aggregator")
    for script in scripts:
        migrations(name=script.removesuffix(".sql"))(_runner(script))
    return migrations


def _runner(script: str) -> Callable[[Database], None]:
    def run(database: Database) -> None:
        for statement in _statements(files(__package__).joinpath("schema", script).read_text("utf-8")):
            database.execute(statement)

    return run


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
