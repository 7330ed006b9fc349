"""The line from due feeds to stories.

::

    due feeds
      | fetch            polite, conditional                        Fetcher
      | parse_feed       bytes -> entries                           Workers
      | unread           only entries not seen, or seen otherwise   Store
      | fetch            the page, unless the feed carries it all   Fetcher
      | read_article     text and signature                         Workers
      | record           article, copies, story                     Store, one transaction an article
      > PollOutcome      one a feed, as it ends
"""

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import ParamSpec, TypeVar

from aggregator.core.crawling.schedule import after_failure, after_success
from aggregator.core.feeds.parsing import parse_feed
from aggregator.core.stories.rules import DEFAULT_RULES, Rules
from aggregator.domain.errors import StoreError
from aggregator.domain.feeds import DueFeed, FeedState, ParsedFeed
from aggregator.domain.fetching import Failed, FailureKind, NotModified, Purpose, Request, Response
from aggregator.domain.outcomes import PollKind, PollOutcome
from aggregator.pipeline.entries import EntryReader
from aggregator.pipeline.ports import Clock, Fetcher, Store, Workers
from aggregator.pipeline.rebuild import Rebuilt, is_due, settle

P = ParamSpec("P")
T = TypeVar("T")

#: Feeds between the start of their fetch and the end of their parsing: bounds the feed documents held in memory.
FEEDS_IN_HAND = 100


class Updater:
    """Polls feeds and files what they bring.

    Everything that touches the store runs in `writer`, an executor of one thread: the single writer.
    """

    def __init__(
        self,
        *,
        store: Store,
        writer: Executor,
        fetcher: Fetcher,
        workers: Workers,
        clock: Clock,
        chance: Callable[[], float] = random.random,
        rules: Rules = DEFAULT_RULES,
    ) -> None:
        self._store = store
        self._writer = writer
        self._fetcher = fetcher
        self._workers = workers
        self._clock = clock
        self._chance = chance
        self._in_hand = asyncio.Semaphore(FEEDS_IN_HAND)
        self._stopping = asyncio.Event()
        self._rules_changed = False
        self._entries = EntryReader(
            store=store,
            fetcher=fetcher,
            workers=workers,
            in_writer=self.in_writer,
            clock=clock,
            stopping=self._stopping,
            rules=rules,
        )

    def reconfigure(self, *, rules: Rules) -> None:
        """Take up changed settings; the stories follow when they are next settled."""
        self._rules_changed |= rules != self._entries.rules
        self._entries.rules = rules

    def stop(self) -> None:
        """Finish the articles in hand and begin no others; updates then end with `STOPPED`."""
        self._stopping.set()

    async def in_writer(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` in the writer's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, partial(function, *args, **kwargs))

    async def settle(self, *, anyway: bool = False) -> Rebuilt | None:
        """Arrange the open stories anew if so much has come since they last were, or `anyway`; None when they are not."""
        return await self.in_writer(self._settle, anyway)

    def _settle(self, anyway: bool) -> Rebuilt | None:
        if not (anyway or self._rules_changed or is_due(self._store)):
            return None
        now = self._clock()
        rebuilt = settle(self._store, now, rules=self._entries.rules)
        self._rules_changed = False
        return rebuilt

    async def update(self, due: Sequence[DueFeed]) -> AsyncIterator[PollOutcome]:
        """Poll `due`, many at once; outcomes come in the order in which the polls end.

        Raises:
            StoreError: the database cannot be used; all polls are cancelled. Any other exception is a bug that one feed
                brought to light: it fails that poll alone and travels in `PollOutcome.bug`.
        """
        now = self._clock()
        # Put off before the first request: a crash must not make a restart poll the same feeds at once again.
        await self.in_writer(self._store.claim, {one.feed.id: self._claimed_until(one, now) for one in due})
        tasks = [asyncio.create_task(self._timed(one)) for one in due]
        try:
            for task in asyncio.as_completed(tasks):
                yield await task
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _timed(self, due: DueFeed) -> PollOutcome:
        start = time.monotonic()
        try:
            outcome = await self._poll(due)
        except StoreError:
            raise
        except Exception as bug:  # noqa: BLE001 (one feed's trouble stays its own; the face logs the traceback)
            why = f"a bug in aggregator: {type(bug).__name__}: {bug}"
            outcome = replace(await self._failed(due, Failed(kind=FailureKind.BUG, why=why)), bug=bug)
        return replace(outcome, seconds=round(time.monotonic() - start, 3))

    async def _poll(self, due: DueFeed) -> PollOutcome:
        if due.state.rest_until is not None and due.state.rest_until > self._clock():
            return _resting(due)
        async with self._in_hand:
            if self._stopping.is_set():
                return await self._stopped(due, PollOutcome(feed=due.feed, kind=PollKind.STOPPED))
            asked = self._clock()
            answer = await self._fetch(due)
            parsed = await self._parse(due, answer) if isinstance(answer, Response) else answer
        match parsed:
            case Failed():
                return await self._failed(due, parsed)
            case NotModified():
                return await self._unchanged(due, parsed)
            case ParsedFeed():
                assert isinstance(answer, Response)
                return await self._read(due, answer, parsed, asked)

    async def _parse(self, due: DueFeed, response: Response) -> ParsedFeed | NotModified | Failed:
        """Parse a feed's document; the same bytes as last time are as good as a 304."""
        if hashlib.sha256(response.body).digest() == due.state.body_digest:
            return NotModified(etag=response.etag, last_modified=response.last_modified)
        return await self._workers.call(parse_feed, response.body, url=response.url, content_type=response.content_type)

    async def _read(self, due: DueFeed, response: Response, parsed: ParsedFeed, asked: datetime) -> PollOutcome:
        outcome = await self._entries.read_all(due.feed, parsed, asked)
        if outcome.kind is PollKind.STOPPED:
            return await self._stopped(due, outcome)
        outcome = await self._entries.read_missing(outcome)
        digest = hashlib.sha256(response.body).digest()
        state = FeedState(etag=response.etag, last_modified=response.last_modified, body_digest=digest)
        await self._finish(due, state, parsed)
        return outcome

    async def _fetch(self, due: DueFeed) -> Response | NotModified | Failed:
        return await self._fetcher.fetch(
            Request(
                url=due.feed.url,
                purpose=Purpose.FEED,
                etag=due.state.etag,
                last_modified=due.state.last_modified,
                user_agent=due.feed.user_agent,
            )
        )

    async def _unchanged(self, due: DueFeed, answer: NotModified) -> PollOutcome:
        # A 304 may leave out validators that still hold (RFC 9110, 15.4.5).
        state = replace(
            due.state,
            etag=answer.etag or due.state.etag,
            last_modified=answer.last_modified or due.state.last_modified,
        )
        outcome = await self._entries.read_missing(PollOutcome(feed=due.feed, kind=PollKind.UNCHANGED))
        await self._finish(due, state, None)
        return outcome

    async def _finish(self, due: DueFeed, state: FeedState, parsed: ParsedFeed | None) -> None:
        """Keep the state of a poll that went well."""
        now = self._clock()
        state = replace(
            state,
            next_poll=self._next_after_success(due, now),
            last_poll=now,
            last_success=now,
            failures=0,
            error=None,
            error_kind=None,
            rest_until=None,
        )
        await self.in_writer(self._store.finish_poll, due.feed.id, state, parsed, now)

    async def _failed(self, due: DueFeed, failure: Failed) -> PollOutcome:
        now = self._clock()
        resting = failure.kind in {FailureKind.RESTING, FailureKind.THROTTLED}
        # Being asked to wait is no sign of a dying feed.
        failures = due.state.failures + (not resting)
        state = replace(
            due.state,
            next_poll=after_failure(
                now, due.feed.every, failures=failures, retry_at=failure.retry_at, jitter=self._chance()
            ),
            last_poll=due.state.last_poll if failure.kind is FailureKind.RESTING else now,
            failures=failures,
            error=failure.why,
            error_kind=failure.kind.value,
            rest_until=failure.retry_at if resting else None,
        )
        await self.in_writer(self._store.finish_poll, due.feed.id, state, None, now)
        kind = PollKind.RESTING if failure.kind is FailureKind.RESTING else PollKind.FAILED
        return PollOutcome(feed=due.feed, kind=kind, failure=failure)

    async def _stopped(self, due: DueFeed, outcome: PollOutcome) -> PollOutcome:
        """Leave validators as they were, so that the next poll finds what this one did not get to."""
        now = self._clock()
        await self.in_writer(self._store.finish_poll, due.feed.id, replace(due.state, next_poll=now), None, now)
        return outcome

    def _claimed_until(self, due: DueFeed, now: datetime) -> datetime:
        """Return when a feed is due again should its poll never end."""
        rest = due.state.rest_until
        if rest is not None and rest > now:
            return max(rest, due.state.next_poll or rest)
        return self._next_after_success(due, now)

    def _next_after_success(self, due: DueFeed, now: datetime) -> datetime:
        return after_success(now, due.feed.every, jitter=self._chance())


def _resting(due: DueFeed) -> PollOutcome:
    failure = Failed(
        kind=FailureKind.RESTING,
        why=f"the site asked to be left alone until {due.state.rest_until:%Y-%m-%d %H:%M} UTC",
        retry_at=due.state.rest_until,
    )
    return PollOutcome(feed=due.feed, kind=PollKind.RESTING, failure=failure)
