"""One word for each way in which feeds live and die."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.core.crawling.health import judge, judged
from aggregator.core.crawling.rhythm import observe
from aggregator.domain.feeds import FeedState, Rhythm
from aggregator.domain.fetching import FailureKind
from aggregator.domain.health import Health

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Two months of an entry an hour, up to now.
RHYTHM = observe(Rhythm(), [NOW - HOUR * number for number in range(1300)], NOW, is_new=True)
FINE = FeedState(
    last_poll=NOW, last_success=NOW, last_full=NOW, rhythm=RHYTHM, earliest_entry=NOW - 2 * DAY, latest_entry=NOW - HOUR
)
CASES = [
    (Health.FINE, FINE),
    (Health.FINE, replace(FINE, earliest_entry=None, latest_entry=None)),
    (Health.QUIET, replace(FINE, latest_entry=NOW - 2 * DAY)),
    (Health.ERRORING, replace(FINE, error="no answer", error_kind="timeout")),
    (Health.ERRORING, replace(FINE, error="no name", error_kind="dns")),
    (Health.ERRORING, replace(FINE, error="nothing is there", error_kind="not-found")),
    (Health.FROZEN, replace(FINE, frozen_since=NOW - DAY)),
    (Health.MOVED, replace(FINE, moved_to="https://b.example/", moved_times=10, moved_since=NOW - 3 * DAY)),
    (Health.FINE, replace(FINE, moved_to="https://b.example/", moved_times=9, moved_since=NOW - 30 * DAY)),
    (Health.FINE, replace(FINE, moved_to="https://b.example/", moved_times=99, moved_since=NOW - 2 * DAY)),
    (Health.GONE, replace(FINE, error="gone", error_kind="gone")),
    (Health.THROTTLED, replace(FINE, error="wait", error_kind="throttled", rest_until=NOW + HOUR)),
    (Health.THROTTLED, replace(FINE, error="wait", error_kind="resting", rest_until=NOW + HOUR)),
    (Health.BLOCKED, replace(FINE, error="refused", error_kind="blocked")),
    (Health.BLOCKED, replace(FINE, error="only browsers", error_kind="challenged")),
    (Health.NOT_A_FEED, replace(FINE, error="an HTML page", error_kind="not-a-feed")),
    (Health.ALL_OLD, replace(FINE, latest_entry=NOW - 181 * DAY)),
    (Health.FINE, replace(FINE, latest_entry=NOW - 179 * DAY)),
    (Health.ALL_FUTURE, replace(FINE, earliest_entry=NOW + 2 * DAY, latest_entry=NOW + 9 * DAY)),
    (Health.FINE, replace(FINE, earliest_entry=NOW + HOUR, latest_entry=NOW + 9 * DAY)),
]


def test_every_state_has_a_case() -> None:
    """New is a feed that was never read, paused what feeds.yaml says; each other one stands in the cases of this file."""
    assert {health for health, _ in CASES} | {Health.NEW, Health.PAUSED} == set(Health)


@pytest.mark.parametrize(("health", "state"), CASES)
def test_what_polls_taught_makes_a_state(health: Health, state: FeedState) -> None:
    """Fine needs no reason; every other state has one, as a sentence."""
    now = NOW + 2 * DAY if health is Health.QUIET else NOW
    judgement, why = judge(state, now)

    assert judgement is health
    assert (why is None) == (health is Health.FINE)


def test_a_feed_that_was_never_read_is_new() -> None:
    """Until the first answer nothing can be said."""
    assert judge(FeedState(), NOW) == (Health.NEW, None)


@pytest.mark.parametrize("kind", FailureKind)
def test_every_failure_is_seen(kind: FailureKind) -> None:
    """No feed that fails is called fine."""
    judgement, why = judge(replace(FINE, error="why", error_kind=kind.value), NOW)

    assert judgement not in {Health.FINE, Health.NEW, Health.QUIET}
    assert why == "why"


def test_since_tells_when_a_state_began() -> None:
    """It stays through polls that find the same, and begins anew with each change."""
    fine = judged(FINE, NOW)
    failing = judged(replace(fine, error="no name", error_kind="dns"), NOW + HOUR)
    still = judged(replace(failing, error="still no name"), NOW + 2 * HOUR)
    back = judged(replace(still, error=None, error_kind=None), NOW + 3 * HOUR)

    assert [(state.health, state.health_since) for state in (fine, failing, still, back)] == [
        (Health.FINE, NOW),
        (Health.ERRORING, NOW + HOUR),
        (Health.ERRORING, NOW + HOUR),
        (Health.FINE, NOW + 3 * HOUR),
    ]
    assert (still.health_why, back.health_why) == ("still no name", None)


def test_a_weekend_is_no_death() -> None:
    """A feed of working days is not quiet on a Sunday evening, but is when nothing came by Wednesday."""
    friday = datetime(2026, 2, 27, 17, tzinfo=UTC)
    days = [friday - DAY * number for number in range(50)]
    dates = [day - HOUR * hour for day in days if day.weekday() < 5 for hour in range(9)]
    state = replace(FINE, rhythm=observe(Rhythm(), dates, friday, is_new=True), latest_entry=friday)

    assert judge(state, friday + timedelta(days=2, hours=6))[0] is Health.FINE
    assert judge(state, friday + timedelta(days=5))[0] is Health.QUIET


def test_a_feed_of_a_few_entries_a_year_is_not_quiet_for_two_months() -> None:
    """Its own document says how long it is usually silent."""
    seldom = replace(
        FINE,
        rhythm=observe(Rhythm(), [NOW], NOW, is_new=True),
        entries=10,
        earliest_entry=NOW - timedelta(days=360),
        latest_entry=NOW,
    )

    assert judge(seldom, NOW + timedelta(days=60))[0] is Health.FINE
    assert judge(replace(seldom, earliest_entry=NOW - DAY), NOW + timedelta(days=60))[0] is Health.QUIET
