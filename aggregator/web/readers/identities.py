"""How reader apps name stories and streams."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from aggregator.domain.ids import FeedId, StoryId
from aggregator.domain.streams import StreamQuery, SubscribedFeed

STATE, LABEL = "user/-/state/com.google/", "user/-/label/"
READING_LIST, READ, STARRED, KEPT_UNREAD = (
    f"{STATE}{name}" for name in ("reading-list", "read", "starred", "kept-unread")
)
_LONG = "tag:google.com,2005:reader/item/"
_USER = re.compile(r"user/[^/]+/(?=state/com\.google/|label/)")
#: SQLite's largest number; nothing has a larger one.
_LARGEST = 2**63 - 1
#: Digits of a number in the short hexadecimal form.
_HEX = 16


def long_form(story: StoryId) -> str:
    """Return a story's number as contents have it."""
    return f"{_LONG}{story:0{_HEX}x}"


def story_number(text: str) -> StoryId | None:
    """Read a story's number in any of its forms; None where it is none.

    Behind the long prefix, and where there are 16 digits, they are hexadecimal; shorter ones are decimal unless they cannot be.
    """
    digits = text.strip()
    is_long = digits.startswith(_LONG)
    digits = digits.removeprefix(_LONG)
    if not re.fullmatch(r"[0-9a-fA-F]{1,19}", digits):
        return None
    is_hex = is_long or len(digits) == _HEX or not digits.isdecimal()
    number = int(digits, 16 if is_hex else 10)
    return StoryId(number) if 0 < number <= _LARGEST else None


def plain(stream: str) -> str:
    """Return the name of a stream with - for whatever user an app names."""
    return _USER.sub("user/-/", stream.strip(), count=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """The streams that there are: those of the feeds, their tags as labels, and what was read or starred."""

    feeds: Sequence[SubscribedFeed]

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of the feeds, in order of the alphabet."""
        return tuple(sorted({tag for feed in self.feeds for tag in feed.tags}))

    def behind(self, stream: str) -> frozenset[FeedId] | None:
        """Return the feeds of which a stream has the stories; None where it is no stream of feeds."""
        if stream.startswith(LABEL):
            return frozenset(feed.id for feed in self.feeds if stream.removeprefix(LABEL) in feed.tags)
        if stream.startswith("feed/"):
            name = stream.removeprefix("feed/")
            return frozenset(feed.id for feed in self.feeds if name in {str(feed.id), feed.url})
        return None

    def within(self, query: StreamQuery, streams: Iterable[str]) -> StreamQuery | None:
        """Narrow a query to what stands in all of `streams`; None where nothing can."""
        for stream in map(plain, streams):
            if stream == READING_LIST:
                continue
            if stream == STARRED:
                query = replace(query, starred=True)
            elif stream in (READ, KEPT_UNREAD):
                if query.read not in (None, stream == READ):
                    return None
                query = replace(query, read=stream == READ)
            elif feeds := self.behind(stream):
                query = replace(query, feeds=(*query.feeds, feeds))
            else:
                return None
        return query

    def outside(self, query: StreamQuery, streams: Iterable[str]) -> StreamQuery | None:
        """Narrow a query to what stands in none of `streams`; None where nothing can."""
        without: Collection[FeedId] = query.without
        for stream in map(plain, streams):
            if stream == READING_LIST or (stream == STARRED and query.starred):
                return None
            if stream == STARRED:
                query = replace(query, starred=False)
            elif stream in (READ, KEPT_UNREAD):
                if query.read not in (None, stream != READ):
                    return None
                query = replace(query, read=stream != READ)
            else:
                without = {*without, *(self.behind(stream) or ())}
        return replace(query, without=without)
