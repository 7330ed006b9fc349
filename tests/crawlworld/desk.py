"""Lives through days of a world: a daemon's work, its restarts and a user's impatience, on a clock that runs fast."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor, Future
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from random import Random
from typing import ParamSpec, TypeVar

from aggregator.adapters.http import HttpFetcher
from aggregator.adapters.store import SqliteStore
from aggregator.adapters.workers import InlineWorkers
from aggregator.core.crawling.schedule import learned_interval
from aggregator.domain.feeds import DueFeed
from aggregator.domain.ids import FeedId
from aggregator.domain.outcomes import PollKind, PollOutcome
from aggregator.domain.settings import FeedConfig, FullText
from aggregator.pipeline.update import Updater
from tests.crawlworld.model import Feed, World, date_at, moment_of
from tests.crawlworld.server import Web
from tests.crawlworld.trust import contexts
from tests.fasttime import FastLoop

P = ParamSpec("P")
T = TypeVar("T")

#: Between two requests to one domain, and to one address.
DELAY = 1.0
_LOOPBACK = (ip_network("127.0.0.0/8"),)
#: The database is asked for due feeds no more and no less often.
_SHORTEST_WAIT, _LONGEST_WAIT = 1.0, 600.0
#: Dates have microseconds, moments have more.
_EXACT = 1e-3
#: How long a stop waits for what is in hand.
_STOP = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What one poll of a feed came to, and what was known of it then."""

    feed: int
    ended: float
    kind: PollKind
    #: As `feeds list` shows it.
    state: str
    next_poll: float
    bug: Exception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A new entry that was stored."""

    feed: int
    published: float
    stored: float
    #: The feed's learned interval when it had last been polled before.
    interval: float


@dataclass(slots=True)
class Diary:
    """What happened at the desk."""

    polls: list[Polled] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)


class Loop(FastLoop):
    """A fast loop that runs for weeks."""

    def jump(self, seconds: float) -> None:
        """Jump by a microsecond at least: late in a long time, less may round to no time at all, and nothing would end."""
        super().jump(max(seconds, 1e-6))


class _AtOnce(Executor):
    """Runs everything at once: a fast clock would have to wait for a thread, and no two lives would be the same."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Return what is done already."""
        done = Future[T]()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  # as an executor does
            done.set_exception(error)
        return done


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some time at the desk."""

    begin: float
    end: float
    #: Which feeds are in feeds.yaml.
    takes: Callable[[Feed], bool] = lambda _: True
    #: When a user updates all feeds.
    updates: Sequence[float] = ()
    is_killed: bool = False


class Desk:
    """A crawler with a database of its own, that can be stopped, killed and started again."""

    def __init__(self, world: World, web: Web, database: Path, loop: FastLoop, trust: ssl.SSLContext) -> None:
        self.diary = Diary()
        self._web = web
        self._database = database
        self._loop = loop
        self._fetcher: HttpFetcher | None = None
        self._trust = trust
        self._feeds = {web.url(feed): feed for feed in world.feeds}

    def now(self) -> float:
        """Return the moment of the world."""
        return moment_of(self._loop.wall())

    @property
    def under_way(self) -> int:
        """Count the requests on the wire."""
        return self._fetcher.under_way if self._fetcher else 0

    @asynccontextmanager
    async def at_work(self, feeds: Sequence[Feed], *, is_killed: bool = False) -> AsyncIterator["Shift"]:
        """Work with `feeds`; when the block ends, wind down or break off as if killed."""
        store = SqliteStore(self._database)
        store.sync_feeds([self._config(feed) for feed in feeds], timedelta(0), self._loop.wall())
        async with HttpFetcher(
            site_delay=timedelta(seconds=DELAY),
            allow_networks=_LOOPBACK,
            clock=self._loop.wall,
            budgets=store.budgets(self._loop.wall()),
            resolve=self._web.resolve,
            ssl_context=self._trust,
        ) as fetcher:
            self._fetcher = fetcher
            shift = Shift(self, store, fetcher, self._loop.wall)
            try:
                yield shift
            finally:
                await shift.end(seconds=0.0 if is_killed else _STOP)
        store.close()

    def _config(self, feed: Feed) -> FeedConfig:
        full_text = FullText.AUTO if feed.teasers else FullText.NEVER
        return FeedConfig(url=self._web.url(feed), full_text=full_text)

    def feed_at(self, url: str) -> Feed:
        """Return the feed of an address."""
        return self._feeds[url]


class Shift:
    """A crawler between its start and its end."""

    def __init__(self, desk: Desk, store: SqliteStore, fetcher: HttpFetcher, wall: Callable[[], datetime]) -> None:
        self._desk = desk
        self._store = store
        self._updater = Updater(
            store=store, writer=_AtOnce(), fetcher=fetcher, workers=InlineWorkers(), clock=wall, chance=Random(3).random
        )
        self._wall = wall
        self._polls: dict[FeedId, asyncio.Task[None]] = {}

    async def work_until(self, end: float) -> None:
        """Poll what is due until a moment, as the daemon does."""
        while (now := self._desk.now()) < end - _EXACT:
            self._begin(await self._updater.in_writer(self._store.due, self._wall()))
            turn = await self._updater.in_writer(self._store.next_due)
            wait = _LONGEST_WAIT if turn is None else moment_of(turn) - now
            await asyncio.sleep(min(max(wait, _SHORTEST_WAIT), _LONGEST_WAIT, max(end - now, 0)))

    async def update_all(self) -> None:
        """Poll all feeds now, as an impatient user does, and wait for the end of it."""
        due = await self._updater.in_writer(self._store.all_feeds)
        self._begin(due)
        await asyncio.gather(*(self._polls[one.feed.id] for one in due if one.feed.id in self._polls))

    async def end(self, *, seconds: float) -> None:
        """Finish what is in hand within so many seconds, and break off the rest."""
        polls = tuple(self._polls.values())
        if polls and seconds:
            self._updater.stop()
            await asyncio.wait(polls, timeout=seconds)
        for poll in polls:
            poll.cancel()
        for poll in polls:
            with suppress(asyncio.CancelledError):
                await poll

    def _begin(self, due: Sequence[DueFeed]) -> None:
        for one in due:
            if one.feed.id not in self._polls:
                self._polls[one.feed.id] = asyncio.create_task(self._poll(one))

    async def _poll(self, due: DueFeed) -> None:
        try:
            async for outcome in self._updater.update([due]):
                await self._note(due, outcome)
        finally:
            del self._polls[due.feed.id]

    async def _note(self, due: DueFeed, outcome: PollOutcome) -> None:
        feed = self._desk.feed_at(due.feed.url)
        state, next_poll = await self._updater.in_writer(self._state, due.feed.id)
        self._desk.diary.polls.append(
            Polled(
                feed=feed.number,
                ended=self._desk.now(),
                kind=outcome.kind,
                state=state,
                next_poll=next_poll,
                bug=outcome.bug,
            )
        )
        if outcome.new and due.state.last_poll is not None:
            interval = learned_interval(due.state, due.state.last_poll).total_seconds()
            for place, stored in await self._updater.in_writer(self._stored, due.feed.id, due.state.last_poll):
                found = Found(feed=feed.number, published=feed.moments[place], stored=stored, interval=interval)
                self._desk.diary.found.append(found)

    def _state(self, feed: FeedId) -> tuple[str, float]:
        row = self._store._sql.rows("SELECT state, next_poll FROM feed WHERE id = ?", (feed,))[0]
        return row["state"], moment_of(datetime.fromisoformat(row["next_poll"]))

    def _stored(self, feed: FeedId, since: datetime) -> list[tuple[int, float]]:
        """Return the numbers of the entries that were stored after a moment, and when they were."""
        rows = self._store._sql.rows(
            "SELECT key, first_seen FROM entry WHERE feed_id = ? ORDER BY id DESC LIMIT 60", (feed,)
        )
        stored = ((int(row["key"].rpartition(":")[2]), datetime.fromisoformat(row["first_seen"])) for row in rows)
        return [(place, moment_of(moment)) for place, moment in stored if moment > since]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What there is to tell of a life: what the servers noted and what the desk did."""

    world: World
    web: Web
    diary: Diary
    #: For real.
    seconds: float


async def _live(world: World, database: Path, loop: FastLoop, shifts: Sequence[Span]) -> Lived:
    started = time.monotonic()
    moving = {feed.other.host for feed in world.feeds if feed.other}
    server_side, client_side = contexts(sorted(moving))
    web = Web(world, now=lambda: moment_of(loop.wall()), tls=server_side)
    async with web.serving():
        desk = Desk(world, web, database, loop, client_side)
        loop.busy_while(lambda: desk.under_way > web.held)
        for span in shifts:
            await asyncio.sleep(max(span.begin - desk.now(), 0))
            feeds = [feed for feed in world.feeds if span.takes(feed)]
            async with desk.at_work(feeds, is_killed=span.is_killed) as shift:
                impatient = asyncio.create_task(_impatient(shift, desk, span.updates))
                await shift.work_until(span.end)
                impatient.cancel()
                with suppress(asyncio.CancelledError):
                    await impatient
    return Lived(world=world, web=web, diary=desk.diary, seconds=time.monotonic() - started)


async def _impatient(shift: Shift, desk: Desk, moments: Sequence[float]) -> None:
    for moment in moments:
        await asyncio.sleep(max(moment - desk.now(), 0))
        await shift.update_all()


def live(world: World, database: Path, spans: Sequence[Span]) -> Lived:
    """Live through `spans` of a world, one after the other."""
    with asyncio.Runner(loop_factory=lambda: Loop(date_at(spans[0].begin))) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, FastLoop)
        return runner.run(_live(world, database, loop, spans))
