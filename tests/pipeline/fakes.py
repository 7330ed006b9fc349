"""A web made by hand, a clock moved by hand, and a desk that runs the whole line over them with a real store."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar

from aggregator.adapters.store import SqliteStore
from aggregator.adapters.workers import InlineWorkers
from aggregator.core.articles import read_article, read_with_page
from aggregator.core.stories.rules import DEFAULT_RULES
from aggregator.domain.crawling import Budget, Visit
from aggregator.domain.feeds import DueFeed
from aggregator.domain.fetching import Failed, FailureKind, NotModified, Purpose, Request, Response
from aggregator.domain.outcomes import PollOutcome
from aggregator.domain.settings import FeedConfig
from aggregator.pipeline.ports import Workers
from aggregator.pipeline.settling import Settler
from aggregator.pipeline.store_ports import Store
from aggregator.pipeline.update import Updater
from tests.builders import NOON, TEXT

P = ParamSpec("P")
T = TypeVar("T")

Answer = Response | NotModified | Failed | Exception


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, hours: float) -> None:
        """Let so many hours pass."""
        self.now += timedelta(hours=hours)


class Hold:
    """Holds back the answer to one address: tells when it was asked for, and lets go on command."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.release = asyncio.Event()


class HandWeb:
    """A `Fetcher` that answers what the test wrote down; whatever else is asked for is not found.

    Requests for robots.txt are remembered apart; no site has one unless the test says so.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[Request] = []
        self.robots_asked: list[str] = []
        self.delays: list[tuple[str, timedelta]] = []
        self._holds: dict[str, Hold] = {}

    async def fetch(self, request: Request) -> Response | NotModified | Failed:
        """Answer as the test said; an exception in place of an answer is raised, as a bug would be."""
        is_robots = request.purpose is Purpose.ROBOTS
        if is_robots:
            self.robots_asked.append(request.url)
        else:
            self.asked.append(request)
        if hold := self._holds.get(request.url):
            hold.asked.set()
            await hold.release.wait()
        unknown = failure("no such file", FailureKind.NOT_FOUND, status=404) if is_robots else failure("not found")
        answer = self.answers.get(request.url, unknown)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def drain(self) -> tuple[tuple[Visit, ...], tuple[Budget, ...]]:
        """Nothing was asked over a wire, so there is nothing to count."""
        return (), ()

    def slow_down(self, site: str, delay: timedelta) -> None:
        """Remember what was wished."""
        self.delays.append((site, delay))

    def robots(self, origin: str, *lines: str, **more: Any) -> None:
        """Serve a robots.txt of these lines."""
        url = f"{origin}/robots.txt"
        self.answers[url] = Response(url=url, body="\n".join(lines).encode(), content_type="text/plain", **more)

    def feed(self, url: str, *entries: dict[str, Any], title: str = "The Feed", **headers: Any) -> None:
        """Serve a feed with these entries, see `listed`; `headers` are fields of `Response`, as `etag`."""
        document = {"version": "https://jsonfeed.org/version/1.1", "title": title, "items": entries}
        self.answers[url] = Response(url=url, body=json.dumps(document).encode(), content_type=None, **headers)

    def page(self, url: str, text: str, *, head: str = "", ends_at: str | None = None) -> None:
        """Serve a page with this text; `ends_at` is where a redirect leads."""
        self.answers[url] = page(ends_at or url, text, head=head)

    def hold(self, url: str) -> Hold:
        """Hold back the answers to an address until the test lets them go."""
        return self._holds.setdefault(url, Hold())

    def pages_asked(self) -> list[str]:
        """Return the addresses of all pages that were asked for, in order."""
        return [request.url for request in self.asked if request.purpose is Purpose.PAGE]


def page(url: str, text: str, *, head: str = "") -> Response:
    """Return a page with `text` as its only paragraph."""
    body = f"<html><head>{head}</head><body><article><p>{text}</p></article></body></html>"
    return Response(url=url, body=body.encode(), content_type="text/html; charset=utf-8")


def listed(url: str | None, title: str = "A headline", **more: Any) -> dict[str, Any]:
    """Return an entry as a feed lists it: `id`, `summary`, `content_text` and so on come as keywords."""
    return {"title": title} | ({"url": url} if url else {}) | more


def failure(why: str = "no answer", kind: FailureKind = FailureKind.CONNECT, **more: Any) -> Failed:
    """Return a failure as the fetcher would."""
    return Failed(kind=kind, why=why, **more)


class WeakWorkers(InlineWorkers):
    """Workers for which pages that speak of `too_much` are too much, as a parser's hang or crash would be.

    Where they `can_simply` read them, that is the only thing they can.
    """

    def __init__(self, *too_much: str, can_simply: bool = False) -> None:
        self._too_much = too_much
        self._can_simply = can_simply

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T | Failed:
        """Fail when an argument to a reading speaks of what is too much."""
        simply = self._can_simply and kwargs.get("simply")
        is_reading = function in {read_article, read_with_page}
        if is_reading and not simply and any(word in str(args[:2]) for word in self._too_much):
            return failure("the worker died", FailureKind.WORKER)
        return await super().call(function, *args, **kwargs)


class InlineSnapshots:
    """Reads a store where it is: for one in memory there is no other way.

    Things may happen between a plan and what is made of it: `afterwards`.
    """

    def __init__(self, store: SqliteStore, *, afterwards: Callable[[], object] = lambda: None) -> None:
        self._store = store
        self._afterwards = afterwards
        #: What becomes of all calls, where it is set.
        self.failure: Failed | None = None

    async def call(
        self, function: Callable[Concatenate[Store, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T | Failed:
        """Return what `function` returns of the store; in another turn of the loop, as from another process."""
        await asyncio.sleep(0)
        if self.failure is not None:
            return self.failure
        with self._store.transaction():
            return function(self._store, *args, **kwargs)

    async def each(
        self, function: Callable[Concatenate[Store, P], Iterable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Iterator[T] | Failed:
        """Return what `function` returns of the store; afterwards things may happen."""
        answer = await self.call(function, *args, **kwargs)
        self._afterwards()
        return answer if isinstance(answer, Failed) else iter(answer)


class Desk(AbstractContextManager["Desk"]):
    """An updater over a store in memory, the web and the clock. Feeds are due from the start."""

    def __init__(
        self, *feeds: str | FeedConfig, workers: Workers | None = None, store: SqliteStore | None = None
    ) -> None:
        self.clock = HandClock()
        self.web = HandWeb()
        self.store = store or SqliteStore(":memory:")
        config = [FeedConfig(url=feed) if isinstance(feed, str) else feed for feed in feeds]
        self.store.sync_feeds(config, timedelta(hours=1), NOON)
        self.updater: Updater
        self.settler: Settler
        self.snapshots = InlineSnapshots(self.store)
        self._workers = workers or InlineWorkers()
        self._writer = ThreadPoolExecutor(1)
        self._runner = asyncio.Runner()
        self.start()

    def start(self) -> None:
        """Start anew, as after a stop of the program."""
        self.updater = Updater(
            store=self.store,
            writer=self._writer,
            fetcher=self.web,
            workers=self._workers,
            clock=self.clock,
            chance=lambda: 0.0,
        )
        self.settler = Settler(
            store=self.store,
            in_writer=self.updater.in_writer,
            snapshots=self.snapshots,
            clock=self.clock,
            rules=DEFAULT_RULES,
        )

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run what needs an event loop; what hangs fails."""

        async def bounded() -> T:
            async with asyncio.timeout(20):
                return await work

        return self._runner.run(bounded())

    def update(self, *, all_feeds: bool = False) -> dict[str, PollOutcome]:
        """Poll the feeds that are due, or all, and return what became of each by its address."""
        return self.run(self.updating(all_feeds=all_feeds))

    async def updating(self, *, all_feeds: bool = False) -> dict[str, PollOutcome]:
        """Do as `update` does, from within the loop."""
        due = self.store.all_feeds() if all_feeds else self.store.due(self.clock())
        return {outcome.feed.url: outcome async for outcome in self.updater.update(due)}

    def only(self) -> PollOutcome:
        """Poll the only feed, due or not."""
        (outcome,) = self.update(all_feeds=True).values()
        return outcome

    def feed(self, url: str) -> DueFeed:
        """Return a feed with its state."""
        (found,) = (due for due in self.store.all_feeds() if due.feed.url == url)
        return found

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return [tuple(row) for row in self.store._sql.rows(sql)]

    def titles(self) -> list[str]:
        """Return the titles of all articles, in the order in which they were recorded."""
        return [title for (title,) in self.rows("SELECT title FROM article ORDER BY id")]

    def texts(self) -> list[str]:
        """Return the texts of all articles, in the order in which they were recorded."""
        return [text for (text,) in self.rows(f"SELECT {TEXT} FROM body ORDER BY article_id")]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close everything."""
        self._runner.close()
        self._writer.shutdown()
        self.store.close()


async def until(condition: Callable[[], bool]) -> None:
    """Let everything else run until `condition` holds."""
    while not condition():  # noqa: ASYNC110 (what the tests look at has no event; the desk bounds the time)
        await asyncio.sleep(0)
