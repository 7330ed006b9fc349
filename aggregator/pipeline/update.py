"""The line from due feeds to stories.

::

    due feeds
      | fetch            polite, conditional                        Fetcher
      | parse_feed       bytes -> entries                           Workers
      | unread           only entries not seen, or seen otherwise   Store
      | fetch            the page, unless the feed carries it all   Fetcher
      | read_article     text and signature                         Workers
      | record           article, copies, story                     Store, all that wait in one transaction
      | keep             what the polls of a second taught          Store, one transaction
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
from http import HTTPStatus
from typing import ParamSpec, TypeVar

from aggregator.core.crawling.lessons import after_not_modified, after_reading, after_same_body, failed, succeeded
from aggregator.core.crawling.outages import Outage
from aggregator.core.crawling.schedule import SPREAD, allowed_from, claimed_until, learned_interval
from aggregator.core.crawling.validators import are_sent
from aggregator.core.feeds.entries import MAX_ENTRIES
from aggregator.core.feeds.parsing import parse_feed
from aggregator.core.stories.rules import DEFAULT_RULES, Rules
from aggregator.core.urls import site
from aggregator.domain.errors import StoreError
from aggregator.domain.feeds import DueFeed, FeedState, ParsedFeed
from aggregator.domain.fetching import Failed, FailureKind, NotModified, Purpose, Request, Response
from aggregator.domain.ids import FeedId
from aggregator.domain.outcomes import PollKind, PollOutcome
from aggregator.pipeline.ending import End, not_asked
from aggregator.pipeline.entries import EntryReader
from aggregator.pipeline.ports import Clock, Fetcher, Pushes, Workers
from aggregator.pipeline.sharing import SharedWrites
from aggregator.pipeline.store_ports import Store

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
        self._outage = Outage()
        #: Feeds that had pages to be asked for again when they were last claimed; of all others nobody needs to ask.
        self._incomplete = set[FeedId]()
        self._writes = SharedWrites(store=store, fetcher=fetcher, in_writer=self.in_writer)
        #: Who has feeds pushed to us, where somebody does.
        self.pushes: Pushes | None = None
        self._entries = EntryReader(
            store=store,
            fetcher=fetcher,
            workers=workers,
            in_writer=self.in_writer,
            writes=self._writes,
            clock=clock,
            stopping=self._stopping,
            rules=rules,
        )

    @property
    def entries(self) -> EntryReader:
        """What reads entries; all who read them share it, so that no article is read twice at once."""
        return self._entries

    def reconfigure(self, *, rules: Rules, max_entries: int = MAX_ENTRIES) -> None:
        """Take up changed settings."""
        self._entries.rules = rules
        self._entries.max_entries = max_entries

    def stop(self) -> None:
        """Finish the articles in hand and begin no others; updates then end with `STOPPED`."""
        self._stopping.set()

    async def in_writer(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` in the writer's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, partial(function, *args, **kwargs))

    async def update(self, due: Sequence[DueFeed]) -> AsyncIterator[PollOutcome]:
        """Poll `due`, many at once; outcomes come in the order in which the polls end.

        Raises:
            StoreError: the database cannot be used; all polls are cancelled. Any other exception is a bug that one feed
                brought to light: it fails that poll alone and travels in `PollOutcome.bug`.
        """
        now = self._clock()
        # Put off before the first request: a crash must not make a restart poll the same feeds at once again.
        await self._writes.write(partial(self._claim, due, now), at_once=True)
        tasks = [asyncio.create_task(self._timed(one)) for one in due]
        try:
            for task in asyncio.as_completed(tasks):
                yield await task
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _claim(self, due: Sequence[DueFeed], now: datetime) -> None:
        self._store.claim({one.feed.id: claimed_until(one.state, now, one.feed.every) for one in due})
        for one in due:
            if self._store.missing_pages(one.feed.id, now, limit=1):
                self._incomplete.add(one.feed.id)
            else:
                self._incomplete.discard(one.feed.id)

    async def _timed(self, due: DueFeed) -> PollOutcome:
        start, began = time.monotonic(), self._clock()
        with self._writes.expected():
            end = await self._ended(due)
        end = replace(end, outcome=replace(end.outcome, seconds=round(time.monotonic() - start, 3)))
        if end.state is not None:
            await self._writes.write(partial(self._keep, due.feed.id, end, began), at_once=end.is_urgent)
        return end.outcome

    async def _ended(self, due: DueFeed) -> End:
        try:
            return await self._poll(due)
        except StoreError:
            raise
        except Exception as bug:  # noqa: BLE001 (one feed's trouble stays its own; the face logs the traceback)
            why = f"a bug in aggregator: {type(bug).__name__}: {bug}"
            end = self._failed(due, Failed(kind=FailureKind.BUG, why=why))
            return replace(end, outcome=replace(end.outcome, bug=bug))

    def _keep(self, feed: FeedId, end: End, began: datetime) -> None:
        """Write what a poll taught."""
        assert end.state is not None
        self._store.finish_poll(feed, end.state, end.parsed, self._clock(), end.as_poll(began))

    async def _poll(self, due: DueFeed) -> End:
        allowed = allowed_from(due.state, now := self._clock())
        if allowed > now:
            return End(outcome=not_asked(due, allowed))
        async with self._in_hand:
            if self._stopping.is_set():
                return self._stopped(due, PollOutcome(feed=due.feed, kind=PollKind.STOPPED))
            asked = asyncio.get_running_loop().time()
            conditional = are_sent(due.state, self._clock())
            answer = await self._fetch(due, conditional=conditional)
            parsed = await self._parse(due, answer) if isinstance(answer, Response) else None
        if not isinstance(answer, Failed):
            self._outage.answered()
        match answer, parsed:
            case Failed() as failure, _:
                return self._failed(due, failure)
            case Response(), Failed() as failure:
                return self._failed(due, replace(failure, status=HTTPStatus.OK))
            case Response(), ParsedFeed():
                return await self._read(due, answer, parsed, asked, conditional=conditional)
            case _:
                return await self._unchanged(due, answer)

    async def _parse(self, due: DueFeed, response: Response) -> ParsedFeed | Failed | None:
        """Parse a feed's document; None for the same bytes as last time, which are as good as a 304."""
        if _digest(response) == due.state.body_digest:
            return None
        return await self._workers.call(
            parse_feed,
            response.body,
            url=response.url,
            content_type=response.content_type,
            max_entries=self._entries.max_entries,
        )

    async def _read(
        self, due: DueFeed, response: Response, parsed: ParsedFeed, asked: float, *, conditional: bool
    ) -> End:
        outcome = await self._entries.read_all(due.feed, parsed, asked)
        if outcome.kind is PollKind.STOPPED:
            return self._stopped(due, outcome)
        outcome = replace(await self._complete(outcome), wire_bytes=response.wire_bytes)
        if self.pushes is not None:
            await self.pushes.heard(due.feed, response, parsed)
        state = after_reading(
            due.state,
            response,
            parsed,
            digest=_digest(response),
            is_new=bool(outcome.new or outcome.also_listed),
            conditional=conditional,
            now=self._clock(),
        )
        return End(outcome=outcome, state=self._succeeded(due, state), parsed=parsed, status=HTTPStatus.OK)

    async def _fetch(self, due: DueFeed, *, conditional: bool) -> Response | NotModified | Failed:
        return await self._fetcher.fetch(
            Request(
                url=due.feed.url,
                purpose=Purpose.FEED,
                etag=due.state.etag if conditional else None,
                last_modified=due.state.last_modified if conditional else None,
                validators_from=due.state.validators_from,
                user_agent=due.feed.user_agent,
                not_before=due.state.fresh_until,
                known_bytes=due.state.body_bytes,
            )
        )

    async def _unchanged(self, due: DueFeed, answer: Response | NotModified) -> End:
        outcome = await self._complete(PollOutcome(feed=due.feed, kind=PollKind.UNCHANGED))
        now = self._clock()
        if isinstance(answer, NotModified):
            state = self._succeeded(due, after_not_modified(due.state, answer, now))
            return End(outcome=outcome, state=state, status=HTTPStatus.NOT_MODIFIED)
        state = self._succeeded(due, after_same_body(due.state, answer, now))
        return End(outcome=replace(outcome, wire_bytes=answer.wire_bytes), state=state, status=HTTPStatus.OK)

    async def _complete(self, outcome: PollOutcome) -> PollOutcome:
        if outcome.feed.id not in self._incomplete:
            return outcome
        return await self._entries.read_missing(outcome)

    def _succeeded(self, due: DueFeed, state: FeedState) -> FeedState:
        now, every = self._clock(), due.feed.every
        if every is None and self.pushes is not None:
            every = self.pushes.interval(due.feed.id, learned_interval(state, now))
        return succeeded(state, every, now, jitter=self._chance())

    def _failed(self, due: DueFeed, failure: Failed) -> End:
        now = self._clock()
        self._outage.heard(site(due.feed.url), failure, now)
        pause = self._outage.pause(due.state, failure, now)
        if pause is not None:
            # Laid to our own line: the feed stays as it was, and is asked for again soon.
            failure = replace(failure, why=f"{failure.why}; no site answers, is this machine offline?")
            state = replace(due.state, next_poll=allowed_from(due.state, now + pause * (1 + SPREAD * self._chance())))
        else:
            state = failed(due.state, failure, due.feed.every, now, jitter=self._chance())
        kind = PollKind.RESTING if failure.kind is FailureKind.RESTING else PollKind.FAILED
        outcome = PollOutcome(feed=due.feed, kind=kind, failure=failure)
        return End(outcome=outcome, state=state, status=failure.status)

    def _stopped(self, due: DueFeed, outcome: PollOutcome) -> End:
        """Leave validators as they were, so that the next poll finds what this one did not get to."""
        return End(outcome=outcome, state=replace(due.state, next_poll=allowed_from(due.state, self._clock())))


def _digest(response: Response) -> bytes:
    return hashlib.sha256(response.body).digest()
