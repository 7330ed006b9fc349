"""The daemon itself over a world, with worker processes and a database, on a clock that runs fast."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.adapters.snapshots import ProcessSnapshots
from aggregator.adapters.workers import ProcessWorkers
from aggregator.bootstrap import App, load_config, open_app
from aggregator.bootstrap.paths import Paths, find_paths
from aggregator.daemon.loop import attend
from aggregator.daemon.notify import Notifier
from aggregator.daemon.page import Page
from aggregator.daemon.timetable import Pace
from tests.crawlworld.desk import Loop
from tests.crawlworld.model import World, date_at, moment_of
from tests.crawlworld.server import Web
from tests.crawlworld.trust import contexts
from tests.fasttime import FastLoop

T = TypeVar("T")

#: The file is looked at, and the database asked, less often than by day: nobody changes them, and looking costs real time.
_WATCH, _DUE = timedelta(hours=1), timedelta(minutes=10)
_SETTINGS = """\
settings:
  site_delay: 1s
  workers: 2
  timezone: UTC
  allow_networks: ["127.0.0.0/8"]
  keep: {keep}
feeds:
"""


def live(use: Callable[[FastLoop], Coroutine[None, None, T]]) -> T:
    """Run a coroutine function from the world's beginning on."""
    with asyncio.Runner(loop_factory=lambda: Loop(date_at(0))) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, FastLoop)
        return runner.run(use(loop))


@asynccontextmanager
async def serving(
    world: World, folder: Path, *, clock: Callable[[], datetime], keep: str = "forever"
) -> AsyncIterator[tuple[Web, App]]:
    """Serve a world, whose outlets are called by their addresses, and have a daemon with that clock follow it.

    The servers go by the loop's own time, which is right.
    """
    loop = asyncio.get_running_loop()
    assert isinstance(loop, FastLoop)
    server_side, _ = contexts([])
    web = Web(world, now=lambda: moment_of(loop.wall()), tls=server_side)
    async with web.serving():
        paths = _paths(folder, [web.url(feed) for feed in world.feeds], keep)
        fingerprint, read = FeedsFile(paths.config).fingerprint(), load_config(paths)
        async with open_app(paths, read, clock) as app:
            assert isinstance(app.workers, ProcessWorkers)
            assert isinstance(app.snapshots, ProcessSnapshots)
            workers, snapshots = app.workers, app.snapshots
            loop.busy_while(
                lambda: app.fetcher.under_way > web.held or workers.under_way or snapshots.under_way or _looks_up()
            )
            pace = Pace(watch=_WATCH, due=_DUE, steady=loop.time)
            work = attend(
                app, paths, read.settings, Notifier({}), page=Page(paths, None), fingerprint=fingerprint, pace=pace
            )
            daemon = asyncio.create_task(work)
            try:
                yield web, app
                assert not daemon.done(), daemon.exception()
            finally:
                daemon.cancel()
                with suppress(asyncio.CancelledError):
                    await daemon


def _paths(folder: Path, urls: Sequence[str], keep: str) -> Paths:
    """Write a feeds.yaml, and say where all of a daemon lies."""
    config = folder / "feeds.yaml"
    config.write_text(_SETTINGS.format(keep=keep) + "".join(f"  - url: {url}\n" for url in urls))
    (folder / "aggregator").mkdir(mode=0o700, exist_ok=True)
    return find_paths(config, folder / "news.db", {"XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)})


def read_time(text: str) -> datetime:
    """Return a time as the database has it."""
    return datetime.fromisoformat(text)


def _looks_up() -> bool:
    """Tell whether a thread looks a host up."""
    return any(thread.name.startswith("look-up") for thread in threading.enumerate())
