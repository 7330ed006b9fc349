"""A feed's state as columns of its table, both ways."""

import json
import sqlite3
from datetime import timedelta
from typing import Any

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.times import to_text, to_time_or_none
from aggregator.core.crawling.doctor import remedy
from aggregator.domain.feeds import FeedState, Rhythm
from aggregator.domain.health import Health
from aggregator.domain.ids import FeedId

_PLAIN = (
    "etag",
    "last_modified",
    "validators_from",
    "body_digest",
    "failures",
    "error",
    "error_kind",
    "body_bytes",
    "moved_to",
    "moved_times",
    "waste",
    "entries",
)
_TIMES = (
    "next_poll",
    "last_poll",
    "last_success",
    "rest_until",
    "fresh_until",
    "last_full",
    "trusted_until",
    "moved_since",
    "frozen_since",
    "earliest_entry",
    "latest_entry",
)


def state_of(row: sqlite3.Row) -> FeedState:
    """Return the state that a row of feed holds."""
    return FeedState(
        **_known(row),
        ttl=None if row["ttl_seconds"] is None else timedelta(seconds=row["ttl_seconds"]),
        skip_hours=tuple(json.loads(row["skip_hours"])),
        skip_days=tuple(json.loads(row["skip_days"])),
        rhythm=Rhythm(
            since=to_time_or_none(row["observed_since"]),
            hours=row["observed_hours"],
            last=to_time_or_none(row["last_arrival"]),
        ),
        health=Health(row["state"]),
        health_why=row["state_why"],
        health_since=to_time_or_none(row["state_since"]),
    )


def _known(row: sqlite3.Row) -> dict[str, Any]:
    return {name: row[name] for name in _PLAIN} | {name: to_time_or_none(row[name]) for name in _TIMES}


def columns_of(state: FeedState) -> dict[str, Any]:
    """Return what `state_of` reads back."""
    return {
        **{name: getattr(state, name) for name in _PLAIN},
        **{name: to_text(getattr(state, name)) for name in _TIMES},
        "ttl_seconds": state.ttl and state.ttl.total_seconds(),
        "skip_hours": json.dumps(state.skip_hours),
        "skip_days": json.dumps(state.skip_days),
        "observed_since": to_text(state.rhythm.since),
        "observed_hours": state.rhythm.hours,
        "last_arrival": to_text(state.rhythm.last),
        "state": state.health.value,
        "state_why": state.health_why,
        "state_do": remedy(state.health, state),
        "state_since": to_text(state.health_since),
    }


def write_state(sql: Connection, feed: FeedId, state: FeedState) -> None:
    """Keep the state of a feed; a time of the next poll that is None leaves the one that stands."""
    columns = {name: value for name, value in columns_of(state).items() if (name, value) != ("next_poll", None)}
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    sql.write(f"UPDATE feed SET {assignments} WHERE id = :id", columns | {"id": feed})  # noqa: S608 (names of ours)
