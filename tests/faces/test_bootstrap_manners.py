"""What an opened app tells its fetcher of sites and of us."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.adapters.store import SqliteStore
from aggregator.bootstrap import App, load_config, open_app, utc_now
from aggregator.bootstrap.paths import find_paths
from aggregator.domain.crawling import Budget
from aggregator.domain.fetching import FailureKind
from tests.adapters.loopback import Answer, failed, feed, good, reply, serve

T = TypeVar("T")

SETTINGS = "settings:\n  site_delay: 0s\n  allow_networks: ['127.0.0.0/8']\n  workers: 1\n  about_url: https://me.example/{about}\nfeeds: []\n"


def opened(folder: Path, use: Callable[[App], Awaitable[T]], *budgets: Budget) -> T:
    """Run `use` with an app whose store knows `budgets` from an earlier run."""
    config = folder / "feeds.yaml"
    config.write_text(SETTINGS.format(about="bot"))
    paths = find_paths(config, folder / "news.db", {"HOME": str(folder)})
    with SqliteStore(paths.database) as store:
        store.record_visits([], budgets)

    async def run() -> T:
        async with open_app(paths, load_config(paths)) as app:
            return await use(app)

    return asyncio.run(run())


def test_an_app_keeps_what_an_earlier_one_owed(tmp_path: Path) -> None:
    """A site that asked for rest before a restart is not asked after it."""
    until = utc_now() + timedelta(hours=1)
    owed = Budget(key="site.example", delay=timedelta(0), rest_until=until, last=utc_now())

    async def use(app: App) -> Answer:
        return await app.fetcher.fetch(feed("https://www.site.example/feed"))

    assert failed(opened(tmp_path, use, owed), FailureKind.RESTING).retry_at == until


def test_an_app_heeds_a_clock_that_was_set_back(tmp_path: Path) -> None:
    """What an earlier run owed a site, by a clock a month ahead, lasts as long as it would have."""
    last = utc_now() + timedelta(days=30)
    owed = Budget(key="site.example", delay=timedelta(0), rest_until=last + timedelta(hours=1), last=last)

    async def use(app: App) -> Answer:
        return await app.fetcher.fetch(feed("https://www.site.example/feed"))

    until = failed(opened(tmp_path, use, owed), FailureKind.RESTING).retry_at
    assert until is not None
    assert timedelta(minutes=30) < until - utc_now() <= timedelta(hours=1)


def test_an_app_says_who_runs_it(tmp_path: Path) -> None:
    """`about_url` is part of our name from the first request on, and changes with feeds.yaml."""

    async def use(app: App) -> list[bytes]:
        async with serve(reply(body=b"x")) as server:
            good(await app.fetcher.fetch(feed(server.url())))
            config = tmp_path / "feeds.yaml"
            config.write_text(SETTINGS.format(about="new"))
            await app.reload(FeedsFile(config).load())
            good(await app.fetcher.fetch(feed(server.url())))
            return [asked.headers["user-agent"] for asked in server.asked]

    first, second = opened(tmp_path, use)

    assert first.endswith(b"(+https://me.example/bot)")
    assert second.endswith(b"(+https://me.example/new)")


def test_an_app_heeds_the_limits_of_feeds_yaml(tmp_path: Path) -> None:
    """Sizes and the number of entries are those of the settings, and change with feeds.yaml."""

    async def use(app: App) -> tuple[Answer, Answer, int]:
        async with serve(reply(body=b"x" * 150_000)) as server:
            before = await app.fetcher.fetch(feed(server.url()))
            config = tmp_path / "feeds.yaml"
            limits = "settings:\n  feed_size: 100KB\n  max_entries: 20\n"
            config.write_text(SETTINGS.format(about="bot").replace("settings:\n", limits))
            await app.reload(FeedsFile(config).load())
            return before, await app.fetcher.fetch(feed(server.url())), app.updater.entries.max_entries

    before, after, entries = opened(tmp_path, use)

    good(before)
    assert "larger than 0.1 MB" in failed(after, FailureKind.TOO_LARGE).why
    assert entries == 20
