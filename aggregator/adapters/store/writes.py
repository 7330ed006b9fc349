"""What the pipeline reads and writes: all tables in one."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from aggregator.adapters.store.articles import ArticleTables
from aggregator.adapters.store.candidates import CandidateTables
from aggregator.adapters.store.clock_moves import ClockTables
from aggregator.adapters.store.decisions import DecisionTables
from aggregator.adapters.store.digests import DigestTables
from aggregator.adapters.store.entries import EntryTables
from aggregator.adapters.store.feeds import FeedTables
from aggregator.adapters.store.health_reads import SummaryTables
from aggregator.adapters.store.marks import MarkTables
from aggregator.adapters.store.migrations import Progress
from aggregator.adapters.store.opening import open_for_reading, open_for_writing
from aggregator.adapters.store.pruning import PruningTables
from aggregator.adapters.store.robots import RobotsTables
from aggregator.adapters.store.soundness import SoundnessTables
from aggregator.adapters.store.standing import StandingTables
from aggregator.adapters.store.stories import StoryTables
from aggregator.adapters.store.subscriptions import SubscriptionTables
from aggregator.adapters.store.terms import TermTables
from aggregator.adapters.store.thinning import ThinningTables
from aggregator.adapters.store.visits import VisitTables
from aggregator.adapters.store.wrappers import WrapperTables


class AllTables(
    FeedTables,
    ArticleTables,
    EntryTables,
    CandidateTables,
    StoryTables,
    TermTables,
    DecisionTables,
    StandingTables,
    MarkTables,
    VisitTables,
    SubscriptionTables,
    SummaryTables,
    DigestTables,
    RobotsTables,
    WrapperTables,
    PruningTables,
    ThinningTables,
    SoundnessTables,
    ClockTables,
):
    """The store, however it was opened. For one thread at a time, whichever."""

    def transaction(self) -> AbstractContextManager[None]:
        """All writes inside it happen together or not at all; one inside another is a mistake (RuntimeError)."""
        return self._sql.transaction()

    def joined(self) -> AbstractContextManager[None]:
        """Be part of the open transaction, or hold one."""
        return self._sql.joined()

    def close(self) -> None:
        """Close the database; a transaction that is still open is undone."""
        self._sql.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class SqliteStore(AllTables):
    """The store as the pipeline writes it; two processes wait for each other."""

    def __init__(self, path: Path | str, progress: Progress | None = None) -> None:
        """Open the database at `path`, or ":memory:"; make it where there is none.

        While one of an older version is brought up to date, `progress` is told how many articles are done.

        Raises:
            NotOurDatabase: something else is there; it is left as it is.
            NewerDatabase: a newer version wrote it; it is left as it is.
            StoreError: it cannot be opened or written.
        """
        super().__init__(open_for_writing(path, progress=progress))


@contextmanager
def snapshot(path: Path) -> Iterator[AllTables]:
    """Open the database at `path` as it is at this moment, for reading only; a writer neither waits nor is waited for.

    Raises:
        StoreError: there is none yet, or it is not one of ours, or of another version.
    """
    connection = open_for_reading(path)
    try:
        with connection.transaction("DEFERRED"):
            yield AllTables(connection)
    finally:
        connection.close()
