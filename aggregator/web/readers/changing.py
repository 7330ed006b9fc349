"""The Google Reader API, as its heirs speak it: what is changed."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from fastapi.responses import Response

from aggregator.bootstrap import utc_now
from aggregator.core.secrecy import without_secrets
from aggregator.domain.ids import FeedId, StoryId
from aggregator.domain.marks import Mark
from aggregator.web.readers.asking import Asked, Refused, as_json, plainly
from aggregator.web.readers.google import Answer, moment
from aggregator.web.readers.identities import (
    KEPT_UNREAD,
    LABEL,
    READ,
    READING_LIST,
    STARRED,
    Streams,
    plain,
    story_number,
)
from aggregator.web.readers.shelf import Shelf
from aggregator.web.readers.subscribing import Subscribing

#: What each state says of a story that gets it; whoever loses it is told the contrary.
_MARKS = {READ: (Mark.READ, True), KEPT_UNREAD: (Mark.READ, False), STARRED: (Mark.STARRED, True)}
_NO_LABELS = "the labels of a story are the tags of its feeds: change them in feeds.yaml"


class Changing:
    """Answers what marks stories or changes feeds. Where the page only reads, all of it is refused."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._feeds = Subscribing(shelf.paths)
        #: By the end of their addresses.
        self.answers: Mapping[str, Answer] = {
            "edit-tag": self.mark,
            "mark-all-as-read": self.mark_all,
            "subscription/edit": self.edit_subscription,
            "subscription/quickadd": self.quick_add,
            "subscription/import": self.take_in,
            "rename-tag": self.refuse_labels,
            "disable-tag": self.refuse_labels,
        }

    def mark(self, asked: Asked) -> Response:
        """Mark stories as read or starred, or take that away; those that are no more are passed over."""
        wanted = [_meant(tag, added=True) for tag in asked.all("a")]
        wanted += [_meant(tag, added=False) for tag in asked.all("r")]
        numbers = [number for text in asked.all("i") if (number := story_number(text)) is not None]
        stories = self._living(numbers)
        for meant in wanted:
            if meant is not None:
                self._shelf.mark(stories, meant[0], holds=meant[1])
        return plainly("OK")

    def mark_all(self, asked: Asked) -> Response:
        """Mark the stories of a stream as read, as far as they were told by then."""
        until = moment(asked.number("ts", 0)) or utc_now()
        with self._shelf.reader() as reader:
            streams = Streams(feeds=reader.subscriptions())
            self._shelf.mark_stream(reader, streams, asked.all("s") or [READING_LIST], until)
        return plainly("OK")

    def edit_subscription(self, asked: Asked) -> Response:
        """Add or remove feeds; their names and tags stay as they are."""
        action = asked.one("ac")
        names = [name.strip().removeprefix("feed/") for name in asked.all("s")]
        if not names or action not in {"subscribe", "unsubscribe", "edit"}:
            raise Refused(HTTPStatus.BAD_REQUEST, "s is to name feeds, and ac to be subscribe, unsubscribe or edit")
        if action == "edit":
            raise Refused(HTTPStatus.BAD_REQUEST, "names and tags of feeds are changed in feeds.yaml only")
        for name in names:
            if action == "unsubscribe":
                self._feeds.remove(self._url_of(name))
            else:
                self._feeds.add(name, name=asked.one("t"), tags=_labels(asked.all("a")))
        return plainly("OK")

    def quick_add(self, asked: Asked) -> Response:
        """Add a feed by its own address; a site's is not looked at, for the page does not fetch."""
        query = asked.one("quickadd").strip()
        url = self._feeds.add(query.removeprefix("feed/"))
        with self._shelf.reader() as reader:
            added = next(feed for feed in reader.subscriptions() if feed.url == url)
        shown = without_secrets(added.name)
        return as_json({"query": query, "numResults": 1, "streamId": f"feed/{added.id}", "streamName": shown})

    def take_in(self, asked: Asked) -> Response:
        """Add the feeds of an OPML file."""
        return plainly(f"OK: {self._feeds.take_in(asked.body)}")

    def refuse_labels(self, _: Asked) -> Response:
        """Say where tags are changed."""
        raise Refused(HTTPStatus.BAD_REQUEST, _NO_LABELS)

    def _living(self, numbers: Iterable[StoryId]) -> tuple[StoryId, ...]:
        with self._shelf.reader() as reader:
            return reader.living(numbers)

    def _url_of(self, name: str) -> str:
        if not name.isdecimal():
            return name
        with self._shelf.reader() as reader:
            found = next((feed.url for feed in reader.subscriptions() if feed.id == FeedId(int(name[:20]))), None)
        if found is None:
            raise Refused(HTTPStatus.NOT_FOUND, f"there is no feed {name}")
        return found


def _meant(tag: str, *, added: bool) -> tuple[Mark, bool] | None:
    """Return which mark is meant and whether it is to hold; None for what other servers know, and nothing follows from."""
    tag = plain(tag)
    if tag.startswith(LABEL):
        raise Refused(HTTPStatus.BAD_REQUEST, _NO_LABELS)
    if tag not in _MARKS:
        return None
    mark, holds = _MARKS[tag]
    return mark, holds == added


def _labels(names: Iterable[str]) -> list[str]:
    return [plain(name).removeprefix(LABEL) for name in names if plain(name).startswith(LABEL)]
