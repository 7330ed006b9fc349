"""What the page reads beyond stories: the sum of a day, and the texts of a story."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence

from aggregator.adapters.store.connection import Connection, listed
from aggregator.adapters.store.texts import unpacked_text
from aggregator.adapters.store.times import to_time
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.reading import Carried, Counts, Edition, Texts, Version
from aggregator.domain.settings import MuteRule

_SOURCES = """
    SELECT count(DISTINCT source_id) FROM json_each(?) AS wanted CROSS JOIN article ON article.story_id = wanted.value
"""
_LANGUAGES = """
    SELECT language FROM json_each(?) AS wanted CROSS JOIN article ON article.story_id = wanted.value
    WHERE language NOTNULL GROUP BY language ORDER BY count(*) DESC, language
"""
_TEXTS = """
    SELECT article.id, body.text, body.size FROM article CROSS JOIN body ON body.article_id = article.id WHERE story_id = ?
"""
_VERSIONS = """
    SELECT version.* FROM article CROSS JOIN version ON version.article_id = article.id
    WHERE story_id = ? ORDER BY version.seen, version.id
"""


def edition(connection: Connection, stories: Sequence[sqlite3.Row], muted: Mapping[StoryId, MuteRule]) -> Edition:
    """Sum up rows of `story`."""
    wanted = listed(row["id"] for row in stories)
    return Edition(
        stories=tuple(
            Carried(
                id=StoryId(row["id"]),
                counts=Counts(articles=row["articles"], texts=row["texts"], sources=row["sources"]),
                last_dated=to_time(row["last_dated"]),
            )
            for row in stories
        ),
        counts=Counts(
            articles=sum(row["articles"] for row in stories),
            texts=sum(row["texts"] for row in stories),
            sources=connection.value(_SOURCES, (wanted,)),
        ),
        languages=tuple(row["language"] for row in connection.rows(_LANGUAGES, (wanted,))),
        muted=muted,
    )


def texts(connection: Connection, story: StoryId) -> Texts:
    """Return what the articles of a story say, and said before."""
    earlier = defaultdict[ArticleId, list[Version]](list)
    for row in connection.rows(_VERSIONS, (story,)):
        earlier[ArticleId(row["article_id"])].append(
            Version(
                title=row["title"],
                text=unpacked_text(row["text"], row["size"]),
                seen=to_time(row["seen"]),
                replaced=to_time(row["replaced"]),
            )
        )
    return Texts(
        current={
            ArticleId(row["id"]): unpacked_text(row["text"], row["size"]) for row in connection.rows(_TEXTS, (story,))
        },
        earlier={id: tuple(versions) for id, versions in earlier.items()},
    )
