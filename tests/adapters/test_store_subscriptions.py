"""The table of subscriptions."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.domain.ids import FeedId
from aggregator.domain.settings import FeedConfig
from aggregator.domain.websub import Hub, Subscription
from tests.builders import NOON, hours

HUB = Hub(url="https://hub.example/", topic="https://a.example/feed")


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    """A store with two feeds, one of them paused."""
    with SqliteStore(":memory:") as store:
        feeds = [FeedConfig(url="https://a.example/feed"), FeedConfig(url="https://b.example/feed", enabled=False)]
        store.sync_feeds(feeds, timedelta(hours=1), NOON)
        yield store


def _wanted(feed: int = 1, token: str = "one", **more: Any) -> Subscription:
    return Subscription(feed=FeedId(feed), hub=HUB, token=token, secret="quiet", **more)


def test_every_field_comes_back(store: SqliteStore) -> None:
    """What was kept is read again as it was, empty or full, and a later state takes the place of an earlier one."""
    full = _wanted(
        callback="https://news.example/hubs/", asked=hours(1), tries=3, confirmed=hours(2), expires=hours(200),
        last_push=hours(3), pushes=7, refused="no room", ended=hours(4),
    )  # fmt: skip
    store.keep_subscriptions([_wanted(), _wanted(2, "two")])
    assert store.subscriptions() == (_wanted(), _wanted(2, "two"))

    store.keep_subscriptions([full])
    assert store.subscriptions() == (full, _wanted(2, "two"))


def test_what_is_forgotten_is_gone(store: SqliteStore) -> None:
    """Dropping goes by token; one that is not there is no mistake."""
    store.keep_subscriptions([_wanted(), _wanted(2, "two")])
    store.keep_subscriptions([], ["one", "three"])

    assert store.subscriptions() == (_wanted(2, "two"),)


def test_a_feeds_new_subscription_takes_the_place_of_the_ended_one(store: SqliteStore) -> None:
    """In whatever order both are handed over."""
    store.keep_subscriptions([_wanted()])
    ended, fresh = replace(_wanted(), ended=NOON), _wanted(token="fresh")
    store.keep_subscriptions([fresh, ended])

    assert set(store.subscriptions()) == {ended, fresh}


def test_only_a_feed_that_is_polled_is_found(store: SqliteStore) -> None:
    """A paused one, and one that never was, is None."""
    found = store.polled(FeedId(1))

    assert found is not None
    assert found.feed.url == "https://a.example/feed"
    assert store.polled(FeedId(2)) is None
    assert store.polled(FeedId(3)) is None
