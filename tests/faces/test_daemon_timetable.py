"""When the daemon's jobs come, in virtual time, whatever is done to the clock on the wall."""

import asyncio
from collections.abc import Callable
from datetime import datetime, time, timedelta

from aggregator.daemon.timetable import Timetable
from tests.builders import NOON
from tests.fasttime import fast_loop, run_fast

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: The time of this machine's day an hour after the tests begin.
ONE = (NOON + HOUR).astimezone().time()


def times(
    days: float, plan: Callable[[Timetable, Callable[[], None]], None], *sets: tuple[float, timedelta]
) -> list[datetime]:
    """Return the true times at which a job came within `days`; `sets` move the clock, by how much after how many days."""
    came: list[datetime] = []

    async def run() -> None:
        loop, off = fast_loop(), timedelta(0)
        timetable = Timetable(lambda: loop.wall() + off, chance=lambda: 0.5)
        plan(timetable, lambda: came.append(loop.wall()))
        for at, by in sets:
            await asyncio.sleep((NOON + at * DAY - loop.wall()).total_seconds())
            off += by
        await asyncio.sleep((NOON + days * DAY - loop.wall()).total_seconds())
        timetable.close()

    run_fast(run)
    return came


def daily(at: time, spread: timedelta = timedelta(0)) -> Callable[[Timetable, Callable[[], None]], None]:
    """Plan a daily job."""

    def plan(timetable: Timetable, note: Callable[[], None]) -> None:
        async def job() -> None:
            note()

        timetable.daily(at, job, spread=spread)

    return plan


def test_a_daily_job_comes_once_a_day() -> None:
    """At its time, or within its spread after it."""
    assert times(1.1, daily(ONE)) == [NOON + HOUR, NOON + HOUR + DAY]
    assert times(0.1, daily(ONE, spread=HOUR)) == [NOON + 1.5 * HOUR]


def test_a_job_does_not_wait_for_a_clock_that_was_set_back() -> None:
    """By a day: it comes a day later at its time, not two."""
    came = times(1.1, daily(ONE), (0.1, -DAY))

    assert came == [NOON + HOUR, NOON + HOUR + DAY]


def test_a_job_that_was_slept_through_comes_once() -> None:
    """A clock that was put forth by a month brings one run within a minute, not thirty."""
    came = times(0.3, daily(ONE), (0.2, 30 * DAY))

    assert len(came) == 2
    assert NOON + 0.2 * DAY <= came[1] <= NOON + 0.2 * DAY + timedelta(minutes=1)


def test_a_pace_heeds_no_clock_on_the_wall() -> None:
    """Every hour is every hour, from the start on where that is wanted."""

    def plan(timetable: Timetable, note: Callable[[], None]) -> None:
        async def job() -> None:
            note()
            raise ValueError("does not end it")

        timetable.every(HOUR, job, at_once=True)

    assert times(0.1, plan, (0.03, -DAY), (0.06, 30 * DAY)) == [NOON, NOON + HOUR, NOON + 2 * HOUR]
