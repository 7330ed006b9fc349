"""The one room that names concrete things: paths and a Config become a ready store, fetcher, workers and updater.

Each function imports what it opens, for `today` must not pay for what only a daemon needs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aggregator.adapters.http import HttpFetcher
    from aggregator.adapters.store import FeedChanges, SqliteStore, StoreReader
    from aggregator.bootstrap.paths import Paths
    from aggregator.core.stories.rules import Rules
    from aggregator.domain.crawling import Budget
    from aggregator.domain.feeds import DueFeed, ParsedFeed
    from aggregator.domain.fetching import Failed, Response
    from aggregator.domain.settings import Config, Settings
    from aggregator.pipeline.ports import Clock, Snapshots, Workers
    from aggregator.pipeline.settling import Settler
    from aggregator.pipeline.update import Updater
    from aggregator.pipeline.websub import Subscriber

#: A page that takes longer to read than this is given up; measured: gold pages take 12 ms, the worst honest ones 2 s.
WORKER_DEADLINE = timedelta(seconds=20)
#: Imported once, before workers are forked, so that a new worker costs milliseconds and shares this memory.
PRELOAD = ("aggregator.core.feeds.parsing", "aggregator.core.first_article")


def utc_now() -> datetime:
    """Return the time, as every room that needs a clock is handed it."""
    return datetime.now(UTC)


def load_config(paths: Paths) -> Config:
    """Read feeds.yaml.

    Raises:
        FeedsFileError: it cannot be read.
        ConfigError: it has faults; all of them are named.
    """
    from aggregator.adapters.feeds_file import FeedsFile

    return FeedsFile(paths.config).load()


def settings_in(paths: Paths) -> Settings:
    """Return the settings of feeds.yaml, the defaults where there is no such file.

    Raises:
        FeedsFileError: it cannot be read.
        ConfigError: it has faults.
    """
    from aggregator.core.config.checking import default_settings

    return load_config(paths).settings if paths.config.exists() else default_settings()


@contextmanager
def open_reader(paths: Paths) -> Iterator[StoreReader]:
    """Open the database for reading only; a writer is neither waited for nor disturbed."""
    from aggregator.adapters.store import StoreReader

    reader = StoreReader(paths.database)
    try:
        yield reader
    finally:
        reader.close()


@contextmanager
def open_store(paths: Paths) -> Iterator[SqliteStore]:
    """Open a database that exists for writing; a daemon may be at work on it, each write waits for the other's.

    Raises:
        StoreError: there is none yet, or it cannot be used.
    """
    from aggregator.adapters.store import SqliteStore

    # The same complaints as those of reading, before an empty database is made where there is none.
    with open_reader(paths):
        pass
    with SqliteStore(paths.database) as store:
        yield store


@asynccontextmanager
async def fetching(
    settings: Settings, budgets: Iterable[Budget] = (), clock: Clock = utc_now
) -> AsyncIterator[HttpFetcher]:
    """Open a fetcher alone, for commands that look at a feed without a database; `budgets` are those of earlier runs."""
    from aggregator.adapters.http import HttpFetcher

    async with HttpFetcher(clock=clock, budgets=budgets, **_manners(settings)) as fetcher:
        yield fetcher


def _manners(settings: Settings) -> dict[str, Any]:
    """Return what of the settings the fetcher heeds."""
    from aggregator.adapters.http import Limits, user_agent

    seconds = settings.fetch_time.total_seconds()
    return {
        "site_delay": settings.site_delay,
        "allow_networks": settings.allow_networks,
        "user_agent": user_agent(settings.about_url),
        "limits": Limits(feed_bytes=settings.feed_size, page_bytes=settings.page_size, seconds=seconds),
    }


class App:
    """Everything a daemon or an update needs, wired together."""

    def __init__(
        self,
        *,
        store: SqliteStore,
        fetcher: HttpFetcher,
        workers: Workers,
        snapshots: Snapshots,
        rules: Rules,
        clock: Clock = utc_now,
    ) -> None:
        self.store, self.fetcher, self.workers, self.snapshots, self.clock = store, fetcher, workers, snapshots, clock
        from concurrent.futures import ThreadPoolExecutor

        from aggregator.pipeline.settling import Settler
        from aggregator.pipeline.update import Updater
        from aggregator.pipeline.websub import Subscriber

        # One thread is the single writer: whatever changes the database goes through it, one after the other.
        self.writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")
        world: dict[str, Any] = {"store": store, "fetcher": fetcher, "workers": workers, "clock": clock}
        self.updater: Updater = Updater(writer=self.writer, rules=rules, **world)
        entries, in_writer = self.updater.entries, self.updater.in_writer
        self.subscriber: Subscriber = Subscriber(entries=entries, in_writer=in_writer, **world)
        self.updater.pushes = self.subscriber
        self.settler: Settler = Settler(store=store, in_writer=in_writer, snapshots=snapshots, clock=clock, rules=rules)

    async def reload(self, config: Config) -> FeedChanges:
        """Take up a configuration: feeds into the store, manners into the fetcher."""
        settings = config.settings
        self.fetcher.reconfigure(**_manners(settings))
        self.updater.reconfigure(rules=rules_of(settings), max_entries=settings.max_entries)
        self.settler.reconfigure(rules_of(settings))
        return await self.updater.in_writer(self.store.sync_feeds, config.feeds, config.settings.every, self.clock())

    async def due(self, now: datetime) -> tuple[DueFeed, ...]:
        """Return the feeds that are due at `now`."""
        return await self.updater.in_writer(self.store.due, now)

    async def next_due(self) -> datetime | None:
        """Return when the next feed is due; None without feeds."""
        return await self.updater.in_writer(self.store.next_due)

    async def named(self, names: Sequence[str]) -> tuple[DueFeed, ...]:
        """Return the feeds of those names or addresses, all enabled ones when none is named.

        Raises:
            UsageError: a name that no feed has.
        """
        if names:
            return await self.updater.in_writer(self.store.feeds_named, names)
        return await self.updater.in_writer(self.store.all_feeds)

    def stop(self) -> None:
        """Ask the updates in hand to finish their article and end."""
        self.updater.stop()


@asynccontextmanager
async def open_app(
    paths: Paths, config: Config, clock: Clock = utc_now, told: Callable[[int], None] | None = None
) -> AsyncIterator[App]:
    """Open the database, `told` how far bringing it up to date is, and what fills it; close all again, whatever happens."""
    from aggregator.adapters import garbage
    from aggregator.adapters.snapshots import ProcessSnapshots
    from aggregator.adapters.store import SqliteStore
    from aggregator.adapters.workers import ProcessWorkers

    settings = config.settings
    store = SqliteStore(paths.database, told)
    store.heed_clock(clock())
    workers = ProcessWorkers(count=settings.workers, deadline=WORKER_DEADLINE, preload=PRELOAD)
    snapshots = ProcessSnapshots(paths.database, preload=PRELOAD)
    async with fetching(settings, store.budgets(clock()), clock) as fetcher:
        world: dict[str, Any] = {"store": store, "fetcher": fetcher, "workers": workers, "snapshots": snapshots}
        app = App(rules=rules_of(settings), clock=clock, **world)
        try:
            await app.subscriber.load()
            await app.reload(config)
            with garbage.only_in_what_is_new():
                yield app
        finally:
            app.stop()
            await workers.close()
            app.writer.shutdown(wait=True)
            store.close()


def parse(response: Response, settings: Settings) -> ParsedFeed | Failed:
    """Read a feed's document in this process, as far as the settings have it read."""
    from aggregator.core.feeds.parsing import parse_feed as read

    return read(response.body, url=response.url, content_type=response.content_type, max_entries=settings.max_entries)


def rules_of(settings: Settings) -> Rules:
    """Return what of the settings has a say in how stories are made."""
    from aggregator.core.stories.rules import Rules

    return Rules(canonical=settings.canonical, same_event=settings.same_event)
