"""Why there is no story to show."""

from enum import Enum, auto

from aggregator.domain.reading import StoryQuery


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


def why_empty(feeds: int, answered: int, query: StoryQuery) -> Empty:
    """Say why `query` found nothing, where there are so many feeds, of which so many were read once."""
    if not feeds:
        return Empty.NO_FEEDS
    if not answered:
        return Empty.NOTHING_READ
    if any((query.tag, query.language, query.source, query.min_sources > 1, query.unread, query.starred, query.muted)):
        return Empty.NOTHING_FITS
    return Empty.NOTHING_YET
