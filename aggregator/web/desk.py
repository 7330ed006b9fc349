"""What a reader asks for through the page: the same that commands do, in the same way."""

from collections.abc import Sequence

from aggregator.bootstrap import Paths, open_store, rules_of, utc_now
from aggregator.bootstrap.reading import reading_settings
from aggregator.core.stories.rules import Rules
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.marks import Mark
from aggregator.domain.stories import Decision
from aggregator.pipeline import deciding
from aggregator.pipeline.marking import set_marks


class Desk:
    """Writes for readers; for any thread, as each write opens the database for itself and waits for its turn."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    def mark(self, stories: Sequence[StoryId], mark: Mark, *, holds: bool = True) -> tuple[StoryId, ...]:
        """Mark stories, or take the mark away where it no longer `holds`; return the numbers they have now.

        Raises:
            UsageError: one of them does not exist; nothing is marked then.
            StoreError: the database cannot be written.
        """
        with open_store(self._paths) as store:
            return set_marks(store, stories, mark, utc_now(), holds=holds)

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

    def undo(self) -> Decision:
        """Take back the last merge, split or rebuild; return what it was.

        Raises:
            UsageError: there is nothing to take back.
            StoreError: the database cannot be written.
        """
        with open_store(self._paths) as store:
            return deciding.undo(store, utc_now(), rules=self._rules())

    def _rules(self) -> Rules:
        return rules_of(reading_settings(self._paths))
