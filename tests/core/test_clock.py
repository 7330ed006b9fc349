from datetime import UTC, datetime, timedelta

import pytest

from aggregator.core.clock import credible_until, kept_from, moved, was_set, was_set_back, whole_days
from tests.builders import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEEP = 30 * DAY
FAR = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("by", [-DAY, -HOUR, 30 * DAY])
def test_a_clock_was_set_where_it_went_otherwise_than_time(by: timedelta) -> None:
    """By the difference, whichever way; the seconds by which a clock is kept right are none."""
    assert was_set(HOUR + by, HOUR) == by
    assert was_set(HOUR + timedelta(seconds=30), HOUR) is None


def test_a_clock_was_set_back_where_the_latest_time_is_to_come() -> None:
    """What an earlier run wrote tells by how much at least; of the way forth there is no sign."""
    assert was_set_back(NOON + DAY, NOON) == -DAY
    assert was_set_back(NOON - DAY, NOON) is None
    assert was_set_back(None, NOON) is None


def test_a_time_is_moved_within_what_can_be_written() -> None:
    """A leap over the end of the calendar ends there."""
    assert moved(NOON, -DAY) == NOON - DAY
    assert moved(NOON, -4_000 * 365 * DAY).year == 1
    assert moved(FAR, 8_000 * 365 * DAY).year == 9999


def test_a_rhythm_is_moved_by_whole_days() -> None:
    """An hour by which the clock was wrong does not turn the hours of the day."""
    assert whole_days(HOUR) == timedelta(0)
    assert whole_days(30 * DAY + HOUR) == 30 * DAY


def test_age_is_counted_from_now_while_there_is_news() -> None:
    """So what is kept is what was asked for."""
    assert kept_from(KEEP, NOON, NOON - HOUR) == NOON - KEEP
    assert kept_from(KEEP, NOON, None) == NOON - KEEP


def test_a_clock_that_leapt_makes_no_article_old() -> None:
    """With the clock at 2099 age is counted from the newest article; a clock that is behind removes no more than it says."""
    assert kept_from(KEEP, FAR, NOON) == NOON - KEEP
    assert kept_from(KEEP, NOON - DAY, NOON) == NOON - DAY - KEEP


def test_no_article_is_dated_after_now_and_all_outlets() -> None:
    """Outlets' own dates show which clock is wrong: articles are not ahead because our clock was set back."""
    assert credible_until(NOON, NOON - HOUR) == NOON + DAY
    assert credible_until(NOON - 30 * DAY, NOON) == NOON + DAY
    assert credible_until(NOON, None) is None
