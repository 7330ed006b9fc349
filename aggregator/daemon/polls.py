"""Polls in hand: cycles that may overlap, none of which polls a feed that another is polling."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from aggregator.bootstrap import App
from aggregator.daemon.logs import tell, tell_crash
from aggregator.daemon.outcomes import CycleReport, as_json, log_outcome, log_settled, report
from aggregator.domain.errors import StoreError
from aggregator.domain.feeds import DueFeed
from aggregator.domain.fetching import Failed, FailureKind, Response
from aggregator.domain.ids import FeedId
from aggregator.domain.outcomes import PollKind, PollOutcome

if TYPE_CHECKING:
    # It brings numpy, which commands that only ask the daemon should not load.
    from aggregator.pipeline.settling import Settled

#: Hears how a cycle ended, and what was wrong with the store if it could not be written.
OnEnd = Callable[[CycleReport, StoreError | None], None]


class Polls:
    """Starts cycles and remembers what is in hand."""

    def __init__(self, app: App, on_end: OnEnd, count: Callable[[Sequence[PollOutcome]], None] | None = None) -> None:
        """Begin with none; `count` hears what the polls of each cycle did."""
        self._app = app
        self._count = count
        self._on_end = on_end
        self._polls: dict[FeedId, asyncio.Task[PollOutcome]] = {}
        self._cycles: set[asyncio.Task[None]] = set()
        self._settling: set[asyncio.Task[Settled | Failed | None]] = set()
        self._trouble: StoreError | None = None

    @property
    def in_hand(self) -> int:
        """How many feeds are being polled or read."""
        return len(self._polls)

    @property
    def cycles(self) -> frozenset[asyncio.Task[None]]:
        """The cycles under way; cancelling one breaks off its polls."""
        return frozenset(self._cycles)

    def start(self, due: Sequence[DueFeed]) -> tuple[asyncio.Task[PollOutcome], ...]:
        """Poll those of `due` that are not being polled yet, as one cycle; return the polls of all of them."""
        fresh = [one for one in due if one.feed.id not in self._polls]
        if fresh:
            self._begin({one.feed.id: asyncio.create_task(self._poll(one, self._ask_app)) for one in fresh})
        return tuple(self._polls[one.feed.id] for one in due)

    def receive(self, due: DueFeed, response: Response) -> asyncio.Task[PollOutcome]:
        """Read what a hub pushed of a feed, after whatever is in hand of that feed; as a cycle of its own."""
        before = self._polls.get(due.feed.id)

        async def read(due: DueFeed) -> PollOutcome:
            if before is not None:
                await asyncio.wait([before])
            return await self._app.subscriber.receive(due, response)

        task = asyncio.create_task(self._poll(due, read, "pushed"))
        self._begin({due.feed.id: task})
        return task

    async def update(self, names: Sequence[str]) -> AsyncIterator[dict[str, object]]:
        """Poll the feeds of `names`, or all, now; say first how many they are, then the outcome of each as it ends.

        Raises:
            UsageError: a name that no feed has.
        """
        polls = self.start(await self._app.named(names))
        yield {"feeds": len(polls)}
        for poll in asyncio.as_completed(polls):
            yield as_json(await poll)

    async def settle(self, *, anyway: bool = False) -> None:
        """Arrange the open stories anew if that is due, or `anyway`; polls go on meanwhile."""
        task = asyncio.create_task(self._app.settler.settle(anyway=anyway))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)
        try:
            log_settled(await task)
        except StoreError as error:
            tell(logging.ERROR, "settling failed", problem=error, retry="tomorrow")
        except Exception as error:  # noqa: BLE001  # the stories stay as they were placed, and the daemon goes on
            tell_crash("settling broke off", error)

    async def break_off_settling(self) -> None:
        """Leave undone what is not settled yet."""
        for task in self._settling:
            task.cancel()
        await asyncio.gather(*self._settling, return_exceptions=True)

    def _begin(self, polls: Mapping[FeedId, asyncio.Task[PollOutcome]]) -> None:
        self._polls |= polls
        task = asyncio.create_task(self._cycle(polls.values()))
        self._cycles.add(task)
        task.add_done_callback(self._cycles.discard)

    async def _cycle(self, polls: Iterable[asyncio.Task[PollOutcome]]) -> None:
        started = time.monotonic()
        outcomes = await asyncio.gather(*polls)
        if self._count:
            self._count(outcomes)
        trouble, self._trouble = self._trouble, None
        self._on_end(report(outcomes, ended=self._app.clock(), seconds=time.monotonic() - started), trouble)
        is_stopping = any(outcome.kind is PollKind.STOPPED for outcome in outcomes)
        if not is_stopping and any(outcome.new or outcome.revised for outcome in outcomes):
            await self.settle()

    async def _poll(
        self, due: DueFeed, ask: Callable[[DueFeed], Awaitable[PollOutcome]], event: str = "polled"
    ) -> PollOutcome:
        """Poll one feed on its own, so that nothing that goes wrong with it touches another."""
        try:
            outcome = await ask(due)
            log_outcome(outcome, event)
        except StoreError as error:
            # Told once for all feeds by whoever hears of the cycle's end.
            self._trouble = error
            return _broken(due, str(error))
        except Exception as error:  # noqa: BLE001  # whatever breaks a poll, the daemon goes on
            tell_crash("poll broke off", error, feed=due.feed.name, url=due.feed.url)
            return _broken(due, f"a fault in aggregator itself: {error!r}")
        else:
            return outcome
        finally:
            # A push may wait for us in our place.
            if self._polls.get(due.feed.id) is asyncio.current_task():
                del self._polls[due.feed.id]

    async def _ask_app(self, due: DueFeed) -> PollOutcome:
        outcome = PollOutcome(feed=due.feed, kind=PollKind.STOPPED)
        async for told in self._app.updater.update([due]):
            outcome = told
        return outcome


def _broken(due: DueFeed, why: str) -> PollOutcome:
    return PollOutcome(feed=due.feed, kind=PollKind.FAILED, failure=Failed(kind=FailureKind.WORKER, why=why))
