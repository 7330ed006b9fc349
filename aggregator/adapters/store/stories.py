"""The tables of stories: who may be alike, who is tied to whom, who stands where."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from aggregator.adapters.store.articles import unpacked
from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.times import to_seconds, to_text, to_time
from aggregator.domain.ids import ArticleId, SourceId, StoryId
from aggregator.domain.stories import Candidate, Copy, Join, Member, Placement, Story, StoryFacts, Tie

_SHARING = "SELECT article_id FROM band WHERE key = ? AND dated BETWEEN ? AND ?"
_SHARING_BEFORE = _SHARING + " ORDER BY dated DESC, article_id DESC LIMIT ?"
_SHARING_AFTER = _SHARING + " ORDER BY dated, article_id LIMIT ?"
_PLACED = """
    SELECT article.id, story_id, coalesce(copy_of, article.id) AS text, dated FROM json_each(?) AS near CROSS JOIN article ON article.id = near.value
    WHERE story_id IS NOT NULL AND dated BETWEEN ? AND ?
"""
_SHINGLES = """
    SELECT article_id, shingles FROM json_each(?) AS best CROSS JOIN signature ON article_id = best.value
"""
_ANY_MEMBER = """
    SELECT id, story_id, url, source_id, dated, text_length, is_original,
        coalesce((SELECT max(weight) FROM entry JOIN feed ON feed.id = feed_id WHERE article_id = article.id), 1.0)
            AS weight
    FROM article
"""
_MEMBER = _ANY_MEMBER + "WHERE id = ?"
_MEMBERS = _ANY_MEMBER + "WHERE story_id IN (SELECT value FROM json_each(?)) ORDER BY id"  # noqa: S608 (constants)
_ADD_TIE = """
    INSERT INTO tie (a, b, jaccard, containment, hours_apart, rule) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (a, b) DO UPDATE SET jaccard = excluded.jaccard, containment = excluded.containment,
        hours_apart = excluded.hours_apart, rule = excluded.rule
    WHERE jaccard <> excluded.jaccard OR containment <> excluded.containment
        OR hours_apart <> excluded.hours_apart OR rule <> excluded.rule
"""
_ADD_STORY = """
    INSERT INTO story (canonical_id, articles, texts, sources, first_dated, last_dated, first_seen, updated)
    VALUES (:canonical_id, :articles, :texts, :sources, :first_dated, :last_dated, :first_seen, :now)
"""
_CHANGE_STORY = """
    UPDATE story SET canonical_id = :canonical_id, articles = :articles, texts = :texts, sources = :sources,
        first_dated = :first_dated, last_dated = :last_dated, first_seen = :first_seen, updated = :now
    WHERE id = :id
"""
_FACTS = """
    SELECT canonical_id, (SELECT max(text_length) FROM article WHERE story_id = story.id) AS longest
    FROM story WHERE id = ?
"""
_JOINED = """
    UPDATE story SET articles = articles + 1, updated = :now,
        sources = sources + NOT EXISTS (
            SELECT 1 FROM article AS other WHERE other.story_id = story.id AND other.source_id = article.source_id),
        first_dated = min(first_dated, article.dated), last_dated = max(last_dated, article.dated),
        first_seen = min(story.first_seen, article.first_seen)
    FROM article WHERE article.id = :article AND story.id = :story
"""
_FORWARD = """
    INSERT INTO merged_story (old_id, story_id) VALUES (?, ?)
    ON CONFLICT (old_id) DO UPDATE SET story_id = excluded.story_id WHERE story_id <> excluded.story_id
"""


class StoryTables:
    """Reads and writes stories and ties."""

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    def candidates(self, article: ArticleId, *, since: datetime, until: datetime, limit: int) -> tuple[Candidate, ...]:
        """Return placed articles that share an LSH band with `article` and are dated in [since, until].

        Most shared bands first, then the nearest in time, then the lowest id; at most `limit`.
        """
        own = self._sql.row(
            "SELECT dated, bands FROM article JOIN signature ON article_id = id WHERE id = ?", (article,)
        )
        if own is None:
            return ()
        middle = to_time(own["dated"])
        span = (to_seconds(since), to_seconds(middle), to_seconds(until))
        shared = Counter(id for key in set(unpacked(own["bands"])) for id in self._sharing(key, span, limit))
        del shared[article]
        placed = self._sql.rows(_PLACED, (_listed(shared), to_text(since), to_text(until)))
        near = [(to_time(row["dated"]), row) for row in placed]
        best = sorted(near, key=lambda one: (-shared[one[1]["id"]], abs(one[0] - middle), one[1]["id"]))[:limit]
        shingles = dict(map(tuple, self._sql.rows(_SHINGLES, (_listed(row["id"] for _, row in best),))))
        return tuple(
            Candidate(
                id=ArticleId(row["id"]),
                story=StoryId(row["story_id"]),
                text=ArticleId(row["text"]),
                dated=dated,
                shingles=shingles[row["id"]],
            )
            for dated, row in best
        )

    def _sharing(self, key: int, span: tuple[int, int, int], limit: int) -> list[int]:
        """Return the articles that have `key`: of very many the nearest in time, on either side.

        So a flood of one text costs no more than `limit` asks for, and without a flood nothing is left out.
        """
        since, middle, until = span
        found = self._sql.rows(_SHARING_AFTER, (key, since, until, 2 * limit + 1))
        if len(found) > 2 * limit:
            found = self._sql.rows(_SHARING_BEFORE, (key, since, middle, limit + 1))
            found += self._sql.rows(_SHARING_AFTER, (key, middle + 1, until, limit))
        return [row["article_id"] for row in found]

    def story_of(self, article: ArticleId) -> StoryId | None:
        """The story `article` stands in."""
        story = self._sql.value("SELECT story_id FROM article WHERE id = ?", (article,))
        return None if story is None else StoryId(story)

    def members(self, stories: Iterable[StoryId]) -> tuple[Member, ...]:
        """All articles of `stories`, by id."""
        rows = self._sql.rows(_MEMBERS, (_listed(stories),))
        return tuple(map(_member, rows))

    def member(self, article: ArticleId) -> Member:
        """One article as a member, placed or not.

        Raises:
            LookupError: there is no such article.
        """
        row = self._sql.row(_MEMBER, (article,))
        if row is None:
            raise LookupError(f"no article {article}")
        return _member(row)

    def ties(self, stories: Iterable[StoryId]) -> tuple[Tie, ...]:
        """All ties between articles of `stories`, by (a, b)."""
        rows = self._sql.rows(
            "SELECT tie.* FROM article AS first CROSS JOIN tie ON a = first.id CROSS JOIN article AS second ON second.id = b"
            " WHERE first.story_id IN (SELECT value FROM json_each(:stories))"
            " AND second.story_id IN (SELECT value FROM json_each(:stories)) ORDER BY a, b",
            {"stories": _listed(stories)},
        )
        return tuple(
            Tie(
                a=ArticleId(row["a"]),
                b=ArticleId(row["b"]),
                jaccard=row["jaccard"],
                containment=row["containment"],
                hours_apart=row["hours_apart"],
                rule=row["rule"],
            )
            for row in rows
        )

    def story_facts(self, story: StoryId) -> StoryFacts:
        """Return what of a story tells whether a copy can simply join it."""
        row = self._sql.row(_FACTS, (story,))
        if row is None:
            raise LookupError(f"no story {story}")
        return StoryFacts(id=story, canonical=self.member(ArticleId(row["canonical_id"])), longest=row["longest"])

    def join(self, join: Join, now: datetime) -> None:
        """Write that an article joins a story as a copy, with its ties; the story's counts and dates follow."""
        copy = join.copy
        self._add_ties(join.ties)
        # Counted before it is in: whether its outlet is new to the story.
        self._sql.write(_JOINED, {"story": join.story, "article": copy.article, "now": to_text(now)})
        self._sql.write(
            "UPDATE article SET story_id = ?, copy_of = ?, similarity = ? WHERE id = ?",
            (join.story, copy.of, copy.similarity, copy.article),
        )

    def _add_ties(self, ties: Iterable[Tie]) -> None:
        self._sql.write_all(
            _ADD_TIE, [(tie.a, tie.b, tie.jaccard, tie.containment, tie.hours_apart, tie.rule) for tie in ties]
        )

    def placed(self) -> Iterator[tuple[ArticleId, StoryId, ArticleId | None]]:
        """Every article with its story and the article it copies, by id."""
        for row in self._sql.rows("SELECT id, story_id, copy_of FROM article WHERE story_id IS NOT NULL ORDER BY id"):
            copy_of = None if row["copy_of"] is None else ArticleId(row["copy_of"])
            yield ArticleId(row["id"]), StoryId(row["story_id"]), copy_of

    def apply(self, placement: Placement, now: datetime) -> None:
        """Write new ties, stories, memberships and copies; leave a forwarding from each merged story.

        Rows that would not change are not written. A new story whose articles make up a stored one is that one.
        """
        self._add_ties(placement.ties)
        before = self._standing(placement)
        taken = {story.id for story in placement.stories}
        for story in placement.stories:
            self._write_story(story, before, taken, now)
        self._merge(placement.merged)
        self._drop_empty({row["story_id"] for row in before.values()} | taken)

    def _standing(self, placement: Placement) -> dict[int, sqlite3.Row]:
        """Return how the members stand before they are placed, by id."""
        members = _listed(member for story in placement.stories for member in story.members)
        rows = self._sql.rows(
            "SELECT id, story_id, copy_of, similarity, first_seen FROM article"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (members,),
        )
        return {row["id"]: row for row in rows}

    def _write_story(
        self, story: Story, before: Mapping[int, sqlite3.Row], taken: set[StoryId | None], now: datetime
    ) -> None:
        columns = _columns(story, before)
        id = story.id or self._same_story(story, before, taken)
        if id is None:
            id = StoryId(self._sql.write(_ADD_STORY, columns | {"now": to_text(now)}).lastrowid or 0)
        taken.add(id)
        stored = self._sql.row("SELECT * FROM story WHERE id = ?", (id,))
        if stored is None:
            raise LookupError(f"no story {id}")
        moved = _moves(story, id, before)
        self._sql.write_all("UPDATE article SET story_id = ?, copy_of = ?, similarity = ? WHERE id = ?", moved)
        if moved or any(stored[column] != value for column, value in columns.items()):
            self._sql.write(_CHANGE_STORY, columns | {"id": id, "now": to_text(now)})

    def _same_story(
        self, story: Story, before: Mapping[int, sqlite3.Row], taken: set[StoryId | None]
    ) -> StoryId | None:
        """Return the stored story that has exactly the members of `story`, unless it goes on otherwise."""
        found = {before[member]["story_id"] for member in story.members}
        id = found.pop()
        if id is None or found or id in taken:
            return None
        count = self._sql.value("SELECT count(*) FROM article WHERE story_id = ?", (id,))
        return StoryId(id) if count == len(story.members) else None

    def _merge(self, merged: Iterable[tuple[StoryId, StoryId]]) -> None:
        into = dict(merged)
        for old, taker in into.items():
            living = taker
            while living in into:
                living = into[living]
            # Those that were led to the old story are led straight to the living one.
            self._sql.write("UPDATE merged_story SET story_id = ? WHERE story_id = ?", (living, old))
            self._sql.write(_FORWARD, (old, living))

    def _drop_empty(self, stories: Iterable[StoryId | None]) -> None:
        self._sql.write(
            "DELETE FROM story WHERE id IN (SELECT value FROM json_each(?))"
            " AND NOT EXISTS (SELECT 1 FROM article WHERE story_id = story.id)",
            (_listed(story for story in stories if story is not None),),
        )


def _columns(story: Story, before: Mapping[int, sqlite3.Row]) -> dict[str, Any]:
    return {
        "canonical_id": story.canonical,
        "articles": len(story.members),
        "texts": story.texts,
        "sources": story.sources,
        "first_dated": to_text(story.first_dated),
        "last_dated": to_text(story.last_dated),
        "first_seen": min(before[member]["first_seen"] for member in story.members),
    }


def _moves(story: Story, id: StoryId, before: Mapping[int, sqlite3.Row]) -> list[tuple[Any, ...]]:
    """Return (story, copy of, similarity, article) for each member that does not stand so already."""
    copies: dict[ArticleId, Copy] = {copy.article: copy for copy in story.copies}
    moves = []
    for member in story.members:
        copy = copies.get(member)
        wanted = (id, copy.of, copy.similarity) if copy else (id, None, None)
        row = before[member]
        if wanted != (row["story_id"], row["copy_of"], row["similarity"]):
            moves.append((*wanted, member))
    return moves


def _listed(ids: Iterable[int]) -> str:
    return json.dumps(list(ids))


def _member(row: sqlite3.Row) -> Member:
    return Member(
        id=ArticleId(row["id"]),
        story=None if row["story_id"] is None else StoryId(row["story_id"]),
        url=row["url"],
        source=SourceId(row["source_id"]),
        dated=to_time(row["dated"]),
        length=row["text_length"],
        is_original=bool(row["is_original"]),
        weight=row["weight"],
    )
