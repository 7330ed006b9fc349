import json
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.daemon.lock import holder
from tests.faces.installed import PATIENCE, Outlet, Place, new_place, wait_until


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


def pid_file(place: Place) -> Path:
    """Return where the lock of the place lies."""
    return place.database.with_name("news.db.pid")


def test_due_feeds_are_polled_and_told(place: Place, outlet: Outlet) -> None:
    """A new feed is polled at once; the log has one line of the poll and one of the cycle."""
    place.write(outlet.lists("harbour", "Bridge closed", "Ferry late"))

    with place.daemon() as daemon:
        polled = daemon.wait_for(" polled ")[0]
        cycle = daemon.wait_for(" cycle ")[0]

    assert " info polled feed=harbour kind=read entries=2 new=2 " in polled
    assert " info cycle feeds=1 new=2 revised=0 failed=0 seconds=" in cycle


def test_a_second_daemon_is_refused(place: Place) -> None:
    """One database has one daemon; the refusal names the first one's process."""
    with place.daemon() as daemon:
        second = place.call("run")
        started = place.call("start")

    assert (second.returncode, started.returncode) == (1, 1)
    assert f"process {daemon.process.pid} already serves {place.database}" in second.stderr
    assert str(daemon.process.pid) in started.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(place: Place, number: signal.Signals) -> None:
    """SIGTERM and SIGINT end the daemon with 0; lock and socket are given back."""
    with place.daemon() as daemon:
        assert holder(pid_file(place)) == daemon.process.pid
        daemon.signal(number)

        assert daemon.process.wait(PATIENCE) == 0
    assert holder(pid_file(place)) is None
    assert not list(place.runtime.rglob("*.sock"))
    assert len(daemon.lines(" stopped ")) == 1


def test_a_second_signal_stops_it_at_once(place: Place, outlet: Outlet) -> None:
    """While a site that does not answer is waited for, one more signal ends the waiting; the exit is still clean."""
    place.write(outlet.url("/hang"))
    with place.daemon() as daemon:
        wait_until(lambda: "/hang" in outlet.asked)
        daemon.signal(signal.SIGTERM)
        daemon.wait_for(" stopping ")
        began = time.monotonic()
        daemon.signal(signal.SIGTERM)

        assert daemon.process.wait(PATIENCE) == 0
    assert time.monotonic() - began < 3


@pytest.mark.slow
def test_a_stop_takes_less_than_ten_seconds(place: Place, outlet: Outlet) -> None:
    """Even a site that never answers does not hold up the end beyond the promise."""
    place.write(outlet.url("/hang"))
    with place.daemon() as daemon:
        wait_until(lambda: "/hang" in outlet.asked)
        began = time.monotonic()

        assert daemon.end() == 0
    assert time.monotonic() - began < 10


@pytest.mark.slow
def test_a_slow_site_holds_up_nobody(place: Place, outlet: Outlet) -> None:
    """While one feed hangs, another is polled again and again, and the hanging one is not asked twice."""
    with Outlet() as slow:
        place.write(slow.url("/hang"), outlet.lists("quick", "Ferry late"))
        with place.daemon():
            wait_until(lambda: outlet.asked.count("/quick.xml") >= 3)

        assert slow.asked == ["/hang"]


@pytest.mark.slow
def test_a_full_disk_is_waited_out(place: Place, outlet: Outlet) -> None:
    """While the database cannot be written the daemon says so once, shows it in `status`, and goes on when it can."""
    place.write(outlet.lists("harbour", "Bridge closed"))
    with subprocess.Popen(place.command("run"), env=place.environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        # Whoever reads this pipe is not held back by the limit, which holds for files.
        lines = iter(process.stderr)
        until(lines, " cycle ")
        outlet.lists("harbour", "Bridge closed", "Ferry late")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        until(lines, " error store fails ")
        assert place.json("status")["store_fault"]
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        passed = until(lines, " store works again ")
        process.terminate()

    assert sum(" new=1 " in line for line in passed if " polled " in line) == 1
    assert not [line for line in passed if " store fails " in line]


def until(lines: Iterator[str], part: str) -> list[str]:
    """Return the lines up to the one that has `part`."""
    passed = []
    for line in lines:
        passed.append(line)
        if part in line:
            return passed
    raise AssertionError(f"{part!r} was not said: {passed}")


def test_a_killed_daemon_is_in_nobodys_way(place: Place) -> None:
    """After kill -9 the next daemon starts, although PID and socket still lie there."""
    with place.daemon() as daemon:
        daemon.process.kill()
        daemon.process.wait()
    assert list(place.runtime.rglob("*.sock"))

    with place.daemon() as daemon:
        assert place.json("status")["pid"] == daemon.process.pid


def test_a_hang_up_reloads(place: Place, outlet: Outlet) -> None:
    """SIGHUP takes up feeds.yaml: a feed that was added is polled, without a restart."""
    with place.daemon() as daemon:
        place.write(outlet.lists("harbour", "Bridge closed"))
        daemon.signal(signal.SIGHUP)

        assert daemon.wait_for(" config reloaded ")[0].endswith(" feeds=1 added=harbour")
        daemon.wait_for("polled feed=harbour kind=read")


@pytest.mark.slow
def test_a_change_is_seen_within_five_seconds(place: Place, outlet: Outlet) -> None:
    """feeds.yaml is watched: no signal is needed."""
    with place.daemon() as daemon:
        place.write(outlet.lists("harbour", "Bridge closed"))
        began = time.monotonic()

        daemon.wait_for(" config reloaded ")
    assert time.monotonic() - began < 5


def test_a_faulty_change_leaves_the_last_good_state(place: Place, outlet: Outlet) -> None:
    """Each fault is logged and shown by `status`, the feeds are polled on; the next good change clears the faults."""
    place.write(outlet.lists("harbour", "Bridge closed"))
    with place.daemon() as daemon:
        place.config.write_text("settings:\n  evry: 1s\n  workers: many\n")
        daemon.signal(signal.SIGHUP)
        faults = daemon.wait_for(" config faulty ", times=2)
        polled = len(outlet.asked)
        wait_until(lambda: len(outlet.asked) > polled)

        assert all(" line=" in fault and " cure=" in fault for fault in faults)
        assert len(place.json("status")["config_faults"]) == len(faults)
        assert "evry" in place.call("status").stdout

        place.write()
        daemon.signal(signal.SIGHUP)
        daemon.wait_for(" config reloaded ")
        assert place.json("status")["config_faults"] == []


def test_a_faulty_file_is_refused_at_the_start(place: Place) -> None:
    """There is no last good state yet: all faults are told, exit 1."""
    place.config.write_text("settings:\n  evry: 1s\n  workers: many\n")

    refused = place.call("run")

    assert refused.returncode == 1
    assert "evry" in refused.stderr
    assert "many" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_lines_can_be_json(place: Place, outlet: Outlet) -> None:
    """With --log-format json each line is an object with the same keys."""
    place.write(outlet.lists("harbour", "Bridge closed"), outlet.url("/broken"))
    with place.daemon("--log-format", "json") as daemon:
        daemon.wait_for('"event": "cycle"')
        # Before it is killed: what Python then says of it is no JSON.
        events = {value["event"]: value for value in map(json.loads, daemon.lines())}

    assert events["cycle"]["failed"] == 1
    assert events["polled"]["kind"] in {"read", "failed"}


def test_quiet_logs_only_what_is_wrong(place: Place, outlet: Outlet) -> None:
    """With -q a feed that failed is told, one that was read is not."""
    place.write(outlet.lists("harbour", "Bridge closed"), outlet.url("/broken"))
    with (
        (place.folder / "stderr.log").open("w") as stderr,
        subprocess.Popen(place.command("run", "-q"), env=place.environ, stderr=stderr) as process,
    ):
        wait_until(lambda: "kind=failed" in (place.folder / "stderr.log").read_text())
        process.terminate()

    assert "harbour" not in (place.folder / "stderr.log").read_text()


def test_systemd_hears_of_every_state(place: Place) -> None:
    """READY, WATCHDOG, RELOADING and STOPPING are sent when they are so."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(place.runtime / "notify"))
        manager.settimeout(PATIENCE)

        def hear(state: str) -> None:
            while not manager.recv(4096).decode().startswith(state):
                pass

        environ = {"NOTIFY_SOCKET": str(place.runtime / "notify"), "WATCHDOG_USEC": "400000"}
        with place.daemon(**environ) as daemon:
            hear("READY=1")
            hear("WATCHDOG=1")
            daemon.signal(signal.SIGHUP)
            hear("RELOADING=1")
            hear("READY=1")
            daemon.signal(signal.SIGTERM)
            hear("STOPPING=1")


def test_a_private_folder_is_needed_for_the_socket(place: Place) -> None:
    """A runtime folder that others may enter is refused in a sentence."""
    (place.runtime / "aggregator").mkdir(mode=0o755)

    refused = place.call("run")

    assert refused.returncode == 1
    assert "private" in refused.stderr
    assert "Traceback" not in refused.stderr
