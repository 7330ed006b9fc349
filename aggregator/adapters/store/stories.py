"""The tables of stories: who stands where, who speaks, and where old numbers lead."""

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from aggregator.adapters.store.connection import listed
from aggregator.adapters.store.ties import TieTables
from aggregator.adapters.store.times import to_text, to_time
from aggregator.domain.ids import ArticleId, SourceId, StoryId
from aggregator.domain.stories import Copy, Join, Member, Placement, Story, StoryFacts

_ANY_MEMBER = """
    SELECT id, story_id, url, source_id, dated, text_length, is_original,
        coalesce((SELECT max(weight) FROM entry JOIN feed ON feed.id = feed_id WHERE article_id = article.id), 1.0)
            AS weight
    FROM article
"""
_MEMBER = _ANY_MEMBER + "WHERE id = ?"
_MEMBERS = _ANY_MEMBER + "WHERE story_id IN (SELECT value FROM json_each(?)) ORDER BY id"  # noqa: S608 (constants)
_ADD_STORY = """
    INSERT INTO story (canonical_id, articles, texts, sources, first_dated, last_dated, first_seen, updated)
    VALUES (:canonical_id, :articles, :texts, :sources, :first_dated, :last_dated, :first_seen, :now)
"""
_REVIVE_STORY = """
    INSERT INTO story (id, canonical_id, articles, texts, sources, first_dated, last_dated, first_seen, updated)
    VALUES (:id, :canonical_id, :articles, :texts, :sources, :first_dated, :last_dated, :first_seen, :now)
"""
_CHANGE_STORY = """
    UPDATE story SET canonical_id = :canonical_id, articles = :articles, texts = :texts, sources = :sources,
        first_dated = :first_dated, last_dated = :last_dated, first_seen = :first_seen, updated = :now
    WHERE id = :id
"""
_STORIES_OF = """
    SELECT article.id, story_id FROM json_each(?) AS wanted CROSS JOIN article ON article.id = wanted.value
    WHERE story_id IS NOT NULL
"""
_SIZES = "SELECT story.id, articles FROM json_each(?) AS wanted CROSS JOIN story ON story.id = wanted.value"
_STORED = "SELECT * FROM story WHERE id IN (SELECT value FROM json_each(?))"
_FACTS = """
    SELECT canonical_id, (
        SELECT text_length FROM article
        WHERE story_id = story.id AND (article.id = canonical_id OR copy_of = canonical_id)
        ORDER BY text_length DESC LIMIT 1) AS longest
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
_DROP_EMPTY = """
    DELETE FROM story WHERE id IN (SELECT value FROM json_each(?))
        AND NOT EXISTS (SELECT 1 FROM article WHERE story_id = story.id)
"""
_FORWARD = """
    INSERT INTO merged_story (old_id, story_id) VALUES (?, ?)
    ON CONFLICT (old_id) DO UPDATE SET story_id = excluded.story_id WHERE story_id <> excluded.story_id
"""


class StoryTables(TieTables):
    """Reads and writes stories and ties."""

    def story_of(self, article: ArticleId) -> StoryId | None:
        """The story `article` stands in."""
        story = self._sql.value("SELECT story_id FROM article WHERE id = ?", (article,))
        return None if story is None else StoryId(story)

    def stories_of(self, articles: Iterable[ArticleId]) -> dict[ArticleId, StoryId]:
        """Return the story of each of `articles` that has one."""
        return {
            ArticleId(row["id"]): StoryId(row["story_id"]) for row in self._sql.rows_of(list(articles), _STORIES_OF)
        }

    def sizes_of(self, stories: Iterable[StoryId]) -> dict[StoryId, int]:
        """Return how many articles each of `stories` has, as far as there are such."""
        return {StoryId(row["id"]): row["articles"] for row in self._sql.rows_of(list(stories), _SIZES)}

    def members(self, stories: Iterable[StoryId]) -> tuple[Member, ...]:
        """All articles of `stories`, by id."""
        return tuple(map(_member, self._sql.rows_of(list(stories), _MEMBERS)))

    def member(self, article: ArticleId) -> Member:
        """One article as a member, placed or not.

        Raises:
            LookupError: there is no such article.
        """
        row = self._sql.row(_MEMBER, (article,))
        if row is None:
            raise LookupError(f"no article {article}")
        return _member(row)

    def story_facts(self, story: StoryId) -> StoryFacts:
        """Return what of a story tells whether a copy can simply join it."""
        row = self._sql.row(_FACTS, (story,))
        if row is None:
            raise LookupError(f"no story {story}")
        return StoryFacts(id=story, canonical=self.member(ArticleId(row["canonical_id"])), longest=row["longest"])

    def living_story(self, story: StoryId) -> StoryId | None:
        """Return the story of that number, or the one it was merged into; None if there never was one."""
        living = self._sql.value("SELECT story_id FROM merged_story WHERE old_id = ?", (story,)) or story
        found = self._sql.value("SELECT id FROM story WHERE id = ?", (living,))
        return None if found is None else StoryId(found)

    def stories_since(self, since: datetime | None) -> tuple[StoryId, ...]:
        """Return the stories that have an article dated at or after `since`, all with None; by id."""
        rows = self._sql.rows("SELECT id FROM story WHERE last_dated >= ? ORDER BY id", (to_text(since) or "0",))
        return tuple(StoryId(row["id"]) for row in rows)

    def join(self, join: Join, now: datetime) -> None:
        """Write that an article joins a story as a copy, with its ties; the story's counts and dates follow."""
        copy = join.copy
        self.add_ties(join.ties)
        # Counted before it is in: whether its outlet is new to the story.
        self._sql.write(_JOINED, {"story": join.story, "article": copy.article, "now": to_text(now)})
        self._sql.write(
            "UPDATE article SET story_id = ?, copy_of = ?, similarity = ? WHERE id = ?",
            (join.story, copy.of, copy.similarity, copy.article),
        )

    def apply(self, placement: Placement, now: datetime) -> None:
        """Write new ties, stories, memberships and copies; leave a forwarding from each merged story.

        Rows that would not change are not written. A new story whose articles make up a stored one is that one.
        """
        self.add_ties(placement.ties)
        self.set_events(placement)
        before = self._standing(placement)
        taken = {story.id for story in placement.stories}
        stored = {row["id"]: row for row in self._sql.rows_of(list(filter(None, taken)), _STORED)}
        for story in placement.stories:
            self._write_story(story, before, stored, taken, now)
        self._merge(placement.merged)
        # Those that go on have their members.
        self._drop_empty({row["story_id"] for row in before.values()} - taken - {None})

    def _standing(self, placement: Placement) -> dict[int, sqlite3.Row]:
        """Return how the members stand before they are placed, by id."""
        members = listed(member for story in placement.stories for member in story.members)
        rows = self._sql.rows(
            "SELECT id, story_id, copy_of, similarity, first_seen FROM article"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (members,),
        )
        return {row["id"]: row for row in rows}

    def _write_story(
        self,
        story: Story,
        before: Mapping[int, sqlite3.Row],
        stored: Mapping[int, sqlite3.Row],
        taken: set[StoryId | None],
        now: datetime,
    ) -> None:
        columns = _columns(story, before)
        id = story.id or self._same_story(story, before, taken)
        known = None if id is None else stored.get(id) or self._sql.row("SELECT * FROM story WHERE id = ?", (id,))
        if id is None:
            id = StoryId(self._sql.write(_ADD_STORY, columns | {"now": to_text(now)}).lastrowid or 0)
        elif known is None:
            # A story that had gone into another one comes back under its number.
            if not self._sql.write("DELETE FROM merged_story WHERE old_id = ?", (id,)).rowcount:
                raise LookupError(f"no story {id}")
            self._sql.write(_REVIVE_STORY, columns | {"id": id, "now": to_text(now)})
        taken.add(id)
        moved = _moves(story, id, before)
        self._sql.write_all("UPDATE article SET story_id = ?, copy_of = ?, similarity = ? WHERE id = ?", moved)
        if known is not None and (moved or any(known[column] != value for column, value in columns.items())):
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

    def _drop_empty(self, stories: Collection[StoryId]) -> None:
        if stories:
            self._sql.write(_DROP_EMPTY, (listed(stories),))


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
