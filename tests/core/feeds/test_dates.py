"""Rules of `core.dates`: dates are read in all dialects, and believed only where they are credible."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.feeds.dates import EARLIEST, MAX_AHEAD, dated, read_date

SEEN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon, 02 Mar 2026 10:30:00 GMT", "2026-03-02T10:30:00"),
        ("Mon, 02 Mar 2026 10:30:00 +0200", "2026-03-02T08:30:00"),
        ("Mon, 02 Mar 2026 10:30:00 +02:00", "2026-03-02T08:30:00"),
        ("Mon, 02 Mar 2026 10:30:00 GMT+02:00", "2026-03-02T08:30:00"),
        ("2 Mar 2026 10:30 EST", "2026-03-02T15:30:00"),
        ("Mon, 02 Mar 2026 10:30:00 CET", "2026-03-02T09:30:00"),
        ("Mon, 02 Mar 2026 10:30:00 BST", "2026-03-02T09:30:00"),
        ("Mon, 02 Mar 2026 10:30:00 IST", "2026-03-02T05:00:00"),
        ("Mon, 02 Mar 2026 10:30:00 jst", "2026-03-02T01:30:00"),
        ("Mon, 02 Mar 26 10:30:00 Z", "2026-03-02T10:30:00"),
        ("2026-03-02T10:30:00Z", "2026-03-02T10:30:00"),
        ("2026-03-02T10:30:00.123456789Z", "2026-03-02T10:30:00.123456"),
        ("2026-03-02T10:30+0530", "2026-03-02T05:00:00"),
        ("2026-03-02t10:30:00z", "2026-03-02T10:30:00"),
        ("2026-03-02 10:30:00 +01:00", "2026-03-02T09:30:00"),
        ("2026-03-02 10:30:00", "2026-03-02T10:30:00"),
        ("2026-03-02", "2026-03-02T00:00:00"),
        ("  Mon,  02 Mar\n2026 10:30:00 GMT ", "2026-03-02T10:30:00"),
    ],
)
def test_dates_are_read_in_all_dialects(text: str, expected: str) -> None:
    """RFC 822 with its zone names and ISO 8601 give aware UTC; no zone means UTC."""
    assert read_date(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-45", "99 Mar 2026 10:30", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_date_is_none(text: str) -> None:
    """Unreadable dates are unknown, not errors."""
    assert read_date(text) is None


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1)), st.integers(-720, 720))  # noqa: DTZ001 - the zone is drawn apart
def test_a_written_date_is_read_back(moment: datetime, offset: int) -> None:
    """Whatever its offset, a date in ISO 8601 comes back as the same instant in UTC."""
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))

    assert read_date(aware.isoformat()) == aware


@given(
    st.one_of(st.text(), st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:+.\-]*"), st.text("0123456789 :+-MarEST,"))
)
def test_any_text_is_a_utc_date_or_none(text: str) -> None:
    """No text makes the reader raise."""
    moment = read_date(text)

    assert moment is None or moment.tzinfo is UTC


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        (None, SEEN),
        (SEEN - timedelta(days=3), SEEN - timedelta(days=3)),
        (SEEN + MAX_AHEAD, SEEN + MAX_AHEAD),
        (SEEN + MAX_AHEAD + timedelta(seconds=1), SEEN),
        (EARLIEST, EARLIEST),
        (EARLIEST - timedelta(seconds=1), SEEN),
    ],
)
def test_a_date_is_believed_where_it_is_credible(published: datetime | None, expected: datetime) -> None:
    """An article stands under its own date, unless that is missing, in the future or before the web."""
    assert dated(published, SEEN) == expected
