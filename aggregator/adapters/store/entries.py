"""The tables of entries: which feed lists which article, and which pages are still missing."""

from collections.abc import Sequence
from datetime import datetime

from aggregator.adapters.store.feeds import feed_key
from aggregator.adapters.store.times import to_text, to_time_or_none
from aggregator.adapters.store.tombstones import TombstoneTables
from aggregator.domain.feeds import Entry, EntryToRead
from aggregator.domain.ids import ArticleId, FeedId, UrlKey

_LIST = """
    INSERT INTO entry (feed_id, key, article_id, url, digest, first_seen) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (feed_id, key) DO UPDATE SET article_id = excluded.article_id, url = excluded.url,
        digest = excluded.digest
    WHERE article_id <> excluded.article_id OR url IS NOT excluded.url OR digest <> excluded.digest
"""
_MISSING_PAGES = """
    SELECT entry.key, entry.url, entry.digest, entry.article_id, title, summary, author, published, image, tries
    FROM missing_page JOIN entry ON entry.id = entry_id JOIN article ON article.id = article_id
    WHERE feed_id = ? AND due <= ? ORDER BY due, entry_id LIMIT ?
"""
_MISS_PAGE = """
    INSERT INTO missing_page (entry_id, due, tries) SELECT id, ?, ? FROM entry WHERE feed_id = ? AND key = ?
    ON CONFLICT (entry_id) DO UPDATE SET due = excluded.due, tries = excluded.tries
"""
_FORGET_PAGE = "DELETE FROM missing_page WHERE entry_id = (SELECT id FROM entry WHERE feed_id = ? AND key = ?)"


class EntryTables(TombstoneTables):
    """Reads and writes entries."""

    def unread(self, feed: FeedId, entries: Sequence[Entry]) -> tuple[EntryToRead, ...]:
        """Of `entries`, in their order, those not seen in this feed under their key, or seen with another digest.

        Those whose article was removed for its age count as seen.
        """
        unread = []
        for entry in entries:
            seen = self._sql.row(
                "SELECT article_id, url, digest FROM entry WHERE feed_id = ? AND key = ?", (feed, entry.key)
            )
            if seen is None:
                if not self._is_removed(feed, entry):
                    unread.append(EntryToRead(entry=entry))
            elif seen["digest"] != entry.digest:
                moved = not _same_address(seen["url"], entry.url)
                unread.append(EntryToRead(entry=entry, article=ArticleId(seen["article_id"]), url_changed=moved))
        return tuple(unread)

    def missing_pages(self, feed: FeedId, now: datetime, *, limit: int) -> tuple[EntryToRead, ...]:
        """Return entries whose page is due to be asked for again, as far as the store remembers them; oldest first."""
        rows = self._sql.rows(_MISSING_PAGES, (feed, to_text(now), limit))
        return tuple(
            EntryToRead(
                entry=Entry(
                    key=row["key"],
                    guid=None,
                    url=row["url"],
                    title=row["title"],
                    summary=row["summary"],
                    author=row["author"],
                    published=to_time_or_none(row["published"]),
                    image=row["image"],
                    digest=row["digest"],
                ),
                article=ArticleId(row["article_id"]),
                tries=row["tries"],
            )
            for row in rows
        )

    def miss_page(self, feed: FeedId, key: str, due: datetime | None, tries: int) -> None:
        """Ask for the page of an entry again at `due`, after so many failures; with None, not again."""
        if due is None:
            self._sql.write(_FORGET_PAGE, (feed, key))
        else:
            self._sql.write(_MISS_PAGE, (to_text(due), tries, feed, key))

    def list_entry(self, feed: FeedId, entry: Entry, article: ArticleId, now: datetime) -> None:
        """Record that `feed` lists `article` as `entry`, or that the entry now looks otherwise."""
        self._sql.write(_LIST, (feed, entry.key, article, entry.url, entry.digest, to_text(now)))

    def _is_removed(self, feed: FeedId, entry: Entry) -> bool:
        if self.is_buried(feed, entry.key):
            return True
        return entry.url is not None and entry.url_is_own and self.was_removed((UrlKey(feed_key(entry.url)),))


def _same_address(before: str | None, after: str | None) -> bool:
    if before is None or after is None:
        return before == after
    return before == after or feed_key(before) == feed_key(after)
