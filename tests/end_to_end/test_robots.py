"""robots.txt over real HTTP: a fetcher, a store and the whole line."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from aggregator.adapters.http import HttpFetcher
from aggregator.adapters.store import SqliteStore
from aggregator.adapters.workers import InlineWorkers
from aggregator.domain.outcomes import PollOutcome
from aggregator.domain.settings import FeedConfig
from aggregator.pipeline.update import Updater
from tests.adapters.loopback import Asked, Server, fetcher, reply, serve
from tests.builders import NOON, hours, words
from tests.pipeline.fakes import HandClock

T = TypeVar("T")

TEXT = words(120)
PAGE = f"<html><body><article><p>{TEXT}</p></article></body></html>".encode()
TEASER = words(12)


@dataclass
class Paper:
    """A site with a feed, pages and a robots.txt that can be out of order."""

    rules: str | None = "User-agent: *\nDisallow: /feed\nDisallow: /closed/\n"
    entries: list[str] = field(default_factory=list)

    async def play(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        """Answer as the site does."""
        writer.write(self._answer(asked.path))

    def _answer(self, path: str) -> bytes:
        if path == "/robots.txt":
            return reply("500 Internal Server Error") if self.rules is None else reply(body=self.rules.encode())
        if path == "/feed":
            entries = [{"url": entry, "title": f"About {entry}", "summary": TEASER} for entry in self.entries]
            feed = {"version": "https://jsonfeed.org/version/1.1", "title": "The Paper", "items": entries}
            return reply(body=json.dumps(feed).encode(), content_type="application/feed+json")
        return reply(body=PAGE, content_type="text/html")


@dataclass
class Line:
    """The whole line over a paper."""

    paper: Paper
    server: Server
    client: HttpFetcher
    store: SqliteStore
    clock: HandClock
    writer: ThreadPoolExecutor

    async def poll(self, *entries: str) -> PollOutcome:
        """Let the paper list `entries`, begin anew as after a restart, and poll its feed."""
        self.paper.entries = [self.server.url(entry) for entry in entries]
        updater = Updater(
            store=self.store, writer=self.writer, fetcher=self.client, workers=InlineWorkers(), clock=self.clock
        )
        (outcome,) = [outcome async for outcome in updater.update(self.store.all_feeds())]
        assert outcome.bug is None
        return outcome

    def asked(self) -> list[str]:
        """Return what was asked for since the last time, but for the feed."""
        paths = [asked.path for asked in self.server.asked if asked.path != "/feed"]
        self.server.asked.clear()
        return paths

    def held(self) -> dict[str, tuple[str, str | None]]:
        """Return where the text of each article is from, and why its page was held back, by path."""
        rows = self.store._sql.rows("SELECT url, text_from, held_back FROM article")
        return {row["url"].removeprefix(self.server.url("")): (row["text_from"], row["held_back"]) for row in rows}


def _living(paper: Paper, use: Callable[[Line], Awaitable[T]]) -> T:
    async def run() -> T:
        clock = HandClock()
        with SqliteStore(":memory:") as store, ThreadPoolExecutor(1) as writer:
            async with serve(paper.play) as server, fetcher(clock=clock) as client:
                store.sync_feeds([FeedConfig(url=server.url("/feed"))], timedelta(hours=1), NOON)
                return await use(
                    Line(paper=paper, server=server, client=client, store=store, clock=clock, writer=writer)
                )

    return asyncio.run(run())


def test_pages_are_fetched_where_robots_txt_lets_us() -> None:
    """The feed is fetched although it is forbidden, the pages only where they are not; the file is asked for once a day."""

    async def use(line: Line) -> None:
        outcome = await line.poll("/open/1", "/closed/1")
        assert (outcome.new, outcome.pages_fetched, outcome.pages_failed) == (2, 1, 0)
        assert line.asked() == ["/robots.txt", "/open/1"]
        assert line.held() == {"/open/1": ("page", None), "/closed/1": ("feed", "robots")}

        line.clock.move(23)
        await line.poll("/open/2", "/closed/2")
        assert line.asked() == ["/open/2"]

        line.clock.move(2)
        line.paper.rules = "User-agent: aggregator\nDisallow: /open/\n"
        await line.poll("/open/3", "/closed/3")
        assert line.asked() == ["/robots.txt", "/closed/3"]

    _living(Paper(), use)


def test_pages_wait_for_a_robots_txt_that_cannot_be_had() -> None:
    """While its server is in trouble no page is fetched; once it is well again, the pages of before are."""

    async def use(line: Line) -> None:
        outcome = await line.poll("/open/1")
        assert (outcome.new, outcome.pages_fetched, outcome.pages_failed) == (1, 0, 0)
        assert line.asked() == ["/robots.txt"]
        assert line.held() == {"/open/1": ("feed", "robots")}

        line.clock.now = hours(0.9)
        await line.poll("/open/1", "/open/2")
        assert line.asked() == []

        line.clock.now = hours(3)
        line.paper.rules = ""
        await line.poll("/open/1", "/open/2", "/open/3")
        assert sorted(line.asked()) == ["/open/1", "/open/2", "/open/3", "/robots.txt"]
        assert set(line.held().values()) == {("page", None)}

    _living(Paper(rules=None), use)
