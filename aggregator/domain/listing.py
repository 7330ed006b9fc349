"""What programs read beside stories: articles by themselves, what changed lately, and what the store counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aggregator.domain.articles import HeldBack, TextFrom
from aggregator.domain.health import Health
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.reading import ListedStory, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePlace:
    """Where an article stands among all, by its date, which never changes, and its number."""

    dated: datetime
    id: ArticleId


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleQuery:
    """Which articles are wanted, the latest first."""

    since: datetime | None = None
    until: datetime | None = None
    language: str | None = None
    #: Part of a source's name or site, compared without case.
    source: str | None = None
    #: Only those that stand after this place.
    after: ArticlePlace | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedArticle:
    """An article by itself."""

    id: ArticleId
    story: StoryId
    title: str
    url: str
    source: str
    published: datetime | None
    dated: datetime
    first_seen: datetime
    #: When its title or text last changed.
    updated: datetime
    author: str | None
    language: str | None
    summary: str
    image: str | None
    agency: str | None
    text_from: TextFrom
    #: How often its title or text changed since it was first seen.
    versions: int
    copy_of: ArticleId | None
    similarity: float | None
    held_back: HeldBack | None

    @property
    def place(self) -> ArticlePlace:
        """Where it stands."""
        return ArticlePlace(dated=self.dated, id=self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadArticle:
    """An article with all that it says."""

    article: ListedArticle
    text: str
    #: What it said before, the earliest first.
    earlier: tuple[Version, ...]
    #: Names of the feeds that list it, the first to do so first.
    feeds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A story, and when it last told something new."""

    story: ListedStory
    #: A new text joined, the article that speaks was edited or brought another headline, or a reader merged it with another.
    #: More copies of what was told before are nothing new.
    told: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the store counts without looking at articles."""

    #: What the feeds list; an article that several list counts for each.
    articles: int
    stories: int
    feeds: Mapping[Health, int]
    #: Feeds that should have been polled by now.
    due: int
    #: Pages that could not be had and will be asked for again.
    missing_pages: int
    last_poll: datetime | None
    #: Of the last 24 hours: requests, those among them for feeds, and answers that asked us to be slower.
    requests: int
    feed_requests: int
    throttled: int
    #: The database and the log of what was written last.
    database_bytes: int
    log_bytes: int
