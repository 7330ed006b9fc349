"""An event loop whose time runs as fast as it can: nobody waits for a pause, and a year of polls takes seconds.

Time stands still while anything happens, and jumps to the next timer when nothing does. Sockets are real ones, and so is
what goes over them: while somebody says that real work is under way (`FastLoop.busy_while`, or a call in an executor),
the loop waits for that really. All that asks the loop for the time goes along: sleeps, timeouts, `call_later`.
"""

import asyncio
import math
import selectors
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import Any, TypeVar, TypeVarTuple

from tests.builders import NOON

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_Events = list[tuple[selectors.SelectorKey, int]]

#: Real seconds of one wait for real work.
_GLANCE = 0.01
#: So many waits in a row without a sign of life, and work that is said to be under way is taken to be stuck: time goes on,
#: so that a limit can end it. Counted in waits, as a machine that is too busy to run us makes them longer.
_MOST_GLANCES = 500


class _Jumping(selectors.DefaultSelector):
    """A selector that lets virtual time pass where another would wait."""

    def __init__(self, loop: "FastLoop") -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> _Events:
        """Return what is ready; when nothing is, jump by `timeout`, or wait really where nothing else can help."""
        events = super().select(0)
        if events or timeout == 0:
            return events
        if timeout is None:  # no timer at all: only the world or another thread can go on
            return super().select(None)
        events = self._watch()
        if not events:
            self._loop.jump(timeout)
        return events

    def _watch(self) -> _Events:
        """Wait for real work as long as some is under way; look once more where none is."""
        glances = 0
        while self._loop.calls or (glances < _MOST_GLANCES and self._loop.is_busy()):
            glances += 1
            events = super().select(_GLANCE)
            if events:
                return events
        time.sleep(0)  # lets the kernel hand over what was just sent
        return super().select(0)


class FastLoop(asyncio.SelectorEventLoop):
    """An event loop with a time of its own, which begins at `start` and nought."""

    def __init__(self, start: datetime = NOON) -> None:
        self._start = start
        self._now = 0.0
        self._busy: list[Callable[[], object]] = []
        #: Calls in executors that have not returned.
        self.calls = 0
        #: Answers that servers hold back on purpose, see `hold`.
        self.held = 0
        super().__init__(_Jumping(self))
        self.jump(0)

    def time(self) -> float:
        """Return the virtual seconds since the loop was made."""
        return self._now

    def wall(self) -> datetime:
        """Return the virtual time of day; to be passed wherever a clock is asked for."""
        return self._start + timedelta(seconds=self._now)

    def jump(self, seconds: float) -> None:
        """Let time pass, and nothing else."""
        self._now += seconds
        # A timer is due when it is less than this away: never before its time, for whoever then finds a rest left would
        # wait for that again and again while time stands; and not never, as a fixed nanosecond would be lost in rounding.
        self._clock_resolution = math.ulp(self._now)

    def busy_while(self, busy: Callable[[], object]) -> None:
        """Let no time pass while `busy` returns something true, such as the number of requests on the wire."""
        self._busy.append(busy)

    async def hold(self, seconds: float) -> None:
        """Sleep as a server that answers slowly: requests that wait for it are not counted as real work."""
        self.held += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self.held -= 1

    def is_busy(self) -> bool:
        """Tell whether anybody says that real work is under way."""
        return any(busy() for busy in self._busy)

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Run `func` in another thread or process; no time passes until it has returned."""
        future = super().run_in_executor(executor, func, *args)
        self.calls += 1
        future.add_done_callback(self._returned)
        return future

    def _returned(self, _: asyncio.Future[Any]) -> None:
        self.calls -= 1


def fast_loop() -> FastLoop:
    """Return the fast loop that runs."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, FastLoop), "run this with run_fast"
    return loop


def run_fast(function: Callable[[], Coroutine[Any, Any, T]], *, start: datetime = NOON) -> T:
    """Run a coroutine function in a fast loop of its own, as asyncio.run would."""
    with asyncio.Runner(loop_factory=lambda: FastLoop(start)) as runner:
        return runner.run(function())
