"""What becomes of an archive whose daemon had a wrong clock."""

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.pipeline.pruning import date_some_anew, kept_since, prune_some
from tests.builders import hours
from tests.pipeline.archive import Archive, Report, three_events

FAR = datetime(2099, 1, 1, tzinfo=UTC)
KEEP = timedelta(days=30)


def report(archive: Archive, number: int, *, at: float) -> None:
    """Add a report that its outlet did not date: it is of when it came, by our clock."""
    archive.tell(Report(number=number, events=(0,), at=at), published=None)


def test_a_clock_at_2099_removes_no_news() -> None:
    """Age is counted from the newest of the outlets' dates, also when undated articles have come by that clock since."""
    with Archive.told(three_events()) as archive:
        report(archive, 50, at=(FAR - hours(0)) / timedelta(hours=1))
        before = kept_since(archive.store, KEEP, FAR)

        assert before < hours(-24 * 29)
        assert not prune_some(archive.store, before, FAR).articles


@pytest.mark.parametrize("ahead", [30 * 24, 24 * 365 * 73])
def test_dates_of_a_clock_that_was_ahead_are_put_right(ahead: float) -> None:
    """An article that stands in the future when the clock is right again is dated now, in every table and in its story."""
    with Archive.told(three_events()) as archive:
        report(archive, 50, at=ahead)
        now = hours(14)

        assert date_some_anew(archive.store, now) == 1
        assert date_some_anew(archive.store, now) == 0
        assert archive.store.article(archive.id(50))[0].dated == now
        assert archive.store.flaws() == ()


def test_a_clock_that_was_set_back_dates_nothing_anew() -> None:
    """A month behind, all articles are ahead of it; but the outlets' dates say that it is the clock which is wrong."""
    with Archive.told(three_events()) as archive:
        report(archive, 50, at=10)

        assert date_some_anew(archive.store, hours(-30 * 24)) == 0
