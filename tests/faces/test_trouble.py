"""What a person is told when the database cannot be used, and what a daemon does until it can be again."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.adapters.store.migrations import VERSION
from tests.faces.eventful import fill
from tests.faces.installed import Outlet, Place, new_place, wait_until

#: Runs a command that file modes hold for, also where the tests are run by root.
_BOUND = """
import ctypes, os, sys
for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
os.execv(sys.argv[1], sys.argv[1:])
"""
#: Longer than the store waits for another program, and a loaded machine besides.
LONG = 90.0

COMMANDS = (("today",), ("rebuild", "--all"), ("check",), ("run",), ("prune", "--older-than", "90d", "--yes"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of some events, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "news.db"
    fill(path, learn=False)
    return path


@pytest.fixture
def place(tmp_path: Path, filled: Path) -> Iterator[Place]:
    """A place with a database; whatever was made read-only can be removed afterwards."""
    with new_place(tmp_path) as place:
        shutil.copy(filled, place.database)
        yield place
        tmp_path.chmod(0o700)


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    """A site to poll."""
    with Outlet() as outlet:
        yield outlet


def bound(place: Place, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run `aggregator WORDS` as somebody whom file modes hold back."""
    command = [sys.executable, "-c", _BOUND, *place.command(*words)]
    return subprocess.run(command, env=place.environ, capture_output=True, text=True, timeout=LONG, check=False)


def assert_told(done: "subprocess.CompletedProcess[str]", *parts: str) -> None:
    """Assert that a command failed with a sentence that has one of `parts`."""
    assert done.returncode == 1, done
    assert any(part in done.stderr for part in parts), done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_database_of_a_newer_version_is_told(place: Place, words: tuple[str, ...]) -> None:
    """Every command says what to do, and the file keeps every byte."""
    raw = sqlite3.connect(place.database)
    raw.execute(f"PRAGMA user_version = {VERSION + 1}")
    raw.close()
    before = place.database.read_bytes()

    assert_told(place.call(*words), "update aggregator to use it")
    assert place.database.read_bytes() == before


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_file_that_is_not_ours_is_told(place: Place, words: tuple[str, ...]) -> None:
    """Every command names the file and the way to another one, and does not touch it."""
    place.database.write_bytes(b"This is my diary, and no database at all. " * 100)
    before = place.database.read_bytes()

    assert_told(place.call(*words), "is not a database; choose another file with --db")
    assert place.database.read_bytes() == before


@pytest.mark.parametrize(
    "words", [("rebuild", "--all"), ("run",), ("prune", "--older-than", "7d", "--yes")], ids=" ".join
)
def test_a_file_that_may_not_be_written_is_told(place: Place, words: tuple[str, ...]) -> None:
    """Who wants to write is told of the permissions; reading works; once they are mended, all does."""
    place.database.chmod(0o400)
    before = place.database.read_bytes()

    assert_told(bound(place, *words), "it may not be written; check the permissions")
    assert place.database.read_bytes() == before
    assert bound(place, "today", "--since", "30d").returncode == 0
    place.database.chmod(0o600)
    assert bound(place, "rebuild", "--all").returncode == 0


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_folder_that_may_not_be_written_is_told(place: Place, words: tuple[str, ...]) -> None:
    """SQLite needs files beside the database, so even a reader is told to look at the folder."""
    before = place.database.read_bytes()
    place.folder.chmod(0o500)

    assert_told(bound(place, *words), "may be written", "may not be written", "cannot be written")
    assert place.database.read_bytes() == before
    place.folder.chmod(0o700)
    assert bound(place, "today", "--since", "30d").returncode == 0


def test_a_backup_to_where_nobody_may_write_is_told(place: Place) -> None:
    """The place is named; the database is in nobody's way."""
    folder = place.folder / "sealed"
    folder.mkdir(mode=0o500)

    assert_told(bound(place, "backup", str(folder / "monday.db")), f"{folder / 'monday.db'} cannot be written")
    assert list(folder.iterdir()) == []


def test_a_daemon_starts_as_soon_as_it_may_write(place: Place, outlet: Outlet) -> None:
    """With a read-only file it ends in a sentence, for systemd to try again; then it finds everything as it was."""
    place.write(outlet.lists("harbour", "Bridge closed"))
    place.database.chmod(0o400)
    assert_told(bound(place, "run"), "it may not be written")
    place.database.chmod(0o600)

    with place.daemon() as daemon:
        daemon.wait_for(" polled feed=harbour kind=read entries=1 new=1 ")
        assert daemon.end() == 0
    assert place.call("check").returncode == 0


@pytest.mark.slow
def test_a_running_daemon_waits_for_a_lock_to_go(place: Place, outlet: Outlet) -> None:
    """While another program keeps it locked the daemon says so once and goes on afterwards; a command gives up in a sentence."""
    place.write(outlet.lists("harbour", "Bridge closed"))
    with place.daemon() as daemon:
        daemon.wait_for(" polled feed=harbour kind=read ")
        other = sqlite3.connect(place.database, isolation_level=None, timeout=30)
        other.execute("BEGIN IMMEDIATE")
        command = subprocess.Popen(place.command("undo"), env=place.environ, stderr=subprocess.PIPE, text=True)
        outlet.lists("harbour", "Bridge closed", "Ferry late")
        _, said = command.communicate(timeout=LONG)
        wait_until(lambda: daemon.lines(" error store fails "), LONG)
        fault = place.json("status")["store_fault"]
        read = place.call("today", "--since", "30d")
        other.execute("ROLLBACK")
        other.close()
        wait_until(lambda: daemon.lines(" store works again "), LONG)
        wait_until(lambda: [line for line in daemon.lines(" polled ") if " entries=2 new=1 " in line], LONG)
        assert len(daemon.lines(" store fails ")) == 1
        assert daemon.end() == 0

    assert command.returncode == 1
    assert "another program has kept it locked for too long; close it and try again" in said
    assert "locked for too long" in fault
    assert read.returncode == 0
    assert place.call("check").returncode == 0


@pytest.mark.slow
def test_a_running_daemon_is_not_stopped_by_permissions(place: Place, outlet: Outlet) -> None:
    """What it has open stays open, whatever becomes of the modes of file and folder."""
    place.write(outlet.lists("harbour", "Bridge closed"))
    log = place.folder / "run.log"
    command = [sys.executable, "-c", _BOUND, *place.command("run", "--log-file", str(log))]
    with subprocess.Popen(command, env=place.environ) as daemon:
        wait_until(lambda: log.exists() and " new=1 " in log.read_text())
        place.database.chmod(0o400)
        place.folder.chmod(0o500)
        outlet.lists("harbour", "Bridge closed", "Ferry late")
        wait_until(lambda: " entries=2 new=1 " in log.read_text())
        daemon.terminate()
        assert daemon.wait(LONG) == 0
    place.folder.chmod(0o700)
    place.database.chmod(0o600)

    assert " error " not in log.read_text()
    assert place.call("check").returncode == 0


def test_a_full_disk_is_told_by_commands(place: Place) -> None:
    """A command that cannot write all of its work says that the disk is full, and none of it stays."""
    before = place.call("today", "--since", "30d").stdout
    code = (
        "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY));"
        " os.execv(sys.argv[1], sys.argv[1:])"
    )
    command = [sys.executable, "-c", code, *place.command("rebuild", "--all")]
    done = subprocess.run(command, env=place.environ, capture_output=True, text=True, timeout=LONG, check=False)

    assert_told(done, "the disk is full; make room", "check the disk and the free space on it")
    assert place.call("today", "--since", "30d").stdout == before
    assert place.call("check").returncode == 0
