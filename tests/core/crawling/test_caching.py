from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.crawling.caching import LONGEST_REST, SHORTEST_REST, UNNAMED_REST, rest_until

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
