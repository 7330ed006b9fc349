"""Stories as reader apps ask for them: numbers by the thousand, and the contents of some."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from aggregator.adapters.store.connection import Connection, listed
from aggregator.adapters.store.feeds import feed_name
from aggregator.adapters.store.listed_stories import listed_stories
from aggregator.adapters.store.texts import unpacked_text
from aggregator.adapters.store.times import to_text, to_time, to_time_or_none
from aggregator.domain.ids import FeedId, StoryId
from aggregator.domain.streams import StreamedStory, StreamQuery, SubscribedFeed, Unread

_STARRED = """
    SELECT story_id FROM mark CROSS JOIN article ON article.id = article_id WHERE kind = 'starred' AND story_id NOTNULL
"""
# The first half is read from an index alone.
_WANTED = """
    SELECT shown.id FROM (
        SELECT story_id AS id FROM article WHERE dated >= :since AND story_id NOTNULL UNION {starred}) AS shown
    WHERE {conditions} ORDER BY shown.id {order} LIMIT :limit
"""
#: Newest first, and oldest first.
_ORDERS = ("DESC", "ASC")
# The same as reads._UNREAD says, from texts to their copies: less than half of the time where most was read.
_UNREAD = """
    EXISTS (
        SELECT 1 FROM article AS told WHERE told.story_id = shown.id AND told.copy_of ISNULL
        AND NOT EXISTS (SELECT 1 FROM mark WHERE kind = 'read' AND article_id = told.id)
        AND NOT EXISTS (SELECT 1 FROM article AS copy CROSS JOIN mark ON kind = 'read' AND article_id = copy.id
                        WHERE copy.copy_of = told.id))
"""
_LISTED_BY = """
    (SELECT story_id FROM json_each(:{feeds}) AS wanted
     CROSS JOIN entry ON entry.feed_id = wanted.value AND entry.first_seen >= :since
     CROSS JOIN article ON article.id = entry.article_id WHERE story_id NOTNULL)
"""
# An app could not say of what feed it is, would not keep it, and ask for it ever again.
_OF_NO_FEED = """
    (SELECT gone.story_id FROM feed CROSS JOIN entry ON entry.feed_id = feed.id AND entry.first_seen >= :since
     CROSS JOIN article AS gone ON gone.id = entry.article_id
     WHERE NOT feed.configured AND gone.story_id NOTNULL AND NOT EXISTS (
        SELECT 1 FROM article CROSS JOIN entry ON entry.article_id = article.id CROSS JOIN feed AS own ON own.id = entry.feed_id
        WHERE article.story_id = gone.story_id AND own.configured))
"""
_FEEDS_OF = """
    SELECT feed_id, story_id, max(entry.first_seen) FROM json_each(:stories) AS wanted
    CROSS JOIN article ON article.story_id = wanted.value CROSS JOIN entry ON entry.article_id = article.id
    CROSS JOIN feed ON feed.id = feed_id
    WHERE configured AND entry.first_seen >= :since GROUP BY feed_id, story_id
"""
_CONTENTS = """
    SELECT story.id, author, text, size,
        coalesce(
            (SELECT feed_id FROM entry CROSS JOIN feed ON feed.id = feed_id WHERE article_id = canonical_id AND configured
             ORDER BY entry.first_seen, entry.id LIMIT 1),
            (SELECT feed_id FROM article AS other CROSS JOIN entry ON article_id = other.id
             CROSS JOIN feed ON feed.id = feed_id WHERE other.story_id = story.id AND configured
             ORDER BY dated, entry.id LIMIT 1),
            (SELECT feed_id FROM entry WHERE article_id = canonical_id ORDER BY id LIMIT 1)) AS feed
    FROM json_each(?) AS wanted CROSS JOIN story ON story.id = wanted.value
    CROSS JOIN article ON article.id = canonical_id CROSS JOIN body ON body.article_id = canonical_id
"""
_LIVING = """
    SELECT story.id FROM json_each(?) AS wanted LEFT JOIN merged_story ON old_id = wanted.value
    CROSS JOIN story ON story.id = coalesce(merged_story.story_id, wanted.value) ORDER BY wanted.key
"""


class StreamReads:
    """Reads stories for reader apps."""

    _sql: Connection

    def streamed(self, query: StreamQuery) -> tuple[StoryId, ...]:
        """Return the numbers of the stories asked for."""
        sql, parameters = _wanted(query)
        return tuple(StoryId(id) for (id,) in self._sql.rows(sql, parameters))

    def living(self, stories: Iterable[StoryId]) -> tuple[StoryId, ...]:
        """Return the numbers that `stories` have now, each once; those that are no more are left out."""
        return tuple(dict.fromkeys(StoryId(id) for (id,) in self._sql.rows(_LIVING, (listed(stories),))))

    def contents(self, stories: Sequence[StoryId]) -> tuple[StreamedStory, ...]:
        """Return stories with the texts that speak for them, in that order; those that are no more are left out."""
        with self._snapshot():
            rows = {row["id"]: row for row in self._sql.rows(_CONTENTS, (listed(stories),))}
            shown = listed_stories(self._sql, [story for story in stories if story in rows])
        return tuple(
            StreamedStory(
                story=story,
                author=rows[story.id]["author"],
                text=unpacked_text(rows[story.id]["text"], rows[story.id]["size"]),
                feed=rows[story.id]["feed"],
            )
            for story in shown
        )

    def subscriptions(self) -> tuple[SubscribedFeed, ...]:
        """Return the feeds of feeds.yaml, in the order in which they were first added."""
        return tuple(map(_subscribed, self._sql.rows("SELECT * FROM feed WHERE configured ORDER BY id")))

    def unread_by_feed(self, since: datetime) -> tuple[Unread, ...]:
        """Return which feeds have listed articles of stories that have something to read."""
        with self._snapshot():
            stories = self.streamed(StreamQuery(since=since, read=False))
            rows = self._sql.rows(_FEEDS_OF, {"since": to_text(since), "stories": listed(stories)})
        return tuple(
            Unread(feed=FeedId(feed), story=StoryId(story), listed=to_time(last)) for feed, story, last in rows
        )

    def _snapshot(self) -> AbstractContextManager[None]:
        """Let several statements see one state, whatever is written meanwhile."""
        return self._sql.transaction("DEFERRED")


def _wanted(query: StreamQuery) -> tuple[str, Mapping[str, Any]]:
    conditions = [f"shown.id NOT IN {_OF_NO_FEED}"]
    parameters: dict[str, Any] = {
        "since": to_text(query.since),
        "limit": -1 if query.limit is None else query.limit,
        "changed_since": to_text(query.changed_since) or "",
        # "Z" sorts after every time.
        "changed_until": to_text(query.changed_until) or "Z",
        "behind": query.behind,
    }
    for number, feeds in enumerate((*query.feeds, query.without)):
        parameters[f"feeds{number}"] = listed(feeds)
        is_wanted = number < len(query.feeds)
        if is_wanted or feeds:
            within = _LISTED_BY.format(feeds=f"feeds{number}")
            conditions.append(f"shown.id {'IN' if is_wanted else 'NOT IN'} {within}")
    if query.read is not None:
        conditions.append(f"NOT {_UNREAD}" if query.read else _UNREAD)
    if query.starred is not None:
        conditions.append(f"shown.id {'IN' if query.starred else 'NOT IN'} ({_STARRED})")
    if query.behind is not None:
        conditions.append(f"shown.id {'>' if query.oldest_first else '<'} :behind")
    if query.changed_since is not None or query.changed_until is not None:
        conditions.append(
            "EXISTS (SELECT 1 FROM story WHERE story.id = shown.id AND updated >= :changed_since AND updated < :changed_until)"
        )
    return _WANTED.format(
        starred=_STARRED, conditions=" AND ".join(conditions), order=_ORDERS[query.oldest_first]
    ), parameters


def _subscribed(row: sqlite3.Row) -> SubscribedFeed:
    return SubscribedFeed(
        id=FeedId(row["id"]),
        url=row["url"],
        name=feed_name(row),
        site=row["site"],
        tags=tuple(json.loads(row["tags"])),
        last_read=to_time_or_none(row["last_read"]),
    )
