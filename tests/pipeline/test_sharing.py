"""Writes that share a transaction, and what a cycle in which nothing is new asks of the database and the workers."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

import pytest

from aggregator.adapters.workers import InlineWorkers
from aggregator.core.articles import read_article
from aggregator.domain.errors import StoreError
from aggregator.domain.fetching import Failed, FailureKind, NotModified
from aggregator.domain.outcomes import PollKind
from aggregator.pipeline.sharing import ARTICLES_AT_ONCE, SharedWrites
from tests.builders import words
from tests.pipeline.fakes import Desk, failure, listed, until

P = ParamSpec("P")
T = TypeVar("T")

FEEDS = [f"https://paper{number}.example/feed.json" for number in range(12)]
#: Of a poll: the claim, what pages are missing, the state before and after, the poll itself and the trimming of old ones.
STATEMENTS_A_POLL = 6


class _Counting(InlineWorkers):
    """Workers that know what they were called for."""

    def __init__(self) -> None:
        self.called: list[str] = []

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T | Failed:
        self.called.append(getattr(function, "__name__", ""))
        return await super().call(function, *args, **kwargs)


class _AtOnce(InlineWorkers):
    """Workers that hand over all articles at the same moment."""

    def __init__(self, articles: int) -> None:
        self._all = asyncio.Barrier(articles)

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T | Failed:
        found = await super().call(function, *args, **kwargs)
        if function is read_article:
            await self._all.wait()
        return found


def _statements(desk: Desk) -> list[str]:
    heard: list[str] = []
    desk.store._sql.raw.set_trace_callback(heard.append)
    return heard


def _warm(desk: Desk) -> None:
    """Poll every feed once, and let half of them answer 304 from then on; the others send the same bytes."""
    for feed in FEEDS:
        desk.web.feed(feed, listed(f"{feed}/1", content_text=words(300)), etag='"1"')
    desk.update()
    desk.clock.move(48)
    for feed in FEEDS[::2]:
        desk.web.answers[feed] = NotModified()


def test_a_warm_cycle_is_two_transactions_and_no_parsing() -> None:
    """Feeds that bring nothing new are claimed in one transaction and kept in another, and no worker hears of them."""
    workers = _Counting()
    with Desk(*FEEDS, workers=workers) as desk:
        _warm(desk)
        workers.called.clear()
        heard = _statements(desk)

        assert {outcome.kind for outcome in desk.update().values()} == {PollKind.UNCHANGED}
        assert workers.called == []
        assert sum(statement.startswith("COMMIT") for statement in heard) == 2
        assert len(heard) <= STATEMENTS_A_POLL * len(FEEDS) + 8


def test_a_warm_cycle_writes_three_rows_a_feed() -> None:
    """The claim, the state and the poll; nothing of the articles."""
    with Desk(*FEEDS) as desk:
        _warm(desk)
        changes = desk.store._sql.raw.total_changes
        desk.update()

        assert desk.store._sql.raw.total_changes - changes == 3 * len(FEEDS)


def test_feeds_polled_one_by_one_share_as_well() -> None:
    """The daemon asks for each feed by itself; claims of one moment are still one transaction."""
    with Desk(*FEEDS) as desk:
        _warm(desk)
        heard = _statements(desk)

        async def one_by_one() -> None:
            async def poll(place: int) -> None:
                async for _ in desk.updater.update([due[place]]):
                    pass

            due = desk.store.due(desk.clock())
            await asyncio.gather(*map(poll, range(len(due))))

        desk.run(one_by_one())

        assert sum(statement.startswith("COMMIT") for statement in heard) == 2


def test_articles_that_wait_together_share_a_transaction() -> None:
    """As many as may: of a few more these wait for the next one."""
    count = ARTICLES_AT_ONCE + 3
    with Desk(FEEDS[0], workers=_AtOnce(count)) as desk:
        entries = [listed(f"https://outlet{number}.example/1", content_text=words(300)) for number in range(count)]
        desk.web.feed(FEEDS[0], *entries)
        heard = _statements(desk)
        (outcome,) = desk.update().values()

        assert outcome.new == desk.store.article_count() == count
        # The claim, whether the articles are known already, the articles, and the end of the poll.
        assert heard.count("COMMIT") == 1 + 2 + 2 + 1


def test_what_a_write_came_to_is_told_once_it_is_written() -> None:
    """Each who waits hears of its own; among articles, too, a faulty one is nobody else's trouble."""
    with Desk(FEEDS[0]) as desk:

        def write(number: int) -> int:
            if number == 1:
                raise ZeroDivisionError
            return number

        async def play() -> list[object]:
            writes = SharedWrites(store=desk.store, fetcher=desk.web, in_writer=desk.updater.in_writer)
            ends = (writes.write_article(partial(write, number)) for number in range(3 * ARTICLES_AT_ONCE))
            return list(await asyncio.gather(*ends, return_exceptions=True))

        first, faulty, *others = desk.run(play())

        assert isinstance(faulty, ZeroDivisionError)
        assert [first, *others] == [0, *range(2, 3 * ARTICLES_AT_ONCE)]


def test_a_claim_is_written_before_the_request() -> None:
    """Whatever shares a transaction: when a feed is asked, its next poll has been put off already."""
    with Desk(FEEDS[0]) as desk:

        async def play() -> int:
            hold = desk.web.hold(FEEDS[0])
            updating = asyncio.create_task(desk.updating())
            await hold.asked.wait()
            due = len(desk.store.due(desk.clock()))
            hold.release.set()
            await updating
            return due

        assert desk.run(play()) == 0


def test_that_a_site_wants_to_be_left_alone_is_kept_at_once() -> None:
    """A 429 waits for nobody, though other polls are still under way."""
    throttled, slow = FEEDS[:2]
    with Desk(throttled, slow) as desk:
        desk.web.answers[throttled] = failure("429", FailureKind.THROTTLED)

        async def play() -> None:
            hold = desk.web.hold(slow)
            updating = asyncio.create_task(desk.updating())
            await until(lambda: desk.feed(throttled).state.last_poll is not None)
            hold.release.set()
            await updating

        desk.run(play())


def test_one_faulty_write_leaves_the_others() -> None:
    """Each is then written by itself, and who brought the faulty one hears of it."""
    with Desk(*FEEDS[:2]) as desk:
        first, second = desk.store.all_feeds()
        later = desk.clock.now.replace(year=2030)

        def faulty() -> None:
            raise ZeroDivisionError

        async def play() -> list[BaseException | None]:
            writes = SharedWrites(store=desk.store, fetcher=desk.web, in_writer=desk.updater.in_writer)
            work = [
                lambda: desk.store.claim({first.feed.id: later}),
                faulty,
                lambda: desk.store.claim({second.feed.id: later}),
            ]
            return list(await asyncio.gather(*(writes.write(one) for one in work), return_exceptions=True))

        ends = desk.run(play())

        assert [type(end) for end in ends] == [type(None), ZeroDivisionError, type(None)]
        assert {one.state.next_poll for one in desk.store.all_feeds()} == {later}


def test_a_store_that_cannot_be_used_is_told_to_all() -> None:
    """Nobody waits for ever for a transaction that never was."""
    with Desk(FEEDS[0]) as desk:

        def refused() -> None:
            raise StoreError("the disk is full")

        async def play() -> list[BaseException | None]:
            writes = SharedWrites(store=desk.store, fetcher=desk.web, in_writer=desk.updater.in_writer)
            ends = (writes.write(work) for work in (refused, lambda: None))
            return list(await asyncio.gather(*ends, return_exceptions=True))

        assert [type(end) for end in desk.run(play())] == [StoreError, StoreError]


@pytest.mark.parametrize("expected", [0, 1])
def test_nobody_waits_where_no_other_write_is_expected(expected: int) -> None:
    """A write waits for others only while some are to come, and then for no more than `SHARED_FOR`."""
    with Desk(FEEDS[0]) as desk:

        async def play() -> bool:
            writes = SharedWrites(store=desk.store, fetcher=desk.web, in_writer=desk.updater.in_writer)
            await writes.write(lambda: None)
            if not expected:
                await writes.write(lambda: None)
                return True
            with writes.expected():
                waiting = asyncio.create_task(writes.write(lambda: None))
                await asyncio.sleep(0.05)
                was_written = waiting.done()
            await waiting
            return was_written

        assert desk.run(play()) is (expected == 0)
