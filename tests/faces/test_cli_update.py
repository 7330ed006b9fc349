import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.daemon.control import ask
from aggregator.daemon.lock import holder
from tests.faces.installed import PATIENCE, Outlet, Place, new_place, wait_until

#: Polls once; an hour later again, so that only `update` polls in these tests.
HOURLY = """\
settings:
  every: 1h
  site_delay: 0s
  workers: 1
  allow_networks: ["127.0.0.0/8"]
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A feeds.yaml without feeds and a database that does not exist yet."""
    with new_place(tmp_path) as place:
        yield place


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    """A site to poll."""
    with Outlet() as outlet:
        yield outlet


def objects(process: "subprocess.CompletedProcess[str]") -> dict[str, dict[str, object]]:
    """Return the JSON lines of `update --json` by feed."""
    return {value["feed"]: value for value in map(json.loads, process.stdout.splitlines())}


def test_without_a_daemon_update_does_the_work(place: Place, outlet: Outlet) -> None:
    """All feeds are polled once; exit 0 when all went well; the lock is free afterwards."""
    place.write(outlet.lists("harbour", "Bridge closed"), outlet.lists("metro", "Tram late"), settings=HOURLY)

    done = place.call("update")

    assert done.returncode == 0
    assert sorted(done.stdout.splitlines()) == ["read       harbour  1 new", "read       metro  1 new"]
    assert done.stderr == ""
    assert holder(place.database.with_name("news.db.pid")) is None


def test_some_failures_are_told_by_the_exit_code(place: Place, outlet: Outlet) -> None:
    """Exit 3 says that some feeds failed; --json says which and why, with one object a feed."""
    place.write(outlet.lists("harbour", "Bridge closed"), outlet.url("/broken"), settings=HOURLY)

    done = place.call("update", "--json")

    told = objects(done)
    assert done.returncode == 3
    assert told["harbour"]["new"] == 1
    (broken,) = [value for name, value in told.items() if name != "harbour"]
    assert (broken["kind"], broken["error_kind"]) == ("failed", "not-found")


def test_only_named_feeds_are_polled(place: Place, outlet: Outlet) -> None:
    """Feeds are named by name or address."""
    place.write(outlet.lists("harbour", "Bridge closed"), outlet.lists("metro", "Tram late"), settings=HOURLY)

    by_name = place.call("update", "metro", "--json")
    by_address = place.call("update", outlet.url("/harbour.xml"), "--json")

    assert list(objects(by_name)) == ["metro"]
    assert list(objects(by_address)) == ["harbour"]


@pytest.mark.parametrize("running", [False, True])
def test_an_unknown_feed_is_wrong_use(place: Place, outlet: Outlet, *, running: bool) -> None:
    """Exit 2 and a sentence, with and without a daemon."""
    place.write(outlet.lists("harbour", "Bridge closed"), settings=HOURLY)
    if running:
        place.call("start")

    refused = place.call("update", "harbor")

    assert (refused.returncode, refused.stdout) == (2, "")
    assert "harbor" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_running_daemon_does_the_work(place: Place, outlet: Outlet) -> None:
    """The daemon polls and the outcomes stream to the command; a feed that was just added is known."""
    place.write(settings=HOURLY)
    with place.daemon() as daemon:
        place.write(outlet.lists("harbour", "Bridge closed"), settings=HOURLY)

        done = place.call("update", "--json")

        assert (done.returncode, objects(done)["harbour"]["kind"]) == (0, "read")
        assert daemon.lines("polled feed=harbour")


def test_a_poll_in_hand_is_not_begun_twice(place: Place, outlet: Outlet) -> None:
    """An update waits for the outcome of a poll that the daemon has begun already."""
    place.write(outlet.url("/hang"), settings=HOURLY)
    with place.daemon() as daemon:
        wait_until(lambda: outlet.asked == ["/hang"])
        answers = ask(next(place.runtime.rglob("*.sock")), {"do": "update", "feeds": []}, patience=PATIENCE)
        assert next(answers) == {"feeds": 1}
        outlet.ended.set()

        assert next(answers)["kind"] == "failed"
        assert len(daemon.lines(" polled ")) == 1


def test_update_waits_its_turn(place: Place, outlet: Outlet) -> None:
    """While another process holds the database without answering, `update` says for whom it waits, and then works."""
    place.write(outlet.lists("harbour", "Bridge closed"), settings=HOURLY)
    code = (
        "import sys\nfrom pathlib import Path\nfrom aggregator.daemon.lock import hold\n"
        "with hold(Path(sys.argv[1]), Path('x')): print('held', flush=True); sys.stdin.read()"
    )
    lock = [sys.executable, "-c", code, str(place.database.with_name("news.db.pid"))]
    with (
        subprocess.Popen(lock, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holding,
        subprocess.Popen(
            place.command("update"), env=place.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as waiting,
    ):
        assert waiting.stderr
        assert waiting.stdout
        assert f"waiting for process {holding.pid}" in waiting.stderr.readline()
        holding.communicate()

        assert waiting.wait(PATIENCE) == 0
        assert waiting.stdout.read() == "read       harbour  1 new\n"


def test_an_interrupted_update_ends_with_130(place: Place, outlet: Outlet) -> None:
    """Ctrl-C ends the work without a traceback and gives the lock back."""
    place.write(outlet.url("/hang"), settings=HOURLY)
    with subprocess.Popen(
        place.command("update"), env=place.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        wait_until(lambda: outlet.asked == ["/hang"])
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)

    assert process.returncode == 130
    assert "Traceback" not in err
    assert holder(place.database.with_name("news.db.pid")) is None


def test_no_feeds_is_no_failure(place: Place) -> None:
    """Who has no feeds yet is told how to add one."""
    done = place.call("update")

    assert (done.returncode, done.stdout) == (0, "")
    assert "feeds add" in done.stderr


def test_a_faulty_file_is_a_failure(place: Place) -> None:
    """Exit 1 with every fault."""
    place.config.write_text("settings:\n  evry: 1s\n")

    refused = place.call("update")

    assert refused.returncode == 1
    assert "evry" in refused.stderr
