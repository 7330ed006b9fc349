"""Conditional requests are trusted, but not for ever."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.core.crawling.validators import CHANCE_AFTER, are_sent, is_found_out, trusted_until
from aggregator.domain.feeds import FeedState

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KNOWN = FeedState(etag='"7"', last_full=NOW - DAY, last_success=NOW - HOUR, trusted_until=NOW + HOUR)


@pytest.mark.parametrize(
    ("state", "sent"),
    [
        (FeedState(), False),
        (FeedState(trusted_until=NOW + DAY), False),
        (KNOWN, True),
        (replace(KNOWN, etag=None, last_modified="Tue"), True),
        (replace(KNOWN, trusted_until=NOW), False),
        (replace(KNOWN, trusted_until=None), False),
        (replace(KNOWN, frozen_since=NOW - DAY), False),
        (replace(KNOWN, frozen_since=NOW - CHANCE_AFTER), True),
    ],
)
def test_validators_are_sent_as_long_as_they_are_trusted(state: FeedState, *, sent: bool) -> None:
    """While there are some, their time is not over, and the server was not found out."""
    assert are_sent(state, NOW) is sent


@pytest.mark.parametrize(
    ("state", "is_new", "conditional", "days"),
    [
        (FeedState(), True, False, 8),
        (KNOWN, True, True, 8),
        (KNOWN, False, False, 8),
        # It may have been there for days: what could prove it has left the document.
        (KNOWN, True, False, 1),
        # There was no 304 before, so none can have lied.
        (replace(KNOWN, last_success=KNOWN.last_full), True, False, 8),
    ],
)
def test_validators_are_dropped_after_eight_days_or_one(
    state: FeedState, days: int, *, is_new: bool, conditional: bool
) -> None:
    """A server whose 304s may have hidden news is tested again the next day, every other one after eight."""
    assert trusted_until(state, NOW, is_new=is_new, conditional=conditional) == NOW + days * DAY


@pytest.mark.parametrize(
    ("last_full", "dates", "conditional", "found_out"),
    [
        # Said 304 an hour ago; an entry of three days ago had not been seen.
        (8 * DAY, [9 * DAY, 3 * DAY], False, True),
        # The new entry came after the last 304.
        (8 * DAY, [9 * DAY, 0.5 * HOUR], False, False),
        # Nothing new at all.
        (8 * DAY, [9 * DAY], False, False),
        (8 * DAY, [], False, False),
        # There was no 304 since the last whole answer.
        (HOUR, [9 * DAY, 3 * DAY], False, False),
        # The answer to a conditional request proves that these work.
        (8 * DAY, [9 * DAY, 3 * DAY], True, False),
    ],
)
def test_a_server_stuck_at_304_is_found_out(
    last_full: timedelta, dates: list[timedelta], *, conditional: bool, found_out: bool
) -> None:
    """An entry that was there when the server said that nothing had changed convicts it."""
    state = replace(KNOWN, last_full=NOW - last_full, latest_entry=NOW - 9 * DAY)

    assert is_found_out(state, [NOW - age for age in dates], conditional=conditional) is found_out
