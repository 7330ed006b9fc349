"""Stories with all that is known of their articles, read in a constant number of statements whatever their number."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregator.adapters.store.connection import Connection, listed
from aggregator.adapters.store.feeds import feed_name
from aggregator.adapters.store.listed_stories import MEMBERS, BestTie, Wanted, read, shown
from aggregator.adapters.store.times import to_time, to_time_or_none
from aggregator.core.stories.canonical import COMPLETE
from aggregator.core.stories.evidence import ALONE, RULED, UNTIED, Evidence, speaks, tied
from aggregator.domain.articles import HeldBack
from aggregator.domain.ids import ArticleId
from aggregator.domain.reading import StoryArticle, StoryView
from aggregator.domain.stories import Relation

_DETAILS = f"{MEMBERS}, published, first_seen, author, language, text_from, versions, similarity, held_back"
_LISTINGS = """
    SELECT article.id AS article, feed.name, feed.title, feed.url
    FROM json_each(?) AS wanted
    CROSS JOIN article ON article.story_id = wanted.value
    CROSS JOIN entry ON entry.article_id = article.id
    CROSS JOIN feed ON feed.id = entry.feed_id
    ORDER BY entry.first_seen, entry.id
"""
_RULED = """
    SELECT a AS article FROM ruling JOIN decision ON decision.id = decision_id AND undone IS NULL
    WHERE verdict = 'together' AND a IN (SELECT value FROM json_each(:articles))
    UNION SELECT b FROM ruling JOIN decision ON decision.id = decision_id AND undone IS NULL
    WHERE verdict = 'together' AND b IN (SELECT value FROM json_each(:articles))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What belongs to the articles of the wanted stories, by article."""

    wanted: Wanted
    articles: Mapping[int, sqlite3.Row]
    #: Names of the feeds that list each, the first to do so first.
    feeds: Mapping[int, dict[str, None]]
    #: Those that a reader put together with others.
    ruled: frozenset[int]


def story_views(connection: Connection, ids: Sequence[int]) -> tuple[StoryView, ...]:
    """Return the stories `ids`, in that order; those that do not exist are left out."""
    parts = _parts(connection, ids)
    return tuple(
        StoryView(
            **shown(story, parts.wanted),
            articles=tuple([_article(row, story, parts) for row in parts.wanted.articles[story["id"]]]),
        )
        for story in parts.wanted.stories
    )


def _parts(connection: Connection, ids: Sequence[int]) -> _Parts:
    wanted = read(connection, ids, _DETAILS, all_ties=True)
    articles = {row["id"]: row for rows in wanted.articles.values() for row in rows}
    feeds = defaultdict[int, dict[str, None]](dict)
    for row in connection.rows(_LISTINGS, (listed(ids),)):
        feeds[row["article"]][feed_name(row)] = None
    ruled = connection.rows(_RULED, {"articles": listed(articles)})
    return _Parts(wanted=wanted, articles=articles, feeds=feeds, ruled=frozenset(row["article"] for row in ruled))


def _article(row: sqlite3.Row, story: sqlite3.Row, parts: _Parts) -> StoryArticle:
    return StoryArticle(
        id=ArticleId(row["id"]),
        title=row["title"],
        url=row["url"],
        source=row["source"],
        feeds=tuple(parts.feeds.get(row["id"], ())),
        published=to_time_or_none(row["published"]),
        dated=to_time(row["dated"]),
        first_seen=to_time(row["first_seen"]),
        author=row["author"],
        language=row["language"],
        text_from=row["text_from"],
        versions=row["versions"],
        copy_of=None if row["copy_of"] is None else ArticleId(row["copy_of"]),
        similarity=row["similarity"],
        why=_why(row, story, parts),
        agency=row["agency"],
        held_back=None if row["held_back"] is None else HeldBack(row["held_back"]),
    )


def _why(row: sqlite3.Row, story: sqlite3.Row, parts: _Parts) -> str:
    if story["articles"] == 1:
        return ALONE
    if row["id"] == story["canonical_id"]:
        return _speaks(row, parts.wanted.articles[story["id"]])
    tie = parts.wanted.ties.get(row["id"])
    if tie is None:
        return RULED if row["id"] in parts.ruled else UNTIED
    return tied(_evidence(row, parts.articles[tie.other], tie))


def _evidence(row: sqlite3.Row, other: sqlite3.Row, tie: BestTie) -> Evidence:
    _, _, relation, jaccard, containment, _, shared = tie.row
    return Evidence(
        other=ArticleId(tie.other),
        relation=Relation(relation),
        jaccard=jaccard or 0.0,
        containment=containment or 0.0,
        shared=() if shared == "[]" else tuple(json.loads(shared)),
        is_longer=row["text_length"] > other["text_length"],
        later=to_time(row["dated"]) - to_time(other["dated"]),
    )


def _speaks(canonical: sqlite3.Row, articles: Sequence[sqlite3.Row]) -> str:
    """Say why the canonical article speaks for the articles that carry its text."""
    articles = [row for row in articles if canonical["id"] in {row["id"], row["copy_of"]}]
    longest = max(row["text_length"] for row in articles)
    earliest = min(row["dated"] for row in articles if row["text_length"] >= COMPLETE * longest)
    return speaks(
        is_original=bool(canonical["is_original"]),
        is_earliest=canonical["dated"] == earliest and canonical["text_length"] >= COMPLETE * longest,
        is_fullest=canonical["text_length"] == longest,
    )
