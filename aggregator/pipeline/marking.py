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

    def mark(self, stories: Sequence[StoryId], mark: Mark, now: datetime) -> None:
        """Mark `stories`: of what is read all articles, of what is starred the one that speaks for it."""

    def unmark(self, stories: Sequence[StoryId], mark: Mark) -> None:
        """Take a mark away from all articles of `stories`."""


def set_marks(
    store: MarkStore, stories: Sequence[StoryId], mark: Mark, now: datetime, *, holds: bool = True
) -> tuple[StoryId, ...]:
    """Mark stories, or take the mark away where it no longer `holds`; return the numbers they have now.

    Raises:
        UsageError: one of them does not exist; nothing is marked then.
    """
    with store.transaction():
        found = tuple(dict.fromkeys(living(store, story) for story in stories))
        if holds:
            store.mark(found, mark, now)
        else:
            store.unmark(found, mark)
    return found
