"""The daemon over the served world: it takes up what comes, what is edited, and what is asked of it."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.desk import WorldDesk, wait_until
from tests.newsworld.running import RunningWorld

pytestmark = pytest.mark.slow


@pytest.fixture
def daemon(tmp_path: Path, world: RunningWorld) -> Iterator[WorldDesk]:
    """Start a daemon that polls every second, in the background."""
    desk = WorldDesk(tmp_path, world, every="1s")
    desk.run("start")
    yield desk
    desk.run("stop")


def _count(desk: WorldDesk) -> int:
    count: int = desk.rows("SELECT count(*) FROM article")[0][0]
    return count


def test_news_comes_by_itself(daemon: WorldDesk, world: RunningWorld) -> None:
    """What the world publishes while the daemon runs is there soon after; the day can be watched in seconds."""
    wait_until(lambda: len(daemon.articles()) == len([a for a in world.world.articles if a.at <= 36]), 60)
    before = _count(daemon)

    world.clock.advance_to("2 22:00")

    wait_until(lambda: daemon.articles().keys() == world.world.by_id.keys(), 60)
    assert _count(daemon) > before


def test_feeds_come_and_go_while_the_daemon_runs(daemon: WorldDesk, world: RunningWorld) -> None:
    """A feed removed by command is polled no more within five seconds, and polled again once it is added."""
    url = world.feed_url("al-mina")
    wait_until(lambda: world.visits("feed", "al-mina"), 30)

    daemon.run("feeds", "remove", url)
    time.sleep(5)
    world.forget()
    time.sleep(2)
    asked = [visit.path for visit in world.visits("feed", "al-mina") if url.endswith(visit.path)]
    daemon.run("feeds", "add", url, "--no-check")

    assert not asked
    wait_until(lambda: [v for v in world.visits("feed", "al-mina") if url.endswith(v.path)], 5)


def test_a_faulty_edit_changes_nothing(daemon: WorldDesk, world: RunningWorld) -> None:
    """A broken feeds.yaml is told in `status` with its place; polling goes on with the last good one."""
    good = daemon.config.read_text()
    daemon.config.write_text(good + "\nfedes: []\n")
    wait_until(lambda: "fedes" in daemon.run("status"), 6)
    world.forget()
    wait_until(lambda: world.visits("feed"), 5)

    daemon.config.write_text(good)

    wait_until(lambda: "fedes" not in daemon.run("status"), 6)


def test_a_second_daemon_is_refused(daemon: WorldDesk) -> None:
    """On one database runs one daemon; the second is told the first one's number."""
    pid = json.loads(daemon.run("status", "--json"))["pid"]
    daemon.run("run", status=1)

    assert str(pid) in daemon.folder.joinpath("news.db.pid").read_text()


def test_update_is_handed_to_the_daemon(daemon: WorldDesk, world: RunningWorld) -> None:
    """`update` beside a running daemon polls through it and reports every feed."""
    wait_until(lambda: world.visits("feed"), 30)

    outcomes = daemon.update()

    assert len(outcomes) == daemon.config.read_text().count("- url:")


def test_a_restart_polls_nothing_early(tmp_path: Path, world: RunningWorld) -> None:
    """Due times outlive the daemon: started again within the hour it asks nobody."""
    desk = WorldDesk(tmp_path, world, every="1h")
    desk.run("start")
    # A feed whose poll the stop breaks off is rightly due again, so all must have been read.
    count = desk.config.read_text().count("- url:")
    wait_until(lambda: json.loads(desk.run("status", "--json"))["feeds"].get("fine", 0) == count, 90)
    desk.run("stop")
    world.forget()

    desk.run("start")
    time.sleep(2)
    desk.run("stop")

    assert not world.log


def test_sigterm_ends_it_in_order(tmp_path: Path, world: RunningWorld) -> None:
    """In the middle of a slow cycle SIGTERM ends the daemon within ten seconds, exit status 0; the rest comes later."""
    world.latency = 0.3
    desk = WorldDesk(tmp_path, world, every="1s")
    running = desk.begin("run", "--no-web")
    wait_until(lambda: world.pages_fetched() >= 5, 30)
    start = time.monotonic()
    running.send_signal(signal.SIGTERM)

    assert running.wait(timeout=10) == 0
    assert time.monotonic() - start < 10
    assert desk.rows("PRAGMA integrity_check") == [("ok",)]
    world.latency = 0
    desk.update()
    assert len(desk.articles()) == len([a for a in world.world.articles if a.at <= 36])
