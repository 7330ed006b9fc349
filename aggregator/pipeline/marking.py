"""Keep what a reader has read and starred."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from aggregator.domain.ids import StoryId
from aggregator.domain.marks import Mark
from aggregator.pipeline.archive_ports import ArchiveStore
from aggregator.pipeline.deciding import living
from aggregator.pipeline.store_ports import ArticleStore


class MarkStore(ArticleStore, ArchiveStore, Protocol):
    """What marking asks of the store. Writes need `transaction`."""

    def mark(self, stories: Sequence[StoryId], mark: Mark, now: datetime, *, until: datetime | None = None) -> None:
        """Mark `stories`: of what is read all articles, or those first seen `until` then, of what is starred the one that speaks."""

    def unmark(self, stories: Sequence[StoryId], mark: Mark) -> None:
        """Take a mark away from all articles of `stories`."""


def set_marks(
    store: MarkStore,
    stories: Sequence[StoryId],
    mark: Mark,
    now: datetime,
    *,
    holds: bool = True,
    until: datetime | None = None,
) -> tuple[StoryId, ...]:
    """Mark stories, or take the mark away where it no longer `holds`; return the numbers they have now.

    What was first seen after `until` is not read with them: the reader may not have had it.

    Raises:
        UsageError: one of them does not exist; nothing is marked then.
    """
    with store.transaction():
        found = tuple(dict.fromkeys(living(store, story) for story in stories))
        if holds:
            store.mark(found, mark, now, until=until)
        else:
            store.unmark(found, mark)
    return found
