"""One request at a time to a site, a pause between two, and none while it asked to be left alone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

#: Sites whose rest is over are forgotten once so many are remembered.
_FORGET_FROM = 1_000


class Resting(Exception):
    """A site asked to be left alone until a time that has not come."""

    def __init__(self, site: str, until: datetime) -> None:
        """Name the site and the time."""
        self.until = until
        super().__init__(f"{site} asked to be left alone until {until:%Y-%m-%d %H:%M} UTC")


@dataclass(slots=True)
class _Door:
    """A site's door: the lock lets one in after the other, in the order they came (asyncio's locks are fair)."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    #: By the loop's clock.
    last_left: float = float("-inf")
    visitors: int = 0


class Manners:
    """Whose turn it is at which site."""

    def __init__(self, *, site_delay: timedelta, clock: Callable[[], datetime]) -> None:
        self.site_delay = site_delay
        self._clock = clock
        self._doors: dict[str, _Door] = {}
        self._rests: dict[str, datetime] = {}

    def __len__(self) -> int:
        """Count the sites that are remembered for their pause."""
        return len(self._doors)

    def rest(self, site: str, until: datetime) -> None:
        """Leave `site` alone until `until`; an earlier wish never shortens a later one."""
        now = self._clock()
        if len(self._rests) >= _FORGET_FROM:
            self._rests = {other: end for other, end in self._rests.items() if end > now}
        self._rests[site] = max(until, self._rests.get(site, until))

    @asynccontextmanager
    async def turn(self, site: str) -> AsyncIterator[None]:
        """Wait for the turn at `site` and hold it; a task that is cancelled while waiting just leaves the queue.

        Raises:
            Resting: the site asked to be left alone.
        """
        self._check(site)
        door = self._doors.setdefault(site, _Door())
        door.visitors += 1
        try:
            async with door.lock:
                self._check(site)  # whoever was in before may have been told so
                await self._pause(door)
                try:
                    yield
                finally:
                    door.last_left = asyncio.get_running_loop().time()
        finally:
            door.visitors -= 1
            self._forget_later(site, door)

    def _check(self, site: str) -> None:
        until = self._rests.get(site)
        if until is not None and self._clock() < until:
            raise Resting(site, until)

    async def _pause(self, door: _Door) -> None:
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max(door.last_left + self.site_delay.total_seconds() - now, 0))

    def _forget_later(self, site: str, door: _Door) -> None:
        """Drop an idle door once its pause is over, so that a year of sites does not pile up."""
        loop = asyncio.get_running_loop()
        pause = self.site_delay.total_seconds()

        def forget() -> None:
            if not door.visitors and loop.time() >= door.last_left + pause and self._doors.get(site) is door:
                del self._doors[site]

        if not door.visitors:
            loop.call_later(pause, forget)
