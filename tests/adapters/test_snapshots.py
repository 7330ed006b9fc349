"""Processes that read the database as it is at one moment."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from aggregator.adapters.snapshots import ProcessSnapshots
from aggregator.adapters.store import SqliteStore, snapshot
from aggregator.adapters.store.writes import AllTables
from aggregator.domain.articles import Signature
from aggregator.domain.errors import StoreError
from aggregator.domain.fetching import Failed, FailureKind
from tests.adapters.test_workers import gone
from tests.builders import NOON, article

T = TypeVar("T")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the place of a database with one article."""
    path = tmp_path / "news.db"
    with SqliteStore(path) as store:
        _add(store, "a")
    return path


def _add(store: SqliteStore, outlet: str) -> None:
    with store.transaction():
        store.add_article(article("text", outlet=outlet, url=f"https://{outlet}.example/"), Signature(), NOON)


def _reading(path: Path, use: Callable[[ProcessSnapshots], Awaitable[T]]) -> T:
    async def run() -> T:
        snapshots = ProcessSnapshots(path)
        answer = await use(snapshots)
        assert snapshots.under_way == 0
        return answer

    return asyncio.run(run())


def counted(store: AllTables) -> tuple[int, int, int]:
    """Return which process this is, how it gives way, and how many articles there are."""
    return os.getpid(), os.nice(0), store.article_count()


def killed(_: AllTables) -> None:
    """Die as by the kernel's hand."""
    os.kill(os.getpid(), signal.SIGKILL)


def stuck(_: AllTables, told: Path) -> None:
    """Tell who it is that never comes to an end."""
    told.with_suffix(".new").write_text(str(os.getpid()))
    told.with_suffix(".new").rename(told)
    time.sleep(600)


def test_a_snapshot_does_not_see_what_comes(path: Path) -> None:
    """What another connection writes meanwhile is not in it, and nobody waits for it."""
    with SqliteStore(path) as store, snapshot(path) as seen:
        assert seen.article_count() == 1
        _add(store, "b")

        assert seen.article_count() == 1
        assert store.article_count() == 2


def test_nothing_is_written_through_a_snapshot(path: Path) -> None:
    """Whoever tries is told so."""
    with snapshot(path) as seen, pytest.raises(StoreError, match="may not be written"):
        seen.set_boilerplate("a.example", [1])


def test_a_call_reads_in_a_process_that_gives_way_and_is_gone_afterwards(path: Path) -> None:
    """Polls go first, and the memory it took is given back."""
    answer = _reading(path, lambda snapshots: snapshots.call(counted))

    assert not isinstance(answer, Failed)
    pid, niceness, articles = answer
    assert pid != os.getpid()
    assert niceness > os.nice(0)
    assert articles == 1
    assert gone(pid)


@pytest.mark.parametrize("missing", [False, True])
def test_a_process_that_dies_or_finds_no_database_is_an_answer(path: Path, *, missing: bool) -> None:
    """Nothing is raised; the answer says what happened."""
    place = path.with_name("other.db") if missing else path
    answer = _reading(place, lambda snapshots: snapshots.call(killed))

    assert isinstance(answer, Failed)
    assert answer.kind is FailureKind.WORKER
    assert ("there is no database" if missing else "its process died (SIGKILL)") in answer.why


def test_a_call_that_is_cancelled_leaves_no_process(path: Path) -> None:
    """It is killed, whatever it does."""
    told = path.with_name("pid")

    async def use(snapshots: ProcessSnapshots) -> int:
        call = asyncio.create_task(snapshots.call(stuck, told))
        async with asyncio.timeout(20):
            while not told.exists():  # noqa: ASYNC110  # another process makes it
                await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        return int(told.read_text())

    assert gone(_reading(path, use))
