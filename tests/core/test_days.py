from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.days import age, day_name, day_span, day_until, midnight, read_day, read_since, today

NOW = datetime(2026, 11, 23, 2, 51, 36, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
TOKYO = ZoneInfo("Asia/Tokyo")
ZONES = st.sampled_from([UTC, BERLIN, TOKYO, ZoneInfo("America/St_Johns"), ZoneInfo("Asia/Beirut"), None])
DAYS = st.dates(min_value=date(1971, 1, 1), max_value=date(2100, 1, 1))


def test_a_day_begins_at_midnight_of_its_zone() -> None:
    """Midnight in Berlin is an hour before midnight UTC in winter."""
    assert midnight(date(2026, 11, 23), BERLIN) == datetime(2026, 11, 22, 23, tzinfo=UTC)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_a_day_is_as_long_as_its_clocks_make_it(day: date, hours: int) -> None:
    """Days on which clocks change have 23 or 25 hours."""
    begin, end = day_span(day, BERLIN)

    assert end - begin == timedelta(hours=hours)


@given(day=DAYS, zone=ZONES)
def test_days_follow_each_other_without_gap(day: date, zone: ZoneInfo | None) -> None:
    """One day ends where the next begins, and its first moment is its own."""
    begin, end = day_span(day, zone)

    assert begin < end == midnight(day + timedelta(days=1), zone)
    assert begin.tzinfo is UTC


@given(moment=st.datetimes(min_value=datetime(1971, 1, 2), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # Hypothesis wants naive bounds
def test_a_moment_lies_in_the_day_it_falls_on(moment: datetime) -> None:
    """`today` and `day_span` mean the same day."""
    begin, end = day_span(today(moment, BERLIN), BERLIN)

    assert begin <= moment < end


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-21", date(2026, 11, 21)),
        ("today", date(2026, 11, 23)),
        ("Yesterday ", date(2026, 11, 22)),
    ],
)
def test_days_can_be_written_as_dates_and_words(text: str, day: date) -> None:
    """A date, today and yesterday are understood."""
    assert read_day(text, NOW, BERLIN) == day


def test_today_is_tomorrow_already_in_the_east() -> None:
    """The zone decides which day it is."""
    late = datetime(2026, 11, 23, 20, tzinfo=UTC)

    assert (read_day("today", late, TOKYO), read_day("today", late, BERLIN)) == (date(2026, 11, 24), date(2026, 11, 23))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("24h", NOW - timedelta(hours=24)),
        ("90m", NOW - timedelta(minutes=90)),
        ("3D", NOW - timedelta(days=3)),
        ("1w", NOW - timedelta(weeks=1)),
        ("2026-11-20", datetime(2026, 11, 19, 23, tzinfo=UTC)),
        ("yesterday", datetime(2026, 11, 21, 23, tzinfo=UTC)),
    ],
)
def test_since_is_an_age_or_a_day(text: str, moment: datetime) -> None:
    """Ages count back from now, days from their midnight."""
    assert read_since(text, NOW, BERLIN) == moment


@pytest.mark.parametrize(
    "text", ["", "soon", "24", "h", "-3h", "999999w", "2026-13-01", "0001-01-01", "9999-12-31", "１２h ago"]
)
def test_what_is_no_time_is_refused_with_the_cure(text: str) -> None:
    """The message shows what to write."""
    with pytest.raises(ValueError, match="2026-11-23"):
        read_since(text, NOW, TOKYO)


@given(text=st.text(max_size=12), zone=ZONES)
def test_nothing_but_value_error_is_raised(text: str, zone: ZoneInfo | None) -> None:
    """Whatever is written, it is a moment in UTC or refused."""
    try:
        moment = read_since(text, NOW, zone)
    except ValueError:
        return
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (timedelta(seconds=-90), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=59), "59m"),
        (timedelta(hours=47), "47h"),
        (timedelta(days=3), "3d"),
        (timedelta(days=15), "2w"),
    ],
)
def test_ages_are_said_in_their_natural_unit(back: timedelta, words: str) -> None:
    """Minutes up to an hour, hours up to two days, then days and weeks; the future is now."""
    assert age(NOW - back, NOW) == words


@given(
    moment=st.datetimes(min_value=datetime(1971, 1, 2), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # Hypothesis wants naive bounds
    at=st.times(),
    zone=ZONES,
)
def test_a_day_until_an_hour_is_the_last_that_is_over(moment: datetime, at: time, zone: ZoneInfo | None) -> None:
    """It ended at that hour, a day ago at most, and began where the one before it ended."""
    begin, end = day_until(at, moment, zone)

    assert begin < end <= moment
    assert moment - end < timedelta(hours=26)
    assert day_until(at, begin, zone)[1] == begin


def test_a_day_has_a_name() -> None:
    """With its year where that is another."""
    assert day_name(date(2026, 11, 22), NOW) == "Sunday 22 November"
    assert day_name(date(2025, 1, 2), NOW) == "Thursday 2 January 2025"
