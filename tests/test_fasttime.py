import asyncio
import threading
import time
from datetime import timedelta

import pytest

from aggregator.adapters.http import Limits
from tests.adapters.loopback import Asked, fetcher, good, page, reply, serve
from tests.builders import NOON
from tests.fasttime import fast_loop, run_fast

DAY = 86_400.0


def test_a_day_of_sleeping_takes_no_real_time() -> None:
    """Whoever sleeps wakes at the right time of the loop, long before it in ours."""
    woken: list[float] = []

    async def sleeper(every: float) -> None:
        while fast_loop().time() < DAY:
            await asyncio.sleep(every)
            woken.append(fast_loop().time())

    async def run() -> None:
        await asyncio.gather(sleeper(3_600), sleeper(1_000))
        assert fast_loop().wall() - NOON == timedelta(seconds=fast_loop().time())

    begun = time.monotonic()
    run_fast(run)

    assert time.monotonic() - begun < 5
    assert woken == sorted(woken)
    assert len(woken) == 24 + 87


def test_years_pass_as_well() -> None:
    """Timers go off however late it is."""

    async def run() -> None:
        for _ in range(300):
            await asyncio.sleep(8 * DAY + 0.1)
        assert fast_loop().time() == pytest.approx(300 * (8 * DAY + 0.1))

    run_fast(run)


def test_no_timer_goes_off_before_its_time() -> None:
    """Whoever waits for a moment finds that it has come, however odd the fractions."""

    async def waiter(moment: float) -> None:
        loop = fast_loop()
        turns = 0
        while (left := moment - loop.time()) > 0:
            await asyncio.sleep(left)
            turns += 1
        assert turns <= 3

    async def run() -> None:
        await asyncio.sleep(1 / 3)
        await asyncio.gather(*(waiter(number / 7 + number * 1e-7) for number in range(2_000)))

    run_fast(run)


def test_the_clock_starts_where_it_is_told_to() -> None:
    """The time of day is the start and what has passed since."""
    start = NOON + timedelta(days=3)

    async def run() -> None:
        assert fast_loop().wall() == start
        await asyncio.sleep(90)
        assert fast_loop().wall() == start + timedelta(seconds=90)

    run_fast(run, start=start)


def test_requests_on_the_wire_are_waited_for_really() -> None:
    """However long real requests take, no limit of theirs runs out meanwhile, and no time passes."""

    async def play(_: Asked, writer: asyncio.StreamWriter) -> None:
        time.sleep(0.002)  # noqa: ASYNC251 - a machine under load
        writer.write(reply(body=b"x" * 100_000))

    async def run() -> float:
        async with serve(play) as server, fetcher(limits=Limits(seconds=0.05, idle_seconds=0.05)) as client:
            fast_loop().busy_while(lambda: client.under_way)
            urls = [server.url("/", f"site{n}.test") for n in range(100)]
            for answer in await asyncio.gather(*(client.fetch(page(url)) for url in urls)):
                good(answer)
            return fast_loop().time()

    assert run_fast(run) == 0


def test_a_time_limit_runs_out_where_nothing_is_under_way() -> None:
    """A server that holds its answer back is no real work, so the fetch reaches its limit at once."""

    async def play(_: Asked, __: asyncio.StreamWriter) -> None:
        await fast_loop().hold(10 * DAY)

    async def run() -> float:
        async with serve(play) as server, fetcher() as client:
            fast_loop().busy_while(lambda: client.under_way > fast_loop().held)
            await client.fetch(page(server.url()))
            return fast_loop().time()

    begun = time.monotonic()

    assert run_fast(run) == pytest.approx(10)  # the limit for silence
    assert time.monotonic() - begun < 5


def test_calls_in_threads_are_waited_for() -> None:
    """While an executor works no time passes; its result comes before any timer that was set."""

    def work() -> str:
        time.sleep(0.2)
        return "done"

    async def run() -> str:
        async with asyncio.timeout(0.01):
            result = await asyncio.get_running_loop().run_in_executor(None, work)
        assert fast_loop().time() == 0
        return result

    assert run_fast(run) == "done"


def test_a_failing_call_in_a_thread_ends_the_wait() -> None:
    """A call that raises is over like any other."""

    async def run() -> None:
        with pytest.raises(ZeroDivisionError):
            await asyncio.get_running_loop().run_in_executor(None, lambda: 1 // 0)
        await asyncio.sleep(DAY)
        assert fast_loop().calls == 0

    run_fast(run)


def test_a_thread_may_wake_a_loop_without_timers() -> None:
    """Without any timer the loop waits really, until a thread calls it."""

    async def run() -> None:
        woken = asyncio.Event()
        loop = asyncio.get_running_loop()
        threading.Timer(0.05, loop.call_soon_threadsafe, (woken.set,)).start()
        await woken.wait()

    run_fast(run)
