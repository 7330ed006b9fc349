"""What the store counts, at the same cost however many articles there are."""

from datetime import datetime, timedelta
from pathlib import Path

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.times import to_text, to_time_or_none
from aggregator.domain.health import Health
from aggregator.domain.listing import Figures

_STATES = """
    SELECT CASE WHEN enabled THEN state ELSE 'paused' END AS state, count(*) FROM feed WHERE configured GROUP BY 1
"""
_COUNTS = """
    SELECT
        (SELECT coalesce(sum(articles), 0) FROM feed) AS articles,
        (SELECT count(*) FROM story) AS stories,
        (SELECT count(*) FROM feed WHERE configured AND enabled AND next_poll <= :now) AS due,
        (SELECT count(*) FROM missing_page) AS missing_pages,
        (SELECT max(last_poll) FROM feed) AS last_poll,
        (SELECT coalesce(sum(requests), 0) FROM site_hour WHERE hour >= :day_ago) AS requests,
        (SELECT coalesce(sum(feeds), 0) FROM site_hour WHERE hour >= :day_ago) AS feed_requests,
        (SELECT coalesce(sum(throttled), 0) FROM site_hour WHERE hour >= :day_ago) AS throttled
"""


def figures(connection: Connection, path: Path, now: datetime) -> Figures:
    """Return what is counted of the database at `path`."""
    row = connection.row(_COUNTS, {"now": to_text(now), "day_ago": to_text(now - timedelta(days=1))})
    assert row is not None
    return Figures(
        articles=row["articles"],
        stories=row["stories"],
        feeds={Health(state): number for state, number in connection.rows(_STATES)},
        due=row["due"],
        missing_pages=row["missing_pages"],
        last_poll=to_time_or_none(row["last_poll"]),
        requests=row["requests"],
        feed_requests=row["feed_requests"],
        throttled=row["throttled"],
        database_bytes=_size(path),
        log_bytes=_size(path.with_name(f"{path.name}-wal")),
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
