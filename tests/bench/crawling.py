"""The whole program under load: `python -m tests.bench.crawling` with an order.

Crawls a served load as the daemon does, with the real fetcher, workers, store and pipeline; only the client's side of TLS is
the bench's, and everything is due at once.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from aggregator.adapters import garbage
from aggregator.adapters.http import HttpFetcher
from aggregator.adapters.snapshots import ProcessSnapshots
from aggregator.adapters.store import SqliteStore
from aggregator.adapters.workers import ProcessWorkers
from aggregator.bootstrap import PRELOAD, WORKER_DEADLINE, App, rules_of, utc_now
from aggregator.core.config.checking import default_settings
from aggregator.daemon.polls import Polls
from aggregator.domain.settings import Config, FeedConfig, FullText
from tests.bench.load import Load, from_json
from tests.bench.measuring import ordered, phase
from tests.bench.serving import trusting
from tests.bench.stalls import Stalls

_LOOPBACK = (ip_network("127.0.0.0/8"),)


def main(order: dict[str, Any]) -> None:
    """Do what is ordered: the phases named, one after the other, on one database."""
    load = from_json(order["load"])
    config = _config(load, full_text=FullText(order["full_text"]))
    asyncio.run(_crawl(config, order))


def _config(load: Load, *, full_text: FullText) -> Config:
    settings = replace(default_settings(), site_delay=timedelta(0), allow_networks=_LOOPBACK)
    urls = (load.feed_url(outlet) for outlet in range(load.feeds))
    return Config(settings=settings, feeds=tuple(FeedConfig(url=url, full_text=full_text) for url in urls))


async def _crawl(config: Config, order: dict[str, Any]) -> None:
    async with _opened(config, Path(order["database"]), order["trust"]) as app:
        # Imports and the start of processes are no part of a crawl that lasts.
        await asyncio.gather(*(app.workers.call(sorted, ()) for _ in range(8)))
        for number, name in enumerate(order["phases"]):
            # So that no connection is left open from the last time.
            await asyncio.sleep(5 * (number > 0))
            rows = app.store._sql.raw.total_changes
            statements = Counter[str]()
            with phase(name) as counts:
                if order["count"]:
                    app.store._sql.raw.set_trace_callback(partial(_heard, statements))
                loop_cpu, writer_cpu = time.thread_time(), await app.updater.in_writer(time.thread_time)
                async with Stalls() as stalls:
                    counts.update(await _cycle(app))
                counts["loop CPU s"] = round(time.thread_time() - loop_cpu, 3)
                counts["writer CPU s"] = round(await app.updater.in_writer(time.thread_time) - writer_cpu, 3)
                app.store._sql.raw.set_trace_callback(None)
                counts.update(stalls.figures() | _totals(app.store) | statements)
                counts["rows written"] = app.store._sql.raw.total_changes - rows


@asynccontextmanager
async def _opened(config: Config, database: Path, trust: str | None) -> AsyncIterator[App]:
    """Open what bootstrap.open_app opens, but with a trust of our own."""
    settings = config.settings
    workers = ProcessWorkers(deadline=WORKER_DEADLINE, preload=PRELOAD)
    context = trusting(trust) if trust else None
    with SqliteStore(database) as store:
        async with HttpFetcher(
            clock=utc_now, site_delay=settings.site_delay, allow_networks=_LOOPBACK, ssl_context=context
        ) as fetcher:
            snapshots = ProcessSnapshots(database, preload=PRELOAD)
            app = App(store=store, fetcher=fetcher, workers=workers, snapshots=snapshots, rules=rules_of(settings))
            try:
                await app.reload(config)
                with garbage.only_in_what_is_new():
                    yield app
            finally:
                app.stop()
                await workers.close()
                app.writer.shutdown(wait=True)


async def _cycle(app: App) -> dict[str, Any]:
    """Poll every feed once, as the daemon does."""
    polls = Polls(app, lambda *_: None)
    tally = Counter[str]()
    async for outcome in polls.update([]):
        if "kind" not in outcome:
            continue
        tally[f"feeds {outcome['kind']}"] += 1
        for key in ("new", "pages_fetched", "pages_failed"):
            tally[key] += int(str(outcome[key]))
    await asyncio.gather(*polls.cycles)
    return dict(tally)


def _heard(statements: Counter[str], statement: str) -> None:
    statements["statements"] += 1
    statements["transactions"] += statement.startswith("COMMIT")


def _totals(store: SqliteStore) -> dict[str, int]:
    articles, stories = (store._sql.value(f"SELECT count(*) FROM {table}") for table in ("article", "story"))
    size = store._sql.value("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    return {"articles": articles, "stories": stories, "database bytes": size}


if __name__ == "__main__":
    main(ordered())
