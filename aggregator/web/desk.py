"""What a reader asks for through the page: the same that commands do, in the same way."""

from collections.abc import Sequence
from datetime import datetime

from aggregator.bootstrap import open_store, rules_of, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.bootstrap.reading import reading_settings
from aggregator.core.stories.rules import Rules
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.marks import Mark
from aggregator.domain.stories import Decision
from aggregator.pipeline import deciding
from aggregator.pipeline.marking import set_marks
from aggregator.web.feed_desk import FeedDesk


class Desk:
    """Writes for readers; for any thread, as each write opens the database for itself and waits for its turn."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self.feeds = FeedDesk(paths)

    def mark(
        self, stories: Sequence[StoryId], mark: Mark, *, holds: bool = True, until: datetime | None = None
    ) -> tuple[StoryId, ...]:
        """Mark stories, or take the mark away where it no longer `holds`; return the numbers they have now.

        What was first seen after `until` is not read with them: the reader may not have had it.

        Raises:
            UsageError: one of them does not exist; nothing is marked then.
            StoreError: the database cannot be written.
        """
        with open_store(self._paths) as store:
            return set_marks(store, stories, mark, utc_now(), holds=holds, until=until)

    def merge(self, stories: Sequence[StoryId]) -> StoryId:
        """Make one story of several for good; return its number.

        Raises:
            UsageError: there are not two different ones, or one of them does not exist.
            StoreError: the database cannot be written.
        """
        with open_store(self._paths) as store:
            return deciding.merge(store, stories, utc_now(), rules=self._rules())

    def split(self, story: StoryId, articles: Sequence[ArticleId]) -> tuple[StoryId, ...]:
        """Take articles out of a story for good; return the stories that there are afterwards.

        Raises:
            UsageError: there is no such story, an article is not in it, or nothing would be left of it.
            StoreError: the database cannot be written.
        """
        with open_store(self._paths) as store:
            return deciding.split(store, story, articles, utc_now(), rules=self._rules())

    def undo(self, only: int | None = None) -> Decision:
        """Take back the last merge, split or rebuild, or none if that is another than `only`; return what it was.

        Raises:
            UsageError: there is nothing to take back, or something came after it.
            StoreError: the database cannot be written.
        """
        with open_store(self._paths) as store:
            return deciding.undo(store, utc_now(), rules=self._rules(), only=only)

    def last_decision(self) -> Decision | None:
        """Return the last merge, split or rebuild that was not taken back."""
        with open_store(self._paths) as store:
            return store.last_decision()

    def take_back_marks(self, stories: Sequence[StoryId], mark: Mark, since: datetime, until: datetime) -> None:
        """Take away those marks of stories that were made from `since` to `until`.

        Raises:
            StoreError: the database cannot be written.
        """
        with open_store(self._paths) as store, store.transaction():
            store.take_back_marks(stories, mark, since, until)

    def _rules(self) -> Rules:
        return rules_of(reading_settings(self._paths))
