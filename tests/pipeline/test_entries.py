"""Which pages are fetched for the entries of a feed, and what becomes of those that fail."""

import asyncio
import gzip
from dataclasses import replace

import pytest

from aggregator.domain.fetching import Failed, FailureKind, NotModified, Packing, Response
from aggregator.domain.outcomes import PollKind, PollOutcome
from aggregator.domain.settings import FeedConfig, FullText
from aggregator.pipeline.update import FEEDS_IN_HAND
from tests.builders import hours, words
from tests.pipeline.fakes import Desk, WeakWorkers, failure, listed, page, until

FEED, SECOND_FEED = "https://paper.example/feed", "https://paper.example/local/feed"
URL, NEXT_URL = "https://paper.example/news/bridge", "https://paper.example/news/harbour"
TEXT, OTHER_TEXT = words(120), words(120, start=5000)
FULL_TEXT = words(300, start=9000)
TEASER = words(12)


def _counts(outcome: PollOutcome) -> tuple[int, int, int, int]:
    return outcome.new, outcome.revised, outcome.also_listed, outcome.pages_fetched


def _waiting(desk: Desk) -> int:
    """Return how many readers hold or want the same article."""
    return max(desk.updater._entries._being_read._users.values(), default=0)


def test_a_teaser_leads_to_the_page() -> None:
    """An entry that carries only a teaser is read from its page, asked for under the feed's user agent."""
    with Desk(FeedConfig(url=FEED, user_agent="Reader/1")) as desk:
        desk.web.feed(FEED, listed(URL, summary=TEASER))
        desk.web.page(URL, TEXT)

        assert _counts(desk.only()) == (1, 0, 0, 1)
        assert desk.texts() == [TEXT]
        assert {request.user_agent for request in desk.web.asked} == {"Reader/1"}


@pytest.mark.parametrize(
    ("full_text", "content", "pages"),
    [
        (FullText.AUTO, TEXT, [URL]),
        (FullText.AUTO, FULL_TEXT, []),
        (FullText.ALWAYS, FULL_TEXT, [URL]),
        (FullText.NEVER, TEXT, []),
    ],
)
def test_pages_are_fetched_where_they_are_wanted(full_text: FullText, content: str, pages: list[str]) -> None:
    """The page is asked for unless the feed carries the whole text; `always` and `never` mean what they say."""
    with Desk(FeedConfig(url=FEED, full_text=full_text)) as desk:
        desk.web.feed(FEED, listed(URL, content_text=content))
        desk.web.page(URL, content + " On the page.")

        assert desk.only().new == 1
        assert desk.web.pages_asked() == pages
        assert desk.texts() == [content + " On the page." if pages else content]


def test_an_address_that_entries_share_is_not_fetched() -> None:
    """Entries that all link to one home page are kept with the feed's text."""
    with Desk(FEED) as desk:
        home = "https://paper.example/home"
        desk.web.feed(FEED, *(listed(home, f"Piece {id}", id=id, summary=words(9, start=id)) for id in (1, 2)))

        assert _counts(desk.only()) == (2, 0, 0, 0)
        assert desk.web.pages_asked() == []


def test_an_entry_without_an_address_is_read_from_the_feed() -> None:
    """What links nowhere is an article all the same."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(None, "Notice", id="1", content_text=TEXT))

        assert _counts(desk.only()) == (1, 0, 0, 0)
        assert desk.titles() == ["Notice"]


def test_a_page_that_cannot_be_had_leaves_the_feeds_text() -> None:
    """A failed page costs the article nothing but its text; the failure is counted."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(URL, summary=TEASER))
        desk.web.answers[URL] = failure()
        outcome = desk.only()

        assert (outcome.kind, outcome.new, outcome.pages_failed) == (PollKind.READ, 1, 1)
        assert desk.texts() == [TEASER]


@pytest.mark.parametrize(
    ("wire", "again"), [(gzip.compress(b"page" * 99)[:-9], 1), (gzip.compress(bytes(2_000)), 0)], ids=["cut", "large"]
)
def test_a_page_that_cannot_be_unpacked_is_as_if_it_had_not_come(wire: bytes, again: int) -> None:
    """It counts as failed, leaves the feed's text, and is asked for again where that may help."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(URL, summary=TEASER), etag='"1"')
        packing = Packing(encoding="gzip", limit=1_000)
        desk.web.answers[URL] = Response(url=URL, body=wire, content_type="text/html", packing=packing)
        outcome = desk.only()

        assert (outcome.new, outcome.pages_fetched, outcome.pages_failed) == (1, 0, 1)
        assert desk.texts() == [TEASER]
        desk.web.page(URL, TEXT)
        desk.web.answers[FEED] = NotModified()
        desk.clock.move(1)
        assert desk.only().pages_fetched == again


def test_a_packed_page_is_read() -> None:
    """A page that comes as it was sent is unpacked where it is read."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(URL, summary=TEASER))
        sent = page(URL, TEXT)
        desk.web.answers[URL] = replace(
            sent, body=gzip.compress(sent.body), packing=Packing(encoding="gzip", limit=9_999)
        )

        assert _counts(desk.only()) == (1, 0, 0, 1)
        assert desk.texts() == [TEXT]


def test_a_page_is_asked_for_again_after_trouble_that_passes() -> None:
    """Half an hour later, with nothing new in the feed, the page completes the article: no version, same article."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(URL, summary=TEASER), etag='"1"')
        desk.web.answers[URL] = failure()
        desk.only()
        desk.web.page(URL, TEXT)
        desk.web.answers[FEED] = NotModified()
        desk.clock.move(1)
        outcome = desk.only()

        assert (outcome.kind, outcome.pages_fetched, outcome.revised) == (PollKind.UNCHANGED, 1, 0)
        assert desk.texts() == [TEXT]
        assert desk.rows("SELECT versions, text_from FROM article") == [(0, "page")]
        assert desk.rows("SELECT * FROM version") == desk.rows("SELECT * FROM missing_page") == []
        desk.clock.move(1)
        assert desk.only().pages_fetched == 0


@pytest.mark.parametrize(
    ("fails", "asked"),
    [
        (failure(kind=FailureKind.TIMEOUT), 4),
        (failure(kind=FailureKind.SERVER, status=503), 4),
        (failure(kind=FailureKind.NOT_FOUND, status=404), 1),
        (failure(kind=FailureKind.GONE, status=410), 1),
        (failure(kind=FailureKind.TOO_LARGE), 1),
    ],
)
def test_a_page_is_given_up_in_the_end(fails: Failed, asked: int) -> None:
    """What may pass is asked for three times more in a day, what will not is left; the feed's text stays untouched."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(URL, summary=TEASER, content_text=OTHER_TEXT), etag='"1"')
        desk.web.answers[URL] = fails
        for _ in range(60):
            desk.update()
            desk.web.answers[FEED] = NotModified()
            desk.clock.move(1.2)

        assert desk.web.pages_asked() == [URL] * asked
        assert desk.texts() == [OTHER_TEXT]
        assert desk.rows("SELECT versions FROM article") == [(0,)]
        assert desk.rows("SELECT * FROM missing_page") == []


def test_a_throttled_site_gets_its_pages_read_later() -> None:
    """Articles listed while their site rests are there at once with the feed's text, and complete when it rests no more."""
    with Desk(FEED) as desk:
        rests = failure(kind=FailureKind.RESTING, retry_at=hours(5))
        desk.web.feed(FEED, listed(URL, summary=TEASER), listed(NEXT_URL, "Another", summary=TEASER), etag='"1"')
        desk.web.answers |= {URL: rests, NEXT_URL: rests}
        desk.only()
        assert desk.texts() == [TEASER, TEASER]

        desk.web.page(URL, TEXT)
        desk.web.page(NEXT_URL, OTHER_TEXT)
        desk.web.answers[FEED] = NotModified()
        desk.clock.move(4)
        assert desk.only().pages_fetched == 0
        desk.clock.move(1.5)
        assert desk.only().pages_fetched == 2
        assert desk.texts() == [TEXT, OTHER_TEXT]


def test_a_page_that_comes_late_and_breaks_a_worker_changes_nothing() -> None:
    """Of a page asked for again that is too much for the worker, not even the feed's text is taken anew."""
    with Desk(FEED, workers=WeakWorkers("swells")) as desk:
        desk.web.feed(FEED, listed(URL, summary=words(80), content_text=TEXT), etag='"1"')
        desk.web.answers[URL] = failure()
        desk.only()
        desk.web.page(URL, OTHER_TEXT + " swells")
        desk.web.answers[FEED] = NotModified()
        for _ in range(3):
            desk.clock.move(1.2)
            desk.update()

        assert desk.web.pages_asked() == [URL, URL]
        assert desk.texts() == [TEXT]
        assert desk.rows("SELECT versions FROM article") == [(0,)]


def test_a_page_that_breaks_a_worker_leaves_the_feeds_text() -> None:
    """When the page is too much for the worker the entry is read without it."""
    with Desk(FEED, workers=WeakWorkers("swells")) as desk:
        desk.web.feed(FEED, listed(URL, summary=TEASER))
        desk.web.page(URL, TEXT + " swells")
        outcome = desk.only()

        assert (outcome.new, outcome.pages_fetched, outcome.pages_failed) == (1, 1, 1)
        assert outcome.warning is None
        assert desk.texts() == [TEASER]


def test_a_page_that_breaks_a_worker_is_tried_once_more_in_a_simpler_way() -> None:
    """When the page is too much for the worker but can be read simply, its text is kept and no failure counted."""
    with Desk(FEED, workers=WeakWorkers("swells", can_simply=True)) as desk:
        desk.web.feed(FEED, listed(URL, summary=TEASER))
        desk.web.page(URL, TEXT + " swells")
        outcome = desk.only()

        assert (outcome.new, outcome.pages_fetched, outcome.pages_failed) == (1, 1, 0)
        assert desk.texts() == [TEXT + " swells"]


def test_an_entry_that_breaks_a_worker_is_warned_of() -> None:
    """An entry that cannot be read even without its page is left out, and the outcome says so; the others are kept."""
    with Desk(FEED, workers=WeakWorkers("swells")) as desk:
        desk.web.feed(FEED, listed(URL, "It swells"), listed(NEXT_URL, "Calm"))
        desk.web.page(NEXT_URL, TEXT)
        outcome = desk.only()

        assert (outcome.kind, outcome.entries, outcome.new) == (PollKind.READ, 2, 1)
        assert outcome.warning == "1 entries could not be read"
        assert desk.titles() == ["Calm"]


def test_two_feeds_that_list_a_new_article_at_once_read_it_once() -> None:
    """While one feed reads an article the other waits, and then only lists it."""
    with Desk(FEED, SECOND_FEED) as desk:
        for feed in (FEED, SECOND_FEED):
            desk.web.feed(feed, listed(URL))
        desk.web.page(URL, TEXT)

        async def play() -> dict[str, PollOutcome]:
            hold = desk.web.hold(URL)
            updating = asyncio.create_task(desk.updating())
            await hold.asked.wait()
            await until(lambda: _waiting(desk) == 2)
            hold.release.set()
            return await updating

        outcomes = desk.run(play()).values()
        assert sorted(map(_counts, outcomes)) == [(0, 0, 1, 0), (1, 0, 0, 1)]
        assert desk.web.pages_asked() == [URL]
        assert desk.rows("SELECT count(*), count(DISTINCT article_id) FROM entry") == [(2, 1)]


def test_an_article_that_another_feed_has_brought_is_only_listed() -> None:
    """A known address costs no request, however the second feed spells it."""
    with Desk(FEED, SECOND_FEED) as desk:
        desk.web.feed(FEED, listed(URL))
        desk.web.feed(SECOND_FEED)
        desk.web.page(URL, TEXT)
        desk.update()
        desk.clock.move(2)
        desk.web.feed(SECOND_FEED, listed(URL + "?utm_source=rss", "Another headline"))

        assert _counts(desk.update()[SECOND_FEED]) == (0, 0, 1, 0)
        assert desk.titles() == ["A headline"]


def test_an_article_that_changed_in_two_feeds_is_fetched_once() -> None:
    """The page that was read for one feed's change serves the other feed that tells of it in the same round."""
    with Desk(FEED, SECOND_FEED) as desk:
        for round_, text in enumerate((TEXT, TEXT + " Updated.")):
            for feed in (FEED, SECOND_FEED):
                desk.web.feed(feed, listed(URL, summary=f"Version {round_}"))
            desk.web.page(URL, text)
            outcomes = desk.update().values()
            desk.clock.move(2)

        assert sorted(map(_counts, outcomes)) == [(0, 0, 1, 0), (0, 1, 0, 1)]
        assert desk.texts() == [TEXT + " Updated."]
        assert desk.web.pages_asked() == [URL, URL]


def test_a_change_told_of_later_is_read_again() -> None:
    """A page that was read before a feed was asked for may be older than what the feed tells: it is fetched again."""
    with Desk(FEED, SECOND_FEED) as desk:
        for feed in (FEED, SECOND_FEED):
            desk.web.feed(feed, listed(URL, summary="Version 0"))
        desk.web.page(URL, TEXT)
        desk.update()
        for version, feed in enumerate((FEED, SECOND_FEED), start=1):
            desk.clock.move(2)
            desk.web.feed(feed, listed(URL, summary=f"Version {version}"))
            desk.web.page(URL, f"{TEXT} Update {version}.")
            assert _counts(desk.update()[feed]) == (0, 1, 0, 1)


def test_what_counts_is_when_a_feed_was_asked_for_not_when_its_poll_began() -> None:
    """A feed that had to wait for its turn may tell of changes since the page was read meanwhile."""
    crowd = [f"https://crowd-{number}.example/feed" for number in range(FEEDS_IN_HAND)]
    with Desk(FEED, *crowd, SECOND_FEED) as desk:
        desk.web.feed(FEED, listed(URL, summary="Version 0"))
        desk.web.feed(SECOND_FEED, listed(URL, summary="Version 0"))
        desk.web.page(URL, TEXT)
        desk.update()
        desk.clock.move(50)
        desk.web.feed(FEED, listed(URL, summary="Version 1"))
        desk.web.feed(SECOND_FEED, listed(URL, summary="Version 2"))

        async def play() -> list[PollOutcome]:
            holds = [desk.web.hold(feed) for feed in crowd]
            polls = desk.updater.update(desk.store.all_feeds())
            outcomes = [await anext(polls)]
            desk.clock.move(0.1)
            desk.web.page(URL, TEXT + " Updated.")
            for hold in holds:
                hold.release.set()
            return outcomes + [outcome async for outcome in polls]

        outcomes = {outcome.feed.url: outcome for outcome in desk.run(play())}
        assert _counts(outcomes[FEED]) == (0, 0, 0, 1)
        assert _counts(outcomes[SECOND_FEED]) == (0, 1, 0, 1)


def test_a_stop_leaves_the_rest_for_later() -> None:
    """The article in hand is recorded, the others are found again by the next poll, and nothing comes twice."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(URL), listed(NEXT_URL), etag="1")
        desk.web.page(URL, TEXT)
        desk.web.page(NEXT_URL, OTHER_TEXT)

        async def play() -> PollOutcome:
            hold = desk.web.hold(URL)
            updating = asyncio.create_task(desk.updating())
            await hold.asked.wait()
            desk.updater.stop()
            hold.release.set()
            return (await updating)[FEED]

        stopped = desk.run(play())
        assert (stopped.kind, stopped.new) == (PollKind.STOPPED, 1)
        assert desk.texts() == [TEXT]

        desk.start()
        assert _counts(desk.update()[FEED]) == (1, 0, 0, 1)
        assert desk.web.pages_asked() == [URL, NEXT_URL]
        assert desk.texts() == [TEXT, OTHER_TEXT]


def test_one_page_of_a_site_is_in_hand_at_a_time() -> None:
    """The entries of one site are read one after the other, those of other sites meanwhile."""
    elsewhere = "https://agency.example/1"
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(URL), listed(NEXT_URL), listed(elsewhere))
        for url in (URL, NEXT_URL, elsewhere):
            desk.web.page(url, TEXT)

        async def play() -> list[str]:
            hold, other = desk.web.hold(URL), desk.web.hold(elsewhere)
            updating = asyncio.create_task(desk.updating())
            await hold.asked.wait()
            await other.asked.wait()
            asked = desk.web.pages_asked()
            hold.release.set()
            other.release.set()
            await updating
            return asked

        assert desk.run(play()) == [URL, elsewhere]
        assert len(desk.texts()) == 3


def test_an_entry_with_a_bug_leaves_the_other_sites_alone() -> None:
    """What one entry brings to light fails the poll, but only after the pages of other sites were read and recorded."""
    elsewhere = "https://agency.example/1"
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(URL, "Strange"), listed(elsewhere, "Sound"))
        desk.web.answers[URL] = ZeroDivisionError("a strange page")
        desk.web.page(elsewhere, TEXT)

        async def play() -> PollOutcome:
            hold = desk.web.hold(elsewhere)
            updating = asyncio.create_task(desk.updating())
            await hold.asked.wait()
            await until(lambda: URL in desk.web.pages_asked())
            hold.release.set()
            return (await updating)[FEED]

        outcome = desk.run(play())
        assert (outcome.kind, type(outcome.bug)) == (PollKind.FAILED, ZeroDivisionError)
        assert desk.titles() == ["Sound"]
