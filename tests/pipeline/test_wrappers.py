"""What pages teach of their site is taken up, kept, and asked of the store once."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import ParamSpec, TypeVar

from aggregator.adapters.store import SqliteStore
from aggregator.adapters.workers import InlineWorkers
from aggregator.core.articles import Read
from aggregator.core.wrappers.trust import PROOFS, is_trusted
from aggregator.domain.fetching import Failed
from aggregator.domain.wrappers import Branch, Fate, Layout, Lesson, Verdict, Wrapper
from aggregator.pipeline.wrappers import AT_HAND, Wrappers
from tests.builders import NOON, TEXT, words
from tests.pipeline.fakes import Desk, listed

P = ParamSpec("P")
T = TypeVar("T")

FEED, SITE = "https://paper.example/feed", "paper.example"
AGREED = Lesson(verdict=Verdict.AGREED)
LAYOUT = Layout(body=Branch(fate=Fate.KEPT))


class _Writer:
    """Calls the store at once, and counts the calls."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        self.calls += 1
        return function(*args, **kwargs)


def test_a_steady_site_costs_no_statement() -> None:
    """The store is asked for a wrapper once, and written only when a lesson changed it."""

    async def teach(store: SqliteStore) -> tuple[int, int]:
        writer = _Writer()
        wrappers = Wrappers(store=store, in_writer=writer, clock=lambda: NOON)
        await wrappers.learn(SITE, Lesson(verdict=Verdict.SURPRISED, layout=LAYOUT))
        for _ in range(PROOFS):
            await wrappers.learn(SITE, AGREED)
        before = writer.calls
        for _ in range(5):
            await wrappers.learn(SITE, AGREED)
            assert is_trusted(await wrappers.of(SITE))
        return before, writer.calls

    with closing(SqliteStore(":memory:")) as store:
        before, after = asyncio.run(teach(store))

        assert before == after == 1 + 1 + PROOFS
        assert store.wrapper(SITE) == Wrapper(layout=LAYOUT, proofs=PROOFS)


def test_few_wrappers_are_at_hand() -> None:
    """Memory holds the last sites only; the others are asked of the store again."""

    async def ask(store: SqliteStore) -> int:
        writer = _Writer()
        wrappers = Wrappers(store=store, in_writer=writer, clock=lambda: NOON)
        for number in (*range(AT_HAND + 1), AT_HAND, 0):
            await wrappers.of(f"{number}.example")
        return writer.calls

    with closing(SqliteStore(":memory:")) as store:
        assert asyncio.run(ask(store)) == AT_HAND + 2


def test_the_pages_of_a_feed_teach_and_are_read() -> None:
    """From its first pages a site's wrapper is learned; what is read by it is what would be read without."""
    texts = [f"Bridge {words(120, start=400 * number)}" for number in range(6)]
    addresses = [f"https://{SITE}/news/{number}" for number in range(len(texts))]
    with Desk(FEED) as desk:
        desk.web.feed(FEED, *(listed(url, f"Bridge {number}") for number, url in enumerate(addresses)))
        for url, text in zip(addresses, texts, strict=True):
            desk.web.page(url, text)
        desk.only()

        assert is_trusted(desk.store.wrapper(SITE) or Wrapper())
        assert [
            text for (text,) in desk.rows(f"SELECT {TEXT} FROM article JOIN body ON article_id = id ORDER BY id")
        ] == texts


class _Readers(InlineWorkers):
    """Workers that count the pages which they read in full, and those which they read by a wrapper alone."""

    def __init__(self) -> None:
        self.read = Counter[str]()

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T | Failed:
        found = await super().call(function, *args, **kwargs)
        if isinstance(found, Read):
            self.read["in full" if found.lesson else "by wrapper"] += 1
        return found


def test_of_a_site_that_is_known_few_pages_are_read_in_full() -> None:
    """Of forty pages those that teach, and one in sixteen to make sure; each page is asked for once."""
    addresses = [f"https://{SITE}/news/{number}" for number in range(40)]
    readers = _Readers()
    with Desk(FEED, workers=readers) as desk:
        desk.web.feed(FEED, *(listed(url, f"Bridge {number}") for number, url in enumerate(addresses)))
        for number, url in enumerate(addresses):
            desk.web.page(url, f"Bridge {words(120, start=400 * number)}")
        desk.only()

        assert readers.read.total() == len(addresses)
        assert readers.read["in full"] <= 8
        assert sorted(desk.web.pages_asked()) == sorted(addresses)
        assert len(desk.web.robots_asked) == 1
