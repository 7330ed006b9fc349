"""Sends the digest of the day to a person's services, once to each, and again to those that failed."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial

from aggregator.adapters.notices import mark, scheme
from aggregator.bootstrap import App, open_reader
from aggregator.bootstrap.paths import Paths
from aggregator.bootstrap.reading import muting_of, zone_set
from aggregator.core.days import day_name, day_until, today
from aggregator.daemon.apart import apart
from aggregator.daemon.logs import tell, tell_crash
from aggregator.digest.gathering import STORIES, Digest, read_digest
from aggregator.domain.errors import StoreError
from aggregator.domain.reading import StoryQuery
from aggregator.domain.settings import Settings

#: What failed is tried again so much later, until the next digest is due.
AGAIN = timedelta(hours=1)
#: How long a service may take: as long as no service of Apprise's does, for what was given up may have arrived all the same.
SENDING_SECONDS = 300.0


class Digests:
    """Knows when the digest is due, and which services still are to get it."""

    def __init__(self, app: App, paths: Paths, settings: Settings) -> None:
        self._app = app
        self._paths = paths
        self._settings = settings
        #: Whether it is known that there is nobody to send to, so that the database need not be asked.
        self._is_off = False
        #: When a service that failed may be tried again, and all of it after a fault of our own; by the loop's clock.
        self._not_before: dict[str, float] = {}
        self._rest_until = 0.0
        self._lock = asyncio.Lock()

    async def reconfigure(self, settings: Settings) -> None:
        """Take up changed settings; what was due before a service is named is not sent to it."""
        self._settings, self._is_off = settings, False
        await self.look()

    async def look(self) -> None:
        """Send the latest digest that was due to those that have not had it."""
        if asyncio.get_running_loop().time() < self._rest_until:
            return
        try:
            async with self._lock:
                await self._look(self._settings)
        except StoreError as error:
            tell(logging.ERROR, "digest failed", problem=error, retry="in an hour")
            self._rest_until = _later()
        except Exception as error:  # noqa: BLE001  # a digest is not worth a daemon
            tell_crash("digest broke off", error)
            self._rest_until = _later()

    async def _look(self, settings: Settings) -> None:
        if settings.digest is None or not settings.digest_services:
            if not self._is_off:
                await self._told({}, self._app.clock())
            self._is_off = True
            return
        zone = zone_set(settings)
        since, due = day_until(settings.digest, self._app.clock(), zone)
        services = {mark(address): address for address in settings.digest_services}
        told = await self._told(services, due)
        now = asyncio.get_running_loop().time()
        # By days, so that another hour in feeds.yaml brings no second one.
        unsent = [one for one in services if today(told[one], zone) < today(due, zone)]
        owed = [one for one in unsent if now >= self._not_before.get(one, 0.0)]
        if owed:
            digest = await asyncio.to_thread(self._read, since, due, today(due, zone))
            tell(logging.INFO, "digest", day=today(due, zone), stories=digest.total, services=len(owed))
            await asyncio.gather(*(self._send(services[one], digest, due, before=told[one]) for one in owed))

    async def _told(self, services: Mapping[str, str], due: datetime) -> Mapping[str, datetime]:
        return await self._app.updater.in_writer(self._app.store.digests_told, tuple(services), due)

    def _read(self, since: datetime, due: datetime, day: date) -> Digest:
        query = StoryQuery(since=since, until=due, unread=True, mute=muting_of(self._paths, due))
        with open_reader(self._paths) as reader:
            return read_digest(reader, query, limit=STORIES, heading=day_name(day, due), now=due)

    async def _send(self, address: str, digest: Digest, due: datetime, *, before: datetime) -> None:
        in_writer, set_told, service = self._app.updater.in_writer, self._app.store.set_digest_told, mark(address)
        # First of all: who stops us while the service takes it does not get it twice.
        await in_writer(set_told, service, due)
        if not digest.total:
            return
        late = f"no answer within {SENDING_SECONDS:.0f} seconds"
        problem = await apart(partial(_deliver, address, digest), SENDING_SECONDS, late=late)
        if problem is not None:
            await in_writer(set_told, service, before)
            self._not_before[service] = _later()
            tell(logging.WARNING, "digest failed", scheme=scheme(address), problem=problem, retry="in an hour")


def _later() -> float:
    return asyncio.get_running_loop().time() + AGAIN.total_seconds()


def _deliver(address: str, digest: Digest) -> str | None:
    from aggregator.digest.sending import deliver  # noqa: PLC0415 (a template engine that a daemon without it is spared)

    return deliver(address, digest)
