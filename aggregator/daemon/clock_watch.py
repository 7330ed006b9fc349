"""Notices when the clock on the wall is set, and lets nobody suffer for it."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from aggregator.bootstrap import App
from aggregator.core.clock import was_set
from aggregator.daemon.logs import tell


def uptime() -> float:
    """Return seconds by a clock that nobody sets, and that goes on while the machine sleeps where there is such a one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class ClockWatch:
    """Holds the clock on the wall against one that nobody sets."""

    def __init__(self, app: App, steady: Callable[[], float] = uptime) -> None:
        self._app = app
        self._steady = steady
        self._seen = app.clock(), steady()

    async def look(self) -> bool:
        """If the clock was set since the last look, let all that was to come be as far away as before; tell whether it was.

        Raises:
            StoreError: the database cannot be written; the next look does it.
        """
        before, steady_before = self._seen
        now, steady = self._app.clock(), self._steady()
        passed = timedelta(seconds=steady - steady_before)
        by = was_set(now - before, passed)
        if by is not None:
            since = now - passed
            await self._app.updater.in_writer(self._app.store.move_times, by, now, since=since)
            self._app.fetcher.move_times(by, now, since=since)
            self._app.subscriber.move_times(by)
            tell(
                logging.WARNING,
                "clock set",
                by=f"{by / timedelta(hours=1):+.2f}h",
                effect="what was due is as far away as before",
            )
        self._seen = now, steady
        return by is not None
