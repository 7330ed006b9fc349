"""Small writes that share a transaction, so that a cycle in which nothing is new costs the disk next to nothing."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from aggregator.domain.errors import StoreError
from aggregator.pipeline.ports import Fetcher, InWriter
from aggregator.pipeline.store_ports import Store

#: Seconds for which a write may wait for others. So long a kill may cost: the polls whose ends were not written are made
#: again, when the claims allow it, and find their articles recorded.
SHARED_FOR = 1.0

#: Of those who waited for one transaction so many go on in one turn of the event loop; the rest of it must not stand still.
WOKEN_AT_ONCE = 50

Work = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A write, and who waits for it."""

    work: Work
    done: asyncio.Future[None]

    def tell(self, error: Exception | None) -> None:
        """Let the one who waits go on, if it still does."""
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)


class SharedWrites:
    """Gathers writes for up to `SHARED_FOR` since the last transaction, or for as long as more are expected."""

    def __init__(self, *, store: Store, fetcher: Fetcher, in_writer: InWriter) -> None:
        self._store = store
        self._fetcher = fetcher
        self._in_writer = in_writer
        self._waiting: list[_Waiting] = []
        self._expected = 0
        self._hurry = asyncio.Event()
        self._last = float("-inf")
        self._writing: asyncio.Task[None] | None = None

    @contextmanager
    def expected(self) -> Iterator[None]:
        """Tell that a write may come after this block; when no other is, nobody waits any longer."""
        self._expected += 1
        try:
            yield
        finally:
            self._expected -= 1
            if not self._expected:
                self._hurry.set()

    async def write(self, work: Work, *, at_once: bool = False) -> None:
        """Do `work` in the writer's thread; return when it is written. Only what comes at the same moment shares `at_once`.

        Who is cancelled while waiting does not take the write back.

        Raises:
            StoreError: the database cannot be used; nobody's work was written.
        """
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(work=work, done=done))
        if at_once or not self._expected:
            self._hurry.set()
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        await done

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                await self._for_others()
                waiting, self._waiting = self._waiting, []
                await self._write_together(waiting)
        finally:
            self._writing = None

    async def _for_others(self) -> None:
        left = self._last + SHARED_FOR - asyncio.get_running_loop().time()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(left, 0)):
                await self._hurry.wait()
        await asyncio.sleep(0)
        self._hurry.clear()

    async def _write_together(self, waiting: Sequence[_Waiting]) -> None:
        visits = self._fetcher.drain()
        works = [one.work for one in waiting]
        errors: Sequence[Exception | None]
        try:
            errors = await self._in_writer(self._written, [*works, lambda: self._store.record_visits(*visits)])
        except Exception as trouble:  # noqa: BLE001 (who waits for it raises it)
            errors = [trouble for _ in works]
        self._last = asyncio.get_running_loop().time()
        for number, (one, error) in enumerate(zip(waiting, errors, strict=False), 1):
            one.tell(error)
            if number % WOKEN_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _written(self, works: Sequence[Work]) -> list[Exception | None]:
        """Write all in one transaction; where one of them is faulty, each in its own. Return what each came to."""
        with suppress(_FaultyError), self._store.transaction():
            self._do(works)
            return [None for _ in works]
        return [self._alone(work) for work in works]

    def _alone(self, work: Work) -> Exception | None:
        try:
            with self._store.transaction():
                work()
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 (one write's trouble stays its own)
            return error
        return None

    @staticmethod
    def _do(works: Sequence[Work]) -> None:
        try:
            for work in works:
                work()
        except StoreError:
            raise
        except Exception as error:
            raise _FaultyError from error


class _FaultyError(Exception):
    """A write has a bug."""
