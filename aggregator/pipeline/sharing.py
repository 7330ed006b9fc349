"""Writes that share a transaction, so that a cycle in which nothing is new costs the disk next to nothing, and many articles less.

Who waits for a write goes on once it is committed: a kill loses only what nobody was told of, and the next poll finds it again.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from aggregator.domain.errors import StoreError
from aggregator.pipeline.ports import Fetcher, InWriter
from aggregator.pipeline.store_ports import Store

#: Seconds for which a write may wait for others. So long a kill may cost: the polls whose ends were not written are made
#: again, when the claims allow it, and find their articles recorded.
SHARED_FOR = 1.0

#: Of those who waited for one transaction so many go on in one turn of the event loop; the rest of it must not stand still.
WOKEN_AT_ONCE = 50

#: Articles that share a transaction, and with it what each would write anew of the pages that all of them change. With so many the
#: log gets two thirds of the bytes (`python -m tests.bench.placing --together 16`), and other programs that want to write wait
#: for some tenth of a second.
ARTICLES_AT_ONCE = 16

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class _Write:
    """A write, who waits for it if somebody does, and what it came to."""

    work: Callable[[], object]
    done: asyncio.Future[Any] | None = None
    is_article: bool = False
    result: object = None
    error: Exception | None = None

    def do(self) -> None:
        """Do it, in an open transaction."""
        self.result = self.work()

    def tell(self) -> None:
        """Let the one who waits go on, if it still does."""
        if self.done is None or self.done.done():
            return
        if self.error is None:
            self.done.set_result(self.result)
        else:
            self.done.set_exception(self.error)


class SharedWrites:
    """Gathers writes for up to `SHARED_FOR` since the last transaction, or for as long as more are expected."""

    def __init__(self, *, store: Store, fetcher: Fetcher, in_writer: InWriter) -> None:
        self._store = store
        self._fetcher = fetcher
        self._in_writer = in_writer
        self._waiting: list[_Write] = []
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

    async def write(self, work: Callable[[], T], *, at_once: bool = False) -> T:
        """Do `work` in the writer's thread; return what it returned once it is written.

        Only what comes at the same moment shares `at_once`. Who is cancelled while waiting does not take the write back.

        Raises:
            StoreError: the database cannot be used; nobody's work was written.
        """
        return await self._written_with_others(work, at_once=at_once, is_article=False)

    async def write_article(self, work: Callable[[], T]) -> T:
        """Do `work`, which records an article, as soon as the writer can, together with those that wait for it too.

        For all else see `write`; no more than `ARTICLES_AT_ONCE` are written together.
        """
        return await self._written_with_others(work, at_once=True, is_article=True)

    async def _written_with_others(self, work: Callable[[], T], *, at_once: bool, is_article: bool) -> T:
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Write(work=work, done=done, is_article=is_article))
        if at_once or not self._expected:
            self._hurry.set()
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await done

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                await self._for_others()
                await self._write_together(self._taken())
        finally:
            self._writing = None

    async def _for_others(self) -> None:
        left = self._last + SHARED_FOR - asyncio.get_running_loop().time()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(left, 0)):
                await self._hurry.wait()
        await asyncio.sleep(0)
        self._hurry.clear()

    def _taken(self) -> Sequence[_Write]:
        """Take what shares the next transaction, the first to come first; what is left does not wait for others again."""
        places = [place for place, write in enumerate(self._waiting) if write.is_article]
        end = places[ARTICLES_AT_ONCE] if len(places) > ARTICLES_AT_ONCE else len(self._waiting)
        taken, self._waiting = self._waiting[:end], self._waiting[end:]
        if self._waiting:
            self._hurry.set()
        return taken

    async def _write_together(self, writes: Sequence[_Write]) -> None:
        visits = self._fetcher.drain()
        try:
            await self._in_writer(self._write, [*writes, _Write(work=lambda: self._store.record_visits(*visits))])
        except Exception as trouble:  # noqa: BLE001 (who waits for it raises it)
            for write in writes:
                write.error = trouble
        self._last = asyncio.get_running_loop().time()
        for number, write in enumerate(writes, 1):
            write.tell()
            if number % WOKEN_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _write(self, writes: Sequence[_Write]) -> None:
        """Write all in one transaction; where one of them is faulty, each in its own."""
        with suppress(_FaultyError), self._store.transaction():
            self._do(writes)
            return
        for write in writes:
            self._do_alone(write)

    def _do_alone(self, write: _Write) -> None:
        try:
            with self._store.transaction():
                write.do()
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 (one write's trouble stays its own)
            write.error = error

    @staticmethod
    def _do(writes: Sequence[_Write]) -> None:
        try:
            for write in writes:
                write.do()
        except StoreError:
            raise
        except Exception as error:
            raise _FaultyError from error


class _FaultyError(Exception):
    """A write has a bug."""
