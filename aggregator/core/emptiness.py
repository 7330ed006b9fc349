"""Why there is no story to show."""

from collections.abc import Sequence
from enum import Enum, auto

from aggregator.domain.reading import FeedHealth, StoryQuery


class Empty(Enum):
    """The reasons, the first that holds."""

    #: feeds.yaml lists none, or was not taken up yet.
    NO_FEEDS = auto()
    #: No feed has answered yet.
    NOTHING_READ = auto()
    #: There may be stories, but none of those that were asked for.
    NOTHING_FITS = auto()
    #: None in this time.
    NOTHING_YET = auto()


def why_empty(feeds: Sequence[FeedHealth], query: StoryQuery) -> Empty:
    """Say why `query` found nothing."""
    if not feeds:
        return Empty.NO_FEEDS
    if all(feed.known.last_success is None for feed in feeds):
        return Empty.NOTHING_READ
    if any((query.tag, query.language, query.source, query.min_sources > 1, query.unread, query.starred)):
        return Empty.NOTHING_FITS
    return Empty.NOTHING_YET
