import asyncio
import ctypes
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from aggregator.adapters.workers import InlineWorkers, ProcessWorkers
from aggregator.domain.fetching import Failed, FailureKind

T = TypeVar("T")


def working(
    use: Callable[[ProcessWorkers], Awaitable[T]],
    *,
    count: int = 1,
    deadline: float = 10.0,
    preload: tuple[str, ...] = (),
) -> T:
    async def run() -> T:
        async with ProcessWorkers(count=count, deadline=timedelta(seconds=deadline), preload=preload) as workers:
            return await use(workers)

    return asyncio.run(run())


def failure(answer: object) -> str:
    assert isinstance(answer, Failed)
    assert answer.kind is FailureKind.WORKER
    return answer.why


def gone(pid: int, within: float = 2.0) -> bool:
    """Tell whether a process ends and is reaped within some seconds."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.01)
    return False


def test_a_call_returns_what_its_function_returns_from_another_process() -> None:
    """The function runs elsewhere, with positional and keyword arguments, and its result comes back."""

    async def use(workers: ProcessWorkers) -> tuple[object, object]:
        return await workers.call(sorted, [2, 3, 1], reverse=True), await workers.call(os.getpid)

    answer, pid = working(use)

    assert answer == [3, 2, 1]
    assert pid != os.getpid()


def test_workers_have_the_preloaded_modules_ready() -> None:
    """A module named in `preload` is imported before the first call; a misspelt one harms nothing."""

    async def use(workers: ProcessWorkers) -> object:
        return await workers.call(eval, "'colorsys' in __import__('sys').modules")

    assert working(use, preload=("colorsys", "no_such_module")) is True


def test_an_exception_becomes_failed_with_its_type_and_first_line() -> None:
    """What a function raises is a value that names type and first line, not an exception."""

    async def use(workers: ProcessWorkers) -> object:
        return await workers.call(json.loads, "{")

    assert "JSONDecodeError: Expecting property name" in failure(working(use))


def test_a_function_that_exits_fails_alone() -> None:
    """SystemExit is the function's failure; the same process goes on working."""

    async def use(workers: ProcessWorkers) -> tuple[object, object, object]:
        before = await workers.call(os.getpid)
        return before, await workers.call(sys.exit, 7), await workers.call(os.getpid)

    before, answer, after = working(use)

    assert "SystemExit: 7" in failure(answer)
    assert before == after


@pytest.mark.parametrize(
    "hang",
    [lambda w: w.call(time.sleep, 60), lambda w: w.call(re.fullmatch, "(a+)+b", "a" * 60)],
    ids=["asleep", "stuck in C"],
)
def test_a_call_that_hangs_is_killed_at_its_deadline_and_replaced(
    hang: Callable[[ProcessWorkers], Awaitable[object]],
) -> None:
    """A hanging call fails soon after its deadline, its process is gone, and the next call is served."""

    async def use(workers: ProcessWorkers) -> tuple[object, object, object, float]:
        before = await workers.call(os.getpid)
        start = time.monotonic()
        answer = await hang(workers)
        return before, answer, await workers.call(os.getpid), time.monotonic() - start

    before, answer, after, seconds = working(use, deadline=0.3)

    assert "longer than 0.3 s" in failure(answer)
    assert isinstance(before, int)
    assert before != after
    assert gone(before)
    assert seconds < 3


@pytest.mark.parametrize(
    ("die", "named"),
    [
        (lambda w: w.call(os._exit, 3), "exit code 3"),
        (lambda w: w.call(os._exit, 0), "longer than"),
        (lambda w: w.call(ctypes.string_at, 0), "SIGSEGV"),
        (lambda w: w.call(os.abort), "SIGABRT"),
        (lambda w: w.call(signal.raise_signal, signal.SIGKILL), "SIGKILL"),
    ],
    ids=["exit", "exit as if well", "segfault", "abort", "kill"],
)
def test_a_call_that_dies_fails_and_its_process_is_replaced(
    die: Callable[[ProcessWorkers], Awaitable[object]], named: str
) -> None:
    """A crash is a value that names it; the next call is served by a fresh process."""

    async def use(workers: ProcessWorkers) -> tuple[object, object]:
        return await die(workers), await workers.call(len, b"four")

    answer, after = working(use, deadline=2.0)

    assert named in failure(answer)
    assert after == 4


def test_a_call_that_swells_fails_at_the_memory_limit() -> None:
    """More memory than the limit is refused to a process; a modest need is not."""

    async def use(workers: ProcessWorkers) -> tuple[object, object]:
        return await workers.call(bytearray, 1_200_000_000), await workers.call(len, bytes(1_000_000))

    swollen, modest = working(use)

    assert "MemoryError" in failure(swollen)
    assert modest == 1_000_000


@pytest.mark.parametrize(
    "call",
    [lambda w: w.call(len, threading.Lock()), lambda w: w.call(lambda: 1), lambda w: w.call(threading.Lock)],
    ids=["argument", "function", "result"],
)
def test_what_cannot_be_pickled_fails_alone(call: Callable[[ProcessWorkers], Awaitable[object]]) -> None:
    """An argument, function or result that cannot cross to a process fails its own call only."""

    async def use(workers: ProcessWorkers) -> tuple[object, object]:
        return await call(workers), await workers.call(len, "abc")

    answer, after = working(use)

    assert re.search("pickle|local object", failure(answer))  # as Python 3.12 or 3.13 says it
    assert after == 3


def test_many_calls_in_parallel_each_get_their_own_answer() -> None:
    """Answers of many calls at once, some of which crash, are never mixed up or lost."""

    async def use(workers: ProcessWorkers) -> list[object]:
        calls: list[Awaitable[object]] = [
            workers.call(os._exit, 1) if n % 40 == 17 else workers.call(pow, n, 2) for n in range(120)
        ]
        return list(await asyncio.gather(*calls))

    answers = working(use, count=2)

    assert [answer for answer in answers if not isinstance(answer, Failed)] == [
        n * n for n in range(120) if n % 40 != 17
    ]
    assert len([answer for answer in answers if isinstance(answer, Failed)]) == 3


def test_two_workers_work_at_the_same_time() -> None:
    """Two calls of 0.3 s on two processes take less than 0.6 s."""

    async def use(workers: ProcessWorkers) -> float:
        await asyncio.gather(workers.call(len, ""), workers.call(len, ""))
        start = time.monotonic()
        await asyncio.gather(workers.call(time.sleep, 0.3), workers.call(time.sleep, 0.3))
        return time.monotonic() - start

    assert working(use, count=2) < 0.55


def test_an_idle_worker_killed_from_outside_costs_nothing() -> None:
    """When the system kills an idle process, the next call is answered all the same."""

    async def use(workers: ProcessWorkers) -> object:
        pid = await workers.call(os.getpid)
        assert isinstance(pid, int)
        os.kill(pid, signal.SIGKILL)
        return await workers.call(len, "abc")

    assert working(use, deadline=2.0) == 3


def test_closing_while_busy_ends_calls_and_processes_at_once() -> None:
    """Close answers a call under way and one that waits with Failed within a second, and leaves no process."""

    async def run() -> tuple[object, object, object, object, float]:
        workers = ProcessWorkers(count=1)
        pid = await workers.call(os.getpid)
        busy = asyncio.create_task(workers.call(time.sleep, 60))
        waiting = asyncio.create_task(workers.call(len, "abc"))
        await asyncio.sleep(0.1)
        start = time.monotonic()
        await workers.close()
        seconds = time.monotonic() - start
        await workers.close()
        return pid, await busy, await waiting, await workers.call(len, "abc"), seconds

    pid, busy, waiting, late, seconds = asyncio.run(run())

    assert "closed" in failure(busy)
    assert "closed" in failure(waiting)
    assert "closed" in failure(late)
    assert isinstance(pid, int)
    assert gone(pid)
    assert seconds < 1
    assert not multiprocessing.active_children()


def test_a_cancelled_call_frees_its_worker() -> None:
    """Cancelling a call kills what it does, and the next call does not wait for it."""

    async def use(workers: ProcessWorkers) -> tuple[bool, object, float]:
        await workers.call(len, "")
        busy = asyncio.create_task(workers.call(time.sleep, 60))
        await asyncio.sleep(0.1)
        busy.cancel()
        done, _ = await asyncio.wait([busy])
        start = time.monotonic()
        return done.pop().cancelled(), await workers.call(len, "abc"), time.monotonic() - start

    cancelled, after, seconds = working(use)

    assert cancelled
    assert after == 3
    assert seconds < 2


def test_a_worker_whose_parent_died_ends_by_itself() -> None:
    """A call carries an alarm that ends its process even when nobody is left to kill it."""
    program = "import pickle, re, sys; from aggregator.adapters.workers import _perform; "
    program += "_perform(pickle.dumps((re.fullmatch, ('(a+)+b', 'a' * 60), {})), 0.2)"

    ended = subprocess.run([sys.executable, "-c", program], timeout=10, check=False)

    assert ended.returncode == -signal.SIGALRM


def test_inline_workers_have_the_same_shape() -> None:
    """The workers without processes return results and turn exceptions into Failed(WORKER) alike."""

    async def run() -> tuple[object, object]:
        workers = InlineWorkers()
        answers = await workers.call(sorted, [2, 1], reverse=True), await workers.call(json.loads, "{")
        await workers.close()
        return answers

    well, ill = asyncio.run(run())

    assert well == [2, 1]
    assert "JSONDecodeError" in failure(ill)
