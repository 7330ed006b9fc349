"""The real line, from sockets over processes to the store, and what it costs."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from aggregator.adapters.http import Limits
from aggregator.adapters.store import SqliteStore
from aggregator.adapters.workers import ProcessWorkers
from aggregator.bootstrap import PRELOAD, WORKER_DEADLINE
from aggregator.domain.outcomes import PollOutcome
from aggregator.domain.settings import FeedConfig
from aggregator.pipeline.update import Updater
from tests.adapters.loopback import NOON, Asked, fetcher, reply, serve
from tests.builders import TEXT

#: Seconds between two looks at the processes.
_LOOK = 0.2
#: Patient, for the machine may be busy with the other cases.
_LIMITS = Limits(seconds=240.0, idle_seconds=120.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a cycle."""

    #: By the path of the feed.
    outcomes: Mapping[str, PollOutcome]
    #: The texts of the articles by title.
    texts: Mapping[str, str]
    #: MB of memory at most, of this process and of the largest worker.
    main: int
    worker: int


def play(
    answers: Mapping[str, bytes], feeds: tuple[str, ...], workers: type[ProcessWorkers] = ProcessWorkers
) -> Played:
    """Poll `feeds`, paths of a server that gives `answers` by path, each under a host of its own, in one cycle."""
    Path("/proc/self/clear_refs").write_text("5")  # from here on the peak of our memory is that of the cycle
    return asyncio.run(_play(answers, feeds, workers))


async def _play(answers: Mapping[str, bytes], feeds: tuple[str, ...], kind: type[ProcessWorkers]) -> Played:
    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answers.get(asked.path, reply("404 Not Found")))

    store, writer = SqliteStore(":memory:"), ThreadPoolExecutor(1)
    async with (
        serve(answer) as server,
        fetcher(limits=_LIMITS) as client,
        kind(count=2, deadline=WORKER_DEADLINE, preload=PRELOAD) as workers,
    ):
        urls = {server.url(path, host=f"h{number}.test"): path for number, path in enumerate(feeds)}
        store.sync_feeds([FeedConfig(url=url) for url in urls], timedelta(hours=1), NOON)
        updater = Updater(store=store, writer=writer, fetcher=client, workers=workers, clock=lambda: NOON)
        watching = asyncio.create_task(_watch(peaks := [0]))
        outcomes = {urls[one.feed.url]: one async for one in updater.update(store.all_feeds())}
        watching.cancel()
    rows = store._sql.rows(f"SELECT title, {TEXT} AS text FROM article JOIN body ON body.article_id = article.id")
    texts = {row["title"]: row["text"] for row in rows}
    store.close()
    writer.shutdown()
    return Played(outcomes=outcomes, texts=texts, main=_peak(os.getpid()), worker=peaks[0])


async def _watch(peaks: list[int]) -> None:
    while True:
        await asyncio.sleep(_LOOK)
        peaks[0] = max([peaks[0], *map(_peak, _descendants(os.getpid()))])


def _descendants(of: int) -> Iterator[int]:
    with suppress(OSError):
        children = Path(f"/proc/{of}/task/{of}/children").read_text().split()
        for child in map(int, children):
            yield child
            yield from _descendants(child)


def _peak(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) // 1_000
    return 0
