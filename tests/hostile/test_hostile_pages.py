"""Pages that mean harm, played by the real line."""

import signal
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import pytest

from aggregator.adapters.workers import ProcessWorkers
from aggregator.core.articles import read_article
from aggregator.domain.fetching import Failed
from tests.adapters.loopback import reply
from tests.hostile.documents import article, entry, pages, rss, sentence
from tests.hostile.line import Played, play

P = ParamSpec("P")
T = TypeVar("T")

NAMES = tuple(name for name, _ in pages())
#: Of these the article is found all the same; of a page that libxml2 gives up, not even a simple way finds it.
TEASER = "What the feed itself says of the matter."

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def played() -> Played:
    """Play a feed whose entries lead to the pages, each at an address of its own."""
    served = {
        f"/page-{number}": reply(body=page.encode(), Content_Type="text/html")
        for number, (_, page) in enumerate(pages())
    }
    entries = (
        entry(title=name, link=f"/page-{number}", more=f"<description>{TEASER}</description>")
        for number, name in enumerate(NAMES)
    )
    return play(served | {"/feed": reply(body=rss("".join(entries)))}, ("/feed",))


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_page_yields_its_article(played: Played, name: str) -> None:
    """The article that stands in a page made to choke a parser is read, without a worker being killed."""
    assert sentence(3) in played.texts[name]


def test_no_page_kills_a_worker(played: Played) -> None:
    """All pages together are read in one go: none reaches the deadline, and memory stays far below the ceiling."""
    assert (played.outcomes["/feed"].new, played.outcomes["/feed"].pages_failed) == (len(NAMES), 0)
    assert played.outcomes["/feed"].seconds < 20
    assert played.worker < 700


class MortalWorkers(ProcessWorkers):
    """Workers of which one dies over each page that speaks of a killer, unless it is read simply."""

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T | Failed:
        """Let the process kill itself where a parser would."""
        if function is read_article and "a killer" in str(args[1]) and not kwargs.get("simply"):
            died = await super().call(signal.raise_signal, signal.SIGKILL)
            assert isinstance(died, Failed)
            return died
        return await super().call(function, *args, **kwargs)


def test_a_worker_that_dies_takes_nothing_with_it() -> None:
    """It is replaced, its article is read by the simple way, and the next page by the usual one."""
    deadly = reply(
        body=f"<html><body><!-- a killer --><article>{article()}</article>".encode(), Content_Type="text/html"
    )
    honest = reply(body=f"<html><body><article>{article()}</article>".encode(), Content_Type="text/html")
    feed = reply(body=rss(entry("Deadly", "/deadly") + entry("Honest", "/honest")))
    played = play({"/feed": feed, "/deadly": deadly, "/honest": honest}, ("/feed",), MortalWorkers)

    assert (played.outcomes["/feed"].new, played.outcomes["/feed"].pages_failed) == (2, 0)
    assert sentence(3) in played.texts["Deadly"]
    assert sentence(3) in played.texts["Honest"]
