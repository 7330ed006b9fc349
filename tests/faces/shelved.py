"""A page that reader apps use: its stories listed by feeds, and an app that asks as the ones people have do."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx

from aggregator.adapters.reader_password import ReaderPassword
from aggregator.adapters.store import SqliteStore
from aggregator.core.words.signature import sign
from aggregator.domain.ids import StoryId
from aggregator.domain.settings import FeedConfig
from aggregator.pipeline.placing import place as put
from tests.builders import article
from tests.faces.eventful import EVENTS, Newsroom
from tests.faces.installed import Place
from tests.faces.paged import Served, paths_of, serving

STATE = "user/-/state/com.google/"
READ, STARRED, ALL, KEPT = (f"{STATE}{name}" for name in ("read", "starred", "reading-list", "kept-unread"))
#: Feeds by the outlets that they belong to; all other outlets have one together.
FEEDS = {
    "northern-wire": FeedConfig(
        url="https://northern-wire.example/feed", name="Northern Wire", tags=("agencies", "world")
    ),
    "metro-pulse": FeedConfig(url="https://metro-pulse.example/feed", name="Metro Pulse", tags=("local",)),
    "": FeedConfig(url="https://others.example/feed", name="Others"),
}
#: Tells the event of the ferry in words of its own.
NEW_TEXT = (
    "The captain of the ferry Halcyon was heard by the coastguard in Sundholm. Fog hid the buoys, he said again, so the ferry ran onto"
    " the sandbank. Passengers whom lifeboats and a helicopter had taken to the harbour of Sundholm want refunds from Larkline."
)


def shelve(place: Place) -> None:
    """Have the feeds list what is stored, and write them to feeds.yaml."""
    place.write(*(f"{{url: '{feed.url}', name: {feed.name}, tags: {list(feed.tags)}}}" for feed in FEEDS.values()))
    with SqliteStore(place.database) as store:
        store.sync_feeds(tuple(FEEDS.values()), timedelta(hours=1), datetime.now(UTC))
        _list(store)


def _list(store: SqliteStore) -> None:
    with store.transaction():
        for name, feed in FEEDS.items():
            sites = "site = ?" if name else "site NOT IN ('northern-wire.example', 'metro-pulse.example') AND '' = ?"
            store._sql.write(
                "INSERT OR IGNORE INTO entry (feed_id, key, article_id, url, digest, first_seen)"
                " SELECT (SELECT id FROM feed WHERE url = ?), url, id, url, x'', first_seen FROM article"
                f" WHERE source_id IN (SELECT id FROM source WHERE {sites})",
                (feed.url, f"{name}.example" if name else ""),
            )


def comes(place: Place, title: str, text: str, *, outlet: str = "eastmoor-post", **more: Any) -> StoryId:
    """Let one more article come; return its story."""
    now = datetime.now(UTC)
    with SqliteStore(place.database) as store:
        made = article(text, title=title, outlet=outlet, dated=now, published=now, language="en", **more)
        signature = sign(made.title, made.text)
        with store.transaction():
            id = store.add_article(made, signature, now)
            put(store, id, signature, dated=now, now=now)
        _list(store)
        return store.stories_of([id])[id]


def reprint(place: Place, event: str = "wire") -> StoryId:
    """Let one more copy of a text come; return its story."""
    return comes(place, f"Again: {EVENTS[event].title}", EVENTS[event].text)


@dataclass(kw_only=True, slots=True)
class App:
    """An app on somebody's phone."""

    served: Served
    password: str
    base: str = "/api/greader.php"
    auth: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def log_in(self) -> None:
        """Show user and password, and keep what comes back."""
        answer = self.served.client.post(
            f"{self.base}/accounts/ClientLogin", data={"Email": "aggregator", "Passwd": self.password}
        )
        assert answer.status_code == 200, answer.text
        lines = dict(line.split("=", 1) for line in answer.text.splitlines())
        self.auth = {"authorization": f"GoogleLogin auth={lines['Auth']}"}
        self.token = self.ask("token").text

    def ask(self, call: str, **values: Any) -> httpx.Response:
        """Ask by GET."""
        return self.served.client.get(f"{self.base}/reader/api/0/{call}", params=values, headers=self.auth)

    def post(self, call: str, form: str | Mapping[str, Any]) -> httpx.Response:
        """Ask by POST; a form that is a text goes as it is, for some apps escape nothing."""
        fields = parse_qs(form, keep_blank_values=True) if isinstance(form, str) else dict(form)
        return self.served.client.post(f"{self.base}/reader/api/0/{call}", data=fields, headers=self.auth)

    def numbers(self, stream: str = ALL, **more: Any) -> list[int]:
        """Return the numbers of a stream."""
        answer = self.ask("stream/items/ids", s=stream, output="json", **{"n": 10000, **more})
        assert answer.status_code == 200, answer.text
        return [int(ref["id"]) for ref in answer.json()["itemRefs"]]

    def unread(self) -> list[int]:
        """Return the numbers that are to be read, as NetNewsWire asks for them."""
        return self.numbers(xt=READ)

    def contents(self, stories: Sequence[int]) -> list[Any]:
        """Return what stories say, as NetNewsWire asks for it."""
        named = "&".join(f"i=tag:google.com,2005:reader/item/{story:x}" for story in stories)
        answer = self.post("stream/items/contents", f"T={self.token}&output=json&{named}")
        assert answer.status_code == 200, answer.text
        told: list[Any] = answer.json()["items"]
        return told

    def mark(self, stories: Sequence[int], change: str) -> None:
        """Change marks, as NetNewsWire does."""
        named = "&".join(f"i={story:016x}" for story in stories)
        answer = self.post("edit-tag", f"T={self.token}&{named}&{change}")
        assert (answer.status_code, answer.text) == (200, "OK")


@dataclass(kw_only=True, slots=True)
class Shelved:
    """Everything that a test of apps needs."""

    place: Place
    room: Newsroom
    app: App


@contextmanager
def shelved(filled: tuple[Path, Newsroom], folder: Path, *, acts: bool = True) -> Iterator[Shelved]:
    """Serve a copy of a database to an app that has logged in; nothing may go wrong in the page."""
    path, room = filled
    place = Place(folder=folder, runtime=folder)
    shutil.copy(path, place.database)
    shelve(place)
    for kept in (place.database, place.config):
        shutil.copy(kept, f"{kept}.first")
    paths = paths_of(folder)
    password = ReaderPassword(paths.reader_password).make()
    with serving(paths, acts=acts) as served:
        app = App(served=served, password=password)
        app.log_in()
        yield Shelved(place=place, room=room, app=app)
        assert served.crashes == []


def put_back(shelved: Shelved) -> None:
    """Let database and feeds be as they were first; the page opens them anew for each request."""
    for kept in (shelved.place.database, shelved.place.config):
        Path(f"{kept}.first").with_name(f"{kept.name}.next").write_bytes(Path(f"{kept}.first").read_bytes())
        for end in ("-wal", "-shm"):
            Path(f"{kept}{end}").unlink(missing_ok=True)
        kept.with_name(f"{kept.name}.next").replace(kept)
