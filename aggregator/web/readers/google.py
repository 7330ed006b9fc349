"""The Google Reader API, as its heirs speak it: what is read."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from fastapi.responses import Response

from aggregator.adapters.reader_password import USER
from aggregator.adapters.store import StoreReader
from aggregator.bootstrap import utc_now
from aggregator.core.secrecy import without_secrets
from aggregator.domain.ids import StoryId
from aggregator.domain.streams import StreamedStory, StreamQuery, SubscribedFeed
from aggregator.web.readers.asking import Asked, Refused, as_json
from aggregator.web.readers.contents import content, link, unmarked
from aggregator.web.readers.identities import (
    LABEL,
    READ,
    READING_LIST,
    STARRED,
    Streams,
    long_form,
    plain,
    story_number,
)
from aggregator.web.readers.shelf import Shelf

#: Stories of one answer where an app does not say, and at most: of numbers, of contents, of contents by their numbers.
_USUAL, _MOST_NUMBERS, _MOST_CONTENTS, _MOST_NAMED = 20, 10_000, 200, 1_000
#: No story has a number as long.
_DIGITS = 19
_CONTENTS = "stream/contents/"

Answer = Callable[[Asked], Response]


class Reading:
    """Answers what changes nothing."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        #: By the end of their addresses; what is behind `stream/contents/` names a stream.
        self.answers: Mapping[str, Answer] = {
            "user-info": self.reader_of,
            "tag/list": self.tags,
            "subscription/list": self.subscriptions,
            "unread-count": self.unread_count,
            "stream/items/ids": self.numbers,
            "stream/items/contents": self.named_contents,
            _CONTENTS: self.stream_contents,
        }

    def reader_of(self, _: Asked) -> Response:
        """Return who reads."""
        return as_json({"userId": "1", "userName": USER, "userProfileId": "1", "userEmail": ""})

    def tags(self, _: Asked) -> Response:
        """Return the labels that there are."""
        with self._shelf.reader() as reader:
            labels = Streams(feeds=reader.subscriptions()).tags
        return as_json({"tags": [{"id": STARRED}, *({"id": f"{LABEL}{tag}", "type": "folder"} for tag in labels)]})

    def subscriptions(self, _: Asked) -> Response:
        """Return the feeds, each with its tags as categories."""
        with self._shelf.reader() as reader:
            feeds = reader.subscriptions()
        return as_json({"subscriptions": [_subscription(feed) for feed in feeds]})

    def unread_count(self, _: Asked) -> Response:
        """Return how many stories have something to read, of each feed, of each label and altogether."""
        with self._shelf.reader() as reader:
            feeds = reader.subscriptions()
            unread = reader.unread_by_feed(self._shelf.all().since)
        tags = {feed.id: [f"{LABEL}{tag}" for tag in feed.tags] for feed in feeds}
        stories, newest = defaultdict[str, set[StoryId]](set), dict[str, datetime]()
        for one in unread:
            for stream in (f"feed/{one.feed}", READING_LIST, *tags.get(one.feed, ())):
                stories[stream].add(one.story)
                newest[stream] = max(newest.get(stream, one.listed), one.listed)
        counts = [
            {"id": stream, "count": len(found), "newestItemTimestampUsec": str(_microseconds(newest[stream]))}
            for stream, found in stories.items()
        ]
        return as_json({"max": len(stories[READING_LIST]), "unreadcounts": counts})

    def numbers(self, asked: Asked) -> Response:
        """Return the numbers of a stream's stories."""
        with self._shelf.reader() as reader:
            streams = Streams(feeds=reader.subscriptions())
            found, more = self._stories(reader, streams, asked, asked.one("s", READING_LIST), _MOST_NUMBERS)
        return as_json({"itemRefs": [{"id": str(story)} for story in found], **more})

    def stream_contents(self, asked: Asked, stream: str = "") -> Response:
        """Return what a stream's stories say."""
        stream = stream or asked.one("s", READING_LIST)
        with self._shelf.reader() as reader:
            streams = Streams(feeds=reader.subscriptions())
            found, more = self._stories(reader, streams, asked, stream, _MOST_CONTENTS)
            told = reader.contents(found)
        return as_json({**_contents(told, streams, plain(stream)), **more})

    def named_contents(self, asked: Asked) -> Response:
        """Return what the stories named say."""
        numbers = [number for text in asked.all("i") if (number := story_number(text)) is not None]
        if len(numbers) > _MOST_NAMED:
            told = f"ask for {_MOST_NAMED:,} stories at once at most"
            raise Refused(HTTPStatus.BAD_REQUEST, told)
        with self._shelf.reader() as reader:
            streams = Streams(feeds=reader.subscriptions())
            stories = reader.contents(reader.living(numbers))
        return as_json(_contents(stories, streams, READING_LIST))

    def _stories(
        self, reader: StoreReader, streams: Streams, asked: Asked, stream: str, most: int
    ) -> tuple[tuple[StoryId, ...], Mapping[str, str]]:
        """Return the stories of a stream, and where there are more, how to ask for them."""
        query = _query(self._shelf.all(), streams, asked, stream)
        if query is None:
            return (), {}
        wanted = asked.number("n", _USUAL)
        limit = min(wanted, most) if wanted > 0 else _USUAL
        found = reader.streamed(replace(query, limit=limit + 1))
        more = {"continuation": str(found[limit - 1])} if len(found) > limit else {}
        return found[:limit], more


def _query(query: StreamQuery, streams: Streams, asked: Asked, stream: str) -> StreamQuery | None:
    """Return what is asked for; None where nothing can be such."""
    within = streams.within(query, [stream, *asked.all("it")])
    narrowed = within and streams.outside(within, asked.all("xt"))
    if narrowed is None:
        return None
    behind = asked.one("c").strip()
    return replace(
        narrowed,
        changed_since=moment(asked.number("ot", 0)),
        changed_until=moment(asked.number("nt", 0)),
        behind=StoryId(int(behind)) if behind.isdecimal() and len(behind) < _DIGITS else None,
        oldest_first=asked.one("r") == "o",
    )


def moment(stamp: int) -> datetime | None:
    """Read a time in seconds, thousandths or millionths of them since 1970, whichever makes sense; None where none does."""
    for parts in (1, 1_000, 1_000_000):
        if 0 < stamp < 10_000_000_000 * parts:
            return datetime.fromtimestamp(stamp // parts, UTC).replace(microsecond=stamp % parts * 1_000_000 // parts)
    return None


def _subscription(feed: SubscribedFeed) -> dict[str, Any]:
    return {
        "id": f"feed/{feed.id}",
        "title": unmarked(feed.name),
        "categories": [{"id": f"{LABEL}{tag}", "label": tag, "type": "folder"} for tag in feed.tags],
        "url": without_secrets(feed.url),
        "htmlUrl": feed.site or "",
        "iconUrl": "",
    }


def _contents(told: tuple[StreamedStory, ...], streams: Streams, stream: str) -> dict[str, Any]:
    feeds = {feed.id: feed for feed in streams.feeds}
    return {
        "direction": "ltr",
        "id": stream,
        "title": stream.rpartition("/")[2],
        "updated": int(utc_now().timestamp()),
        "items": [_content(one, None if one.feed is None else feeds.get(one.feed)) for one in told],
    }


def _content(told: StreamedStory, feed: SubscribedFeed | None) -> dict[str, Any]:
    story = told.story
    changed = _microseconds(story.updated)
    marks = [READ] * story.marks.read + [STARRED] * story.marks.starred
    origin = {"streamId": f"feed/{told.feed or 0}", "title": unmarked(feed.name if feed else story.source)}
    return {
        "id": long_form(story.id),
        "crawlTimeMsec": str(changed // 1_000),
        "timestampUsec": str(changed),
        "published": int((story.published or story.first_dated).timestamp()),
        "updated": changed // 1_000_000,
        "title": unmarked(story.title),
        "author": unmarked(told.author or story.source),
        "canonical": [{"href": link(story)}],
        "alternate": [{"href": link(story), "type": "text/html"}],
        "summary": {"direction": "ltr", "content": content(told)},
        "categories": [READING_LIST, *marks, *(f"{LABEL}{tag}" for tag in story.tags)],
        "origin": origin | ({"htmlUrl": feed.site} if feed and feed.site else {}),
    }


def _microseconds(time: datetime) -> int:
    return int(time.timestamp()) * 1_000_000 + time.microsecond
