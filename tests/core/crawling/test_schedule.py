"""When feeds are polled: by their rhythm, never before the server allows it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.crawling.rhythm import observe
from aggregator.core.crawling.schedule import (
    LONGEST,
    LONGEST_FRESH,
    SHORTEST,
    SHORTEST_UNCONDITIONAL,
    SPREAD,
    after_failure,
    after_success,
    allowed_from,
    claimed_until,
    holds_until,
    learned_interval,
    page_again,
)
from aggregator.domain.feeds import FeedState, Rhythm
from aggregator.domain.fetching import Failed, FailureKind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
NOTHING = FeedState()
jitters = st.floats(0, 1, exclude_max=True)
intervals = st.timedeltas(timedelta(seconds=1), timedelta(days=7))
#: No rest lasts for longer than a day, and no answer holds for longer.
moments = st.timedeltas(timedelta(days=-30), LONGEST_FRESH).map(lambda age: NOW + age)
states = st.builds(
    FeedState,
    rest_until=st.none() | moments,
    fresh_until=st.none() | moments,
    skip_hours=st.lists(st.integers(0, 23), max_size=23, unique=True).map(tuple),
    skip_days=st.lists(st.integers(0, 6), max_size=6, unique=True).map(tuple),
    failures=st.integers(0, 50),
    waste=st.floats(0, 1),
)


def failure(kind: FailureKind = FailureKind.CONNECT, retry_at: datetime | None = None) -> Failed:
    return Failed(kind=kind, why="", retry_at=retry_at)


def every(hours: float, *, days: int = 30) -> Rhythm:
    """Return the rhythm of a feed that has brought an entry each so many hours."""
    start = NOW - timedelta(days=days)
    count = int(days * 24 / hours)
    return observe(Rhythm(), [start + HOUR * hours * number for number in range(count + 1)], NOW, is_new=True)


@given(intervals, jitters)
def test_a_fixed_interval_is_kept_and_hardly_passed(every: timedelta, jitter: float) -> None:
    """A feed with an interval of its own is polled when that has passed, at most a tenth later."""
    pause = after_success(NOTHING, NOW, every, jitter=jitter) - NOW

    assert every <= pause <= every * (1 + SPREAD)


@given(st.lists(st.timedeltas(timedelta(), timedelta(days=60)), max_size=40), jitters, st.floats(0, 1))
def test_a_learned_interval_keeps_its_bounds(ages: list[timedelta], jitter: float, waste: float) -> None:
    """Whatever the rhythm: not more often than each 5 minutes, not less than once a day and a tenth."""
    rhythm = observe(Rhythm(), [NOW - age for age in ages], NOW, is_new=bool(ages))
    pause = after_success(FeedState(rhythm=rhythm, waste=waste), NOW, None, jitter=jitter) - NOW

    assert SHORTEST <= pause <= LONGEST * (1 + SPREAD)


@pytest.mark.parametrize(
    ("hours", "least", "most"), [(0.1, 5, 6), (0.5, 12, 18), (2, 50, 70), (11, 240, 420), (24 * 7, 1440, 1440)]
)
def test_an_interval_follows_the_rhythm(hours: float, least: float, most: float) -> None:
    """In minutes: when half an entry is to be expected, which for a steady feed is half of its pause."""
    interval = learned_interval(FeedState(rhythm=every(hours)), NOW) / timedelta(minutes=1)

    assert least <= interval <= most


def test_a_feed_that_nothing_is_known_of_is_polled_again_within_the_hour() -> None:
    """There is no rhythm yet, so one is found out."""
    assert SHORTEST < learned_interval(NOTHING, NOW) <= HOUR


def test_documents_for_nothing_are_asked_for_less_often() -> None:
    """Where most polls bring a whole document and nothing new the interval grows, up to sevenfold."""
    steady = FeedState(rhythm=every(1))
    lavish = replace(steady, waste=1.0)

    assert 5 < learned_interval(lavish, NOW) / learned_interval(steady, NOW) < 8


def test_a_short_document_is_asked_for_before_it_has_rolled_over() -> None:
    """However much waste a feed makes: no more than a quarter of what it lists may come between two polls."""
    lavish = FeedState(rhythm=every(1), waste=1.0)
    short = replace(lavish, entries=4)

    assert learned_interval(short, NOW) < HOUR * 1.2 < 3 * HOUR < learned_interval(lavish, NOW)


def test_a_frozen_feed_is_asked_for_whole_documents_once_an_hour_at_most() -> None:
    """Without conditional requests each poll costs the server a document."""
    frozen = FeedState(rhythm=every(0.1), frozen_since=NOW)

    assert learned_interval(frozen, NOW) == SHORTEST_UNCONDITIONAL


@given(states, st.timedeltas(timedelta(0), timedelta(days=30)).map(lambda age: NOW + age))
def test_nothing_is_asked_before_the_server_allows_it(state: FeedState, moment: datetime) -> None:
    """Never in a rest, before the last answer is stale, in a skipped hour or on a skipped day; and never put off for good."""
    allowed = allowed_from(state, moment)

    assert allowed >= max(moment, state.rest_until or moment, state.fresh_until or moment)
    assert allowed.hour not in state.skip_hours
    assert allowed.weekday() not in state.skip_days
    assert allowed <= max(moment, state.rest_until or moment, state.fresh_until or moment) + timedelta(days=8)
    assert allowed_from(state, allowed) == allowed


failures = st.builds(
    Failed,
    kind=st.sampled_from(FailureKind),
    why=st.just(""),
    retry_at=st.none() | st.timedeltas(HOUR, timedelta(days=1)).map(lambda rest: NOW + rest),
)


@given(states, st.none() | intervals, jitters, failures)
def test_every_way_to_the_next_poll_heeds_what_is_allowed(
    state: FeedState, every: timedelta | None, jitter: float, answered: Failed
) -> None:
    """After a success, after a failure and while a poll is under way: the next one is in the future and allowed."""
    now = NOW
    nexts = (
        after_success(state, now, every, jitter=jitter),
        after_failure(state, now, every, answered, jitter=jitter),
        claimed_until(state, now, every),
    )

    assert all(later > now and allowed_from(state, later) == later for later in nexts)
    assert nexts[1] >= (answered.retry_at or now)


@pytest.mark.parametrize(
    ("answered", "ttl", "expected"),
    [
        (None, None, None),
        (2.0, None, 2),
        (None, 3.0, 3),
        (2.0, 3.0, 3),
        (4.0, 3.0, 4),
        (99.0, None, 24),
        (None, 100.0, 24),
    ],
)
def test_an_answer_holds_as_long_as_headers_or_document_say(
    answered: float | None, ttl: float | None, expected: float | None
) -> None:
    """The longer of the two counts, a day at most."""
    state = FeedState(ttl=HOUR * ttl if ttl else None)
    until = holds_until(state, None if answered is None else NOW + HOUR * answered, NOW)

    assert until == (None if expected is None else NOW + HOUR * expected)
    assert LONGEST_FRESH == 24 * HOUR


def test_a_fixed_interval_of_ours_never_beats_a_wish_of_the_servers() -> None:
    """With `every: 5m` and max-age of an hour the feed is polled once an hour."""
    state = FeedState(fresh_until=NOW + HOUR)

    assert after_success(state, NOW, timedelta(minutes=5), jitter=0.9) == NOW + HOUR


def test_a_sunday_is_passed_over() -> None:
    """A skipped day holds from midnight to midnight, a skipped hour to the full hour; both in UTC."""
    sunday = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    state = FeedState(skip_days=(6,), skip_hours=(0, 1))

    assert allowed_from(state, sunday) == datetime(2026, 3, 2, 2, tzinfo=UTC)


@given(st.builds(FeedState, failures=st.integers(0, 100)), st.none() | intervals, jitters, st.sampled_from(FailureKind))
def test_a_failing_feed_is_never_polled_more_often_than_a_good_one(
    state: FeedState, every: timedelta | None, jitter: float, kind: FailureKind
) -> None:
    """Back-off only ever adds."""
    assert after_failure(state, NOW, every, failure(kind), jitter=jitter) >= after_success(
        state, NOW, every, jitter=jitter
    )


def test_feeds_that_rest_until_one_moment_do_not_wake_together() -> None:
    """Jitter spreads what a common Retry-After would bunch."""
    told = failure(FailureKind.THROTTLED, retry_at=NOW + HOUR)
    wakes = {after_failure(NOTHING, NOW, QUARTER, told, jitter=number / 10) for number in range(10)}

    assert len(wakes) == 10
    assert min(wakes) == NOW + HOUR


def test_a_poll_that_never_ends_is_not_taken_up_early() -> None:
    """What a crash swallowed is taken to hold as long as the answer before: a restart asks no sooner."""
    state = FeedState(last_success=NOW - 5 * HOUR, fresh_until=NOW - 2 * HOUR, rhythm=every(0.1))

    assert claimed_until(state, NOW, None) == NOW + 3 * HOUR
    assert claimed_until(FeedState(rhythm=every(24 * 7)), NOW, None) == NOW + HOUR


@pytest.mark.parametrize("kind", FailureKind)
def test_only_pages_that_may_come_back_are_asked_for_again(kind: FailureKind) -> None:
    """What a server may mend is asked for thrice more; what is refused, gone or too large is not."""
    again = page_again(NOW, failure(kind), 0)

    passing = {"connect", "dns", "protocol", "resting", "robots", "server-error", "throttled", "timeout"}
    assert (again is not None) == (kind.value in passing)
    assert page_again(NOW, failure(kind), 3) is None


@pytest.mark.parametrize("left", [timedelta(days=30), timedelta(days=365 * 73)])
def test_no_time_that_a_wrong_clock_left_silences_a_feed(left: timedelta) -> None:
    """What is further away than any rest or answer lasts holds for as long as the longest one."""
    for state in (FeedState(rest_until=NOW + left), FeedState(fresh_until=NOW + left)):
        assert allowed_from(state, NOW) == NOW + LONGEST_FRESH
