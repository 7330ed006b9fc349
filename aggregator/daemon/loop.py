"""The run loop: a timetable says when, signals say stop and reload, the control socket says what else is wanted."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from aggregator import __version__
from aggregator.adapters.feeds_file import FeedsFile
from aggregator.bootstrap import App, load_config, open_app
from aggregator.bootstrap.paths import Paths
from aggregator.core.days import iso
from aggregator.daemon import control, hours
from aggregator.daemon.chores import Chores
from aggregator.daemon.clock_watch import ClockWatch
from aggregator.daemon.heart import Heart
from aggregator.daemon.lock import hold
from aggregator.daemon.logs import tell, tell_migration
from aggregator.daemon.notify import Notifier
from aggregator.daemon.outcomes import CycleReport
from aggregator.daemon.page import Page
from aggregator.daemon.polls import Polls
from aggregator.daemon.timetable import Pace, Timetable
from aggregator.daemon.watching import FeedsWatch
from aggregator.daemon.websub import WebSub
from aggregator.domain.errors import StoreError, UsageError
from aggregator.domain.settings import Config, Settings
from aggregator.web.address import Address

#: Seconds between two questions for due feeds at least; and for which a store that cannot be written is left alone.
SHORTEST_WAIT, STORE_WAIT = 1.0, 5.0
#: A stop is promised within 10 seconds: so long an article in hand has time to be finished, then its poll is cancelled …
STOP_SECONDS = 8.0
#: … and after this the process ends as it is; the store loses nothing, as it loses nothing by kill -9.
LAST_RESORT_SECONDS = 9.5

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run(paths: Paths, environ: Mapping[str, str], page: Address | None = None) -> None:
    """Serve `paths.database` until a signal ends it, and the page at `page`.

    Raises:
        AlreadyRunning: another process serves it.
        AggregatorError: feeds.yaml, the database or the control socket cannot be used.
    """
    # A hang-up before we listen to it would end us; there is nothing to reload yet.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with hold(paths.pid_file, paths.database), suppress(asyncio.CancelledError):
        asyncio.run(_serve(paths, Notifier(environ), Page(paths, page)))


async def _serve(paths: Paths, notifier: Notifier, page: Page) -> None:
    starting = asyncio.current_task()
    assert starting
    for number in _STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, starting.cancel)
    # Taken before the file is read, so that a change in between is seen.
    fingerprint = FeedsFile(paths.config).fingerprint()
    config = load_config(paths)
    async with open_app(paths, config, told=tell_migration) as app:
        await attend(app, paths, config.settings, notifier, page=page, fingerprint=fingerprint)
    tell(logging.INFO, "stopped", pid=os.getpid())


async def attend(
    app: App,
    paths: Paths,
    settings: Settings,
    notifier: Notifier,
    *,
    page: Page,
    fingerprint: object,
    pace: Pace | None = None,
) -> None:
    """Be the daemon of an open app until a signal says stop; `fingerprint` is that of the feeds.yaml it was opened with."""
    daemon = Daemon(
        paths=paths,
        app=app,
        notifier=notifier,
        settings=settings,
        page=page,
        fingerprint=fingerprint,
        pace=pace or Pace(),
    )
    await daemon.websub.take_up(settings)
    async with control.serve(paths.socket, daemon.answer):
        await daemon.serve()


class Daemon:
    """One running daemon: what it has in hand and what it was told."""

    def __init__(
        self,
        *,
        paths: Paths,
        app: App,
        notifier: Notifier,
        settings: Settings,
        page: Page,
        fingerprint: object,
        pace: Pace,
    ) -> None:
        self._paths = paths
        self._app = app
        self._notifier = notifier
        self._chores = Chores(app, paths, settings)
        self._pace = pace
        self._page = page
        self._heart = Heart(app.clock)
        self._polls = Polls(app, self._cycle_ended, self._heart.count)
        #: Where hubs push to.
        self.websub = WebSub(app, self._polls)
        self._watch = FeedsWatch(paths, self._take_up, seen=fingerprint)
        self._timetable = Timetable(app.clock)
        self._wake = asyncio.Event()
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()
        self._clock_watch = ClockWatch(app, pace.steady)
        self._waking: asyncio.TimerHandle | None = None
        #: By the loop's clock.
        self._not_before = 0.0
        self._next_poll: datetime | None = None
        self._side_tasks: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Poll what is due until a signal says stop, then wind down."""
        self._listen_to_signals()
        self._timetable.every(self._pace.watch, self._watch.look)
        self._timetable.daily(hours.NIGHT, partial(self._polls.settle, anyway=True), spread=hours.NIGHT_SPREAD)
        self._chores.enter(self._timetable)
        self._timetable.every(hours.TEND_EVERY, self.websub.tend, at_once=True)
        if self._notifier.watchdog:
            self._timetable.every(self._notifier.watchdog, self._alive)
        tell(logging.INFO, "started", pid=os.getpid(), version=__version__, database=self._paths.database)
        self._wake.set()
        self._aside(self._chores.catch_up())
        self._aside(self._page.open(self._app.fetcher, lambda: self._heart.vital(self._polls.in_hand)))
        polling = asyncio.create_task(self._poll_forever())
        self._notifier.ready("started")
        await self._stop.wait()
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        await self._wind_down()

    async def answer(self, request: control.Message) -> AsyncIterator[control.Message]:
        """Answer a request that came over the control socket."""
        match request:
            case {"do": "status"}:
                yield self._status()
            case {"do": "update", "feeds": list(names)}:
                # A feed that was added a second ago can be named at once.
                await self._watch.look()
                async for message in self._polls.update([str(name) for name in names]):
                    yield message
            case _:
                raise UsageError("the daemon does not know this request; is it of another version?")

    async def _poll_forever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._heart.beat()
            self._not_before = asyncio.get_running_loop().time() + SHORTEST_WAIT
            try:
                if await self._clock_watch.look():
                    self._aside(self._chores.upkeep.tend())
                self._polls.start(await self._app.due(self._app.clock()))
            except StoreError as error:
                self._store_failed(error)
            await self._arm()

    async def _arm(self) -> None:
        """Wake up when the next feed is due: after a pause by the loop's clock, as that on the wall may be set meanwhile."""
        try:
            self._next_poll = await self._app.next_due()
        except StoreError as error:
            self._store_failed(error)
            self._next_poll = None
        wait = self._pace.due
        if self._next_poll is not None:
            wait = min(self._next_poll - self._app.clock(), wait)
        loop = asyncio.get_running_loop()
        if self._waking is not None:
            self._waking.cancel()
        self._waking = loop.call_at(max(loop.time() + wait.total_seconds(), self._not_before), self._wake.set)

    async def _alive(self) -> None:
        self._notifier.alive()

    def _cycle_ended(self, summary: CycleReport, trouble: StoreError | None) -> None:
        self._heart.last_cycle = summary
        if trouble:
            self._store_failed(trouble)
        else:
            tell(logging.INFO, "cycle", **summary.counts())
            self._store_works()
        if not self._stop.is_set():
            self._aside(self._arm())
            if self._app.subscriber.has_news:
                self._aside(self.websub.tend())
            self._notifier.status(
                f"last cycle: {summary.feeds} feeds, {summary.new} new articles, {summary.failed} failed"
            )

    def _store_works(self) -> None:
        if self._heart.trouble:
            self._heart.trouble = None
            tell(logging.INFO, "store works again", database=self._paths.database)

    def _store_failed(self, error: StoreError) -> None:
        """Leave the store alone for a while; say so once, not each time."""
        if self._heart.trouble is None:
            tell(logging.ERROR, "store fails", problem=error, retry_every=STORE_WAIT, database=self._paths.database)
        self._heart.trouble = error
        self._not_before = asyncio.get_running_loop().time() + STORE_WAIT

    async def _take_up(self, config: Config) -> None:
        self._notifier.reloading()
        try:
            changes = await self._app.reload(config)
        except StoreError as error:
            self._store_failed(error)
        else:
            told = {key: getattr(changes, key) or None for key in ("added", "removed", "changed")}
            tell(logging.INFO, "config reloaded", feeds=len(config.feeds), **told)
            await self.websub.take_up(config.settings)
            self._aside(self.websub.tend())
            self._wake.set()
            self._aside(self._chores.reconfigure(config.settings))
        finally:
            self._notifier.ready("config reloaded")

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in _STOP_SIGNALS:
            loop.add_signal_handler(number, self._told_to_stop, number)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._aside(self._watch.look(anyway=True)))

    def _told_to_stop(self, number: signal.Signals) -> None:
        if self._stop.is_set():
            self._hurry.set()
            return
        tell(logging.INFO, "stopping", signal=number.name, polls_in_hand=self._polls.in_hand)
        last_resort = threading.Timer(LAST_RESORT_SECONDS, os._exit, (0,))
        last_resort.daemon = True
        last_resort.start()
        self._notifier.stopping()
        self._app.stop()
        self._stop.set()

    async def _wind_down(self) -> None:
        """Let the polls in hand end; cancel what has not ended in time, or at once after a second signal."""
        self._timetable.close()
        for task in self._side_tasks:
            task.cancel()
        await self.websub.close()
        await self._page.close()
        await self._polls.break_off_settling()
        cycles = self._polls.cycles
        if not cycles:
            return
        hurry = asyncio.create_task(self._hurry.wait())
        ended = asyncio.gather(*cycles, return_exceptions=True)
        waiting: tuple[asyncio.Future[Any], ...] = (ended, hurry)
        await asyncio.wait(waiting, timeout=STOP_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    def _aside(self, work: Coroutine[None, None, None]) -> None:
        # The loop keeps only weak references to tasks.
        task = asyncio.create_task(work)
        self._side_tasks.add(task)
        task.add_done_callback(self._side_tasks.discard)

    def _status(self) -> dict[str, object]:
        return {
            "running": True,
            "pid": os.getpid(),
            "page": self._page.url,
            "version": __version__,
            "since": iso(self._heart.since),
            "next_poll": iso(self._next_poll),
            "polls_in_hand": self._polls.in_hand,
            "subscriptions": self._app.subscriber.active,
            "last_cycle": self._heart.last_cycle and self._heart.last_cycle.as_json(),
            "config_faults": list(self._watch.faults),
            "store_fault": self._heart.trouble and str(self._heart.trouble),
        }
