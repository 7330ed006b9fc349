"""How long the event loop leaves others waiting."""

import asyncio
import time
from typing import Any, Self

#: Seconds between two looks, which cost the loop some CPU themselves.
_EVERY = 0.01


class Stalls:
    """Measures, in the loop it is opened in, how much later than asked for a sleeper is woken.

    And how much CPU the loop's own thread took meanwhile: on a busy machine a delay is not all of our making.
    """

    def __init__(self) -> None:
        self._delays: list[float] = []
        self._turns: list[float] = []
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task
        self._task.cancel()

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, busy = loop.time() + _EVERY, time.thread_time()
            await asyncio.sleep(_EVERY)
            self._delays.append(loop.time() - due)
            self._turns.append(time.thread_time() - busy)

    def figures(self) -> dict[str, Any]:
        """Return the longest delay and the one that 999 of 1,000 stay below, in ms."""
        delays = sorted(self._delays) or [0.0]
        return {
            "stall max ms": round(delays[-1] * 1e3, 1),
            "stall p99.9 ms": round(delays[min(int(len(delays) * 0.999), len(delays) - 1)] * 1e3, 1),
            "turn max CPU ms": round(max(self._turns, default=0.0) * 1e3, 1),
            "stalls over 50 ms": sum(delay > 0.05 for delay in delays),
        }
