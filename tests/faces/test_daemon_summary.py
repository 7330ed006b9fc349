"""The daily summary, as the installed daemon tells it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.adapters.store import SqliteStore, StoreReader
from aggregator.domain.health import Health
from aggregator.domain.settings import FeedConfig
from tests.adapters.noticeboard import Noticeboard
from tests.faces.installed import SETTINGS, Place, new_place, wait_until

DAY = timedelta(days=1)
A, B = "http://127.0.0.1:9/a", "http://127.0.0.1:9/b"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Two feeds that are not due, of which one is gone since yesterday and another recovered; told two days ago."""
    with new_place(tmp_path) as place:
        now = datetime.now(UTC)
        with SqliteStore(place.database) as store:
            feeds = (FeedConfig(url=A, name="Amber"), FeedConfig(url=B, name="Bay"))
            store.sync_feeds(feeds, timedelta(seconds=1), now - 3 * DAY)
            for health, at in ((Health.FINE, now - 3 * DAY), (Health.GONE, now - DAY)):
                for due in store.all_feeds():
                    became = health if due.feed.url == A else Health.QUIET if health is Health.FINE else Health.FINE
                    state = replace(due.state, health=became, health_why="it said 410", next_poll=now + DAY)
                    store.finish_poll(due.feed.id, state, None, at)
            store.set_told(now - 2 * DAY)
        yield place


def write(place: Place, *addresses: str) -> None:
    """Write feeds.yaml with services."""
    notify = "".join(f'    - "{address}"\n' for address in addresses)
    settings = f"{SETTINGS}  notify:\n{notify}" if addresses else SETTINGS
    place.write(f"url: {A}\n    name: Amber", f"url: {B}\n    name: Bay", settings=settings)


def told(place: Place) -> datetime | None:
    """Return up to when changes have been told."""
    with StoreReader(place.database) as reader:
        return reader.told()


def test_a_summary_that_is_late_is_told_at_the_start(place: Place) -> None:
    """One line with counts, one a state, and the text to the service; the next start tells nothing again."""
    with Noticeboard() as board:
        write(place, board.address())
        with place.daemon() as daemon:
            daemon.wait_for("feeds changed", 2)
            wait_until(lambda: board.notices)
            daemon.end()
            assert " info summary since=" in daemon.lines(" summary ")[0]
            assert "ill=1 recovered=1 passing=0" in daemon.lines(" summary ")[0]
            assert "state=gone count=1 feeds=Amber" in daemon.lines(" warning feeds changed")[0]
            assert "state=fine count=1 feeds=Bay" in daemon.lines(" info feeds changed")[0]
        ((subject, text),) = board.notices
        with place.daemon() as daemon:
            daemon.end()
            assert not daemon.lines(" summary ")
        assert len(board.notices) == 1
    assert subject == "aggregator: 1 feed not well, 1 well again"
    assert text.splitlines()[:2] == ["1 feed gone for good:", "  Amber: it said 410"]


def test_a_service_that_fails_is_told_of_without_its_address(place: Place) -> None:
    """The log names the scheme only, and what nobody took is told again after the next start."""
    with Noticeboard() as board:
        board.status = 500
        write(place, board.address(user="me:tops3cret"))
        before = told(place)
        with place.daemon("-v") as daemon:
            (line,) = daemon.wait_for("notice failed")
            daemon.end()
            assert line.endswith(
                'warning notice failed scheme=json problem="it did not take it" retry="with the next summary"'
            )
            assert "tops3cret" not in daemon.log.read_text()
        assert told(place) == before
        board.status = 200
        with place.daemon() as daemon:
            wait_until(lambda: board.notices)


def test_services_are_taken_up_when_feeds_yaml_changes(place: Place) -> None:
    """What Apprise does not understand is told by number and scheme, at the start and at every change."""
    write(place, "jsn://me:tops3cret@127.0.0.1/")
    with place.daemon() as daemon:
        daemon.wait_for("notify faulty member=1 scheme=jsn")
        write(place, "json://127.0.0.1/", "nosuch://me:tops3cret@127.0.0.1/")
        daemon.wait_for("notify faulty member=2 scheme=nosuch")
        daemon.end()
        assert "tops3cret" not in daemon.log.read_text()


def test_a_first_start_has_no_news(tmp_path: Path) -> None:
    """What came before is not told; from then on it is remembered."""
    with new_place(tmp_path) as place, place.daemon() as daemon:
        wait_until(lambda: told(place))
        daemon.end()
        assert not daemon.lines(" summary ")


def test_a_check_names_members_that_are_not_understood(place: Place) -> None:
    """Exit 3, the number and the scheme; the password in it stays where it is."""
    write(place, "json://127.0.0.1/", "nosuch://me:tops3cret@127.0.0.1/")
    done = place.call("feeds", "check", "--offline")
    assert done.returncode == 3
    assert "notify: member 2 (nosuch://…) is not an address that Apprise understands" in done.stderr
    assert "tops3cret" not in done.stderr
    write(place, "json://127.0.0.1/")
    assert place.call("feeds", "check", "--offline").returncode == 0
