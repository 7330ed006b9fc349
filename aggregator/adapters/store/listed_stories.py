"""Stories as lists show them, read in a constant number of statements whatever their number."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aggregator.adapters.store.connection import Connection, listed
from aggregator.adapters.store.times import to_time, to_time_or_none
from aggregator.core.stories.evidence import Reprint, lineage
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.marks import Mark, Marks
from aggregator.domain.reading import Carrier, Counts, ListedStory
from aggregator.domain.stories import Relation

_STORIES = """
    SELECT story.*, title, url, source.name AS source, published, language, summary, image
    FROM json_each(?) AS wanted CROSS JOIN story ON story.id = wanted.value
    CROSS JOIN article ON article.id = canonical_id CROSS JOIN source ON source.id = source_id
    ORDER BY wanted.key
"""
#: What a list needs to know of articles, and nothing more: they are many.
MEMBERS = "article.id, story_id, copy_of, dated, title, url, source.name AS source, agency, is_original, text_length"
_ARTICLES = """
    SELECT {columns} FROM json_each(?) AS wanted CROSS JOIN article ON article.story_id = wanted.value
    CROSS JOIN source ON source.id = article.source_id ORDER BY dated, article.id
"""
_TAGS = """
    SELECT DISTINCT story_id, tags FROM json_each(?) AS wanted CROSS JOIN article ON article.story_id = wanted.value
    CROSS JOIN entry ON entry.article_id = article.id CROSS JOIN feed ON feed.id = feed_id
"""
_MARKS = """
    SELECT kind, article_id FROM json_each(?) AS wanted
    CROSS JOIN article ON article.story_id = wanted.value CROSS JOIN mark ON mark.article_id = article.id
"""
_TIES = """
    SELECT a, b, relation, jaccard, containment, likeness, shared FROM json_each(?) AS wanted
    CROSS JOIN article ON article.story_id = wanted.value CROSS JOIN tie ON a = article.id
    WHERE relation <> 'template'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BestTie:
    """What says best why an article is in its story: its tie with another article there."""

    #: By words before by event, and among equals the article that was there first.
    strength: tuple[bool, float, float, int]
    other: int
    row: sqlite3.Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Everything that a list needs of stories."""

    #: In the order in which they are wanted.
    stories: Sequence[sqlite3.Row]
    #: The articles of each story, in order of time.
    articles: Mapping[int, Sequence[sqlite3.Row]]
    tags: Mapping[int, set[str]]
    marked: Mapping[Mark, set[int]]
    #: By article; of all stories or, in a list, of those whose text is an agency's.
    ties: Mapping[int, BestTie]


def listed_stories(connection: Connection, ids: Sequence[int]) -> tuple[ListedStory, ...]:
    """Return the stories `ids`, in that order; those that do not exist are left out."""
    wanted = read(connection, ids)
    return tuple(ListedStory(**shown(story, wanted)) for story in wanted.stories)


def read(connection: Connection, ids: Iterable[int], columns: str = MEMBERS, *, all_ties: bool = False) -> Wanted:
    """Read the stories `ids`; of their articles `columns`, `MEMBERS` among them."""
    asked = (listed(ids),)
    articles = defaultdict[int, list[sqlite3.Row]](list)
    rows = connection.rows(_ARTICLES.format(columns=columns), asked)
    for row in rows:
        articles[row["story_id"]].append(row)
    marked: dict[Mark, set[int]] = {mark: set() for mark in Mark}
    for kind, article in connection.rows(_MARKS, asked):
        marked[Mark(kind)].add(article)
    tied = asked if all_ties else (listed({row["story_id"] for row in rows if row["agency"] is not None}),)
    return Wanted(
        stories=connection.rows(_STORIES, asked),
        articles=articles,
        tags=_tags(connection.rows(_TAGS, asked)),
        marked=marked,
        ties=_best_ties(connection.rows(_TIES, tied), {row["id"]: row for row in rows}),
    )


def _tags(rows: Iterable[sqlite3.Row]) -> Mapping[int, set[str]]:
    # Feeds are few and list many articles.
    read: dict[str, list[str]] = {}
    tags = defaultdict[int, set[str]](set)
    for story, text in rows:
        if text not in read:
            read[text] = json.loads(text)
        tags[story].update(read[text])
    return tags


def _best_ties(rows: Iterable[sqlite3.Row], articles: Mapping[int, sqlite3.Row]) -> dict[int, BestTie]:
    """Return of each article its tie with the one it copies, else the strongest within its story."""
    best: dict[int, BestTie] = {}
    for row in rows:
        a, b, _, _, containment, likeness, _ = row
        # The other side may be in a story that is not wanted, or in none.
        if b not in articles or articles[a]["story_id"] != articles[b]["story_id"]:
            continue
        for one, other in ((a, b), (b, a)):
            strength = (other == articles[one]["copy_of"], containment or 0.0, likeness or 0.0, -other)
            if one not in best or strength > best[one].strength:
                best[one] = BestTie(strength=strength, other=other, row=row)
    return best


def shown(story: sqlite3.Row, wanted: Wanted) -> dict[str, Any]:
    """Return the fields of a `ListedStory`."""
    articles = wanted.articles[story["id"]]
    firsts: dict[str, sqlite3.Row] = {}
    for row in articles:
        firsts.setdefault(row["source"], row)
    return {
        "id": StoryId(story["id"]),
        "title": story["title"],
        "url": story["url"],
        "source": story["source"],
        "published": to_time_or_none(story["published"]),
        "first_dated": to_time(story["first_dated"]),
        "first_seen": to_time(story["first_seen"]),
        "updated": to_time(story["updated"]),
        "language": story["language"],
        "tags": tuple(sorted(wanted.tags.get(story["id"], ()))),
        "summary": story["summary"],
        "picture": None if story["image"] is None else ArticleId(story["canonical_id"]),
        "counts": Counts(articles=story["articles"], texts=story["texts"], sources=story["sources"]),
        "carriers": tuple(Carrier(source=source, title=row["title"], url=row["url"]) for source, row in firsts.items()),
        "arrivals": tuple([to_time(row["dated"]) for row in articles]),
        "marks": _marks(articles, wanted.marked),
        "lineage": _lineage(story["canonical_id"], articles, wanted.ties),
    }


def _marks(articles: Sequence[sqlite3.Row], marked: Mapping[Mark, set[int]]) -> Marks:
    texts = {row["id"]: row["copy_of"] or row["id"] for row in articles}
    read = texts.keys() & marked[Mark.READ]
    return Marks(
        starred=not marked[Mark.STARRED].isdisjoint(texts),
        new_articles=len(texts) - len(read),
        new_texts=len(set(texts.values()) - {texts[id] for id in read}),
        was_read=bool(read),
    )


def _lineage(canonical_id: int, articles: Sequence[sqlite3.Row], ties: Mapping[int, BestTie]) -> str | None:
    """Say which agency's text the story is; the text is that of the canonical article and its copies."""
    carrying = [row for row in articles if canonical_id in (row["id"], row["copy_of"])]
    # Where an outlet cut the credit off, the others still tell.
    named = Counter(row["agency"] for row in carrying if row["agency"] is not None)
    if not named:
        return None
    canonical = next(row for row in carrying if row["id"] == canonical_id)
    agency = canonical["agency"] or min(named, key=lambda name: (-named[name], name))
    return lineage(agency, [_reprint(row, canonical, ties) for row in carrying if not row["is_original"]])


def _reprint(row: sqlite3.Row, canonical: sqlite3.Row, ties: Mapping[int, BestTie]) -> Reprint:
    tie = ties.get(row["id"])
    if tie is None or tie.row["relation"] != Relation.COPY:
        return Reprint(outlet=row["source"])
    return Reprint(
        outlet=row["source"],
        jaccard=tie.row["jaccard"],
        containment=tie.row["containment"],
        is_longer=row["text_length"] > canonical["text_length"],
    )
