"""What reader apps ask for: stories as a river that several feeds share."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from aggregator.domain.ids import FeedId, StoryId
from aggregator.domain.reading import ListedStory


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamQuery:
    """Which stories are wanted: those with an article dated at or after `since`, and all that are starred.

    They come by their numbers, the newest first.
    """

    since: datetime
    #: A story must have an article that one of each of these listed since then.
    feeds: tuple[Collection[FeedId], ...] = ()
    #: None of these may have listed any of its articles since then.
    without: Collection[FeedId] = ()
    read: bool | None = None
    starred: bool | None = None
    #: When one of its articles last joined, left or changed: at or after the first, before the second.
    changed_since: datetime | None = None
    changed_until: datetime | None = None
    #: Only those that come behind this one.
    behind: StoryId | None = None
    oldest_first: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedStory:
    """A story with the text of the article that speaks for it."""

    story: ListedStory
    author: str | None
    text: str
    #: The feed that lists that article; where it was taken out, another that lists one of the story's. None: there is none.
    feed: FeedId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribedFeed:
    """A feed of feeds.yaml as reader apps show it."""

    id: FeedId
    #: As feeds.yaml has it; there may be a secret in it.
    url: str
    name: str
    #: The address of the site that it belongs to.
    site: str | None
    tags: tuple[str, ...]
    #: When a document of it last came that was not the same as before.
    last_read: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A story that has something to read, and a feed that listed an article of it."""

    feed: FeedId
    story: StoryId
    #: When that feed last listed one of its articles.
    listed: datetime
