"""The table of feeds: feeds.yaml mirrored, and what polls taught us."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.feed_states import state_of, write_state
from aggregator.adapters.store.times import to_text, to_time_or_none
from aggregator.core.crawling.schedule import allowed_from
from aggregator.core.secrecy import without_secrets
from aggregator.core.urls import url_key
from aggregator.domain.errors import UsageError
from aggregator.domain.feeds import DueFeed, Feed, FeedState, ParsedFeed
from aggregator.domain.health import Poll
from aggregator.domain.ids import FeedId
from aggregator.domain.settings import FeedConfig, FullText

#: Polls of each feed that its history keeps.
POLLS_KEPT = 30

_POLLED = "SELECT * FROM feed WHERE configured AND enabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedChanges:
    """What a new feeds.yaml changed; each feed by its name, or its address where it has none."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


class FeedTables:
    """Reads and writes feeds."""

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    def due(self, now: datetime) -> tuple[DueFeed, ...]:
        """Enabled feeds whose next poll is at or before `now`, the longest overdue first."""
        rows = self._sql.rows(f"{_POLLED} AND next_poll <= ? ORDER BY next_poll, id", (to_text(now),))
        return tuple(map(_due_feed, rows))

    def next_due(self) -> datetime | None:
        """Return when the next enabled feed is to be polled; it may be overdue."""
        return to_time_or_none(self._sql.value("SELECT min(next_poll) FROM feed WHERE configured AND enabled"))

    def all_feeds(self) -> tuple[DueFeed, ...]:
        """Enabled feeds, due or not, in the order in which they were first added."""
        return tuple(map(_due_feed, self._sql.rows(f"{_POLLED} ORDER BY id")))

    def polled(self, id: FeedId) -> DueFeed | None:
        """Return a feed, due or not; None for one that is paused or was taken out."""
        row = self._sql.row(f"{_POLLED} AND id = ?", (id,))
        return None if row is None else _due_feed(row)

    def feeds_named(self, names: Sequence[str]) -> tuple[DueFeed, ...]:
        """Return the feeds called so or found at such addresses, paused ones too, in order of `names`.

        Raises:
            UsageError: some name fits no feed; all such names are told.
        """
        feeds = self._sql.rows("SELECT * FROM feed WHERE configured ORDER BY id")
        found: dict[int, sqlite3.Row] = {}
        unknown = []
        for name in names:
            fitting = _fitting(name, feeds)
            found.update((feed["id"], feed) for feed in fitting)
            if not fitting:
                unknown.append(_unknown(name, feeds))
        if unknown:
            raise UsageError("; ".join(unknown))
        return tuple(map(_due_feed, found.values()))

    def claim(self, polls: Mapping[FeedId, datetime]) -> None:
        """Put off the next poll of each feed to the time given, in one transaction."""
        with self._sql.joined():
            self._sql.write_all(
                "UPDATE feed SET next_poll = ? WHERE id = ?", [(to_text(moment), id) for id, moment in polls.items()]
            )

    def finish_poll(
        self, feed: FeedId, state: FeedState, parsed: ParsedFeed | None, now: datetime, poll: Poll | None = None
    ) -> None:
        """Keep the state after a poll and the poll itself, and the feed's own title, site and warning if it was read.

        A change of health is kept too, and of the polls the last `POLLS_KEPT`.
        """
        with self._sql.joined():
            before = self._sql.value("SELECT state FROM feed WHERE id = ?", (feed,))
            write_state(self._sql, feed, state)
            if before != state.health:
                change = (feed, to_text(now), before, state.health.value, state.health_why or "")
                self._sql.write(
                    "INSERT INTO state_change (feed_id, at, before, after, why) VALUES (?, ?, ?, ?, ?)", change
                )
            if poll is not None:
                self._keep_poll(feed, poll)
            if parsed is not None:
                self._sql.write(
                    "UPDATE feed SET title = coalesce(?, title), site = coalesce(?, site), warning = ?, last_read = ?"
                    " WHERE id = ?",
                    (parsed.title, parsed.link, parsed.warning, to_text(now), feed),
                )

    def _keep_poll(self, feed: FeedId, poll: Poll) -> None:
        failure = poll.failure
        told = (failure.why, failure.kind.value) if failure else (None, None)
        counts = (poll.entries, poll.new, poll.wire_bytes, round(poll.seconds, 3))
        self._sql.write(_INSERT_POLL, (feed, to_text(poll.at), poll.kind, poll.status, *counts, *told))
        self._sql.write(_TRIM_POLLS, (feed, feed, POLLS_KEPT))

    def sync_feeds(self, feeds: Sequence[FeedConfig], default_every: timedelta, now: datetime) -> FeedChanges:
        """Make the table what feeds.yaml says.

        A feed is known by its address, however that is spelled. One that is taken out keeps its articles and state, and
        has them again when it is put back.
        """
        added: list[str] = []
        changed: list[str] = []
        with self._sql.joined():
            before = {row["url_key"]: row for row in self._sql.rows("SELECT * FROM feed")}
            for feed in feeds:
                wanted = _config_columns(feed, default_every)
                known = before.pop(wanted["url_key"], None)
                if known is None:
                    self._sql.write(_INSERT, wanted | {"now": to_text(now)})
                    added.append(_called(wanted))
                elif any(known[column] != value for column, value in wanted.items()):
                    self._sql.write(_WRITE_CONFIG, wanted)
                    write_state(self._sql, FeedId(known["id"]), _moved(known, wanted, now))
                    (changed if known["configured"] else added).append(_called(wanted))
            gone = [row for row in before.values() if row["configured"]]
            self._sql.write_all("UPDATE feed SET configured = 0 WHERE id = ?", [(row["id"],) for row in gone])
        removed = tuple(map(_called, gone))
        return FeedChanges(added=tuple(added), removed=removed, changed=tuple(changed))


_INSERT_POLL = """
    INSERT INTO poll (feed_id, at, kind, status, entries, new, wire_bytes, seconds, error, error_kind)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_TRIM_POLLS = """
    DELETE FROM poll WHERE feed_id = ? AND id <= (
        SELECT id FROM poll WHERE feed_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?)
"""
_INSERT = """
    INSERT INTO feed (url, url_key, name, tags, every_seconds, weight, full_text, user_agent, configured, enabled,
                      added, next_poll)
    VALUES (:url, :url_key, :name, :tags, :every_seconds, :weight, :full_text, :user_agent, :configured, :enabled,
            :now, :now)
"""
_WRITE_CONFIG = """
    UPDATE feed SET url = :url, name = :name, tags = :tags, every_seconds = :every_seconds, weight = :weight,
        full_text = :full_text, user_agent = :user_agent, configured = :configured, enabled = :enabled
    WHERE url_key = :url_key
"""


def feed_key(url: str) -> str:
    """Return what all spellings of a feed's address have in common; the address itself where it cannot be read."""
    try:
        return url_key(url)
    except ValueError:
        return url


def _config_columns(feed: FeedConfig, default_every: timedelta) -> dict[str, Any]:
    return {
        "url": feed.url,
        "url_key": feed_key(feed.url),
        "name": feed.name,
        "tags": json.dumps(feed.tags, ensure_ascii=False),
        "every_seconds": (default_every if feed.every is None else feed.every).total_seconds() or None,
        "weight": feed.weight,
        "full_text": feed.full_text.value,
        "user_agent": feed.user_agent,
        "configured": True,
        "enabled": feed.enabled,
    }


def _moved(known: sqlite3.Row, wanted: Mapping[str, Any], now: datetime) -> FeedState:
    """Return what of a feed's state changes with its configuration: when it is polled next, and what is sent along."""
    state = state_of(known)
    if wanted["url"] != known["url"]:
        # What was learned belongs to the address that taught it; a new address is tried at once.
        state = FeedState(next_poll=now, rhythm=state.rhythm, rest_until=state.rest_until)
    elif wanted["every_seconds"] != known["every_seconds"]:
        every = timedelta(seconds=wanted["every_seconds"] or 0)
        state = replace(state, next_poll=max(now, state.last_poll + every) if state.last_poll and every else now)
    else:
        return state
    return replace(state, next_poll=allowed_from(state, state.next_poll or now))


def _called(feed: Mapping[str, Any] | sqlite3.Row) -> str:
    return str(feed["name"] or without_secrets(feed["url"]))


def feed_name(row: sqlite3.Row) -> str:
    """Return what a feed is called: its name in feeds.yaml, else its own title, else its address."""
    return str(row["name"] or row["title"] or without_secrets(row["url"]))


def _fitting(name: str, feeds: Iterable[sqlite3.Row]) -> list[sqlite3.Row]:
    key = feed_key(name)
    return [feed for feed in feeds if name in {feed_name(feed), feed["url"]} or key == feed["url_key"]]


def _unknown(name: str, feeds: Iterable[sqlite3.Row]) -> str:
    spellings = {known.casefold(): known for feed in feeds for known in (feed["url"], feed_name(feed))}
    close = [spellings[match] for match in get_close_matches(name.casefold(), spellings, n=3)]
    cure = f"did you mean {' or '.join(close)}?" if close else "`aggregator feeds list` shows them all"
    return without_secrets(f"no feed is called {name}; {cure}")


def _due_feed(row: sqlite3.Row) -> DueFeed:
    feed = Feed(
        id=FeedId(row["id"]),
        url=row["url"],
        name=feed_name(row),
        tags=tuple(json.loads(row["tags"])),
        every=None if row["every_seconds"] is None else timedelta(seconds=row["every_seconds"]),
        weight=row["weight"],
        full_text=FullText(row["full_text"]),
        user_agent=row["user_agent"],
    )
    return DueFeed(feed=feed, state=state_of(row))
