"""When the daemon does what: at a pace, by a clock that nobody sets, or at a time of day, by the clock on the wall."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from apscheduler.triggers.cron import CronTrigger

from aggregator.daemon.clock_watch import uptime
from aggregator.daemon.logs import tell_crash
from aggregator.pipeline.ports import Clock

Job = Callable[[], Awaitable[None]]

#: So often it is looked whether a time of day has come: the clock on the wall may be set while we sleep.
LOOK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often the daemon looks around; where a month is to pass in a minute it looks less often."""

    #: A good change of feeds.yaml is promised within 5 seconds.
    watch: timedelta = timedelta(seconds=2)
    #: The database is asked for due feeds at least this often, whatever it said the last time.
    due: timedelta = timedelta(seconds=30)
    #: Seconds by a clock that nobody sets.
    steady: Callable[[], float] = uptime


class Timetable:
    """Jobs and their times. No job runs twice at once, what breaks one does not end it, and what was slept through is done once.

    Pauses are slept by the loop's clock, so that a clock that is set back holds nothing up.
    """

    def __init__(self, clock: Clock, chance: Callable[[], float] = random.random) -> None:
        self._clock = clock
        self._chance = chance
        self._tasks: set[asyncio.Task[None]] = set()

    def every(self, pause: timedelta, job: Job, *, at_once: bool = False) -> None:
        """Do `job` after each `pause`, and `at_once` if wanted."""
        self._begin(self._at_a_pace(pause.total_seconds(), job, at_once=at_once))

    def daily(self, at: time, job: Job, *, spread: timedelta = timedelta(0), at_once: bool = False) -> None:
        """Do `job` each day at a time of this machine's day, up to `spread` later, and `at_once` if wanted."""
        trigger = CronTrigger(hour=at.hour, minute=at.minute)
        self._begin(self._at_a_time(trigger, spread, job, at_once=at_once))

    def close(self) -> None:
        """End all jobs, those in hand too."""
        for task in self._tasks:
            task.cancel()

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _at_a_pace(self, seconds: float, job: Job, *, at_once: bool) -> None:
        if not at_once:
            await asyncio.sleep(seconds)
        while True:
            await _done(job)
            await asyncio.sleep(seconds)

    async def _at_a_time(self, trigger: CronTrigger, spread: timedelta, job: Job, *, at_once: bool) -> None:
        if at_once:
            await _done(job)
        now = self._clock()
        due = self._next(trigger, spread, now)
        while True:
            await asyncio.sleep(min(max(due - now, timedelta(0)), LOOK).total_seconds())
            before, now = now, self._clock()
            if now < before:  # the clock was set back
                due = min(due, self._next(trigger, spread, now))
            if now >= due:
                await _done(job)
                now = self._clock()
                due = self._next(trigger, spread, now)

    def _next(self, trigger: CronTrigger, spread: timedelta, now: datetime) -> datetime:
        # Past the moment itself, which may be the one that was just served.
        due: datetime = trigger.get_next_fire_time(None, now + timedelta(microseconds=1))
        return due + spread * self._chance()


async def _done(job: Job) -> None:
    try:
        await job()
    except Exception as error:  # noqa: BLE001  # whatever breaks a job, the next time comes
        tell_crash("job broke off", error, job=getattr(job, "__qualname__", None))
