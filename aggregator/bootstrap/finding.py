"""A finder of feeds, wired together: for whoever adds one without a daemon's database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aggregator.bootstrap import WORKER_DEADLINE, fetching

if TYPE_CHECKING:
    from aggregator.domain.crawling import Budget
    from aggregator.domain.settings import Settings
    from aggregator.pipeline.finding import Finder


@asynccontextmanager
async def finding(
    settings: Settings, budgets: Iterable[Budget] = (), *, user_agent: str | None = None, apart: bool = False
) -> AsyncIterator[Finder]:
    """Open a finder; what it fetches is read in this process or `apart`, in one that can be killed."""
    from aggregator.adapters.workers import InlineWorkers, ProcessWorkers
    from aggregator.pipeline.finding import Finder

    preload = ("aggregator.core.feeds.parsing", "aggregator.core.feeds.discovery")
    workers = ProcessWorkers(count=1, deadline=WORKER_DEADLINE, preload=preload) if apart else InlineWorkers()
    try:
        async with fetching(settings, budgets) as fetcher:
            yield Finder(fetcher, workers, max_entries=settings.max_entries, user_agent=user_agent)
    finally:
        await workers.close()
