"""How feeds are, how that changed, and what sites got from us."""

from datetime import datetime

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.feed_states import state_of
from aggregator.adapters.store.feeds import feed_name
from aggregator.adapters.store.times import to_text, to_time, to_time_or_none
from aggregator.domain.crawling import SiteHours
from aggregator.domain.feeds import FeedState
from aggregator.domain.health import Health, HealthChange
from aggregator.domain.ids import FeedId

_CHANGES = """
    SELECT feed_id, name, title, url, at, before, after, why FROM state_change JOIN feed ON feed.id = feed_id
    WHERE at > ? AND configured AND enabled ORDER BY at, state_change.id
"""
_SITES = """
    SELECT site, sum(requests) AS requests, sum(feeds) AS feeds, sum(conditional) AS conditional,
        sum(unchanged) AS unchanged, sum(throttled) AS throttled, sum(early) AS early, sum(wire_bytes) AS wire_bytes,
        sum(saved_bytes) AS saved_bytes, max(requests) AS busiest_hour
    FROM site_hour WHERE hour >= ? GROUP BY site ORDER BY site
"""


class HealthReads:
    """Reads what polls told of feeds, and requests of us."""

    _sql: Connection

    def feed_states(self) -> tuple[tuple[str, str, FeedState], ...]:
        """Return address, name and state of each feed of feeds.yaml that is polled."""
        rows = self._sql.rows("SELECT * FROM feed WHERE configured AND enabled ORDER BY id")
        return tuple((row["url"], feed_name(row), state_of(row)) for row in rows)

    def changes_since(self, moment: datetime) -> tuple[HealthChange, ...]:
        """Return how feeds that are polled changed their states after `moment`, in order of time."""
        return tuple(
            HealthChange(
                feed=FeedId(row["feed_id"]),
                name=feed_name(row),
                url=row["url"],
                at=to_time(row["at"]),
                before=Health(row["before"]),
                after=Health(row["after"]),
                why=row["why"],
            )
            for row in self._sql.rows(_CHANGES, (to_text(moment),))
        )

    def told(self) -> datetime | None:
        """Return up to when changes of state have been told; None before the first summary."""
        return to_time_or_none(self._sql.value("SELECT told FROM summary"))

    def site_hours(self, since: datetime) -> tuple[SiteHours, ...]:
        """Return what each site got from us in the hours that began at `since` or later."""
        names = SiteHours.__dataclass_fields__
        return tuple(
            SiteHours(**{name: row[name] for name in names}) for row in self._sql.rows(_SITES, (to_text(since),))
        )


class SummaryTables(HealthReads):
    """Keeps when changes were told, besides."""

    def set_told(self, now: datetime) -> None:
        """Remember that all changes up to `now` have been told."""
        with self._sql.joined():
            self._sql.write(
                "INSERT INTO summary (id, told) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET told = excluded.told",
                (to_text(now),),
            )
