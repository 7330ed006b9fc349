import os
import subprocess
import sys
from pathlib import Path

import pytest

from aggregator.daemon.lock import hold, holder
from aggregator.domain.errors import AlreadyRunning, StoreError

HOLDER = """
import sys
from pathlib import Path
from aggregator.daemon.lock import hold
with hold(Path(sys.argv[1]), Path("news.db")):
    print("held", flush=True)
    sys.stdin.read()
"""


def held_by_another(pid_file: Path) -> "subprocess.Popen[str]":
    """Start a process that holds the lock until its stdin ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(pid_file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_the_holder_is_known_by_its_pid(tmp_path: Path) -> None:
    """While the lock is held the file tells who holds it; afterwards nobody does."""
    pid_file = tmp_path / "deep" / "news.db.pid"

    assert holder(pid_file) is None
    with hold(pid_file, tmp_path / "news.db"):
        assert holder(pid_file) == os.getpid()
        assert pid_file.read_text() == f"{os.getpid()}\n"
    assert holder(pid_file) is None
    assert pid_file.read_text() == ""


def test_a_second_holder_is_refused_with_the_first_ones_pid(tmp_path: Path) -> None:
    """AlreadyRunning names the process that holds the database."""
    pid_file = tmp_path / "news.db.pid"
    with held_by_another(pid_file) as process:
        with pytest.raises(AlreadyRunning) as caught, hold(pid_file, tmp_path / "news.db"):
            pass
        process.communicate()

    assert caught.value.pid == process.pid
    assert str(process.pid) in str(caught.value)


def test_the_lock_ends_with_its_process(tmp_path: Path) -> None:
    """After kill -9 the file still has the PID, but nobody is taken for a holder and the lock can be had."""
    pid_file = tmp_path / "news.db.pid"
    with held_by_another(pid_file) as process:
        process.kill()
    assert pid_file.read_text() == f"{process.pid}\n"

    assert holder(pid_file) is None
    with hold(pid_file, tmp_path / "news.db"):
        assert holder(pid_file) == os.getpid()


def test_an_exception_gives_the_lock_back(tmp_path: Path) -> None:
    """Whatever ends the block, the lock is free and the file empty."""
    pid_file = tmp_path / "news.db.pid"
    with pytest.raises(KeyError), hold(pid_file, tmp_path / "news.db"):
        raise KeyError

    assert (holder(pid_file), pid_file.read_text()) == (None, "")


def test_looking_does_not_keep_a_daemon_from_starting(tmp_path: Path) -> None:
    """`holder` takes the lock for an instant; who wants to hold it tries again."""
    pid_file = tmp_path / "news.db.pid"
    pid_file.touch()
    looking = (
        "import sys\nfrom pathlib import Path\nfrom aggregator.daemon.lock import holder\n"
        "print('go', flush=True)\nfor _ in range(20000): holder(Path(sys.argv[1]))"
    )
    with subprocess.Popen([sys.executable, "-c", looking, str(pid_file)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        for _ in range(20):
            with hold(pid_file, tmp_path / "news.db"):
                assert holder(pid_file) == os.getpid()
        process.kill()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The message names the file and the way out."""
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="--db"), hold(tmp_path / "file" / "news.db.pid", tmp_path / "news.db"):
        pass
