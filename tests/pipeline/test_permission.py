"""Pages are fetched only where robots.txt lets us, and where they were held back the article says so."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import ParamSpec, TypeVar

import pytest

from aggregator.adapters.workers import InlineWorkers
from aggregator.core.crawling.robots import judge
from aggregator.domain.fetching import Failed, FailureKind, NotModified
from aggregator.domain.outcomes import PollOutcome
from tests.builders import TEXT as READ
from tests.builders import hours, words
from tests.pipeline.fakes import Answer, Desk, failure, listed, page

P = ParamSpec("P")
T = TypeVar("T")

SITE, AGENCY = "https://paper.example", "https://agency.example"
FEED, SECOND_FEED = f"{SITE}/feed", f"{SITE}/local/feed"
URL, NEXT_URL = f"{SITE}/news/bridge", f"{SITE}/news/harbour"
TEXT, OTHER_TEXT = words(120), words(120, start=5000)
TEASER = words(12)
ROBOTS = f"{SITE}/robots.txt"
NO_ANSWER = failure("no answer", FailureKind.TIMEOUT)
NOINDEX = "<meta name='robots' content='noindex'>"


class CountingWorkers(InlineWorkers):
    """Workers that count how often a robots.txt was read, and die of it if they are `weak`."""

    def __init__(self) -> None:
        self.judged = 0
        self.weak = False

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T | Failed:
        """Count and die as wished."""
        if function is judge:
            self.judged += 1
            if self.weak:
                return failure("it took longer than 20 s", FailureKind.WORKER)
        return await super().call(function, *args, **kwargs)


def _articles(desk: Desk) -> list[tuple[str, str, str | None]]:
    """Return text, where it is from, and why its page was held back, of all articles."""
    return [
        (text, text_from, held)
        for text, text_from, held in desk.rows(
            f"SELECT {READ}, text_from, held_back FROM article JOIN body ON article_id = article.id ORDER BY article.id"
        )
    ]


def _pages(outcome: PollOutcome) -> tuple[int, int]:
    return outcome.pages_fetched, outcome.pages_failed


def test_a_page_that_robots_txt_forbids_is_not_fetched() -> None:
    """Its article has the feed's text and says why; that is no failure, and the page next to it is read."""
    with Desk(FEED) as desk:
        desk.web.robots(SITE, "User-agent: *", "Disallow: /news/bridge")
        desk.web.feed(FEED, listed(URL, summary=TEASER), listed(NEXT_URL, "Another", summary=TEASER))
        desk.web.page(URL, TEXT)
        desk.web.page(NEXT_URL, OTHER_TEXT)

        assert _pages(desk.only()) == (1, 0)
        assert desk.web.pages_asked() == [NEXT_URL]
        assert _articles(desk) == [(TEASER, "feed", "robots"), (OTHER_TEXT, "page", None)]


def test_a_feed_is_fetched_whatever_robots_txt_says() -> None:
    """A person asked for it; and as long as no page is wanted robots.txt is not even asked for."""
    with Desk(FEED) as desk:
        desk.web.robots(SITE, "User-agent: *", "Disallow: /")
        desk.web.feed(FEED, listed(URL, content_text=words(300)))

        assert desk.only().new == 1
        assert desk.web.robots_asked == []


def test_robots_txt_is_asked_for_once_a_day() -> None:
    """Two feeds that want pages at once ask once; so do a restart and all polls of the day after."""
    workers = CountingWorkers()
    with Desk(FEED, SECOND_FEED, workers=workers) as desk:
        desk.web.robots(SITE, "User-agent: *", "Allow: /")
        desk.web.feed(FEED, *(listed(f"{URL}/{number}", f"Piece {number}") for number in range(5)))
        desk.web.feed(SECOND_FEED, listed(NEXT_URL, "Another"))
        hold = desk.web.hold(ROBOTS)

        async def play() -> None:
            updating = asyncio.create_task(desk.updating())
            await hold.asked.wait()
            for _ in range(50):
                await asyncio.sleep(0)
            hold.release.set()
            await updating

        desk.run(play())
        assert len(desk.web.pages_asked()) == 6
        # All pages that one feed lists are judged at once.
        assert (desk.web.robots_asked, workers.judged) == ([ROBOTS], 2)

        for passed, asked in ((23, 1), (1.1, 2)):
            desk.clock.move(passed)
            desk.start()
            desk.web.feed(FEED, listed(f"{URL}/after-{passed}", f"After {passed}"))
            desk.update(all_feeds=True)
            assert len(desk.web.robots_asked) == asked


def test_each_origin_is_asked_for_its_own() -> None:
    """A host's robots.txt does not speak for another host of the site, nor for another site."""
    sport = "https://sport.paper.example"
    with Desk(FEED) as desk:
        desk.web.robots(SITE, "User-agent: aggregator", "Disallow: /")
        desk.web.feed(FEED, *(listed(f"{place}/1", place, summary=TEASER) for place in (SITE, sport, AGENCY)))
        for place in (SITE, sport, AGENCY):
            desk.web.page(f"{place}/1", TEXT)
        desk.only()

        assert sorted(desk.web.robots_asked) == sorted(f"{place}/robots.txt" for place in (SITE, sport, AGENCY))
        assert sorted(desk.web.pages_asked()) == sorted([f"{sport}/1", f"{AGENCY}/1"])


def test_the_asked_address_counts_not_where_it_leads() -> None:
    """A redirect to a place whose robots.txt forbids it is followed: where it leads is known too late."""
    with Desk(FEED) as desk:
        desk.web.robots(AGENCY, "User-agent: *", "Disallow: /")
        desk.web.feed(FEED, listed(URL, summary=TEASER))
        desk.web.page(URL, TEXT, ends_at=f"{AGENCY}/1")
        desk.only()

        assert _articles(desk) == [(TEXT, "page", None)]
        assert desk.web.robots_asked == [ROBOTS]


def test_a_page_that_is_forbidden_is_not_asked_for_again() -> None:
    """The site's word stands until the entry itself changes; by then it may be another."""
    with Desk(FEED) as desk:
        desk.web.robots(SITE, "User-agent: *", "Disallow: /")
        desk.web.page(URL, TEXT)
        desk.web.feed(FEED, listed(URL, summary=TEASER), etag='"1"')
        desk.only()
        assert desk.rows("SELECT * FROM missing_page") == []
        desk.web.answers[FEED] = NotModified()
        desk.web.robots(SITE)
        for _ in range(3):
            desk.clock.move(30)
            desk.only()
        assert desk.web.pages_asked() == []

        desk.web.feed(FEED, listed(URL, summary=TEASER + " Updated."))
        desk.only()
        assert desk.web.pages_asked() == [URL]
        assert _articles(desk) == [(TEXT, "page", None)]
        assert desk.rows("SELECT versions FROM article") == [(0,)]


@pytest.mark.parametrize(
    "trouble",
    [NO_ANSWER, failure("no", FailureKind.SERVER, status=503), failure("no", FailureKind.THROTTLED, status=429)],
)
def test_without_an_answer_no_page_is_fetched_for_now(trouble: Failed) -> None:
    """While robots.txt cannot be had, nothing is; once it is there, the pages of before come in and complete the articles."""
    with Desk(FEED) as desk:
        desk.web.answers[ROBOTS] = trouble
        desk.web.page(URL, TEXT)
        desk.web.feed(FEED, listed(URL, summary=TEASER), etag='"1"')
        assert _pages(desk.only()) == (0, 0)
        assert _articles(desk) == [(TEASER, "feed", "robots")]

        desk.web.answers[FEED] = NotModified()
        desk.web.robots(SITE, "User-agent: *", "Allow: /")
        desk.clock.move(0.9)
        assert _pages(desk.only()) == (0, 0)
        assert desk.web.robots_asked == [ROBOTS]
        desk.clock.move(0.2)
        assert _pages(desk.only()) == (1, 0)
        assert _articles(desk) == [(TEXT, "page", None)]
        assert desk.rows("SELECT versions FROM article") == [(0,)]
        assert desk.rows("SELECT * FROM missing_page") == []


def test_a_silent_robots_txt_does_not_keep_us_asking() -> None:
    """A page that waits for it is given up like one that fails: after three more tries within some days."""
    with Desk(FEED) as desk:
        desk.web.answers[ROBOTS] = NO_ANSWER
        desk.web.feed(FEED, listed(URL, summary=TEASER), etag='"1"')
        for _ in range(60):
            desk.update()
            desk.web.answers[FEED] = NotModified()
            desk.clock.move(1.2)

        assert (len(desk.web.robots_asked), desk.web.pages_asked()) == (4, [])
        assert desk.rows("SELECT * FROM missing_page") == []


def test_a_site_at_rest_is_not_held_against_its_robots_txt() -> None:
    """Where the fetcher itself waits nobody was asked: the page comes in when the rest is over, and nothing is kept."""
    with Desk(FEED) as desk:
        desk.web.answers[ROBOTS] = failure("the site rests", FailureKind.RESTING, retry_at=hours(5))
        desk.web.page(URL, TEXT)
        desk.web.feed(FEED, listed(URL, summary=TEASER), etag='"1"')
        assert _pages(desk.only()) == (0, 1)
        assert _articles(desk) == [(TEASER, "feed", None)]
        assert desk.rows("SELECT * FROM robots") == []

        desk.web.answers[FEED] = NotModified()
        del desk.web.answers[ROBOTS]
        for passed, fetched in ((4, 0), (1.5, 1)):
            desk.clock.move(passed)
            assert desk.only().pages_fetched == fetched


def test_a_page_that_failed_may_be_forbidden_by_the_time_it_is_asked_for_again() -> None:
    """Then it is not fetched any more, and the article says why."""
    with Desk(FEED) as desk:
        desk.web.answers[URL] = NO_ANSWER
        desk.web.feed(FEED, listed(URL, summary=TEASER), etag='"1"')
        desk.only()
        assert _articles(desk) == [(TEASER, "feed", None)]

        desk.web.answers[FEED] = NotModified()
        desk.web.robots(SITE, "User-agent: *", "Disallow: /news/")
        desk.clock.move(25)
        assert _pages(desk.only()) == (0, 0)
        assert desk.web.pages_asked() == [URL]
        assert _articles(desk) == [(TEASER, "feed", "robots")]
        assert desk.rows("SELECT * FROM missing_page") == []


def test_a_file_that_kills_its_reader_allows_nothing_for_now() -> None:
    """Silence is not taken for consent: the pages wait, and are read when the file can be."""
    workers = CountingWorkers()
    workers.weak = True
    with Desk(FEED, workers=workers) as desk:
        desk.web.robots(SITE, "User-agent: *", "Disallow: /*a*a*a$")
        desk.web.page(URL, TEXT)
        desk.web.feed(FEED, listed(URL, summary=TEASER), etag='"1"')
        assert _pages(desk.only()) == (0, 0)
        assert _articles(desk) == [(TEASER, "feed", "robots")]

        workers.weak = False
        desk.web.answers[FEED] = NotModified()
        desk.clock.move(1)
        assert _pages(desk.only()) == (1, 0)


def test_the_fetcher_is_told_of_a_crawl_delay() -> None:
    """It holds for the site as the fetcher names it, whichever of its hosts asked for it."""
    with Desk(FEED) as desk:
        desk.web.robots("https://www.paper.example", "User-agent: *", "Crawl-delay: 7")
        desk.web.feed(FEED, listed("https://www.paper.example/1", "One"), listed(URL))
        desk.only()

        assert desk.web.delays == [("paper.example", timedelta(seconds=7))]


def test_the_pages_of_a_feed_with_a_user_agent_are_judged_as_ours() -> None:
    """Rules are for who we are, not for what a server is told to let us in."""
    with Desk(FEED) as desk:
        desk.web.robots(SITE, "User-agent: aggregator", "Disallow: /", "User-agent: *", "Allow: /")
        desk.web.feed(FEED, listed(URL))
        desk.only()

        assert desk.web.pages_asked() == []


@pytest.mark.parametrize(
    ("head", "held"),
    [(NOINDEX, "noindex"), ("<meta property='article:content_tier' content='locked'>", "paywall")],
)
def test_a_page_that_wants_its_text_left_alone_is_left_alone(head: str, held: str) -> None:
    """It was fetched, as nothing else could tell; its article has the feed's text, and is whole once the page is free."""
    with Desk(FEED) as desk:
        desk.web.page(URL, TEXT, head=head)
        desk.web.feed(FEED, listed(URL, summary=TEASER))
        assert _pages(desk.only()) == (1, 0)
        assert _articles(desk) == [(TEASER, "feed", held)]

        desk.clock.move(1)
        desk.web.page(URL, TEXT)
        desk.web.feed(FEED, listed(URL, summary=TEASER + " Updated."))
        desk.only()
        assert _articles(desk) == [(TEXT, "page", None)]


def test_a_page_that_wants_to_be_paid_is_behind_a_paywall() -> None:
    """402 is the oldest way to say so; it is no failure, and is not asked for again."""
    with Desk(FEED) as desk:
        desk.web.answers[URL] = failure("it wants to be paid", FailureKind.BLOCKED, status=402)
        desk.web.feed(FEED, listed(URL, summary=TEASER))

        assert _pages(desk.only()) == (0, 0)
        assert _articles(desk) == [(TEASER, "feed", "paywall")]
        assert desk.rows("SELECT * FROM missing_page") == []


@pytest.mark.parametrize("why", ["robots", "paywall", "noindex"])
def test_what_was_read_while_it_was_free_stays_unless_the_page_says_otherwise(why: str) -> None:
    """A page that is closed later does not undo what was read; one that asks not to be indexed does, without a version."""
    with Desk(FEED) as desk:
        desk.web.page(URL, TEXT)
        desk.web.feed(FEED, listed(URL, summary=TEASER))
        desk.only()
        desk.clock.move(25)
        desk.web.feed(FEED, listed(URL, summary=TEASER, title="Another headline"))
        if why == "robots":
            desk.web.robots(SITE, "User-agent: *", "Disallow: /")
        elif why == "paywall":
            desk.web.answers[URL] = failure("it wants to be paid", FailureKind.BLOCKED, status=402)
        else:
            desk.web.page(URL, TEXT, head=NOINDEX)
        desk.only()

        assert desk.titles() == ["Another headline"]
        assert _articles(desk) == [(TEASER, "feed", "noindex") if why == "noindex" else (TEXT, "page", None)]
        assert (TEXT,) not in desk.rows(f"SELECT {READ} FROM version") or why != "noindex"


def test_an_article_that_is_held_back_without_any_change_says_so_all_the_same() -> None:
    """The reason is kept even where the text stays what the feed said, and goes when nothing speaks against the page."""
    with Desk(FEED) as desk:
        gone = failure("gone", FailureKind.GONE, status=410)
        steps: list[tuple[Answer, str | None]] = [
            (gone, None),
            (page(URL, TEXT, head=NOINDEX), "noindex"),
            (gone, None),
        ]
        for version, (answer, held) in enumerate(steps):
            desk.web.answers[URL] = answer
            desk.web.feed(FEED, listed(URL, summary=f"Version {version}", content_text=TEASER))
            desk.only()
            desk.clock.move(1)
            assert _articles(desk) == [(TEASER, "feed", held)]
        assert desk.rows("SELECT versions FROM article") == [(0,)]


@pytest.mark.parametrize("first", ["print", "page"])
def test_a_print_view_that_is_not_to_be_indexed_is_its_article(first: str) -> None:
    """It names the article's own page and has its headline: one article, with the text of the page that may be read."""
    view = f"{SITE}/print/bridge"
    with Desk(FEED, SECOND_FEED) as desk:
        desk.web.page(URL, TEXT)
        desk.web.page(view, TEXT, head=f"{NOINDEX}<link rel='canonical' href='{URL}'>")
        feeds = {"page": (FEED, URL), "print": (SECOND_FEED, view)}
        for listing in sorted(feeds, key=lambda name: name != first):
            feed, url = feeds[listing]
            desk.web.feed(feed, listed(url, summary=words(40, start=9000)))
            desk.update(all_feeds=True)
            desk.clock.move(1)

        assert _articles(desk) == [(TEXT, "page", None)]
        assert desk.rows("SELECT versions, url FROM article") == [(0, URL)]


def test_another_article_under_the_address_of_one_that_is_held_back_is_another() -> None:
    """Where nothing but feeds' texts is known, only the same headline makes one article of two."""
    with Desk(FEED) as desk:
        head = f"{NOINDEX}<link rel='canonical' href='{SITE}/form'>"
        for url in (URL, NEXT_URL):
            desk.web.page(url, TEXT, head=head)
        desk.web.feed(
            FEED, listed(URL, "Bridge closed", summary=TEASER), listed(NEXT_URL, "Bridge open", summary=TEASER)
        )
        desk.only()

        assert sorted(desk.titles()) == ["Bridge closed", "Bridge open"]


@pytest.mark.parametrize("head", [NOINDEX, ""])
def test_a_page_that_comes_late_without_a_text_leaves_the_feeds_whole_text(head: str) -> None:
    """By then only the feed's summary is at hand, which must not push out what the feed said at first."""
    with Desk(FEED) as desk:
        desk.web.answers[URL] = NO_ANSWER
        desk.web.feed(FEED, listed(URL, summary=words(80), content_text=OTHER_TEXT), etag='"1"')
        desk.only()
        desk.web.answers[FEED] = NotModified()
        desk.web.page(URL, TEXT if head else "", head=head)
        desk.clock.move(1)

        assert desk.only().pages_fetched == 1
        assert _articles(desk) == [(OTHER_TEXT, "feed", "noindex" if head else None)]
        assert desk.rows("SELECT * FROM missing_page") == []
