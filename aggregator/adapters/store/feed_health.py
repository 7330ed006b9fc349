"""How feeds are doing, as the faces show it."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.feed_states import state_of
from aggregator.adapters.store.feeds import feed_name
from aggregator.adapters.store.times import to_text, to_time
from aggregator.domain.fetching import Failed, FailureKind
from aggregator.domain.health import Health, Poll
from aggregator.domain.ids import FeedId
from aggregator.domain.reading import FeedHealth

_FEEDS = """
    SELECT feed.*, coalesce(name, title, url) AS called,
        (SELECT count(DISTINCT article_id) FROM entry WHERE feed_id = feed.id) AS articles,
        (SELECT count(DISTINCT article_id) FROM entry JOIN article ON article.id = article_id
         WHERE feed_id = feed.id AND entry.first_seen >= :month_ago AND dated >= :month_ago AND dated <= :now) AS month
    FROM feed WHERE configured ORDER BY id
"""
_WEEKS = 4


def feed_health(sql: Connection, now: datetime) -> tuple[FeedHealth, ...]:
    """Return how each feed of feeds.yaml is doing, in the order in which they were first added."""
    month_ago = to_text(now - timedelta(weeks=_WEEKS))
    polls = defaultdict[int, list[sqlite3.Row]](list)
    for row in sql.rows("SELECT * FROM poll ORDER BY id"):
        polls[row["feed_id"]].append(row)
    feeds = sql.rows(_FEEDS, {"month_ago": month_ago, "now": to_text(now)})
    return tuple(_health(row, polls[row["id"]], now) for row in feeds)


def _health(row: sqlite3.Row, polls: Sequence[sqlite3.Row], now: datetime) -> FeedHealth:
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
        polls=tuple(map(_poll, polls)),
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


def _weeks_known(row: sqlite3.Row, now: datetime) -> float:
    """Return over how many weeks a feed's articles were counted: no more than it is known, but one at least."""
    return max(1.0, min(_WEEKS, (now - to_time(row["added"])) / timedelta(weeks=1)))
