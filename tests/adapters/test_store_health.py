"""How feeds changed, when it was told, and what sites got from us."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.domain.crawling import SiteHours, Visit
from aggregator.domain.feeds import FeedState
from aggregator.domain.fetching import Purpose
from aggregator.domain.health import Health
from aggregator.domain.settings import FeedConfig
from tests.builders import NOON, hours

A, B = "https://a.example/feed", "https://b.example/feed"


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    with SqliteStore(":memory:") as store:
        yield store


def _becomes(store: SqliteStore, url: str, health: Health, at: float, **state: Any) -> None:
    due = store.feeds_named([url])[0]
    store.finish_poll(due.feed.id, FeedState(health=health, health_why="so", **state), None, hours(at))


def test_changes_are_those_after_a_moment_of_feeds_that_are_polled(store: SqliteStore) -> None:
    """A poll that finds a feed as it was is no change; feeds that are paused or gone from feeds.yaml are not told of."""
    feeds = [FeedConfig(url=A, name="Amber"), FeedConfig(url=B), FeedConfig(url="https://c.example/")]
    store.sync_feeds(feeds, timedelta(0), NOON)
    for at, health in enumerate((Health.FINE, Health.FINE, Health.ERRORING)):
        _becomes(store, A, health, at)
        _becomes(store, B, health, at)
        _becomes(store, "https://c.example/", health, at)
    store.sync_feeds([feeds[0], FeedConfig(url=B, enabled=False)], timedelta(0), NOON)

    (change,) = store.changes_since(hours(1))
    assert (change.name, change.url, change.at) == ("Amber", A, hours(2))
    assert (change.before, change.after, change.why) == (Health.FINE, Health.ERRORING, "so")
    assert len(store.changes_since(hours(-1))) == 2
    assert store.changes_since(hours(2)) == ()
    assert [(url, name, state.health) for url, name, state in store.feed_states()] == [(A, "Amber", Health.ERRORING)]


def test_it_is_remembered_when_changes_were_told(store: SqliteStore) -> None:
    """Never at first, then the last time only."""
    assert store.told() is None
    store.set_told(NOON)
    store.set_told(hours(5))
    assert store.told() == hours(5)


def test_requests_are_summed_up_by_site(store: SqliteStore) -> None:
    """Only those for feeds count as conditional or unchanged; the busiest hour is one hour's, not the sum."""

    def visit(at: float, **more: Any) -> Visit:
        fields: dict[str, Any] = {"site": "a.example", "purpose": Purpose.FEED, "conditional": True, "status": 304}
        return Visit(at=hours(at), **(fields | more))

    visits = [
        visit(0, saved_bytes=70),
        visit(0.5, conditional=False, status=200, wire_bytes=100),
        visit(0.9, purpose=Purpose.PAGE, status=200, wire_bytes=1000),
        visit(1.5, status=429, early=True),
        visit(2, site="b.example", status=None, conditional=False),
        visit(-30),
    ]
    store.record_visits(visits, [])

    assert store.site_hours(hours(0)) == (
        SiteHours(
            site="a.example", requests=4, feeds=3, conditional=2, unchanged=1, throttled=1, early=1,
            wire_bytes=1100, saved_bytes=70, busiest_hour=3,
        ),
        SiteHours(
            site="b.example", requests=1, feeds=1, conditional=0, unchanged=0, throttled=0, early=0,
            wire_bytes=0, saved_bytes=0, busiest_hour=1,
        ),
    )  # fmt: skip
    assert store.site_hours(hours(-31))[0].requests == 5
