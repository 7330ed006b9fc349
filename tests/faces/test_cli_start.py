import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faces.installed import PATIENCE, Outlet, Place, new_place, wait_until


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A feeds.yaml without feeds and a database that does not exist yet."""
    with new_place(tmp_path) as place:
        yield place


def test_a_daemon_is_started_shown_and_stopped(place: Place) -> None:
    """`start` returns when the daemon answers, `status` exits 0 while it runs and 3 afterwards, `stop` waits for its end."""
    started = place.call("start")
    running = place.call("status")
    facts = place.json("status")
    stopped = place.call("stop")
    after = place.call("status")

    assert (started.returncode, running.returncode, stopped.returncode, after.returncode) == (0, 0, 0, 3)
    assert f"process {facts['pid']}" in started.stdout
    assert f"process {facts['pid']}" in stopped.stdout
    assert "running as process" in running.stdout
    assert "not running" in after.stdout
    assert facts["running"] is True


def test_status_says_in_json_that_nothing_runs(place: Place) -> None:
    """The keys that say so are there whether a daemon runs or not."""
    facts = place.json("status")

    assert (facts["running"], facts["pid"], facts["feeds"]) == (False, None, None)
    assert facts["database"] == str(place.database)


def test_there_is_nothing_to_stop(place: Place) -> None:
    """`stop` without a daemon is a failure in one sentence."""
    refused = place.call("stop")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"aggregator: no daemon runs on {place.database}\n"


def test_a_daemon_that_cannot_start_says_why(place: Place) -> None:
    """`start` shows what the log says and fails; nothing is left running."""
    place.config.write_text("settings:\n  evry: 1s\n")

    refused = place.call("start")

    assert refused.returncode == 1
    assert "evry" in refused.stderr
    assert place.call("status").returncode == 3


def test_the_started_daemon_is_on_its_own(place: Place) -> None:
    """It has a session of its own, so that a terminal that closes does not end it."""
    place.call("start")
    pid = place.json("status")["pid"]

    assert os.getsid(pid) == pid != os.getsid(0)


def test_logs_are_kept_and_shown(place: Place) -> None:
    """`logs -n` shows the last lines of what the daemon in the background wrote."""
    place.call("start")
    place.call("stop")

    whole = place.call("logs").stdout.splitlines()
    last = place.call("logs", "-n", "1").stdout.splitlines()

    assert " info started pid=" in whole[0]
    assert last == whole[-1:]
    assert " info stopped pid=" in last[0]


def test_missing_logs_are_explained(place: Place) -> None:
    """Who never used `start` is told where logs are."""
    refused = place.call("logs")

    assert refused.returncode == 1
    assert "journalctl" in refused.stderr


def test_logs_can_be_followed_over_a_rotation(place: Place) -> None:
    """`logs -f` goes on with new lines, also in the file that takes the log's name; Ctrl-C ends it with 130."""
    place.call("start")
    place.call("stop")
    log = next(place.folder.rglob("*.log"))
    shown = place.folder / "shown"
    with (
        shown.open("w") as stdout,
        subprocess.Popen(place.command("logs", "-f", "-n", "1"), env=place.environ, stdout=stdout) as process,
    ):
        wait_until(lambda: "stopped" in shown.read_text())
        with log.open("a") as old:
            old.write("one more\n")
            log.rename(log.with_suffix(".log.1"))
            log.write_text("in the new file\n")
            old.write("last of the old file\n")
        wait_until(lambda: "in the new file" in shown.read_text())
        process.send_signal(signal.SIGINT)

        assert process.wait(PATIENCE) == 130
    assert shown.read_text().splitlines()[1:] == ["one more", "last of the old file", "in the new file"]


def test_status_tells_of_feeds_and_the_last_cycle(place: Place) -> None:
    """After a cycle the counts by state, the next poll and the cycle's figures are shown."""
    with Outlet() as outlet:
        place.write(outlet.lists("harbour", "Bridge closed"), outlet.url("/broken"))
        with place.daemon() as daemon:
            daemon.wait_for(" cycle ")
            facts = place.json("status")
            shown = place.call("status").stdout

    assert facts["feeds"] == {"fine": 1, "erroring": 1}
    assert facts["last_cycle"]["failed"] == 1
    assert facts["next_poll"]
    assert "1 fine, 1 erroring" in shown or "1 erroring, 1 fine" in shown
