"""Fever, as its heirs speak it: one address, and everything by what is asked along."""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from aggregator.adapters.store import StoreReader
from aggregator.bootstrap import utc_now
from aggregator.core.secrecy import without_secrets
from aggregator.domain.ids import StoryId
from aggregator.domain.marks import Mark
from aggregator.domain.streams import StreamedStory, StreamQuery
from aggregator.web.readers.asking import Asked
from aggregator.web.readers.contents import content, link, unmarked
from aggregator.web.readers.google import moment
from aggregator.web.readers.identities import LABEL, Streams, story_number
from aggregator.web.readers.shelf import Shelf

VERSION = 3
#: Stories of one answer, as Fever has it.
_AT_ONCE = 50
#: Seconds.
_COUNT_HOLDS = 60.0
_MARKS = {
    "read": (Mark.READ, True),
    "unread": (Mark.READ, False),
    "saved": (Mark.STARRED, True),
    "unsaved": (Mark.STARRED, False),
}

Part = Callable[[StoreReader, Streams, Asked], Mapping[str, Any]]


class Fever:
    """Answers apps that have shown the digest."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        #: When the stories were last counted, and how many there were.
        self._counted: tuple[float | None, int] = (None, 0)
        #: By what names them in the query; an app may ask for several at once.
        self.parts: Mapping[str, Part] = {
            "groups": self._groups,
            "feeds": self._feeds,
            "favicons": lambda *_: {"favicons": []},
            "items": self._stories,
            "links": lambda *_: {"links": []},
            "unread_item_ids": lambda reader, *_: {
                "unread_item_ids": _numbers(reader, replace(self._shelf.all(), read=False))
            },
            "saved_item_ids": lambda reader, *_: {
                "saved_item_ids": _numbers(reader, replace(self._shelf.all(), starred=True))
            },
        }

    def answer(self, asked: Asked) -> dict[str, Any]:
        """Mark what is to be marked, and return everything that is asked for.

        Raises:
            Refused: something is to be marked and the page only reads.
        """
        answer: dict[str, Any] = {
            "api_version": VERSION,
            "auth": 1,
            "last_refreshed_on_time": int(utc_now().timestamp()),
        }
        with self._shelf.reader() as reader:
            streams = Streams(feeds=reader.subscriptions())
            # Fever's apps post everything, so what a link could do is not done.
            if asked.is_post and asked.all("mark"):
                self._mark(reader, streams, asked)
            for name, part in self.parts.items():
                if asked.all(name):
                    answer.update(part(reader, streams, asked))
        return answer

    def _groups(self, _: StoreReader, streams: Streams, __: Asked) -> Mapping[str, Any]:
        groups = [{"id": tag_number(tag), "title": tag} for tag in streams.tags]
        return {"groups": groups, "feeds_groups": _feeds_groups(streams)}

    def _feeds(self, _: StoreReader, streams: Streams, __: Asked) -> Mapping[str, Any]:
        feeds = [
            {
                "id": feed.id,
                "favicon_id": 0,
                "title": unmarked(feed.name),
                "url": without_secrets(feed.url),
                "site_url": feed.site or "",
                "is_spark": 0,
                "last_updated_on_time": int(feed.last_read.timestamp()) if feed.last_read else 0,
            }
            for feed in streams.feeds
        ]
        return {"feeds": feeds, "feeds_groups": _feeds_groups(streams)}

    def _stories(self, reader: StoreReader, _: Streams, asked: Asked) -> Mapping[str, Any]:
        query = self._shelf.all()
        wanted: Sequence[StoryId]
        if asked.all("with_ids"):
            numbers = (story_number(text) for text in asked.one("with_ids").split(",")[:_AT_ONCE])
            wanted = reader.living(number for number in numbers if number is not None)
        else:
            wanted = reader.streamed(replace(query, **_page(asked)))
        return {
            "total_items": self._total(reader),
            "items": [_story(told) for told in reader.contents(wanted)],
        }

    def _total(self, reader: StoreReader) -> int:
        """Return how many stories there are, as of a minute ago at most: apps draw a bar by it, and ask fifty at a time."""
        counted, total = self._counted
        if counted is None or time.monotonic() - counted > _COUNT_HOLDS:
            total = len(reader.streamed(self._shelf.all()))
            self._counted = time.monotonic(), total
        return total

    def _mark(self, reader: StoreReader, streams: Streams, asked: Asked) -> None:
        """Mark a story, or what of a feed or a tag was there at a time."""
        self._shelf.desk()
        kind, word, id = asked.one("mark"), asked.one("as"), asked.number("id", -1)
        if kind == "item" and word in _MARKS and id > 0:
            mark, holds = _MARKS[word]
            self._shelf.mark(reader.living([StoryId(id)]), mark, holds=holds)
        elif kind in {"feed", "group"} and word == "read":
            until: datetime | None = moment(asked.number("before", 0)) or utc_now()
            for names in _streams_of(streams, kind, id):
                self._shelf.mark_stream(reader, streams, names, until)


def tag_number(tag: str) -> int:
    """Return the number of a tag, for Fever has no other names; the same wherever and whenever, and never nought."""
    return int.from_bytes(hashlib.sha256(tag.encode()).digest()[:4], "big") // 2 + 1


def _page(asked: Asked) -> dict[str, Any]:
    """Return which of all stories are wanted: those after one, those before one, or the newest."""
    after, before = asked.number("since_id", -1), asked.number("max_id", 0)
    if after >= 0:
        return {"limit": _AT_ONCE, "oldest_first": True, "behind": StoryId(after)}
    return {"limit": _AT_ONCE, "behind": StoryId(before) if before > 0 else None}


def _numbers(reader: StoreReader, query: StreamQuery) -> str:
    return ",".join(map(str, reader.streamed(query)))


def _streams_of(streams: Streams, kind: str, id: int) -> Iterable[list[str]]:
    if kind == "feed":
        return [[f"feed/{id}"]]
    if id == 0:
        return [[]]
    return [[f"{LABEL}{tag}"] for tag in streams.tags if tag_number(tag) == id]


def _feeds_groups(streams: Streams) -> list[dict[str, Any]]:
    return [
        {"group_id": tag_number(tag), "feed_ids": ",".join(str(feed.id) for feed in streams.feeds if tag in feed.tags)}
        for tag in streams.tags
    ]


def _story(told: StreamedStory) -> dict[str, Any]:
    story = told.story
    return {
        "id": story.id,
        "feed_id": told.feed or 0,
        "title": unmarked(story.title),
        "author": unmarked(told.author or story.source),
        "html": content(told),
        "url": link(story),
        "is_saved": int(story.marks.starred),
        "is_read": int(story.marks.read),
        "created_on_time": int((story.published or story.first_dated).timestamp()),
    }
