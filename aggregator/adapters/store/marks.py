"""The table of marks: what a reader has read and starred."""

from collections.abc import Iterable
from datetime import datetime

from aggregator.adapters.store.connection import Connection, listed
from aggregator.adapters.store.times import to_text
from aggregator.domain.ids import StoryId
from aggregator.domain.marks import Mark

_MARK = {
    Mark.READ: """
        INSERT OR IGNORE INTO mark (kind, article_id, made)
        SELECT 'read', id, :made FROM article
        WHERE story_id IN (SELECT value FROM json_each(:stories)) AND first_seen <= :until
    """,
    Mark.STARRED: """
        INSERT OR IGNORE INTO mark (kind, article_id, made)
        SELECT 'starred', canonical_id, :made FROM story WHERE id IN (SELECT value FROM json_each(:stories))
    """,
}


class MarkTables:
    """Writes marks. They are those of articles, so that they go with these wherever stories are merged or parted."""

    _sql: Connection

    def mark(self, stories: Iterable[StoryId], mark: Mark, now: datetime, *, until: datetime | None = None) -> None:
        """Mark `stories`: of what is read all articles, or those first seen `until` then, of what is starred the one that speaks."""
        # "Z" sorts after every time.
        parameters = {"made": to_text(now), "stories": listed(stories), "until": to_text(until) or "Z"}
        self._sql.write(_MARK[mark], parameters)

    def take_back_marks(self, stories: Iterable[StoryId], mark: Mark, since: datetime, until: datetime) -> None:
        """Take away those marks of `stories` that were made from `since` to `until`; earlier ones stay."""
        self._sql.write(
            "DELETE FROM mark WHERE kind = :kind AND made BETWEEN :since AND :until AND article_id IN"
            " (SELECT id FROM article WHERE story_id IN (SELECT value FROM json_each(:stories)))",
            {"kind": mark.value, "since": to_text(since), "until": to_text(until), "stories": listed(stories)},
        )

    def unmark(self, stories: Iterable[StoryId], mark: Mark) -> None:
        """Take a mark away from all articles of `stories`."""
        self._sql.write(
            "DELETE FROM mark WHERE kind = :kind AND article_id IN"
            " (SELECT id FROM article WHERE story_id IN (SELECT value FROM json_each(:stories)))",
            {"kind": mark.value, "stories": listed(stories)},
        )
