"""The page beside the polling, and alone: real processes."""

import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.faces.installed import PATIENCE, Outlet, Place, RunningDaemon, new_place, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A feeds.yaml without feeds and a database that does not exist yet."""
    with new_place(tmp_path) as place:
        yield place


def page_of(daemon: RunningDaemon) -> str:
    """Return where a daemon serves its page."""
    found = re.search(r" info page url=(\S+)", daemon.wait_for(" page ")[0])
    assert found
    return found[1]


def test_the_daemon_serves_the_page(place: Place) -> None:
    """What it polls is there a moment later; status says where, and a stop with a browser connected is in time."""
    with Outlet() as outlet, place.daemon("--port=0") as daemon, httpx.Client(timeout=PATIENCE) as browser:
        url = page_of(daemon)
        place.write(outlet.lists("harbour", "Bridge closed"))
        daemon.wait_for("entries=1 new=1")
        wait_until(lambda: "Bridge closed" in browser.get(url).text)

        assert place.json("status")["page"] == url
        assert daemon.end() == 0


def test_a_port_that_is_taken_costs_the_page_only(place: Place) -> None:
    """The daemon says so, names the cure, and polls on."""
    with Outlet() as outlet, socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        place.write(outlet.lists("harbour", "Bridge closed"))
        with place.daemon(f"--port={port}") as daemon:
            (told,) = daemon.wait_for(" no page ")
            daemon.wait_for("entries=1 new=1")

    assert " warning " in told
    assert f"http://127.0.0.1:{port}/" in told
    assert "--port" in told


def test_a_daemon_without_the_page_does_not_load_it(place: Place) -> None:
    """--no-web: nothing listens, nothing is said."""
    with Outlet() as outlet:
        place.write(outlet.lists("harbour", "Bridge closed"))
        with place.daemon("--no-web") as daemon:
            daemon.wait_for(" cycle ")
            assert daemon.lines(" info page ") + daemon.lines(" no page ") == []
            assert place.json("status")["page"] is None


def test_the_page_can_be_served_alone(place: Place) -> None:
    """`serve` says where it is, shows that nothing was polled yet, and ends with 0 when told to."""
    with subprocess.Popen(
        place.command("serve", "--port=0"), env=place.environ, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        url = re.findall(r"http://\S+/", process.stderr.readline())[0]
        try:
            assert "Nothing was polled yet" in httpx.get(url).text
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


def test_serving_alone_where_somebody_else_does_is_refused(place: Place) -> None:
    """The message names the address and the cure."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = place.call("serve", f"--port={port}")

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"aggregator: the page cannot be served at http://127.0.0.1:{port}/")
    assert "--port" in refused.stderr
