"""Runs pure functions in processes that can be killed: a parser that hangs, crashes or swells costs one answer."""

import asyncio
import contextlib
import importlib
import multiprocessing
import os
import pickle
import resource
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from datetime import timedelta
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar, cast

from pebble import ProcessExpired, ProcessPool

from aggregator.adapters.turns import Turns
from aggregator.domain.fetching import Failed, FailureKind

P = ParamSpec("P")
T = TypeVar("T")

#: trafilatura takes 12 ms a page and feedparser 161 ms a large feed, but the worst inputs within our size limits 20 s and
#: more; nothing honest comes near this.
DEADLINE = timedelta(seconds=15)

#: Bytes of private memory a worker may hold (RLIMIT_DATA). With every library loaded it has 211 MB, of which 57 are touched.
MEMORY_LIMIT = 1_000_000_000

#: Calls after which a worker is replaced, so that what one hostile page left behind in it does not stay for good.
_CALLS = 1_000

#: Seconds beyond the deadline that a call may need to start or replace processes on a busy machine.
_START = 30.0
#: Seconds beyond the deadline after which a worker ends itself, should nobody be left to kill it.
_ORPHANED = 5.0

_LONGEST_REASON = 300
_ENDED = "the workers are closed"


class ProcessWorkers:
    """Processes that run one call each at a time. They start with the first call; use as a context manager or `close`."""

    def __init__(
        self,
        *,
        count: int | None = None,
        deadline: timedelta = DEADLINE,
        memory_limit: int = MEMORY_LIMIT,
        preload: Sequence[str] = (),
    ) -> None:
        """Take None as one process a core; `preload` names the modules that each process has ready."""
        self.count = count or _cores()
        self._seconds = deadline.total_seconds()
        self._start = (memory_limit, tuple(preload))
        #: As many calls as processes: what waits here can be cancelled at no cost and meets no deadline.
        self._turns = Turns(self.count)
        self._pool: ProcessPool | None = None
        self._running: set[Future[bytes | str]] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def under_way(self) -> int:
        """Count the calls that processes are at work on."""
        return len(self._running)

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T | Failed:
        """Return what `function` returns, or `Failed(WORKER)` when it raised, died, swelled or passed its deadline.

        `function` is a module's own, and it, its arguments and its result can be pickled. Cancelling kills the process.
        """
        name = getattr(function, "__name__", "the call")
        try:
            payload = pickle.dumps((function, args, kwargs))
        except Exception as error:  # noqa: BLE001 - a foreign __reduce__ may raise anything
            return _failed(name, _reason(error))
        async with self._turns.turn():
            answer = await self._answer(payload)
        return _failed(name, answer) if isinstance(answer, str) else cast("T", pickle.loads(answer))  # noqa: S301 - our own process wrote it

    async def close(self) -> None:
        """Kill the processes, whatever they do; calls under way yield `Failed`. Closing twice is harmless."""
        self._closed = True
        for future in tuple(self._running):
            future.cancel()
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(_end, pool)

    async def _answer(self, payload: bytes) -> bytes | str:
        """Return the pickled result, or why there is none; a pool that broke under a call is replaced once."""
        for _ in range(2):
            if self._closed:
                return _ENDED
            pool = self._living_pool()
            try:
                async with asyncio.timeout(self._seconds + _START):
                    return await self._run(pool, payload)
            except ProcessExpired as expired:
                return f"its process died ({_death(expired.exitcode)})"
            except TimeoutError:
                return f"it took longer than {self._seconds:g} s"
            except RuntimeError:  # pebble gave the pool up: an idle process was killed from outside
                await self._give_up(pool)
        return "the worker processes die before they can work"

    async def _run(self, pool: ProcessPool, payload: bytes) -> bytes | str:
        future = pool.schedule(_perform, args=(payload, self._seconds + _ORPHANED), timeout=self._seconds)
        self._running.add(future)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._closed and task is not None and not task.cancelling():
                return _ENDED
            raise
        finally:
            self._running.discard(future)

    def _living_pool(self) -> ProcessPool:
        if self._pool is None:
            # Forked from a small server that has the modules loaded: safe beside our threads, and a killed process is
            # replaced in milliseconds where a fresh interpreter needs a second to import them.
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([__name__, *self._start[1]])
            self._pool = ProcessPool(
                max_workers=self.count,
                max_tasks=_CALLS,
                initializer=_begin,
                initargs=self._start,
                context=context,
            )
        return self._pool

    async def _give_up(self, pool: ProcessPool) -> None:
        if self._pool is pool:
            self._pool = None
            await asyncio.to_thread(_end, pool)


class InlineWorkers:
    """The same shape without processes, for one-off commands and tests: nothing is killed, nothing is bounded."""

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T | Failed:
        """Return what `function` returns, or `Failed(WORKER)` when it raised."""
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - that is the contract
            return _failed(getattr(function, "__name__", "the call"), _reason(error))

    async def close(self) -> None:
        """Do nothing; there is nothing to close."""


def _begin(memory_limit: int, preload: Sequence[str]) -> None:
    """Prepare a fresh process."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # so that one stuck in C dies at once, not after a grace of 3 s
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C and a closed terminal are the parent's to handle
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = memory_limit if hard == resource.RLIM_INFINITY else min(memory_limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    for module in preload:
        with contextlib.suppress(ImportError):  # the call that needs it says so better
            importlib.import_module(module)


def _perform(payload: bytes, seconds: float) -> bytes | str:
    """Run a pickled call and return its pickled result, or why there is none.

    Pickled here and not by the pool, because an exception or result that cannot be pickled would break the pool.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        function, args, kwargs = pickle.loads(payload)  # noqa: S301 - our own parent wrote it
        return pickle.dumps(function(*args, **kwargs))
    except BaseException as error:  # noqa: BLE001 - SystemExit is the function's failure too, not the worker's
        return _reason(error)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def packed(value: object) -> bytes:
    """Return a value as it comes back from a process: who takes many one by one need not hold them all unpacked."""
    return pickle.dumps(value)


def unpacked(value: bytes) -> Any:
    """Return what `packed` was given, in a process of our own."""
    return pickle.loads(value)  # noqa: S301 - our own process wrote it


def _end(pool: ProcessPool) -> None:
    """Stop a pool at once and wait until its processes are gone."""
    with contextlib.suppress(BrokenProcessPool, RuntimeError):
        pool.stop()  # type: ignore[no-untyped-call] # pebble annotates only some of its methods
        pool.join()


def _failed(name: str, reason: str) -> Failed:
    return Failed(kind=FailureKind.WORKER, why=f"{name} failed in a worker: {reason}")


def _reason(error: BaseException) -> str:
    """Name the exception and its first line; the rest may quote a whole page."""
    first_line = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first_line}".removesuffix(": ")[:_LONGEST_REASON]


def _death(exitcode: int) -> str:
    try:
        return signal.Signals(-exitcode).name
    except ValueError:
        return f"exit code {exitcode}"


def _cores() -> int:
    """Count the cores this process may use, which in a container can be fewer than there are."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
