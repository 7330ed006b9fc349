"""What sites got from us, and what each is owed."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.times import to_text, to_time, to_time_or_none
from aggregator.core.crawling.budgets import FORGOTTEN
from aggregator.domain.crawling import Budget, Visit
from aggregator.domain.fetching import STATUS_NOT_MODIFIED, THROTTLING, Purpose

#: How long it is remembered what a site got.
REMEMBERED = timedelta(days=30)

_COUNT = """
    INSERT INTO site_hour (
        site, hour, requests, feeds, conditional, unchanged, throttled, early, wire_bytes, saved_bytes)
    VALUES (:site, :hour, 1, :feeds, :conditional, :unchanged, :throttled, :early, :wire_bytes, :saved_bytes)
    ON CONFLICT (site, hour) DO UPDATE SET
        requests = requests + 1, feeds = feeds + excluded.feeds, conditional = conditional + excluded.conditional,
        unchanged = unchanged + excluded.unchanged, throttled = throttled + excluded.throttled,
        early = early + excluded.early, wire_bytes = wire_bytes + excluded.wire_bytes,
        saved_bytes = saved_bytes + excluded.saved_bytes
"""
_KEEP = """
    INSERT INTO budget (
        key, delay_seconds, rest_until, last, slowed, throttles, crawl_delay_seconds, crawl_delay_until
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET
        delay_seconds = excluded.delay_seconds, rest_until = excluded.rest_until, last = excluded.last,
        slowed = excluded.slowed, throttles = excluded.throttles,
        crawl_delay_seconds = excluded.crawl_delay_seconds, crawl_delay_until = excluded.crawl_delay_until
"""


class VisitTables:
    """Reads and writes what is between sites and us."""

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    def record_visits(self, visits: Iterable[Visit], budgets: Iterable[Budget]) -> None:
        """Count requests by site and hour, and keep what is owed after them."""
        with self._sql.joined():
            self._sql.write_all(_COUNT, [_counted(visit) for visit in visits])
            self._sql.write_all(_KEEP, [_kept(budget) for budget in budgets])

    def budgets(self, now: datetime) -> tuple[Budget, ...]:
        """Return what sites and addresses are owed since earlier runs."""
        rows = self._sql.rows(
            "SELECT * FROM budget WHERE rest_until > ? OR last > ?", (to_text(now), to_text(now - FORGOTTEN))
        )
        return tuple(_budget(row) for row in rows)

    def forget_visits(self, now: datetime) -> None:
        """Drop what is older than it is of use."""
        with self._sql.joined():
            self._sql.write("DELETE FROM site_hour WHERE hour < ?", (to_text(now - REMEMBERED),))
            self._sql.write(
                "DELETE FROM budget WHERE last < ? AND coalesce(rest_until, '') < ?",
                (to_text(now - FORGOTTEN), to_text(now)),
            )


def _counted(visit: Visit) -> dict[str, object]:
    for_feed = visit.purpose is Purpose.FEED
    return {
        "site": visit.site,
        "hour": to_text(visit.at.replace(minute=0, second=0, microsecond=0)),
        "feeds": for_feed,
        "conditional": for_feed and visit.conditional,
        "unchanged": for_feed and visit.status == STATUS_NOT_MODIFIED,
        "throttled": visit.status in THROTTLING,
        "early": visit.early,
        "wire_bytes": visit.wire_bytes,
        "saved_bytes": visit.saved_bytes,
    }


def _kept(budget: Budget) -> tuple[object, ...]:
    return (
        budget.key,
        budget.delay.total_seconds(),
        to_text(budget.rest_until),
        to_text(budget.last),
        to_text(budget.slowed),
        budget.throttles,
        budget.crawl_delay.total_seconds(),
        to_text(budget.crawl_delay_until),
    )


def _budget(row: sqlite3.Row) -> Budget:
    return Budget(
        key=row["key"],
        delay=timedelta(seconds=row["delay_seconds"]),
        rest_until=to_time_or_none(row["rest_until"]),
        last=to_time(row["last"]),
        slowed=to_time_or_none(row["slowed"]),
        throttles=row["throttles"],
        crawl_delay=timedelta(seconds=row["crawl_delay_seconds"]),
        crawl_delay_until=to_time_or_none(row["crawl_delay_until"]),
    )
