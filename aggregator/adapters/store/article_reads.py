"""Articles by themselves, as programs list and read them."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.feeds import feed_name
from aggregator.adapters.store.texts import unpacked_text
from aggregator.adapters.store.times import to_text, to_time, to_time_or_none
from aggregator.domain.articles import HeldBack, TextFrom
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.listing import ArticleQuery, ListedArticle, ReadArticle
from aggregator.domain.reading import Version

_ONE = """
    SELECT article.*, source.name AS source FROM article CROSS JOIN source ON source.id = source_id
    WHERE story_id IS NOT NULL AND article.id = ?
"""
_LATEST = """
    SELECT article.*, source.name AS source FROM article CROSS JOIN source ON source.id = source_id
    WHERE story_id IS NOT NULL
    {conditions}
    ORDER BY dated DESC, article.id DESC LIMIT :limit
"""
_TEXT = "SELECT text, size FROM body WHERE article_id = ?"
_VERSIONS = "SELECT * FROM version WHERE article_id = ? ORDER BY seen, id"
_FEEDS = """
    SELECT feed.name, feed.title, feed.url FROM entry CROSS JOIN feed ON feed.id = feed_id
    WHERE article_id = ? ORDER BY entry.first_seen, entry.id
"""


def sources_like(connection: Connection, part: str) -> str:
    """Return the ids of outlets that have `part` in their name or site, as a statement takes them."""
    # In Python, for SQLite folds the case of ASCII letters only.
    folded = part.casefold()
    rows = connection.rows("SELECT id, name, site FROM source")
    return json.dumps(
        [row["id"] for row in rows if folded in row["name"].casefold() or folded in row["site"].casefold()]
    )


def latest_articles(connection: Connection, query: ArticleQuery) -> tuple[ListedArticle, ...]:
    """Return articles that have a story, the latest first."""
    conditions: list[str] = []
    parameters: dict[str, Any] = {"limit": query.limit}
    for given, condition, name, value in (
        (query.since, "AND dated >= :since", "since", to_text(query.since)),
        (query.until, "AND dated < :until", "until", to_text(query.until)),
        (query.language, "AND language = :language", "language", query.language),
    ):
        if given is not None:
            conditions.append(condition)
            parameters[name] = value
    if query.source is not None:
        conditions.append("AND source_id IN (SELECT value FROM json_each(:sources))")
        parameters["sources"] = sources_like(connection, query.source)
    if query.after is not None:
        # The first condition lets the index be entered where the second holds.
        conditions.append("AND dated <= :after AND (dated < :after OR article.id < :id)")
        parameters |= {"after": to_text(query.after.dated), "id": query.after.id}
    return tuple(map(_listed, connection.rows(_LATEST.format(conditions="\n".join(conditions)), parameters)))


def read_article(connection: Connection, id: ArticleId) -> ReadArticle | None:
    """Return an article that has a story, with its text and its versions."""
    row = connection.row(_ONE, (id,))
    if row is None:
        return None
    text = connection.row(_TEXT, (id,))
    return ReadArticle(
        article=_listed(row),
        text="" if text is None else unpacked_text(text["text"], text["size"]),
        earlier=_versions(connection.rows(_VERSIONS, (id,))),
        feeds=tuple(dict.fromkeys(feed_name(feed) for feed in connection.rows(_FEEDS, (id,)))),
    )


def _versions(rows: Sequence[sqlite3.Row]) -> tuple[Version, ...]:
    return tuple(
        Version(
            title=row["title"],
            text=unpacked_text(row["text"], row["size"]),
            seen=to_time(row["seen"]),
            replaced=to_time(row["replaced"]),
        )
        for row in rows
    )


def _listed(row: sqlite3.Row) -> ListedArticle:
    return ListedArticle(
        id=ArticleId(row["id"]),
        story=StoryId(row["story_id"]),
        title=row["title"],
        url=row["url"],
        source=row["source"],
        published=to_time_or_none(row["published"]),
        dated=to_time(row["dated"]),
        first_seen=to_time(row["first_seen"]),
        updated=to_time(row["updated"]),
        author=row["author"],
        language=row["language"],
        summary=row["summary"],
        image=row["image"],
        agency=row["agency"],
        text_from=TextFrom(row["text_from"]),
        versions=row["versions"],
        copy_of=None if row["copy_of"] is None else ArticleId(row["copy_of"]),
        similarity=row["similarity"],
        held_back=None if row["held_back"] is None else HeldBack(row["held_back"]),
    )
