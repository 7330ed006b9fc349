"""What is stored when the clock on the wall is set."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.domain.crawling import Budget
from aggregator.domain.feeds import DueFeed, Rhythm
from aggregator.domain.health import Health
from aggregator.domain.settings import FeedConfig
from tests.builders import NOON

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RESTING = Budget(key="paper.example", delay=timedelta(0), rest_until=NOON + HOUR, last=NOON - HOUR / 2)


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    """A feed that was polled half an hour ago, may be asked again in two and a half, and brought its last entry yesterday."""
    with SqliteStore(":memory:") as store:
        store.sync_feeds([FeedConfig(url="https://paper.example/feed")], timedelta(0), NOON - DAY)
        polled(store, -HOUR / 2)
        store.record_visits([], [RESTING])
        yield store


def polled(store: SqliteStore, at: timedelta) -> None:
    """Let the feed have been polled at a time before or after noon."""
    (due,) = store.all_feeds()
    state = replace(
        due.state,
        last_poll=NOON + at,
        last_success=NOON + at,
        next_poll=NOON + at + 3 * HOUR,
        fresh_until=NOON + at + 3 * HOUR,
        rhythm=Rhythm(since=NOON - DAY, hours=b"\1", last=NOON - DAY),
        health=Health.FINE,
    )
    store.finish_poll(due.feed.id, state, None, NOON + at)


def feed(store: SqliteStore) -> DueFeed:
    """Return the feed."""
    (due,) = store.all_feeds()
    return due


@pytest.mark.parametrize("by", [-DAY, -HOUR, 30 * DAY])
def test_what_was_to_come_stays_as_far_away(store: SqliteStore, by: timedelta) -> None:
    """Neither sooner nor later, whichever way the clock was set; a feed's hours of the day stay where they are."""
    before = feed(store).state
    now = NOON + by
    store.move_times(by, now, since=now)
    after = feed(store).state

    assert after.next_poll == NOON + by + 2.5 * HOUR
    assert after.fresh_until == NOON + by + 2.5 * HOUR
    assert after.last_poll == NOON + by - HOUR / 2
    assert after.rhythm.since
    assert before.rhythm.since
    assert after.rhythm.since.hour == before.rhythm.since.hour
    assert [budget.rest_until for budget in store.budgets(now)] == [NOON + by + HOUR]


def test_what_the_clock_wrote_after_it_was_set_stays(store: SqliteStore) -> None:
    """A poll between the setting and its being noticed has times that are right already."""
    polled(store, 30 * DAY)
    before = feed(store).state
    store.move_times(30 * DAY, NOON + 30 * DAY + MINUTE, since=NOON + 30 * DAY - MINUTE)

    assert feed(store).state == before


def test_an_earlier_run_shows_that_the_clock_was_set_back(store: SqliteStore) -> None:
    """Its last poll is to come: then it was just now, and the next one is as far from it as it was."""
    store.heed_clock(NOON)
    assert feed(store).state.last_poll == NOON - HOUR / 2

    store.heed_clock(NOON - 30 * DAY)
    assert feed(store).state.last_poll == NOON - 30 * DAY
    assert feed(store).state.next_poll == NOON - 30 * DAY + 3 * HOUR


def test_news_of_a_clock_that_was_ahead_are_of_now(store: SqliteStore) -> None:
    """So they are told with the next summary, not when that time comes."""
    store.set_told(NOON)
    store.move_times(-DAY, NOON - DAY, since=NOON - DAY)

    assert store.told() == NOON - DAY
    assert {change.at for change in store.changes_since(NOON - 2 * DAY)} == {NOON - DAY}
