"""What removing old articles asks of the store."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from aggregator.domain.ids import ArticleId, FeedId, StoryId, UrlKey


class PruningStore(Protocol):
    """What goes for its age. Writes need `transaction`."""

    def is_buried(self, feed: FeedId, key: str) -> bool:
        """Tell whether the article that a feed listed under `key` was removed for its age."""

    def was_removed(self, keys: Iterable[UrlKey], *, dated: datetime | None = None) -> bool:
        """Tell whether an article known by any of `keys` was removed for its age; with `dated`, one of about that date."""

    def bury_entry(self, feed: FeedId, key: str, dated: datetime) -> None:
        """Let an entry never be read again: it lists an article that was removed for its age."""

    def newest_date(self) -> datetime | None:
        """Return about the latest date that outlets gave their articles, else that articles have; None without any."""

    def dated_after(self, moment: datetime, limit: int) -> tuple[ArticleId, ...]:
        """Return articles dated after a time, at most `limit`."""

    def date_anew(self, articles: tuple[ArticleId, ...], dated: datetime) -> None:
        """Date articles that a wrong clock had dated, in all places where their dates are kept."""

    def thin(self, before: datetime, limit: int) -> int:
        """Remove keys of articles dated well before a time, at most `limit`; return how many."""

    def prunable(self, before: datetime, limit: int) -> tuple[ArticleId, ...]:
        """Return articles dated before a time that may go, the oldest first, at most `limit`."""

    def take_out(self, articles: Sequence[ArticleId]) -> tuple[StoryId, ...]:
        """Take articles out of their stories, with their ties; return these stories, whose counts are wrong until `apply`."""

    def drop_empty_stories(self, stories: Iterable[StoryId]) -> int:
        """Remove those of `stories` that no article stands in; return how many they were."""

    def remove_articles(self, articles: Sequence[ArticleId]) -> None:
        """Remove articles that stand in no story any more, with all that belongs to them, so that they never come back."""
