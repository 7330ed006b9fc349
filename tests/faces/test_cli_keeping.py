"""`aggregator backup`, `restore`, `check` and `prune`, and `settings: keep`, on real databases."""

import os
import pty
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click
import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.adapters.store.key_tables import BAND
from aggregator.adapters.store.times import to_seconds
from aggregator.bootstrap import utc_now
from aggregator.domain.errors import UsageError
from tests.faces.eventful import Newsroom, invoke
from tests.faces.installed import PATIENCE, SETTINGS, Outlet, Place, wait_until


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    """A site to poll."""
    with Outlet() as outlet:
        yield outlet


def count(place: Place, table: str = "article") -> int:
    """Return how many rows a table has."""
    raw = sqlite3.connect(place.database)
    number: int = raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    raw.close()
    return number


def spoil(place: Place, script: str) -> None:
    """Change the database as nobody should."""
    raw = sqlite3.connect(place.database)
    raw.executescript(script)
    raw.close()


def test_a_backup_made_under_a_daemon_comes_back(place: Place, outlet: Outlet) -> None:
    """A copy is made while it polls; the way back is refused until it has stopped, and then all is as it was."""
    place.write(outlet.lists("harbour", "Bridge closed", "Ferry late"))
    file = place.folder / "monday.db"
    with place.daemon() as daemon:
        daemon.wait_for(" polled feed=harbour kind=read ")
        made = place.call("backup", str(file))
        outlet.lists("harbour", "Bridge closed", "Ferry late", "Tram derailed")
        wait_until(lambda: count(place) == 3)
        refused = place.call("restore", str(file))
        assert daemon.end() == 0
    before = count(place)
    done = place.call("restore", str(file))

    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith(f"{file}: ")
    assert made.stdout.endswith("kB, 1 feed, 2 articles, 2 stories\n")
    assert file.stat().st_mode & 0o777 == 0o600
    assert refused.returncode == 1
    assert f"process {daemon.process.pid} already serves" in refused.stderr
    assert (before, done.returncode, count(place)) == (3, 0, 2)
    assert "2 articles" in done.stdout
    (kept,) = place.folder.glob("news.db.before-restore-*Z")
    assert f"is kept as {kept}" in done.stderr
    assert place.call("check").returncode == 0


def test_a_backup_overwrites_nothing_by_itself(place: Place, room: Newsroom) -> None:
    """A FILE that is there is a mistake of use; --force replaces it."""
    file = place.folder / "monday.db"
    file.write_text("precious")

    refused = place.call("backup", str(file))

    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert file.read_text() == "precious"
    assert f"{len(room.ids)} articles" in place.call("backup", str(file), "--force").stdout


def test_without_a_database_there_is_nothing_to_keep(place: Place) -> None:
    """Each command says so in a sentence and makes none."""
    for words in (("backup", "x.db"), ("check",), ("prune", "--older-than", "90d"), ("restore", "x.db")):
        told = place.call(*words)
        assert told.returncode == 1
        assert told.stderr.startswith("aggregator: there is no ")
        assert not place.database.exists()


def test_a_sound_database_is_called_so(place: Place, room: Newsroom) -> None:
    """Exit 0 and one line, or an object without faults; a daemon is in nobody's way."""
    with place.daemon():
        checked = place.call("check")
        told = place.json("check")
        refused = place.call("check", "--repair")

    assert room.ids
    assert (checked.returncode, checked.stdout) == (0, "the database is sound\n")
    assert told == {"database": str(place.database), "sound": True, "faults": []}
    assert refused.returncode == 1
    assert "already serves" in refused.stderr


def test_what_is_wrong_is_told_and_repaired(place: Place, room: Newsroom) -> None:
    """Exit 1 with each fault and its cure; --repair exits with 3 and says what it did; then all is well."""
    before = place.json("story", str(room.stories["wire"]))
    spoil(place, "DELETE FROM band; UPDATE story SET articles = 77")
    spoil(place, "INSERT INTO article_search (article_search) VALUES ('delete-all')")

    found = place.call("check")
    told = place.json("check")
    repaired = place.call("check", "--repair")

    assert found.returncode == 1
    assert "the search index has other words than the texts" in found.stdout
    assert found.stdout.count("  `aggregator check --repair` makes that anew") == 3
    assert [fault["kind"] for fault in told["faults"]] == ["counts", "bands", "search"]
    assert list(told["faults"][0]) == ["kind", "count", "what", "examples", "repaired", "cure"]
    assert repaired.returncode == 3
    assert repaired.stdout.count("  repaired\n") == 3
    assert place.call("check").returncode == 0
    assert _without_times(place.json("story", str(room.stories["wire"]))) == _without_times(before)
    assert "Sundholm" in place.call("search", "Sundholm").stdout


def _without_times(story: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in story.items() if key != "updated"}


def test_what_is_lost_is_left_with_its_cure(place: Place, room: Newsroom) -> None:
    """A text that is gone cannot be repaired: exit 1 also after a repair, and the cure is a backup."""
    spoil(place, f"DROP TRIGGER body_deleted; DELETE FROM body WHERE article_id = {room.ids['rate']}")

    repaired = place.call("check", "--repair")
    (lost,) = (fault for fault in place.json("check")["faults"] if fault["kind"] == "no-text")

    assert repaired.returncode == 1
    assert "aggregator restore" in repaired.stdout
    assert (lost["repaired"], lost["examples"]) == (False, [str(room.ids["rate"])])


def test_an_index_of_sqlite_is_made_anew(place: Place, room: Newsroom) -> None:
    """Rows that an index of SQLite's has lost are told, and found again by way of their table."""
    raw = sqlite3.connect(place.database)
    row = raw.execute("SELECT * FROM sqlite_master WHERE name = 'story_canonical'").fetchone()
    raw.close()
    # What changes while the index is out of sight is not in it.
    spoil(place, "PRAGMA writable_schema = ON; DELETE FROM sqlite_master WHERE name = 'story_canonical'")
    spoil(place, "UPDATE story SET canonical_id = (SELECT max(id) FROM article WHERE story_id = story.id)")
    raw = sqlite3.connect(place.database, isolation_level=None)
    raw.execute("PRAGMA writable_schema = ON")
    raw.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
    raw.close()

    found = place.call("check")
    repaired = place.call("check", "--repair")

    assert room.ids
    assert found.returncode == 1
    assert "rows are missing from an index of SQLite's" in found.stdout
    assert "aggregator check --repair" in found.stdout
    assert repaired.returncode == 3
    assert place.call("check").returncode == 0


def test_damaged_pages_are_told(place: Place, room: Newsroom) -> None:
    """Flipped bytes are found, the cure is a backup, nothing is changed and no command shows a traceback."""
    file = place.folder / "monday.db"
    invoke(place, "backup", str(file))
    content = bytearray(place.database.read_bytes())
    for offset in range(20 * 4096, len(content), 3 * 4096):
        content[offset : offset + 64] = os.urandom(64)
    place.database.write_bytes(content)

    told = [place.call(*words) for words in (("check",), ("check", "--repair"), ("backup", str(file), "--force"))]

    assert [one.returncode for one in told] == [1, 1, 1]
    assert all("restore a backup" in one.stdout + one.stderr for one in told)
    assert not any("Traceback" in one.stderr for one in told)
    assert place.database.read_bytes() == bytes(content)
    assert place.call("restore", str(file)).returncode == 0
    assert count(place) == len(room.ids)
    assert place.call("check").returncode == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("prune",), "older_than"),
        (("prune", "--older-than", "1d"), "not from 7d to 3650d"),
        (("prune", "--older-than", "4000d"), "not from 7d to 3650d"),
        (("prune", "--older-than", "90"), "no unit"),
        (("prune", "--older-than", "long"), "write such as 90d"),
        (("prune", "--older-than", "10d"), "say --yes where nobody can be asked"),
        (("backup",), "file"),
        (("restore",), "file"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(place: Place, room: Newsroom, words: tuple[str, ...], told: str) -> None:
    """What cannot be meant is refused, and nothing goes without a yes."""
    refused = invoke(place, *words)

    assert isinstance(refused.exception, UsageError | click.UsageError)
    assert told in str(refused.exception)
    assert count(place) == len(room.ids)


def test_pruning_removes_what_is_old(place: Place, room: Newsroom) -> None:
    """--dry-run tells and leaves; --yes removes the article of twenty days ago and nothing else; then nothing is left to do."""
    tried = place.call("prune", "--older-than", "10d", "--dry-run")
    there = count(place)
    done = place.call("prune", "--older-than", "10d", "--yes")
    again = place.call("prune", "--older-than", "10d", "--yes")

    assert (tried.returncode, tried.stdout) == (0, "1 article would go, with them 1 story\n")
    assert there == len(room.ids)
    assert (done.returncode, done.stdout) == (0, "1 article and 1 story are removed\n")
    assert "the file keeps its size" in done.stderr
    assert count(place) == len(room.ids) - 1
    assert (again.returncode, again.stdout) == (0, "nothing to remove\n")
    assert place.call("check").returncode == 0
    assert place.call("story", str(room.stories["old"])).returncode != 0


@pytest.mark.parametrize(("answer", "left"), [("n", 0), ("y", 1)])
def test_a_person_is_asked_before_anything_goes(place: Place, room: Newsroom, answer: str, left: int) -> None:
    """On a terminal the numbers are told and a yes is waited for."""
    person, terminal = pty.openpty()
    command = place.command("prune", "--older-than", "10d")
    with subprocess.Popen(
        command, env=place.environ, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        os.write(person, f"{answer}\n".encode())
        said, _ = process.communicate(timeout=PATIENCE)
    os.close(terminal)
    os.close(person)

    assert "1 article would go, with them 1 story. Remove for good? [y/N]" in said
    assert count(place) == len(room.ids) - left
    assert process.returncode == (0 if left else 130)


@pytest.mark.slow
def test_a_restore_that_is_killed_leaves_a_database(place: Place, room: Newsroom) -> None:
    """At whatever moment kill -9 comes, the database is there: the one before or the restored one, and sound."""
    file = place.folder / "monday.db"
    full = shutil.copy(place.database, place.folder / "full.db")
    place.call("prune", "--older-than", "10d", "--yes")
    place.call("backup", str(file))
    for step in range(8):
        shutil.copy(full, place.database)
        with subprocess.Popen(
            place.command("restore", str(file)), env=place.environ, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(0.2 + 0.05 * step)
            process.kill()
        assert count(place) in {len(room.ids), len(room.ids) - 1}
    assert place.call("check").returncode == 0


def test_what_a_reader_merged_is_told_to_stay(place: Place, room: Newsroom) -> None:
    """A story with a person's word keeps its old article, and the command says so."""
    invoke(place, "merge", str(room.stories["old"]), str(room.stories["rate"]))

    kept = place.call("prune", "--older-than", "10d", "--yes")

    assert kept.stdout == "nothing to remove; 1 article as old stay in stories that you merged, split or starred\n"
    assert count(place) == len(room.ids)


def test_a_daemon_keeps_what_the_setting_says(place: Place, room: Newsroom, outlet: Outlet) -> None:
    """With `keep` it removes what is older at its start, tells how much in one line, and polls meanwhile."""
    place.write(outlet.lists("harbour", "Bridge closed"), settings=f"{SETTINGS}  keep: 10d\n")
    with place.daemon() as daemon:
        (line,) = daemon.wait_for(" pruned ")
        daemon.wait_for(" polled feed=harbour kind=read ")
        assert daemon.end() == 0

    assert line.endswith(" info pruned articles=1 stories=1 older_than=10d")
    assert count(place) == len(room.ids)
    assert count(place, "tombstone") == 1
    with SqliteStore(place.database) as store:
        assert store.flaws() == ()


def test_a_daemon_keeps_everything_by_default(place: Place, room: Newsroom, outlet: Outlet) -> None:
    """Without `keep` nothing is ever removed; with a new `keep` nothing before the night, for it may be a slip.

    But what is a year old is found by some of its keys only.
    """
    with SqliteStore(place.database) as store, store.transaction():
        BAND.add(store._sql, room.ids["old"], range(2**31, 2**31 + 9), to_seconds(utc_now() - timedelta(days=365)))
    place.write(feed := outlet.lists("harbour", "Bridge closed"))
    with place.daemon() as daemon:
        (line,) = daemon.wait_for(" thinned ")
        assert " info thinned keys=9 dated_before=" in line
        daemon.wait_for(" polled feed=harbour kind=read ")
        place.write(feed, settings=f"{SETTINGS}  keep: 10d\n")
        daemon.signal(signal.SIGHUP)
        daemon.wait_for(" config reloaded ")
        assert daemon.end() == 0
        assert not daemon.lines(" pruned ")

    assert count(place) == len(room.ids) + 1
