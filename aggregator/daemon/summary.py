"""Tells once a day which feeds came to be unwell or recovered: in the log, and to the services that feeds.yaml names."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from aggregator.adapters.notices import not_understood, scheme, send
from aggregator.bootstrap import App
from aggregator.core.crawling.summary import NAMED, Summary, summarize
from aggregator.core.days import iso
from aggregator.daemon.apart import apart
from aggregator.daemon.logs import tell, tell_crash
from aggregator.domain.errors import StoreError
from aggregator.domain.health import Health
from aggregator.domain.settings import Settings

#: A summary that is so old when the daemon starts is told at once; a day and an hour, for clocks change.
LATE = timedelta(hours=25)
#: A change that is just being recorded is left for the next summary.
IN_HAND = timedelta(minutes=1)
#: How long one service may take. Most need a second; a mail server that greets slowly, ten.
SERVICE_SECONDS = 30.0


class Summaries:
    """Knows the services, and which of them still are owed a summary."""

    def __init__(self, app: App, settings: Settings) -> None:
        self._app = app
        self._addresses = settings.notify
        self._checked = False
        #: Since when changes were not told to a service that failed; not kept over a restart.
        self._owed: dict[str, datetime] = {}
        self._lock = asyncio.Lock()

    async def reconfigure(self, settings: Settings) -> None:
        """Take up other addresses; those that cannot be understood are told at once."""
        if settings.notify != self._addresses:
            self._addresses = settings.notify
            self._owed = {address: since for address, since in self._owed.items() if address in settings.notify}
            await self._guarded(self._check)

    async def catch_up(self) -> None:
        """Tell what was not told in time, as the daemon did not run; what came before the first start is no news."""
        await self._guarded(self._catch_up)

    async def tell_daily(self) -> None:
        """Tell what changed since the last time, and forget what sites got long ago."""
        await self._guarded(self._tell)
        await self._guarded(self._forget)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            async with self._lock:
                await work()
        except StoreError as error:
            tell(logging.ERROR, "summary failed", problem=error)
        except Exception as error:  # noqa: BLE001  # a summary is not worth a daemon
            tell_crash("summary broke off", error)

    async def _catch_up(self) -> None:
        if not self._checked:
            await self._check()
        told = await self._app.updater.in_writer(self._app.store.told)
        if told is None:
            await self._app.updater.in_writer(self._app.store.set_told, self._app.clock())
        elif self._app.clock() - told > LATE:
            await self._tell()

    async def _tell(self) -> None:
        until = self._app.clock() - IN_HAND
        told = await self._app.updater.in_writer(self._app.store.told) or until
        summary = await self._changes(told, until)
        _log(summary, told)
        sent = await asyncio.gather(*(self._send(one, self._owed.get(one, told), until) for one in self._addresses))
        # As long as no service takes it, nothing was told: a restart then knows no less.
        if any(sent) or not sent:
            await self._app.updater.in_writer(self._app.store.set_told, max(told, until))

    async def _changes(self, since: datetime, until: datetime) -> Summary:
        changes = await self._app.updater.in_writer(self._app.store.changes_since, since)
        return summarize(change for change in changes if change.at <= until)

    async def _send(self, address: str, since: datetime, until: datetime) -> bool:
        """Send one service what changed since it was last told; return whether it now knows."""
        summary = await self._changes(since, until)
        problem = None
        if summary.groups:
            late = f"no answer within {SERVICE_SECONDS:.0f} seconds"
            problem = await apart(partial(send, address, summary.subject, summary.text), SERVICE_SECONDS, late=late)
        if problem is None:
            self._owed.pop(address, None)
            return True
        self._owed[address] = since
        tell(logging.WARNING, "notice failed", scheme=scheme(address), problem=problem, retry="with the next summary")
        return False

    async def _forget(self) -> None:
        await self._app.updater.in_writer(self._app.store.forget_visits, self._app.clock())

    async def _check(self) -> None:
        self._checked = True
        if not self._addresses:
            return
        for number, kind in await apart(partial(not_understood, self._addresses), SERVICE_SECONDS, late=()):
            problem = "Apprise does not understand this address"
            tell(logging.ERROR, "notify faulty", member=number, scheme=kind, problem=problem)


def _log(summary: Summary, since: datetime) -> None:
    counts = {"ill": summary.ill, "recovered": summary.recovered, "passing": summary.passing}
    tell(logging.INFO, "summary", since=iso(since), **counts)
    for group in summary.groups:
        level = logging.INFO if group.state is Health.FINE else logging.WARNING
        more = len(group.names) - NAMED
        told = {"state": group.state.value, "count": len(group.names), "feeds": group.names[:NAMED]}
        tell(level, "feeds changed", **told, more=more if more > 0 else None)
