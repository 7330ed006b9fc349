"""The table of feeds: feeds.yaml mirrored, and what polls taught us."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.times import to_text, to_time, to_time_or_none
from aggregator.core.urls import url_key
from aggregator.domain.errors import UsageError
from aggregator.domain.feeds import DueFeed, Feed, FeedState, ParsedFeed
from aggregator.domain.ids import FeedId
from aggregator.domain.settings import FeedConfig, FullText

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

    def resting_sites(self, now: datetime) -> dict[str, datetime]:
        """Return the addresses of feeds whose server asked to be left alone, and until when."""
        rows = self._sql.rows("SELECT url, rest_until FROM feed WHERE rest_until > ?", (to_text(now),))
        return {row["url"]: to_time(row["rest_until"]) for row in rows}

    def claim(self, polls: Mapping[FeedId, datetime]) -> None:
        """Put off the next poll of each feed to the time given, in one transaction."""
        with self._sql.joined():
            self._sql.write_all(
                "UPDATE feed SET next_poll = ? WHERE id = ?", [(to_text(moment), id) for id, moment in polls.items()]
            )

    def finish_poll(self, feed: FeedId, state: FeedState, parsed: ParsedFeed | None, now: datetime) -> None:
        """Keep the state after a poll, and the feed's own title, site and warning if it was read."""
        with self._sql.joined():
            self._sql.write(_WRITE_STATE, {"id": feed} | _state_columns(state))
            if parsed is not None:
                self._sql.write(
                    "UPDATE feed SET title = coalesce(?, title), site = coalesce(?, site), warning = ?, last_read = ?"
                    " WHERE id = ?",
                    (parsed.title, parsed.link, parsed.warning, to_text(now), feed),
                )

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
                    self._sql.write(_WRITE_CONFIG, wanted | _moved(known, wanted, now))
                    (changed if known["configured"] else added).append(_called(wanted))
            gone = [row for row in before.values() if row["configured"]]
            self._sql.write_all("UPDATE feed SET configured = 0 WHERE id = ?", [(row["id"],) for row in gone])
        removed = tuple(map(_called, gone))
        return FeedChanges(added=tuple(added), removed=removed, changed=tuple(changed))


_INSERT = """
    INSERT INTO feed (url, url_key, name, tags, every_seconds, weight, full_text, user_agent, configured, enabled,
                      added, next_poll)
    VALUES (:url, :url_key, :name, :tags, :every_seconds, :weight, :full_text, :user_agent, :configured, :enabled,
            :now, :now)
"""
_WRITE_CONFIG = """
    UPDATE feed SET url = :url, name = :name, tags = :tags, every_seconds = :every_seconds, weight = :weight,
        full_text = :full_text, user_agent = :user_agent, configured = :configured, enabled = :enabled,
        next_poll = :next_poll, etag = :etag, last_modified = :last_modified, body_digest = :body_digest
    WHERE url_key = :url_key
"""
_WRITE_STATE = """
    UPDATE feed SET etag = :etag, last_modified = :last_modified, body_digest = :body_digest,
        next_poll = coalesce(:next_poll, next_poll), last_poll = :last_poll, last_success = :last_success,
        failures = :failures, error = :error, error_kind = :error_kind, rest_until = :rest_until
    WHERE id = :id
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
        "every_seconds": (feed.every or default_every).total_seconds(),
        "weight": feed.weight,
        "full_text": feed.full_text.value,
        "user_agent": feed.user_agent,
        "configured": True,
        "enabled": feed.enabled,
    }


def _moved(known: sqlite3.Row, wanted: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return what else changes with the configuration of a feed: when it is polled next, and what is sent along."""
    state = _state_columns(_state(known))
    if wanted["url"] != known["url"]:
        # Validators belong to the address that gave them; a new address is tried at once.
        state |= {"etag": None, "last_modified": None, "body_digest": None, "next_poll": to_text(now)}
    elif wanted["every_seconds"] != known["every_seconds"]:
        last = to_time_or_none(known["last_poll"])
        turn = now if last is None else max(now, last + timedelta(seconds=wanted["every_seconds"]))
        state["next_poll"] = to_text(turn)
    if known["rest_until"] is not None:
        state["next_poll"] = max(state["next_poll"], known["rest_until"])
    return state


def _called(feed: Mapping[str, Any] | sqlite3.Row) -> str:
    return str(feed["name"] or feed["url"])


def feed_name(row: sqlite3.Row) -> str:
    """Return what a feed is called: its name in feeds.yaml, else its own title, else its address."""
    return str(row["name"] or row["title"] or row["url"])


def _fitting(name: str, feeds: Iterable[sqlite3.Row]) -> list[sqlite3.Row]:
    key = feed_key(name)
    return [feed for feed in feeds if name in {feed_name(feed), feed["url"]} or key == feed["url_key"]]


def _unknown(name: str, feeds: Iterable[sqlite3.Row]) -> str:
    spellings = {known.casefold(): known for feed in feeds for known in (feed["url"], feed_name(feed))}
    close = [spellings[match] for match in get_close_matches(name.casefold(), spellings, n=3)]
    cure = f"did you mean {' or '.join(close)}?" if close else "`aggregator feeds list` shows them all"
    return f"no feed is called {name}; {cure}"


def _due_feed(row: sqlite3.Row) -> DueFeed:
    feed = Feed(
        id=FeedId(row["id"]),
        url=row["url"],
        name=feed_name(row),
        tags=tuple(json.loads(row["tags"])),
        every=timedelta(seconds=row["every_seconds"]),
        weight=row["weight"],
        full_text=FullText(row["full_text"]),
        user_agent=row["user_agent"],
    )
    return DueFeed(feed=feed, state=_state(row))


def _state(row: sqlite3.Row) -> FeedState:
    return FeedState(
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_digest=row["body_digest"],
        next_poll=to_time(row["next_poll"]),
        last_poll=to_time_or_none(row["last_poll"]),
        last_success=to_time_or_none(row["last_success"]),
        failures=row["failures"],
        error=row["error"],
        error_kind=row["error_kind"],
        rest_until=to_time_or_none(row["rest_until"]),
    )


def _state_columns(state: FeedState) -> dict[str, Any]:
    return {
        "etag": state.etag,
        "last_modified": state.last_modified,
        "body_digest": state.body_digest,
        "next_poll": to_text(state.next_poll),
        "last_poll": to_text(state.last_poll),
        "last_success": to_text(state.last_success),
        "failures": state.failures,
        "error": state.error,
        "error_kind": state.error_kind,
        "rest_until": to_text(state.rest_until),
    }
