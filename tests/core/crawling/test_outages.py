"""A line that is down is told from sites that are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.core.crawling.outages import LONGEST, LONGEST_PAUSE, SHORTEST_PAUSE, SITES, Outage
from aggregator.domain.feeds import FeedState
from aggregator.domain.fetching import Failed, FailureKind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WELL = FeedState(last_success=NOW - timedelta(hours=1))
NO_ROUTE = Failed(kind=FailureKind.CONNECT, why="no route")


def missed(sites: int) -> Outage:
    outage = Outage()
    for number in range(sites):
        outage.heard(f"paper{number}.example", NO_ROUTE, NOW)
    return outage


def test_five_sites_in_a_row_are_our_own_line() -> None:
    """Fewer may be down by themselves, and one site that is missed often is one."""
    one = Outage()
    for _ in range(20):
        one.heard("paper.example", NO_ROUTE, NOW)

    assert missed(SITES).pause(WELL, NO_ROUTE, NOW) == SHORTEST_PAUSE
    assert missed(SITES - 1).pause(WELL, NO_ROUTE, NOW) is None
    assert one.pause(WELL, NO_ROUTE, NOW) is None


@pytest.mark.parametrize("kind", FailureKind)
def test_only_what_was_not_reached_is_laid_to_the_line(kind: FailureKind) -> None:
    """A site that says no has answered."""
    failure = Failed(kind=kind, why="")
    is_ours = kind in {FailureKind.CONNECT, FailureKind.DNS, FailureKind.TIMEOUT}

    assert (missed(SITES).pause(WELL, failure, NOW) is not None) == is_ours


def test_an_answer_ends_it() -> None:
    """Whatever a site says, the line is there."""
    for end in (
        Outage.answered,
        lambda outage: outage.heard("a", Failed(kind=FailureKind.GONE, why="", status=410), NOW),
    ):
        outage = missed(SITES)
        end(outage)
        assert outage.pause(WELL, NO_ROUTE, NOW) is None


def test_feeds_that_had_failed_or_were_never_read_are_not_spared() -> None:
    """Nor is any feed for longer than three days: nothing dies in silence."""
    outage = missed(SITES)

    assert outage.pause(replace(WELL, failures=1), NO_ROUTE, NOW) is None
    assert outage.pause(FeedState(), NO_ROUTE, NOW) is None
    assert outage.pause(WELL, NO_ROUTE, NOW + LONGEST) == LONGEST_PAUSE
    assert outage.pause(WELL, NO_ROUTE, NOW + LONGEST * 1.01) is None
