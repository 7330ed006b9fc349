from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.crawling.schedule import LONGEST_PAUSE, SPREAD, after_failure, after_success

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
jitters = st.floats(0, 1, exclude_max=True)
intervals = st.timedeltas(timedelta(seconds=1), timedelta(days=30))


@given(intervals, jitters)
def test_a_feed_is_never_polled_early_and_hardly_late(every: timedelta, jitter: float) -> None:
    """After a success the next poll is one interval away, and at most a tenth more."""
    pause = after_success(NOW, every, jitter=jitter) - NOW

    assert every <= pause <= every * (1 + SPREAD)


@given(intervals, st.integers(1, 10**12), jitters)
def test_failures_slow_down_but_never_stop(every: timedelta, failures: int, jitter: float) -> None:
    """The pause after a failure is at least an interval and at most a day, or the interval where that is longer."""
    pause = after_failure(NOW, every, failures, jitter=jitter) - NOW

    assert every <= pause <= max(every, LONGEST_PAUSE) + every * SPREAD


@pytest.mark.parametrize(("failures", "pauses"), [(1, 1), (2, 2), (5, 5), (96, 96), (97, 96), (1_000, 96)])
def test_the_pause_grows_by_an_interval_with_each_failure(failures: int, pauses: int) -> None:
    """Back-off is linear up to a day."""
    assert after_failure(NOW, QUARTER, failures, jitter=0) == NOW + QUARTER * pauses


def test_a_day_of_failures_costs_the_polls_that_are_promised() -> None:
    """At 15 minutes a day's outage means 13 polls, the last pause being under 4 hours."""
    now, failures = NOW, 0
    while (later := after_failure(now, QUARTER, failures + 1, jitter=0)) <= NOW + timedelta(days=1):
        now, failures = later, failures + 1

    assert failures == 13
    assert later - now < timedelta(hours=4)


@pytest.mark.parametrize("hours", [-1, 0, 1, 48])
def test_the_servers_wish_is_a_lower_bound(hours: int) -> None:
    """No poll comes before Retry-After, nor before the usual pause."""
    retry_at = NOW + timedelta(hours=hours)

    assert after_failure(NOW, QUARTER, 1, retry_at=retry_at, jitter=0) == max(retry_at, NOW + QUARTER)


def test_feeds_that_rest_until_one_moment_do_not_wake_together() -> None:
    """Jitter spreads what a common Retry-After would bunch."""
    retry_at = NOW + timedelta(hours=1)
    wakes = {after_failure(NOW, QUARTER, 1, retry_at=retry_at, jitter=number / 10) for number in range(10)}

    assert len(wakes) == 10
    assert min(wakes) == retry_at
