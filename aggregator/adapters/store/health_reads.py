"""How feeds are, how that changed, and what sites got from us."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.feed_states import state_of
from aggregator.adapters.store.feeds import feed_name
from aggregator.adapters.store.times import to_text, to_time, to_time_or_none
from aggregator.domain.crawling import SiteHours
from aggregator.domain.feeds import FeedState
from aggregator.domain.fetching import Failed, FailureKind
from aggregator.domain.health import Health, HealthChange, Poll
from aggregator.domain.ids import FeedId
from aggregator.domain.reading import FeedHealth

# What a feed listed when it was new may be of long ago. What came later is taken for new without a look at the article.
_FEEDS = """
    SELECT feed.*,
        (SELECT count(DISTINCT article_id) FROM entry WHERE feed_id = feed.id AND first_seen >= :month_ago
         AND (added < :month_ago OR EXISTS (
             SELECT 1 FROM article WHERE id = article_id AND dated >= :month_ago AND dated <= :now))) AS month
    FROM feed WHERE configured ORDER BY id
"""
_WEEKS = 4
# Of thousands of polls a list shows a character each; to make an object of each takes longer than all the rest.
_MARKS = """
    SELECT feed_id, group_concat(CASE kind WHEN 'failed' THEN 'x' WHEN 'unchanged' THEN '.'
        ELSE CASE WHEN new > 0 THEN '+' ELSE '-' END END, '') AS marks
    FROM (SELECT feed_id, kind, new FROM poll ORDER BY feed_id, id) GROUP BY feed_id
"""
_STATES = """
    SELECT CASE WHEN enabled THEN state ELSE 'paused' END AS state, count(*) FROM feed WHERE configured GROUP BY 1
"""
_ANSWERED = "SELECT count(*), count(last_success) FROM feed WHERE configured"
_CHANGES = """
    SELECT feed_id, name, title, url, at, before, after, why FROM state_change JOIN feed ON feed.id = feed_id
    WHERE at > ? AND configured AND enabled ORDER BY at, state_change.id
"""
_CHANGES_OF = """
    SELECT feed_id, name, title, url, at, before, after, why FROM state_change JOIN feed ON feed.id = feed_id
    WHERE feed_id = ? ORDER BY at DESC, state_change.id DESC LIMIT ?
"""
#: Of one feed; they are kept for good.
_CHANGES_TOLD = 30
_SITES = """
    SELECT site, sum(requests) AS requests, sum(feeds) AS feeds, sum(conditional) AS conditional,
        sum(unchanged) AS unchanged, sum(throttled) AS throttled, sum(early) AS early, sum(wire_bytes) AS wire_bytes,
        sum(saved_bytes) AS saved_bytes, max(requests) AS busiest_hour
    FROM site_hour WHERE hour >= ? GROUP BY site ORDER BY site
"""


class HealthReads:
    """Reads what polls told of feeds, and requests of us."""

    _sql: Connection

    def feed_health(self, now: datetime) -> tuple[FeedHealth, ...]:
        """Return how each feed of feeds.yaml is doing, in the order in which they were first added."""
        with self._sql.transaction("DEFERRED"):
            marks = {row["feed_id"]: row["marks"] for row in self._sql.rows(_MARKS)}
            month_ago = to_text(now - timedelta(weeks=_WEEKS))
            feeds = self._sql.rows(_FEEDS, {"month_ago": month_ago, "now": to_text(now)})
        return tuple(_health(row, marks.get(row["id"], ""), now) for row in feeds)

    def polls(self) -> Mapping[FeedId, Sequence[Poll]]:
        """Return the last polls of each feed that was polled, the latest last."""
        polls = defaultdict[FeedId, list[Poll]](list)
        for row in self._sql.rows("SELECT * FROM poll ORDER BY id"):
            polls[FeedId(row["feed_id"])].append(_poll(row))
        return polls

    def history(self, feed: FeedId) -> tuple[tuple[Poll, ...], tuple[HealthChange, ...]]:
        """Return the last polls of a feed and how its state changed, the latest first."""
        with self._sql.transaction("DEFERRED"):
            polls = self._sql.rows("SELECT * FROM poll WHERE feed_id = ? ORDER BY id DESC", (feed,))
            changes = self._sql.rows(_CHANGES_OF, (feed, _CHANGES_TOLD))
        return tuple(map(_poll, polls)), tuple(map(_change, changes))

    def waiting(self) -> tuple[str, ...]:
        """Return the names of the feeds that are polled but never were so far."""
        rows = self._sql.rows("SELECT * FROM feed WHERE configured AND enabled AND last_poll IS NULL ORDER BY id")
        return tuple(map(feed_name, rows))

    def health_counts(self) -> Mapping[Health, int]:
        """Return how many feeds of feeds.yaml are in each state; states that none is in are left out."""
        return {Health(state): number for state, number in self._sql.rows(_STATES)}

    def answered(self) -> tuple[int, int]:
        """Return how many feeds of feeds.yaml there are, and how many of them were read once."""
        ((feeds, answered),) = self._sql.rows(_ANSWERED)
        return feeds, answered

    def feed_states(self) -> tuple[tuple[str, str, FeedState], ...]:
        """Return address, name and state of each feed of feeds.yaml that is polled."""
        rows = self._sql.rows("SELECT * FROM feed WHERE configured AND enabled ORDER BY id")
        return tuple((row["url"], feed_name(row), state_of(row)) for row in rows)

    def changes_since(self, moment: datetime) -> tuple[HealthChange, ...]:
        """Return how feeds that are polled changed their states after `moment`, in order of time."""
        return tuple(map(_change, self._sql.rows(_CHANGES, (to_text(moment),))))

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


def _health(row: sqlite3.Row, marks: str, now: datetime) -> FeedHealth:
    known = state_of(row)
    return FeedHealth(
        id=FeedId(row["id"]),
        url=row["url"],
        name=feed_name(row),
        tags=tuple(json.loads(row["tags"])),
        state=known.health if row["enabled"] else Health.PAUSED,
        since=known.health_since,
        why=known.health_why,
        known=known,
        marks=marks,
        articles=row["articles"],
        weekly=row["month"] / _weeks_known(row, now),
        warning=row["warning"],
    )


def _poll(row: sqlite3.Row) -> Poll:
    failure = None
    if row["error"] is not None:
        failure = Failed(kind=FailureKind(row["error_kind"]), why=row["error"], status=row["status"])
    return Poll(
        at=to_time(row["at"]),
        kind=row["kind"],
        status=row["status"],
        entries=row["entries"],
        new=row["new"],
        wire_bytes=row["wire_bytes"],
        seconds=row["seconds"],
        failure=failure,
    )


def _change(row: sqlite3.Row) -> HealthChange:
    return HealthChange(
        feed=FeedId(row["feed_id"]),
        name=feed_name(row),
        url=row["url"],
        at=to_time(row["at"]),
        before=Health(row["before"]),
        after=Health(row["after"]),
        why=row["why"],
    )


def _weeks_known(row: sqlite3.Row, now: datetime) -> float:
    """Return over how many weeks a feed's articles were counted: no more than it is known, but one at least."""
    return max(1.0, min(_WEEKS, (now - to_time(row["added"])) / timedelta(weeks=1)))
