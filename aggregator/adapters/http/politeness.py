"""One request at a time to a site and to an address, a pause between two, and none while a site asked to be left alone."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from aggregator.core.crawling.budgets import (
    LONGEST_PAUSE,
    LONGEST_SHARED_PAUSE,
    is_square,
    moved,
    pause,
    restored,
    slowed_down,
    throttled,
)
from aggregator.core.crawling.caching import rest_until
from aggregator.domain.crawling import Budget

#: Budgets of which nothing is owed any more are forgotten once so many are remembered.
_FORGET_FROM = 1_000
_NEVER = datetime.min.replace(tzinfo=UTC)


class Resting(Exception):
    """A site asked to be left alone until a time that has not come."""

    def __init__(self, site: str, until: datetime) -> None:
        """Name the site and the time."""
        self.until = until
        super().__init__(f"{site} asked to be left alone until {until:%Y-%m-%d %H:%M} UTC")


@dataclass(slots=True)
class _Door:
    """A site's or an address's door: the lock lets one in after the other, in the order they came (asyncio's locks are fair)."""

    #: By the loop's clock, which nobody sets back.
    last_left: float
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    visitors: int = 0
    forgetting: asyncio.TimerHandle | None = None


class Manners:
    """Whose turn it is at which site, and at which address.

    Both are keys to the same kind of door. Who needs both takes the site's first and the address's last, and never two of
    one kind: so nobody waits for someone who waits for him.
    """

    def __init__(self, *, site_delay: timedelta, clock: Callable[[], datetime], budgets: Iterable[Budget] = ()) -> None:
        self.site_delay = site_delay
        self._clock = clock
        self._doors: dict[str, _Door] = {}
        now = clock()
        self._budgets = {budget.key: restored(budget, now) for budget in budgets}
        self._sweep_from = _FORGET_FROM
        self._changed: dict[str, Budget] = {}

    def __len__(self) -> int:
        """Count the doors that are remembered for their pause."""
        return len(self._doors)

    def drain(self) -> tuple[Budget, ...]:
        """Return the budgets that changed since the last call."""
        changed = tuple(self._changed.values())
        self._changed = {}
        return changed

    def move_times(self, by: timedelta, now: datetime, *, since: datetime) -> None:
        """Let rests and pauses last as long as before the clock was set by `by`, at some time after `since`."""
        self._budgets = {key: moved(budget, by, now, since=since) for key, budget in self._budgets.items()}
        self._changed = {key: moved(budget, by, now, since=since) for key, budget in self._changed.items()}

    def pause(self, key: str) -> timedelta:
        """Return the pause after a request."""
        return pause(self._budgets.get(key), self.site_delay, self._clock())

    def answered(self, *keys: str) -> None:
        """Note an answer that asks for nothing; the next 429 is then the first one in a row again."""
        for key in keys:
            if self._budget(key).throttles:
                self._keep(replace(self._budget(key), throttles=0))

    def throttled(self, site: str, address: str, *, status: int, retry_after: str | None) -> datetime | None:
        """Slow down after a 429 or 503; return until when the site is left alone, if it is to be."""
        now = self._clock()
        until = rest_until(status, retry_after, now, throttles=self._budget(site).throttles)
        # Only the site rests: an address may be that of thousands who said nothing.
        for key, longest, rest in ((site, LONGEST_PAUSE, until), (address, LONGEST_SHARED_PAUSE, None)):
            budget = self._budget(key)
            self._keep(throttled(budget, site_delay=self.site_delay, longest=longest, rest_until=rest, now=now))
        return until

    def slow_down(self, site: str, crawl_delay: timedelta) -> None:
        """Let the site's pause be at least that long, as its robots.txt asks."""
        self._keep(slowed_down(self._budget(site), crawl_delay, self._clock()))

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Wait for the turn at a door and hold it; a task that is cancelled while waiting just leaves the queue.

        Raises:
            Resting: the site asked to be left alone.
        """
        self._check(key)
        door = self._open(key)
        door.visitors += 1
        try:
            async with door.lock:
                self._check(key)  # whoever was in before may have been told so
                await self._pause(key, door)
                self._came_by(key)  # now as well, for a program that dies before it has left
                try:
                    yield
                finally:
                    door.last_left = asyncio.get_running_loop().time()
                    self._came_by(key)
        finally:
            door.visitors -= 1
            self._forget_later(key, door)

    def _open(self, key: str) -> _Door:
        door = self._doors.get(key)
        if door is None:
            self._doors[key] = door = _Door(last_left=self._last_left(key))
        elif door.forgetting is not None:
            door.forgetting.cancel()
            door.forgetting = None
        return door

    def _last_left(self, key: str) -> float:
        """Return when the last request ended: of an earlier run it is known by the clock on the wall alone."""
        budget = self._budgets.get(key)
        if budget is None:
            return float("-inf")
        # Where that clock was set back, the request counts as having ended just now.
        return asyncio.get_running_loop().time() - max((self._clock() - budget.last).total_seconds(), 0)

    def _check(self, key: str) -> None:
        budget = self._budgets.get(key)
        if budget is not None and budget.rest_until is not None and self._clock() < budget.rest_until:
            raise Resting(key, budget.rest_until)

    async def _pause(self, key: str, door: _Door) -> None:
        # More than once only where the pause became longer meanwhile.
        while (left := self._pause_left(key, door)) > 0:  # noqa: ASYNC110 - it is time itself that is waited for
            await asyncio.sleep(left)

    def _pause_left(self, key: str, door: _Door) -> float:
        return door.last_left + self.pause(key).total_seconds() - asyncio.get_running_loop().time()

    def _budget(self, key: str) -> Budget:
        return self._budgets.get(key) or Budget(key=key, delay=timedelta(0), rest_until=None, last=_NEVER)

    def _came_by(self, key: str) -> None:
        budget = self._budget(key)
        # A pause that eases since the last request, for want of a better beginning, keeps that beginning.
        slowed = budget.slowed or (budget.last if budget.delay else None)
        self._keep(replace(budget, last=self._clock(), slowed=slowed))

    def _keep(self, budget: Budget) -> None:
        self._budgets[budget.key] = self._changed[budget.key] = budget
        if len(self._budgets) >= self._sweep_from:
            self._sweep()

    def _sweep(self) -> None:
        """Forget what only costs memory: doors guard their own budgets, and of the others some are owed nothing."""
        now = self._clock()
        self._budgets = {
            key: budget
            for key, budget in self._budgets.items()
            if key in self._doors or not is_square(budget, self.site_delay, now) or now - budget.last < self.site_delay
        }
        self._sweep_from = max(_FORGET_FROM, 2 * len(self._budgets))

    def _forget_later(self, key: str, door: _Door) -> None:
        """Drop an idle door once its pause is over, so that a year of sites does not pile up."""
        if door.visitors:
            return

        def forget() -> None:
            if self._pause_left(key, door) > 0:
                self._forget_later(key, door)
                return
            del self._doors[key]
            budget = self._budgets.get(key)
            if budget is not None and is_square(budget, self.site_delay, self._clock()):
                del self._budgets[key]

        if door.forgetting is not None:
            door.forgetting.cancel()
        door.forgetting = asyncio.get_running_loop().call_later(max(self._pause_left(key, door), 0), forget)
