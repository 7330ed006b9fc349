from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.crawling.budgets import (
    CRAWL_DELAY_HOLDS,
    FORGOTTEN,
    LONGEST_CRAWL_DELAY,
    LONGEST_PAUSE,
    is_square,
    moved,
    pause,
    restored,
    slowed_down,
    throttled,
)
from aggregator.core.crawling.caching import LONGEST_REST
from aggregator.domain.crawling import Budget

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DELAY = timedelta(seconds=2)
HOUR = timedelta(hours=1)
FRESH = Budget(key="site.test", delay=timedelta(0), rest_until=None, last=NOW)

seconds = st.floats(0, 1e9).map(lambda count: timedelta(seconds=count))
moments = st.floats(-1e9, 1e9).map(lambda count: NOW + timedelta(seconds=count))
budgets = st.builds(
    Budget,
    key=st.just("site.test"),
    delay=seconds,
    rest_until=st.none() | moments,
    last=moments | st.just(datetime.min.replace(tzinfo=UTC)),
    slowed=st.none() | moments,
    throttles=st.integers(0, 10_000),
    crawl_delay=seconds,
    crawl_delay_until=st.none() | moments,
)


def refused(budget: Budget, now: datetime = NOW, *, site_delay: timedelta = DELAY) -> Budget:
    """Return what is owed after a 429."""
    return throttled(budget, site_delay=site_delay, longest=LONGEST_PAUSE, rest_until=None, now=now)


def test_without_a_budget_the_usual_pause_is_made() -> None:
    """Of a site that never said no, nothing need be remembered."""
    assert pause(None, DELAY, NOW) == pause(FRESH, DELAY, NOW) == DELAY


@pytest.mark.parametrize(("usual", "first"), [(0, 2), (0.5, 2), (1, 2), (2, 4), (20, 40), (45, 60)])
def test_the_first_refusal_doubles_a_pause_of_a_second_or_more(usual: float, first: float) -> None:
    """Even who wants no pause at all makes one after a refusal."""
    site_delay = timedelta(seconds=usual)

    assert pause(refused(FRESH, site_delay=site_delay), site_delay, NOW) == timedelta(seconds=first)


def test_a_usual_pause_beyond_the_bound_is_not_shortened() -> None:
    """The bound is one for doubling, not for what feeds.yaml asks for."""
    usual = timedelta(minutes=5)

    assert pause(refused(FRESH, site_delay=usual), usual, NOW) == usual


def test_the_pause_halves_with_each_hour_since_the_last_refusal() -> None:
    """A new refusal doubles what is left and begins the hours anew."""
    slow = refused(refused(refused(FRESH)))
    found = [pause(slow, DELAY, NOW + hours * HOUR).total_seconds() for hours in (0, 0.99, 1, 2, 3, 100_000)]
    assert found == [16, 16, 8, 4, 2, 2]

    again = refused(slow, NOW + HOUR)
    assert [pause(again, DELAY, NOW + hours * HOUR).total_seconds() for hours in (1, 1.99, 2)] == [16, 16, 8]


def test_rests_are_never_shortened() -> None:
    """A later wish that ends earlier changes nothing."""
    long, short = NOW + 5 * HOUR, NOW + HOUR
    asked = throttled(FRESH, site_delay=DELAY, longest=LONGEST_PAUSE, rest_until=long, now=NOW)

    assert throttled(asked, site_delay=DELAY, longest=LONGEST_PAUSE, rest_until=short, now=NOW).rest_until == long
    assert refused(asked).rest_until == long


def test_of_several_crawl_delays_the_longest_holds_for_a_day() -> None:
    """The hosts of a site may have a robots.txt each; one that asks for less shortens nothing before that day is over."""
    asked = slowed_down(slowed_down(FRESH, timedelta(seconds=9), NOW), timedelta(seconds=5), NOW)
    later = NOW + CRAWL_DELAY_HOLDS

    assert pause(asked, DELAY, NOW) == timedelta(seconds=9)
    assert pause(asked, DELAY, later) == DELAY
    assert pause(slowed_down(asked, timedelta(seconds=5), later), DELAY, later) == timedelta(seconds=5)


def test_a_site_is_square_when_only_the_usual_pause_is_owed() -> None:
    """A rest, a slower pause and a row of refusals are remembered until time has healed them."""
    assert is_square(FRESH, DELAY, NOW)
    assert not is_square(replace(FRESH, rest_until=NOW + HOUR), DELAY, NOW)
    assert is_square(replace(FRESH, rest_until=NOW + HOUR), DELAY, NOW + HOUR)
    assert not is_square(replace(FRESH, delay=timedelta(seconds=4)), DELAY, NOW)
    assert not is_square(replace(FRESH, throttles=1), DELAY, NOW)
    assert is_square(replace(FRESH, throttles=1), DELAY, NOW + FORGOTTEN)
    assert not is_square(slowed_down(FRESH, timedelta(seconds=4), NOW), DELAY, NOW)


@given(budget=budgets, site_delay=seconds, now=moments, wanted=seconds)
def test_nothing_but_time_shortens_a_pause(
    budget: Budget, site_delay: timedelta, now: datetime, wanted: timedelta
) -> None:
    """Whatever is asked for, right after it the pause is no shorter than before, and later no longer than then."""
    before = pause(budget, site_delay, now)

    for after in (refused(budget, now, site_delay=site_delay), slowed_down(budget, wanted, now)):
        assert pause(after, site_delay, now) >= before
        assert site_delay <= pause(after, site_delay, now + HOUR) <= pause(after, site_delay, now)


@given(budget=budgets, now=moments)
def test_growing_stays_within_bounds(budget: Budget, now: datetime) -> None:
    """From a pause within the bounds none beyond them comes, and a rest kept over a restart ends within a day."""
    small = replace(budget, delay=min(budget.delay, LONGEST_PAUSE), crawl_delay=min(budget.crawl_delay, DELAY))
    grown = slowed_down(refused(small, now), timedelta(days=1), now)
    rest = restored(budget, now).rest_until

    assert pause(grown, DELAY, now) <= max(LONGEST_PAUSE, LONGEST_CRAWL_DELAY)
    assert rest is None or rest <= now + LONGEST_REST


@pytest.mark.parametrize("by", [-24 * HOUR, -HOUR, 720 * HOUR])
def test_what_is_owed_lasts_as_long_when_the_clock_is_set(by: timedelta) -> None:
    """A rest, a pause that eases and a crawl-delay end neither sooner nor later; nothing rests for longer than a day."""
    budget = replace(FRESH, last=NOW - HOUR / 2, rest_until=NOW + HOUR, slowed=NOW - HOUR, delay=8 * DELAY)
    after = moved(budget, by, NOW + by, since=NOW + by)

    assert after.rest_until == NOW + by + HOUR
    assert pause(after, DELAY, NOW + by) == pause(budget, DELAY, NOW)
    noted = replace(budget, last=NOW + by)
    assert moved(noted, by, NOW + by, since=NOW + by) == noted
    wrong = replace(budget, rest_until=NOW + 72 * HOUR)
    assert moved(wrong, by, NOW + by, since=NOW + by).rest_until == NOW + by + LONGEST_REST
