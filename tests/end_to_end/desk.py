"""A reader's desk: the installed command with a feeds.yaml and a database of its own."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aggregator.adapters.store.texts import sqlar_uncompress
from aggregator.core.urls import url_key
from tests.newsworld.running import RunningWorld

#: When, in the world's time, a reader who lives through both days updates.
LOOKS = ("1 12:00", "1 17:00", "1 22:00", "2 09:00", "2 14:00", "2 22:00")
COMMAND = Path(sys.executable).with_name("aggregator")


class Desk:
    """Runs `aggregator` as a person would, with `feeds_yaml` as the configuration."""

    def __init__(self, folder: Path, feeds_yaml: str) -> None:
        self.folder = folder
        self.config = folder / "feeds.yaml"
        self.database = folder / "news.db"
        self.config.write_text(feeds_yaml)
        # A home of its own: no test may touch, or depend on, what lies in the real one.
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "AGGREGATOR_CONFIG": str(self.config),
            "AGGREGATOR_DB": str(self.database),
            "COLUMNS": "120",
        }
        # Where the tests of one checkout run with the interpreter of another, so must what they start.
        if "PYTHONPATH" in os.environ:
            self.environ["PYTHONPATH"] = os.environ["PYTHONPATH"]

    def run(self, *args: str, status: int = 0, seconds: float = 120) -> str:
        """Run a command; its exit status must be `status`. Return what it printed on stdout."""
        done = subprocess.run(
            [COMMAND, *args],
            env=self.environ,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == status, f"{args} exited {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def begin(self, *args: str) -> subprocess.Popen[bytes]:
        """Start a command and leave it running; its output goes to a file."""
        with (self.folder / "output.log").open("a") as output:
            return subprocess.Popen([COMMAND, *args], env=self.environ, cwd=self.folder, stdout=output, stderr=output)

    def update(self, *feeds: str, status: int = 0) -> dict[str, dict[str, Any]]:
        """Poll now; return the outcome of each feed by its name."""
        lines = self.run("update", "--json", *feeds, status=status).splitlines()
        return {outcome["feed"]: outcome for outcome in map(json.loads, lines)}

    def stories(self, *args: str) -> list[dict[str, Any]]:
        """Return what `today --json` lists."""
        stories: list[dict[str, Any]] = json.loads(self.run("today", "--json", *args))
        return stories

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Ask the database."""
        connection = sqlite3.connect(self.database)
        connection.create_function("sqlar_uncompress", 2, sqlar_uncompress)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()


class WorldDesk(Desk):
    """A desk whose feeds are those of a served world."""

    def __init__(self, folder: Path, world: RunningWorld, **settings: Any) -> None:
        super().__init__(folder, world.feeds_yaml(settings))
        self.world = world

    def articles(self) -> dict[str, int]:
        """Return the number of each of the world's articles in the database; those that are missing are left out."""
        known = dict(self.rows("SELECT url_key, article_id FROM article_url"))
        keys = {id: url_key(self.world.article_url(id)) for id in self.world.world.by_id}
        return {id: known[key] for id, key in keys.items() if key in known}

    def texts(self) -> set[frozenset[str]]:
        """Return the sets of the world's articles that the database takes for one text."""
        return self._together("SELECT id, coalesce(copy_of, id) FROM article")

    def told_together(self) -> set[frozenset[str]]:
        """Return the sets of the world's articles that the database has in one story."""
        return self._together("SELECT id, story_id FROM article")

    def _together(self, sql: str) -> set[frozenset[str]]:
        together = dict(self.rows(sql))
        sets: dict[Any, set[str]] = {}
        for id, article in self.articles().items():
            sets.setdefault(together[article], set()).add(id)
        return {frozenset(ids) for ids in sets.values()}


def wait_until(true: Callable[[], object], seconds: float = 20) -> None:
    """Wait until `true()` holds; it is asked ten times a second."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.1)
