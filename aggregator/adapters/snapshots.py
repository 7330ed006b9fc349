"""Reads the database as it is at one moment, in a process of its own: what takes minutes and much memory stays out of the daemon."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from aggregator.adapters.store import snapshot
from aggregator.adapters.store.writes import AllTables
from aggregator.adapters.workers import ProcessWorkers, packed, unpacked
from aggregator.domain.fetching import Failed

P = ParamSpec("P")
T = TypeVar("T")

#: To arrange 39,000 open articles anew takes a minute.
DEADLINE = timedelta(hours=1)
#: Bytes of private memory the process may hold (RLIMIT_DATA); 39,000 open articles take 540 MB.
MEMORY_LIMIT = 4_000_000_000
#: Polls go first.
_NICENESS = 10


class ProcessSnapshots:
    """Starts a process for each call, which is gone afterwards with all that it held."""

    def __init__(
        self,
        path: Path,
        *,
        deadline: timedelta = DEADLINE,
        memory_limit: int = MEMORY_LIMIT,
        preload: Sequence[str] = (),
    ) -> None:
        """Read the database at `path`; for the others see `ProcessWorkers`."""
        self._path = path
        self._deadline = deadline
        self._memory_limit = memory_limit
        self._preload = preload
        #: Calls that processes are at work on.
        self.under_way = 0

    async def call(
        self, function: Callable[Concatenate[AllTables, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T | Failed:
        """Return what `function` returns of the store, or `Failed(WORKER)` when it raised, died, swelled or passed its deadline.

        Cancelling kills the process. For all else see `ProcessWorkers.call`.
        """
        self.under_way += 1
        try:
            async with ProcessWorkers(
                count=1, deadline=self._deadline, memory_limit=self._memory_limit, preload=self._preload
            ) as workers:
                return await workers.call(reading, self._path, function, *args, **kwargs)
        finally:
            self.under_way -= 1

    async def each(
        self, function: Callable[Concatenate[AllTables, P], Iterable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Iterator[T] | Failed:
        """Return the values that `function` returns one after the other, so that nobody holds them all; else see `call`."""
        answer = await self.call(reading_each, function, *args, **kwargs)
        return answer if isinstance(answer, Failed) else _unpacked(answer)


def reading_each(
    store: AllTables,
    function: Callable[Concatenate[AllTables, P], Iterable[T]],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> list[bytes]:
    """Return what `function` returns, each value packed by itself."""
    return [packed(value) for value in function(store, *args, **kwargs)]


def _unpacked(values: list[bytes]) -> Iterator[Any]:
    values.reverse()
    while values:
        yield unpacked(values.pop())


def reading(path: Path, function: Callable[Concatenate[AllTables, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what `function` returns of the database at `path`; in a process of its own."""
    os.nice(_NICENESS)
    with snapshot(path) as store:
        return function(store, *args, **kwargs)
