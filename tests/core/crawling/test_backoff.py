"""Each way of failing is left alone in its own measure, and asked again for ever."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.crawling.backoff import BACKOFFS, pause_after
from aggregator.domain.fetching import FailureKind

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_every_way_of_failing_has_its_pause() -> None:
    """No failure is without a class of its own."""
    assert set(BACKOFFS) == set(FailureKind)


@given(st.sampled_from(FailureKind), st.integers(0, 10**9))
def test_no_feed_is_stopped_for_good(kind: FailureKind, failures: int) -> None:
    """However often it failed, a feed is asked again within a week, and within a day unless it says that it is gone."""
    pause = pause_after(kind, failures)

    assert timedelta() < pause <= (7 * DAY if kind is FailureKind.GONE else DAY)
    assert pause <= pause_after(kind, failures + 1)


@pytest.mark.parametrize(
    ("kind", "pauses"),
    [
        (FailureKind.TIMEOUT, [0.25, 0.5, 1, 2, 4, 8, 12, 12]),
        (FailureKind.SERVER, [0.25, 0.5, 1, 2, 4, 6, 6]),
        (FailureKind.DNS, [0.5, 1, 2, 4, 8, 16, 24, 24]),
        (FailureKind.TLS, [1, 2, 4, 8, 16, 24]),
        (FailureKind.NOT_FOUND, [1, 2, 4, 8, 16, 24, 24]),
        (FailureKind.NOT_A_FEED, [1, 2, 4, 8, 16, 24, 24]),
        (FailureKind.MALFORMED, [1, 2, 4, 8, 12]),
        (FailureKind.TOO_LARGE, [6, 12, 24]),
        (FailureKind.CHALLENGED, [12, 24, 24]),
        (FailureKind.BLOCKED, [6, 12, 24]),
        (FailureKind.GONE, [24, 48, 96, 168, 168]),
    ],
)
def test_a_pause_doubles_with_each_failure(kind: FailureKind, pauses: list[float]) -> None:
    """In hours: what mends itself is asked soon, what refuses us or is gone seldom."""
    assert [pause_after(kind, number) for number in range(1, len(pauses) + 1)] == [HOUR * pause for pause in pauses]
