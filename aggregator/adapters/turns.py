"""Turns at what only few can use at once: who began first goes on first."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from weakref import WeakKeyDictionary

Task = asyncio.Task[object]


class Queue:
    """Lets one on in each turn of the event loop.

    What takes a millisecond (to start a thread, to begin a connection, to check a certificate) and is wanted by dozens at
    the same moment must not become one turn in which everything else stands still.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def turn(self) -> None:
        """Wait for a turn that nobody else of this queue has."""
        async with self._lock:
            await asyncio.sleep(0)


class Turns:
    """Lets `places` in at once; of those who wait, the task that asked first in its life.

    So what was begun is finished before more is begun: of a hundred feeds with twenty pages each, those that came first are
    asked for page after page over one connection, instead of all hundred in a round in which each connection grows cold.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._came = WeakKeyDictionary[Task, int]()
        self._numbers = count()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold a place; a task that is cancelled while waiting just leaves the queue."""
        await self._enter()
        try:
            yield
        finally:
            self._leave()

    async def _enter(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        came = self._came.setdefault(task, next(self._numbers))
        if self._free:
            self._free -= 1
            return
        called = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (came, next(self._numbers), called))
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        while self._waiting:
            called = heapq.heappop(self._waiting)[-1]
            if not called.done():
                called.set_result(None)
                return
        self._free += 1
