"""The oldest articles, taken out with all that belongs to them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from aggregator.adapters.store.connection import listed
from aggregator.adapters.store.key_tables import KEY_TABLES, SIGNED
from aggregator.adapters.store.times import to_seconds, to_text, to_time
from aggregator.adapters.store.tombstones import TombstoneTables, address_mark, day_of, entry_mark
from aggregator.domain.ids import ArticleId, FeedId, StoryId, UrlKey
from aggregator.domain.keeping import Prunable

# Stories that a reader merged, split or starred stay whole. The last article stays too, whatever its date: SQLite gives the highest
# number again when its row is gone, and decisions name articles by their numbers.
_HELD = """
    SELECT story_id FROM article WHERE story_id IS NOT NULL AND id IN (
        SELECT a FROM ruling JOIN decision ON decision.id = decision_id AND undone IS NULL
        UNION SELECT b FROM ruling JOIN decision ON decision.id = decision_id AND undone IS NULL
        UNION SELECT article_id FROM mark WHERE kind = 'starred')
"""
_OLD = f"""
    FROM article WHERE dated < :before AND id < (SELECT max(id) FROM article)
    AND coalesce(story_id, 0) NOT IN ({_HELD})
"""  # noqa: S608 (constants)
_COUNT = f"""
    SELECT (SELECT count(*) {_OLD}) AS articles,
        (SELECT count(*) FROM story WHERE last_dated < :before AND id NOT IN ({_HELD})
         AND NOT EXISTS (SELECT 1 FROM article WHERE story_id = story.id AND id = (SELECT max(id) FROM article)))
            AS stories,
        (SELECT count(*) FROM article WHERE dated < :before AND story_id IN ({_HELD})) AS kept
"""  # noqa: S608 (constants)
_ENTRIES = """
    SELECT feed_id, entry.key, dated FROM json_each(?) AS going CROSS JOIN entry ON article_id = going.value
    CROSS JOIN article ON article.id = article_id
"""
_ADDRESSES = """
    SELECT url_key, dated FROM json_each(?) AS going CROSS JOIN article_url ON article_id = going.value AND NOT claimed
    CROSS JOIN article ON article.id = article_id
"""
#: In this order: what leans on an article goes before it, and its words while it still has its title.
_DELETE = tuple(
    f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))"  # noqa: S608 (constants)
    for table, column in (
        ("ruling", "a"),
        ("ruling", "b"),
        ("mark", "article_id"),
        ("entry", "article_id"),
        ("article_url", "article_id"),
        ("version", "article_id"),
        ("signature", "article_id"),
        ("body", "article_id"),
        ("article", "id"),
    )
)
_MERGE = "INSERT INTO article_search (article_search, rank) VALUES ('merge', ?)"


class PruningTables(TombstoneTables):
    """Finds and removes what is past its time."""

    def prunable(self, before: datetime, limit: int) -> tuple[ArticleId, ...]:
        """Return articles dated before a time that may go, the oldest first, at most `limit`."""
        rows = self._sql.rows(
            f"SELECT id {_OLD} ORDER BY dated, id LIMIT :limit",
            {"before": to_text(before), "limit": limit},
        )
        return tuple(ArticleId(row["id"]) for row in rows)

    def count_prunable(self, before: datetime) -> Prunable:
        """Return how much is dated before a time."""
        row = self._sql.row(_COUNT, {"before": to_text(before)})
        assert row is not None
        return Prunable(articles=row["articles"], stories=row["stories"], kept=row["kept"])

    def take_out(self, articles: Sequence[ArticleId]) -> tuple[StoryId, ...]:
        """Take articles out of their stories, with their ties; return these stories, whose counts are wrong until `apply`."""
        going = (listed(articles),)
        rows = self._sql.rows(
            "SELECT DISTINCT story_id FROM article WHERE story_id IS NOT NULL AND id IN (SELECT value FROM json_each(?))",
            going,
        )
        self._sql.write("DELETE FROM tie WHERE a IN (SELECT value FROM json_each(?))", going)
        self._sql.write("DELETE FROM tie WHERE b IN (SELECT value FROM json_each(?))", going)
        self._sql.write(
            "UPDATE article SET story_id = NULL, copy_of = NULL, similarity = NULL"
            " WHERE id IN (SELECT value FROM json_each(?))",
            going,
        )
        return tuple(sorted(StoryId(row["story_id"]) for row in rows))

    def drop_empty_stories(self, stories: Iterable[StoryId]) -> int:
        """Remove those of `stories` that no article stands in; return how many they were."""
        return self._sql.write(
            "DELETE FROM story WHERE id IN (SELECT value FROM json_each(?))"
            " AND NOT EXISTS (SELECT 1 FROM article WHERE story_id = story.id)",
            (listed(stories),),
        ).rowcount

    def remove_articles(self, articles: Sequence[ArticleId]) -> None:
        """Remove articles that stand in no story any more, with all that belongs to them, so that they never come back."""
        going = (listed(articles),)
        entries, addresses = self._sql.rows(_ENTRIES, going), self._sql.rows(_ADDRESSES, going)
        self.bury(
            [
                *((entry_mark(FeedId(row["feed_id"]), row["key"]), day_of(to_time(row["dated"]))) for row in entries),
                *((address_mark(UrlKey(row["url_key"])), day_of(to_time(row["dated"]))) for row in addresses),
            ]
        )
        for row in self._sql.rows(SIGNED, going):
            for table in KEY_TABLES:
                table.remove(self._sql, row["article_id"], table.keys_of(row), to_seconds(to_time(row["dated"])))
        for statement in _DELETE:
            self._sql.write(statement, going)
        self._sql.profiles.forget(*articles)

    def tidy_search(self, pages: int, *, begin: bool) -> bool:
        """Write about so many pages of the search index anew, without the words of what was removed; False once it is done.

        FTS5 by itself drops these only when it merges the oldest part of the index, which was seen to double meanwhile.
        """
        with self._sql.joined():
            before = self._sql.raw.total_changes
            # A negative number begins with all parts, a positive one goes on (sqlite.org/fts5.html#the_merge_command).
            self._sql.write(_MERGE, (-pages if begin else pages,))
            return self._sql.raw.total_changes - before > 1
