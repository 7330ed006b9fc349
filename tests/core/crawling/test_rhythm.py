"""What a feed's past says of when it publishes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.crawling.rhythm import (
    KEPT,
    SHORTEST_SILENCE,
    daily,
    longest_silence,
    observe,
    silence,
    until_expected,
)
from aggregator.domain.feeds import Rhythm

#: A Sunday.
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ages = st.lists(st.timedeltas(-2 * DAY, 100 * DAY), max_size=60)


def seen(dates: list[datetime], now: datetime = NOW) -> Rhythm:
    return observe(Rhythm(), dates, now, is_new=True)


def working_days(weeks: int, hours: range = range(8, 18)) -> list[datetime]:
    """Return an entry for each working hour of some weeks before NOW."""
    days = [NOW.replace(hour=0) - DAY * number for number in range(weeks * 7, -1, -1)]
    return [day + HOUR * hour for day in days if day.weekday() < 5 for hour in hours if day + HOUR * hour <= NOW]


@given(ages, st.lists(st.timedeltas(timedelta(), 30 * DAY), max_size=6), st.booleans())
def test_eight_weeks_are_kept_and_no_more(past: list[timedelta], steps: list[timedelta], is_new: bool) -> None:
    """However time goes on, the hours reach to now, and what is older than eight weeks is gone."""
    now, rhythm = NOW, seen([NOW - age for age in past])
    for step in steps:
        now += step
        rhythm = observe(rhythm, [], now, is_new=is_new)

    assert rhythm.since is not None
    assert len(rhythm.hours) <= KEPT
    assert rhythm.since + HOUR * (len(rhythm.hours) - 1) <= now < rhythm.since + HOUR * len(rhythm.hours)


@given(ages)
def test_what_is_known_is_not_counted_again(past: list[timedelta]) -> None:
    """The same document a second time teaches nothing."""
    dates = [NOW - age for age in past]
    once = observe(Rhythm(), dates, NOW, is_new=True)

    assert observe(once, dates, NOW, is_new=False) == once


def test_dates_in_the_future_are_no_evidence() -> None:
    """An entry dated next week came when it was first seen."""
    rhythm = seen([NOW + DAY])

    assert (rhythm.last, sum(rhythm.hours)) == (NOW, 1)


def test_entries_without_dates_came_when_they_were_seen() -> None:
    """A feed without dates has a rhythm too."""
    rhythm = observe(seen([]), [], NOW + 3 * HOUR, is_new=True)

    assert rhythm.hours == b"\1\0\0\1"


def test_a_clock_that_was_set_back_disturbs_nothing() -> None:
    """Hours before the first one are passed over."""
    rhythm = seen([NOW])

    assert observe(rhythm, [], NOW - 2 * DAY, is_new=False) == rhythm
    assert silence(rhythm, NOW - 2 * DAY) < timedelta()


@given(ages, st.floats(0.1, 10))
def test_more_entries_are_expected_later(past: list[timedelta], entries: float) -> None:
    """Waiting for more takes longer, and never longer than is allowed."""
    rhythm = seen([NOW - age for age in past])
    some, more = (until_expected(rhythm, NOW, wanted, longest=DAY) for wanted in (entries, entries * 1.5))

    assert timedelta() < some <= more <= DAY


def test_a_night_is_slept_through() -> None:
    """A feed that publishes by day only is not expected to bring anything before morning."""
    evening = datetime(2026, 2, 26, 19, tzinfo=UTC)
    rhythm = seen([date for date in working_days(4) if date <= evening], evening)
    morning = evening + until_expected(rhythm, evening, 0.5, longest=DAY)
    noon = evening.replace(hour=12)

    assert morning.hour in (6, 7, 8)
    assert until_expected(rhythm, noon, 0.5, longest=DAY) < HOUR


def test_a_sunday_brings_less_than_a_monday() -> None:
    """A feed of working days is asked for less often at the weekend."""
    rhythm = seen(working_days(6))
    sunday, monday = NOW.replace(hour=10), NOW.replace(hour=10) + DAY

    on_sunday, on_monday = (until_expected(rhythm, day, 0.5, longest=DAY) for day in (sunday, monday))
    assert on_sunday > 4 * on_monday


def test_a_feed_that_fell_silent_is_expected_less_and_less() -> None:
    """Recent weeks weigh more than those before."""
    rhythm = seen([NOW - HOUR * number for number in range(24 * 14)])
    silent = observe(rhythm, [], NOW + 21 * DAY, is_new=False)

    assert until_expected(silent, NOW + 21 * DAY, 0.5, longest=DAY) > 2 * until_expected(rhythm, NOW, 0.5, longest=DAY)


@pytest.mark.parametrize(
    ("dates", "least", "most"),
    [
        # An entry an hour: a day is the least that is told.
        ([NOW - HOUR * number for number in range(24 * 40)], 24, 24),
        # Working hours only: a weekend is usual, a second one is not.
        (working_days(8), 60, 24 * 3.9),
        # One a day, ever at the same hour.
        ([NOW - DAY * number for number in range(50)], 24, 36),
        # Six in eight weeks are too few for a percentile: pauses of chance are reckoned with.
        ([NOW - 9 * DAY * number for number in range(6)], 24 * 20, 24 * 42),
        # A feed that is known for five days: it may be of those that rest at the weekend.
        ([NOW - HOUR * number for number in range(24 * 5)], 72, 72),
        ([], 72, 72),
    ],
)
def test_silence_is_measured_by_the_feeds_own_past(dates: list[datetime], least: float, most: float) -> None:
    """A feed is quiet beyond the 99th percentile of its own silence, in hours, a day at least."""
    assert least <= longest_silence(seen(dates)) / HOUR <= most


@given(ages, st.timedeltas(6 * 7 * DAY, 400 * DAY))
def test_six_weeks_of_silence_are_always_told(past: list[timedelta], later: timedelta) -> None:
    """What eight weeks can tell of a feed is not enough to call more than six of silence usual."""
    rhythm = observe(seen([NOW - age for age in past]), [], NOW + later + HOUR, is_new=False)

    assert silence(rhythm, NOW + later + HOUR) > longest_silence(rhythm)


@given(ages)
def test_no_silence_of_less_than_a_day_is_told(past: list[timedelta]) -> None:
    """A night is no death."""
    assert longest_silence(seen([NOW - age for age in past])) >= SHORTEST_SILENCE


def test_a_clock_that_came_back_from_2099_can_be_lived_with() -> None:
    """Hours that are to come weigh no more than that of now, and something is still to be expected within the longest pause."""
    ahead = observe(seen(working_days(4)), [], NOW + 73 * 365 * DAY, is_new=True)

    assert timedelta() < until_expected(ahead, NOW, 1.0, longest=DAY) <= DAY


def test_a_rhythm_is_counted_by_days() -> None:
    """The latest day last; what came before them is left out."""
    rhythm = seen([NOW - DAY * 3, NOW - HOUR * 30, NOW - HOUR, NOW - HOUR * 2])

    assert daily(rhythm, NOW, 2) == (1, 2)
    assert daily(rhythm, NOW, 5) == (0, 1, 0, 1, 2)
    assert daily(Rhythm(), NOW, 3) == (0, 0, 0)
