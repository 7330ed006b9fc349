from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.crawling.caching import (
    LONGEST_FRESH,
    LONGEST_REST,
    SHORTEST_REST,
    UNNAMED_REST,
    fresh_until,
    rest_until,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "rest"),
    [
        ("120", timedelta(seconds=120)),
        (" 120 ", timedelta(seconds=120)),
        ("0", SHORTEST_REST),
        ("1", SHORTEST_REST),
        ("86400", DAY),
        ("86401", DAY),
        ("000000000000120", timedelta(seconds=120)),
        ("9" * 5_000, DAY),
        ("Sun, 01 Mar 2026 14:00:00 GMT", timedelta(hours=2)),
        ("Sunday, 01-Mar-26 14:00:00 GMT", timedelta(hours=2)),
        ("Sun Mar  1 14:00:00 2026", timedelta(hours=2)),
        ("Sun, 01 Mar 2026 14:00:00 +0100", timedelta(hours=1)),
        ("Sun, 01 Mar 2026 14:00:00 -0000", timedelta(hours=2)),
        ("Sat, 01 Jan 2000 00:00:00 GMT", SHORTEST_REST),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DAY),
    ],
)
def test_the_named_time_is_honoured_within_bounds(status: int, header: str, rest: timedelta) -> None:
    """Seconds and the three kinds of HTTP date are understood, and kept between a minute and a day."""
    assert rest_until(status, header, NOW) == NOW + rest


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5", "٣", "²", "Fri, 31 Feb 2026 00:00:00 GMT"])
def test_without_a_usable_time_only_a_429_asks_for_rest(header: str | None) -> None:
    """Too Many Requests rests for a time of our own choice, Service Unavailable is an ordinary failure."""
    assert rest_until(429, header, NOW) == NOW + UNNAMED_REST
    assert rest_until(503, header, NOW) is None


@pytest.mark.parametrize("status", [200, 301, 403, 404, 500, 502])
def test_other_answers_do_not_ask_for_rest(status: int) -> None:
    """Retry-After means something to us only where the site is busy."""
    assert rest_until(status, "120", NOW) is None


@given(st.text())
def test_any_header_gives_a_rest_within_bounds(header: str) -> None:
    """No text raises or leads out of the bounds."""
    until = rest_until(429, header, NOW)

    assert until is not None
    assert NOW + SHORTEST_REST <= until <= NOW + LONGEST_REST


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(9999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - Hypothesis adds the zone
def test_any_date_gives_a_rest_within_bounds(date: datetime) -> None:
    """Dates of every year are kept between a minute and a day."""
    until = rest_until(503, format_datetime(date, usegmt=True), NOW)

    assert until == min(max(date.replace(microsecond=0), NOW + SHORTEST_REST), NOW + LONGEST_REST)


@pytest.mark.parametrize(
    ("throttles", "hours"), [(0, 0.5), (1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 24), (10_000, 24)]
)
def test_unnamed_rests_double_with_each_refusal_in_a_row(throttles: int, hours: float) -> None:
    """Who still says no after a rest is left alone for twice as long, for a day at most; a named time is taken as it is."""
    assert rest_until(429, None, NOW, throttles=throttles) == NOW + timedelta(hours=hours)
    assert rest_until(429, "120", NOW, throttles=throttles) == NOW + timedelta(seconds=120)
    assert rest_until(503, None, NOW, throttles=throttles) is None


DATE = {"date": "Sun, 01 Mar 2026 09:00:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": "public, MAX-AGE=600, must-revalidate"}, 600),
        ({"cache-control": 'max-age="600"'}, 600),
        ({"cache-control": "s-maxage=9, max-age = 600"}, 600),
        ({"cache-control": "max-age=600, max-age=60"}, 600),
        ({"cache-control": "max-age=600", "age": "500"}, 100),
        ({"cache-control": "max-age=504910000"}, 86_400),  # 16 years, as a real feed says
        ({"cache-control": "max-age=504910000", "age": "500"}, 86_400),
        ({"cache-control": "max-age=" + "9" * 5_000}, 86_400),
        ({"cache-control": "max-age=600", "expires": "0"}, 600),
        (DATE | {"expires": "Sun, 01 Mar 2026 09:10:00 GMT"}, 600),
        (DATE | {"expires": "Sun, 01 Mar 2026 09:10:00 GMT", "age": "60"}, 540),
        (DATE | {"expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, 86_400),
        ({"expires": "Sun, 01 Mar 2026 12:10:00 GMT"}, 600),
        ({"expires": "Sun, 01 Mar 2026 12:10:00 GMT", "date": "today"}, 600),
        ({"expires": "Sun, 01 Mar 2026 12:10:00 GMT", "cache-control": "public"}, 600),
    ],
)
def test_an_answer_holds_as_long_as_it_says(headers: dict[str, str], seconds: int) -> None:
    """Max-age goes before Expires; what has passed of it already is taken off; a day is the longest."""
    assert fresh_until(headers, NOW) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        DATE,
        {"cache-control": "no-cache, max-age=600"},
        {"cache-control": "max-age=600, no-store"},
        {"cache-control": 'no-cache="set-cookie", max-age=600'},
        {"cache-control": "max-age=0"},
        {"cache-control": "max-age=-1"},
        {"cache-control": "max-age=1.5"},
        {"cache-control": "max-age=soon", "expires": "Sun, 01 Mar 2026 12:10:00 GMT"},
        {"cache-control": "max-age", "expires": "Sun, 01 Mar 2026 12:10:00 GMT"},
        {"cache-control": "s-maxage=600"},
        {"cache-control": "max-age=600", "age": "600"},
        {"cache-control": "max-age=600", "age": "old"},
        {"expires": "0"},
        {"expires": "-1"},
        {"expires": "Sun, 01 Mar 2026 11:00:00 GMT"},
        DATE | {"expires": "Sun, 01 Mar 2026 09:00:00 GMT"},
    ],
)
def test_what_names_no_time_to_come_does_not_hold(headers: dict[str, str]) -> None:
    """Answers that are stale at once, forbid keeping, or cannot be understood."""
    assert fresh_until(headers, NOW) is None


words = st.one_of(
    st.text(max_size=40),
    st.text(alphabet='max-age=,"0123456789 nos-tre', max_size=60),
    st.integers(-(10**12), 10**12).map(lambda seconds: f"max-age={seconds}"),
    st.integers(-(10**12), 10**12).map(str),
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(9999, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001 - Hypothesis adds the zone
        lambda date: format_datetime(date, usegmt=True)
    ),
)


@given(st.dictionaries(st.sampled_from(["cache-control", "age", "expires", "date"]), words))
def test_any_headers_hold_within_bounds(headers: dict[str, str]) -> None:
    """Nothing raises, nothing has ended before it began, nothing lasts longer than a day."""
    until = fresh_until(headers, NOW)

    assert until is None or NOW < until <= NOW + LONGEST_FRESH
