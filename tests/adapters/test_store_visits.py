from datetime import timedelta

from aggregator.adapters.store import SqliteStore
from aggregator.domain.crawling import Budget
from tests.builders import NOON, hours

OWED = Budget(
    key="site.test",
    delay=timedelta(seconds=8),
    rest_until=hours(6),
    last=NOON,
    slowed=hours(-1),
    throttles=3,
    crawl_delay=timedelta(seconds=5),
    crawl_delay_until=hours(20),
)
USUAL = Budget(key="@192.0.32.8", delay=timedelta(0), rest_until=None, last=NOON)


def test_budgets_come_back_as_they_were_kept() -> None:
    """A restart forgets nothing of what a site is owed; the latest word counts."""
    with SqliteStore(":memory:") as store:
        store.record_visits([], [Budget(key="site.test", delay=timedelta(0), rest_until=None, last=hours(-2))])
        store.record_visits([], [OWED, USUAL])

        assert {budget.key: budget for budget in store.budgets(hours(1))} == {"site.test": OWED, "@192.0.32.8": USUAL}


def test_budgets_that_were_not_drawn_on_for_a_week_are_not_given_back() -> None:
    """Unless a rest is still owed."""
    resting = Budget(key="resting.test", delay=timedelta(0), rest_until=hours(24 * 9), last=NOON)

    with SqliteStore(":memory:") as store:
        store.record_visits([], [OWED, USUAL, resting])
        store.forget_visits(hours(24 * 8))

        assert store.budgets(hours(24 * 8)) == (resting,)
        assert store.budgets(hours(24 * 9)) == ()
