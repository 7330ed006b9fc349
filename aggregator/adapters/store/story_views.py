"""Stories as the faces show them, read in a constant number of statements whatever their number."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.feeds import feed_name
from aggregator.adapters.store.times import to_time, to_time_or_none
from aggregator.core.stories.canonical import COMPLETE
from aggregator.core.stories.evidence import ALONE, RULED, UNTIED, Evidence, Reprint, lineage, speaks, tied
from aggregator.domain.articles import HeldBack
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.marks import Mark, Marks
from aggregator.domain.reading import Counts, StoryArticle, StoryView
from aggregator.domain.stories import Relation

_STORIES = """
    SELECT story.* FROM json_each(?) AS wanted CROSS JOIN story ON story.id = wanted.value ORDER BY wanted.key
"""
_ARTICLES = """
    SELECT article.*, source.name AS source
    FROM json_each(?) AS wanted
    CROSS JOIN article ON article.story_id = wanted.value
    CROSS JOIN source ON source.id = article.source_id
    ORDER BY article.dated, article.id
"""
_LISTINGS = """
    SELECT article.id AS article, feed.name, feed.title, feed.url, feed.tags
    FROM json_each(?) AS wanted
    CROSS JOIN article ON article.story_id = wanted.value
    CROSS JOIN entry ON entry.article_id = article.id
    CROSS JOIN feed ON feed.id = entry.feed_id
    ORDER BY entry.first_seen, entry.id
"""
# All ties within the wanted stories that speak for one story, from either side.
_TIES = """
    WITH member AS (
        SELECT article.id, story_id, copy_of FROM json_each(?) AS wanted
        CROSS JOIN article ON article.story_id = wanted.value
    ),
    tied AS (
        SELECT member.id AS article, other.id AS other, member.copy_of, tie.* FROM member
        CROSS JOIN tie ON a = member.id CROSS JOIN article AS other ON other.id = b AND other.story_id = member.story_id
        UNION ALL
        SELECT member.id, other.id, member.copy_of, tie.* FROM member
        CROSS JOIN tie ON b = member.id CROSS JOIN article AS other ON other.id = a AND other.story_id = member.story_id
    )
    SELECT * FROM tied WHERE relation <> 'template'
"""
_RULED = """
    SELECT a AS article FROM ruling JOIN decision ON decision.id = decision_id AND undone IS NULL
    WHERE verdict = 'together' AND a IN (SELECT value FROM json_each(:articles))
    UNION SELECT b FROM ruling JOIN decision ON decision.id = decision_id AND undone IS NULL
    WHERE verdict = 'together' AND b IN (SELECT value FROM json_each(:articles))
"""
_MARKS = """
    SELECT kind, article_id AS article FROM json_each(?) AS wanted
    CROSS JOIN article ON article.story_id = wanted.value CROSS JOIN mark ON mark.article_id = article.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """Everything that belongs to the wanted stories, by story or by article."""

    articles: Mapping[int, list[sqlite3.Row]]
    by_id: Mapping[int, sqlite3.Row]
    #: Of each article the tie that says best why it is here.
    ties: Mapping[int, sqlite3.Row]
    #: Articles that a reader put together with others.
    ruled: frozenset[int]
    #: Articles by how they are marked.
    marked: Mapping[Mark, set[int]]
    feeds: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    tags: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))


def story_views(connection: Connection, ids: Sequence[int]) -> tuple[StoryView, ...]:
    """Return the stories `ids`, in that order; those that do not exist are left out."""
    wanted = json.dumps(list(ids))
    parts = _parts(connection, wanted)
    return tuple(_view(story, parts) for story in connection.rows(_STORIES, (wanted,)))


def _parts(connection: Connection, wanted: str) -> _Parts:
    articles = defaultdict(list)
    rows = connection.rows(_ARTICLES, (wanted,))
    for row in rows:
        articles[row["story_id"]].append(row)
    ruled = connection.rows(_RULED, {"articles": json.dumps([row["id"] for row in rows])})
    marked: dict[Mark, set[int]] = {mark: set() for mark in Mark}
    for row in connection.rows(_MARKS, (wanted,)):
        marked[Mark(row["kind"])].add(row["article"])
    parts = _Parts(
        articles=articles,
        by_id={row["id"]: row for row in rows},
        ties=_best_ties(connection.rows(_TIES, (wanted,))),
        ruled=frozenset(row["article"] for row in ruled),
        marked=marked,
    )
    tags: dict[str, list[str]] = {}
    for row in connection.rows(_LISTINGS, (wanted,)):
        parts.feeds[row["article"]].append(feed_name(row))
        # Feeds are few and list many articles.
        if row["tags"] not in tags:
            tags[row["tags"]] = json.loads(row["tags"])
        parts.tags[row["article"]].update(tags[row["tags"]])
    return parts


def _best_ties(rows: Iterable[sqlite3.Row]) -> dict[int, sqlite3.Row]:
    """Return of each article its tie with the one it copies, else the strongest: words before events."""

    def strength(row: sqlite3.Row) -> tuple[object, ...]:
        return (row["other"] == row["copy_of"], row["containment"] or 0.0, row["likeness"] or 0.0, -row["other"])

    best: dict[int, sqlite3.Row] = {}
    for row in rows:
        known = best.get(row["article"])
        if known is None or strength(row) > strength(known):
            best[row["article"]] = row
    return best


def _view(story: sqlite3.Row, parts: _Parts) -> StoryView:
    articles = parts.articles[story["id"]]
    canonical = parts.by_id[story["canonical_id"]]
    return StoryView(
        id=StoryId(story["id"]),
        title=canonical["title"],
        url=canonical["url"],
        source=canonical["source"],
        published=to_time_or_none(canonical["published"]),
        first_dated=to_time(story["first_dated"]),
        first_seen=to_time(story["first_seen"]),
        updated=to_time(story["updated"]),
        language=canonical["language"],
        tags=tuple(sorted(set().union(*(parts.tags[row["id"]] for row in articles)))),
        summary=canonical["summary"],
        counts=Counts(articles=story["articles"], texts=story["texts"], sources=story["sources"]),
        sources=_distinct(row["source"] for row in articles),
        articles=tuple(_article(row, story, parts) for row in articles),
        lineage=_lineage(canonical, articles, parts),
        marks=_marks(articles, parts),
    )


def _marks(articles: Sequence[sqlite3.Row], parts: _Parts) -> Marks:
    read = {row["id"]: row["copy_of"] or row["id"] for row in articles if row["id"] in parts.marked[Mark.READ]}
    return Marks(
        starred=any(row["id"] in parts.marked[Mark.STARRED] for row in articles),
        new_articles=len(articles) - len(read),
        new_texts=len({row["copy_of"] or row["id"] for row in articles} - set(read.values())),
        was_read=bool(read),
    )


def _lineage(canonical: sqlite3.Row, articles: Sequence[sqlite3.Row], parts: _Parts) -> str | None:
    """Say which agency's text the story is; the text is that of the canonical article and its copies."""
    copies = [row for row in articles if row["copy_of"] == canonical["id"]]
    # Where an outlet cut the credit off, the others still tell.
    named = Counter(row["agency"] for row in copies if row["agency"] is not None)
    agency = canonical["agency"] or min(named, key=lambda name: (-named[name], name), default=None)
    if agency is None:
        return None
    reprints = [_reprint(row, canonical, parts) for row in (canonical, *copies) if not row["is_original"]]
    return lineage(agency, reprints)


def _reprint(row: sqlite3.Row, canonical: sqlite3.Row, parts: _Parts) -> Reprint:
    tie = parts.ties.get(row["id"])
    if tie is None or tie["relation"] != Relation.COPY:
        return Reprint(outlet=row["source"])
    return Reprint(
        outlet=row["source"],
        jaccard=tie["jaccard"],
        containment=tie["containment"],
        is_longer=row["text_length"] > canonical["text_length"],
    )


def _article(row: sqlite3.Row, story: sqlite3.Row, parts: _Parts) -> StoryArticle:
    return StoryArticle(
        id=ArticleId(row["id"]),
        title=row["title"],
        url=row["url"],
        source=row["source"],
        feeds=_distinct(parts.feeds[row["id"]]),
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
        return _speaks(row, parts.articles[story["id"]])
    tie = parts.ties.get(row["id"])
    if tie is None:
        return RULED if row["id"] in parts.ruled else UNTIED
    other = parts.by_id[tie["other"]]
    later: timedelta = to_time(row["dated"]) - to_time(other["dated"])
    return tied(
        Evidence(
            other=ArticleId(other["id"]),
            relation=Relation(tie["relation"]),
            jaccard=tie["jaccard"] or 0.0,
            containment=tie["containment"] or 0.0,
            shared=tuple(json.loads(tie["shared"])),
            is_longer=row["text_length"] > other["text_length"],
            later=later,
        )
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


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
