"""What the faces read. Opened read-only: it neither waits for a writer nor makes one wait."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from aggregator.adapters.store.article_reads import latest_articles, read_article, sources_like
from aggregator.adapters.store.editions import edition, texts
from aggregator.adapters.store.figures import figures
from aggregator.adapters.store.health_reads import HealthReads
from aggregator.adapters.store.listed_stories import listed_stories
from aggregator.adapters.store.muting import mutable, muted
from aggregator.adapters.store.news_reads import latest_told
from aggregator.adapters.store.opening import open_for_reading
from aggregator.adapters.store.story_views import story_views
from aggregator.adapters.store.streams import StreamReads
from aggregator.adapters.store.times import to_text, to_time
from aggregator.adapters.store.words import CUT, match_expression
from aggregator.core.stories.muting import Hidden, Muting, hidden_by_each
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.listing import ArticleQuery, Figures, ListedArticle, News, ReadArticle
from aggregator.domain.reading import (
    Edition,
    Found,
    ListedStory,
    Material,
    Named,
    SearchHit,
    StoryQuery,
    StoryView,
    Texts,
)
from aggregator.domain.settings import MuteRule

Listed = TypeVar("Listed", bound=ListedStory)

_WANTED = """
    SELECT id, articles, texts, sources, last_dated, updated FROM story
    WHERE sources >= :min_sources
    {conditions}
"""
_MOST_CARRIED = "ORDER BY sources DESC, articles DESC, last_dated DESC, id LIMIT :limit"
_NEWEST = "ORDER BY id DESC LIMIT :limit"
_UPDATED = "ORDER BY updated DESC, id DESC LIMIT :limit"
_DATED = "AND id IN (SELECT story_id FROM article WHERE dated >= :since AND dated < :until AND story_id IS NOT NULL)"
_STARRED = "AND id IN (SELECT story_id FROM mark CROSS JOIN article ON article.id = article_id WHERE kind = 'starred')"
# Some text of it has no article that was read.
_UNREAD = """
    AND EXISTS (
        SELECT coalesce(copy_of, article.id) AS text FROM article
        LEFT JOIN mark ON mark.kind = 'read' AND mark.article_id = article.id
        WHERE story_id = story.id GROUP BY text HAVING count(mark.made) = 0)
"""
# Of the latest ones: a feed is no search.
_SAYING = """
    AND id IN (SELECT story_id FROM article WHERE story_id IS NOT NULL AND id IN (
        SELECT rowid FROM article_search WHERE article_search MATCH :words ORDER BY rowid DESC LIMIT 500))
"""
_IN_LANGUAGE = "AND EXISTS (SELECT 1 FROM article WHERE story_id = story.id AND language = :language)"
_FROM_SOURCE = """
    AND EXISTS (SELECT 1 FROM article WHERE story_id = story.id
                AND source_id IN (SELECT value FROM json_each(:sources)))
"""
# Whether any feed has the tag is asked once, before a look at each story.
_UNDER_TAG = """
    AND EXISTS (SELECT 1 FROM feed AS tagged CROSS JOIN json_each(tagged.tags) AS known WHERE known.value = :tag)
    AND EXISTS (SELECT 1 FROM article CROSS JOIN entry ON entry.article_id = article.id
                CROSS JOIN feed ON feed.id = entry.feed_id CROSS JOIN json_each(feed.tags) AS tag
                WHERE article.story_id = story.id AND tag.value = :tag)
"""
_TAGS = """
    SELECT tag.value AS tag FROM feed CROSS JOIN json_each(feed.tags) AS tag
    WHERE configured GROUP BY tag.value ORDER BY count(*) DESC, tag.value
"""
_SEARCH = """
    SELECT article.id, article.story_id, article.title, article.url, article.dated, source.name AS source,
        snippet(article_search, -1, char(2), char(3), '…', 24) AS snippet
    FROM article_search
    CROSS JOIN article ON article.id = article_search.rowid AND article.story_id IS NOT NULL
    CROSS JOIN source ON source.id = article.source_id
    WHERE article_search MATCH ? ORDER BY rank LIMIT ?
"""


class StoreReader(HealthReads, StreamReads):
    """Reads stories, articles and feeds."""

    def __init__(self, path: Path | str) -> None:
        """Open the database at `path`.

        Raises:
            StoreError: there is none yet, or it is not one of ours, or of another version.
        """
        self._path = Path(path)
        self._sql = open_for_reading(self._path)

    def stories(self, query: StoryQuery) -> tuple[StoryView, ...]:
        """Return the stories asked for, those of the most sources first.

        Language, source and tag ask for a story of which some article has it, that of the day or another.
        """
        with self._snapshot():
            rows, hidden = self._chosen(query)
            return _marked(story_views(self._sql, [row["id"] for row in rows]), hidden)

    def listing(self, query: StoryQuery) -> tuple[ListedStory, ...]:
        """Return what `stories` returns, as a list shows it."""
        with self._snapshot():
            rows, hidden = self._chosen(query)
            return _marked(listed_stories(self._sql, [row["id"] for row in rows]), hidden)

    def edition(self, query: StoryQuery) -> Edition:
        """Return which stories are asked for, in the order of `stories`, without laying them out."""
        with self._snapshot():
            return edition(self._sql, *self._chosen(query))

    def muted(self, query: StoryQuery) -> Mapping[StoryId, MuteRule]:
        """Return the stories that fit but for the query's rules, each with the first that mutes it."""
        with self._snapshot():
            return self._chosen(query)[1]

    def judged(self, stories: tuple[Listed, ...], rules: Sequence[MuteRule]) -> tuple[Listed, ...]:
        """Return stories with the first of the rules that mutes each."""
        with self._snapshot():
            return _marked(stories, muted(self._sql, [story.id for story in stories], rules))

    def hidden(self, query: StoryQuery) -> Hidden:
        """Return what each of the query's rules hides of the stories that fit, those of the most sources first."""
        with self._snapshot():
            sql, parameters = self._wanted(replace(query, limit=None))
            ids = [StoryId(row["id"]) for row in self._sql.rows(sql, parameters)]
            muting = Muting(query.mute)
            return hidden_by_each(muting, mutable(self._sql, ids, muting))

    def newest(self, query: StoryQuery) -> tuple[ListedStory, ...]:
        """Return the stories asked for, the newest number first: those that come later are not in the way of who reads on."""
        with self._snapshot():
            sql, parameters = self._wanted(query, _NEWEST)
            return listed_stories(self._sql, [row["id"] for row in self._sql.rows(sql, parameters)])

    def news(self, query: StoryQuery, limit: int) -> tuple[News, ...]:
        """Return the `limit` stories asked for that last told something new, the latest first."""
        with self._snapshot():
            told = latest_told(self._sql, *self._wanted(query, _UPDATED), limit)
            stories = listed_stories(self._sql, list(told))
        return tuple(News(story=story, told=to_time(told[story.id])) for story in stories)

    def articles(self, query: ArticleQuery) -> tuple[ListedArticle, ...]:
        """Return the articles asked for, the latest first."""
        with self._snapshot():
            return latest_articles(self._sql, query)

    def article(self, id: ArticleId) -> ReadArticle | None:
        """Return an article with its text; None if there is none."""
        with self._snapshot():
            return read_article(self._sql, id)

    def figures(self, now: datetime) -> Figures:
        """Return what is counted."""
        with self._snapshot():
            return figures(self._sql, self._path, now)

    def founded(self) -> datetime:
        """Return when the database was made; copies and restored backups were made when the first one was."""
        made: str = self._sql.value("SELECT min(applied_at) FROM _sqlite_migrations")
        return datetime.fromisoformat(made).astimezone(UTC)

    def listed(self, ids: Sequence[StoryId]) -> tuple[ListedStory, ...]:
        """Return the stories `ids` as a list shows them, in that order; those that are no more are left out."""
        with self._snapshot():
            return listed_stories(self._sql, ids)

    def texts(self, story: StoryId) -> Texts:
        """Return what the articles of a story that lives say, and said before."""
        with self._snapshot():
            return texts(self._sql, story)

    def picture(self, article: ArticleId) -> str | None:
        """Return the address of an article's picture, None where it has none."""
        address: str | None = self._sql.value("SELECT image FROM article WHERE id = ?", (article,))
        return address

    def tags(self) -> tuple[str, ...]:
        """Return the tags of the feeds of feeds.yaml, those of the most feeds first."""
        return tuple(row["tag"] for row in self._sql.rows(_TAGS))

    def story(self, id: StoryId) -> StoryView | None:
        """Return a story, under its old id too when it was merged into another; None if there never was one."""
        with self._snapshot():
            living = self._sql.value("SELECT story_id FROM merged_story WHERE old_id = ?", (id,)) or id
            return next(iter(story_views(self._sql, [living])), None)

    def material(self, names: Sequence[Named]) -> tuple[tuple[Found, ...], Material]:
        """Return what `names` lead to, and all that is known of the stories that these stand in.

        Raises:
            UsageError: one of them leads nowhere.
        """
        from aggregator.adapters.store.explaining import find, material  # noqa: PLC0415 (what writes, which lists are spared)

        with self._snapshot():
            found = tuple(find(self._sql, name) for name in names)
            return found, material(self._sql, {one.story for one in found})

    def search(self, words: str, limit: int) -> tuple[SearchHit, ...]:
        """Return articles that have all of `words`, the best first.

        Words in quotes are a phrase; a * after a word stands for any ending.

        Raises:
            UsageError: there is no word in `words`, or too many.
        """
        return tuple(
            SearchHit(
                article=ArticleId(row["id"]),
                story=StoryId(row["story_id"]),
                title=row["title"],
                url=row["url"],
                source=row["source"],
                dated=to_time(row["dated"]),
                snippet=" ".join(row["snippet"].replace(CUT, "").split()),
            )
            for row in self._sql.rows(_SEARCH, (match_expression(words), limit))
        )

    def counts(self) -> tuple[int, int, int]:
        """Return how many feeds of feeds.yaml, articles and stories there are."""
        row = self._sql.row(
            "SELECT (SELECT count(*) FROM feed WHERE configured), (SELECT count(*) FROM article),"
            " (SELECT count(*) FROM story)"
        )
        assert row is not None
        return row[0], row[1], row[2]

    def close(self) -> None:
        """Close the database."""
        self._sql.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _chosen(self, query: StoryQuery) -> tuple[list[sqlite3.Row], Mapping[StoryId, MuteRule]]:
        """Return rows of the stories that are asked for, and what is muted of those that fit."""
        # What a limit leaves is known only when it is known what is muted.
        sql, parameters = self._wanted(replace(query, limit=None) if query.mute else query)
        rows = self._sql.rows(sql, parameters)
        hidden = muted(self._sql, [row["id"] for row in rows], query.mute)
        return [row for row in rows if (row["id"] in hidden) == query.muted][: query.limit], hidden

    def _wanted(self, query: StoryQuery, order: str = _MOST_CARRIED) -> tuple[str, dict[str, Any]]:
        conditions = [_STARRED] * query.starred + [_UNREAD] * query.unread
        parameters: dict[str, Any] = {
            "min_sources": query.min_sources,
            "limit": -1 if query.limit is None else query.limit,
        }
        if query.since is not None or query.until is not None:
            conditions.append(_DATED)
            # "Z" sorts after every time, nothing before.
            parameters |= {"since": to_text(query.since) or "", "until": to_text(query.until) or "Z"}
        if query.before is not None:
            conditions.append("AND id < :before")
            parameters["before"] = query.before
        if query.words is not None:
            conditions.append(_SAYING)
            parameters["words"] = match_expression(query.words)
        if query.language is not None:
            conditions.append(_IN_LANGUAGE)
            parameters["language"] = query.language
        if query.source is not None:
            conditions.append(_FROM_SOURCE)
            parameters["sources"] = sources_like(self._sql, query.source)
        if query.tag is not None:
            conditions.append(_UNDER_TAG)
            parameters["tag"] = query.tag
        conditions.append(order)
        return _WANTED.format(conditions="\n".join(conditions)), parameters


def _marked(stories: tuple[Listed, ...], hidden: Mapping[StoryId, MuteRule]) -> tuple[Listed, ...]:
    return tuple(replace(story, muted=hidden.get(story.id)) for story in stories) if hidden else stories
