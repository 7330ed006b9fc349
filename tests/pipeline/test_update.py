"""How polls end, what is kept of them, and that one feed's trouble stays its own."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.domain.errors import StoreError
from aggregator.domain.feeds import Entry, EntryToRead
from aggregator.domain.fetching import FailureKind, NotModified
from aggregator.domain.health import Health
from aggregator.domain.ids import FeedId
from aggregator.domain.outcomes import PollKind, PollOutcome
from aggregator.domain.settings import FeedConfig
from tests.builders import NOON, hours, words
from tests.pipeline.fakes import Desk, failure, listed, until

FEED, OTHER = "https://paper.example/feed", "https://other.example/feed"
URL = "https://paper.example/news/bridge"
TEXT = words(300)
EVERY = timedelta(hours=1)


class ForgetfulStore(SqliteStore):
    """A store with a bug that only one feed brings to light."""

    def unread(self, feed: FeedId, entries: Sequence[Entry]) -> tuple[EntryToRead, ...]:
        """Raise for the first feed what nobody expects."""
        if feed == 1 and entries:
            raise KeyError("a bug")
        return super().unread(feed, entries)


class CountingWriter(ThreadPoolExecutor):
    """A writer's thread that counts what it is asked for."""

    calls = 0

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        """Count and do it."""
        self.calls += 1
        return super().submit(*args, **kwargs)


def test_a_feed_that_was_read() -> None:
    """A poll that went well keeps validators, digest and times, clears what was wrong, and names the next poll."""
    with Desk(FEED) as desk:
        desk.web.answers[FEED] = failure("no answer")
        desk.update()
        desk.clock.move(2)
        desk.web.feed(FEED, listed(URL, content_text=TEXT), etag='"7"', title="The Paper")
        outcome = desk.update()[FEED]
        due = desk.feed(FEED)

        assert (outcome.kind, outcome.entries, outcome.new, outcome.failure) == (PollKind.READ, 1, 1, None)
        assert due.feed.name == "The Paper"
        assert (due.state.etag, due.state.failures, due.state.error) == ('"7"', 0, None)
        assert due.state.last_poll == due.state.last_success == hours(2)
        assert due.state.next_poll == hours(3)
        assert due.state.body_digest


def test_a_second_poll_sends_the_validators_and_changes_nothing() -> None:
    """A 304 leaves articles alone, and validators that it does not repeat still hold (RFC 9110, 15.4.5)."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(URL, content_text=TEXT), etag='"7"')
        desk.update()
        before = desk.feed(FEED).state
        desk.web.answers[FEED] = NotModified(last_modified="Mon, 02 Mar 2026 12:00:00 GMT")
        desk.clock.move(1)
        outcome = desk.update()[FEED]
        after = desk.feed(FEED).state

        assert outcome.kind is PollKind.UNCHANGED
        assert desk.web.asked[-1].etag == '"7"'
        assert (after.etag, after.last_modified) == ('"7"', "Mon, 02 Mar 2026 12:00:00 GMT")
        assert (after.body_digest, after.last_success, after.next_poll) == (before.body_digest, hours(1), hours(2))


def test_a_poll_that_brings_nothing_goes_to_the_writer_twice() -> None:
    """For the claim and for the end; a feed whose pages are all there is not asked about them."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(URL, content_text=TEXT), etag='"7"')
        desk.update()
        desk.web.answers[FEED] = NotModified()
        desk.clock.move(1)
        writer = CountingWriter(1)
        desk.updater._writer = writer
        desk.update()
        writer.shutdown()

        assert writer.calls == 2


def test_the_same_bytes_are_as_good_as_a_304() -> None:
    """A server without validators that sends the same document is not parsed again; new validators are kept."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(URL, content_text=TEXT))
        desk.update()
        desk.web.feed(FEED, listed(URL, content_text=TEXT), etag='"8"')
        # What was listed is forgotten: were the document read again, its entry would be new.
        with desk.store.transaction():
            desk.store._sql.write("DELETE FROM entry")

        outcome = desk.only()
        assert (outcome.kind, outcome.entries) == (PollKind.UNCHANGED, 0)
        assert desk.feed(FEED).state.etag == '"8"'


def test_a_failure_backs_off_and_forgets_nothing() -> None:
    """Each failure in a row doubles the pause; validators and the last success stay."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, etag='"7"')
        desk.update()
        desk.web.answers[FEED] = failure("no name", FailureKind.DNS)
        for failures, pause in ((1, 1), (2, 1), (3, 2), (4, 4)):
            desk.clock.move(24)
            outcome = desk.update()[FEED]
            state = desk.feed(FEED).state

            assert outcome.kind is PollKind.FAILED
            assert outcome.failure == failure("no name", FailureKind.DNS)
            assert (state.failures, state.error, state.error_kind) == (failures, "no name", "dns")
            assert state.next_poll == desk.clock() + pause * EVERY
            assert (state.etag, state.last_success, state.last_poll) == ('"7"', NOON, desk.clock())


def test_what_is_no_feed_fails_the_poll() -> None:
    """A document that cannot be understood is a failure with its reason, and its validators are not kept."""
    with Desk(FEED) as desk:
        desk.web.page(FEED, "Sorry, we moved.")
        outcome = desk.only()

        assert outcome.kind is PollKind.FAILED
        assert outcome.failure is not None
        assert outcome.failure.kind is FailureKind.NOT_A_FEED
        assert desk.feed(FEED).state.body_digest is None


def test_a_feed_that_is_asked_to_wait_rests() -> None:
    """Being throttled is no sign of a dying feed: it does not count as a failure, but nothing is asked until then."""
    with Desk(FEED) as desk:
        desk.web.answers[FEED] = failure("asked to wait", FailureKind.THROTTLED, retry_at=hours(5))
        throttled = desk.update()[FEED]
        state = desk.feed(FEED).state

        assert throttled.kind is PollKind.FAILED
        assert (state.failures, state.rest_until, state.next_poll) == (0, hours(5), hours(5))
        assert desk.store.due(hours(4.9)) == ()

        # Somebody asks for it all the same.
        desk.clock.move(3)
        resting = desk.only()
        assert (resting.kind, len(desk.web.asked)) == (PollKind.RESTING, 1)
        assert resting.failure is not None
        assert "until 2026-03-02 17:00 UTC" in resting.failure.why
        assert desk.feed(FEED).state == state

        desk.clock.move(2)
        desk.web.feed(FEED)
        assert desk.update()[FEED].kind is PollKind.READ
        assert desk.feed(FEED).state.rest_until is None


def test_a_site_that_rests_for_another_feed_is_not_held_against_this_one() -> None:
    """When the fetcher itself holds a request back the feed rests, and was not polled."""
    with Desk(FEED) as desk:
        desk.web.answers[FEED] = failure("the site rests", FailureKind.RESTING, retry_at=hours(3))
        outcome = desk.only()
        state = desk.feed(FEED).state

        assert outcome.kind is PollKind.RESTING
        assert (state.failures, state.last_poll, state.rest_until, state.next_poll) == (0, None, hours(3), hours(3))


@pytest.mark.parametrize("when", ["before the request", "before the page"])
def test_a_stopped_poll_is_read_again(when: str) -> None:
    """Validators are kept only after everything was recorded; a feed that was broken off is due at once."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(URL), etag='"7"')
        desk.web.page(URL, TEXT)
        desk.clock.move(0.5)

        async def play() -> PollOutcome:
            if when == "before the request":
                desk.updater.stop()
                return (await desk.updating())[FEED]
            hold = desk.web.hold(FEED)
            updating = asyncio.create_task(desk.updating())
            await hold.asked.wait()
            desk.updater.stop()
            hold.release.set()
            return (await updating)[FEED]

        assert desk.run(play()).kind is PollKind.STOPPED
        state = desk.feed(FEED).state
        assert (state.etag, state.body_digest, state.last_success, state.next_poll) == (None, None, None, hours(0.5))
        assert len(desk.web.asked) == (when == "before the page")
        assert desk.texts() == []

        desk.start()
        assert desk.update()[FEED].new == 1
        assert desk.web.asked[-2].etag is None


def test_a_poll_is_put_off_before_the_first_request() -> None:
    """While the answer is awaited the feed is no longer due, so that a crash polls nothing twice."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED)

        async def play() -> None:
            hold = desk.web.hold(FEED)
            updating = asyncio.create_task(desk.updating())
            await hold.asked.wait()
            assert desk.feed(FEED).state.next_poll == hours(1)
            hold.release.set()
            await updating

        desk.run(play())


def test_outcomes_come_as_polls_end() -> None:
    """A feed that is slow does not keep back what became of the others."""
    with Desk(FEED, OTHER) as desk:
        for feed in (FEED, OTHER):
            desk.web.feed(feed)

        async def play() -> list[str]:
            hold = desk.web.hold(FEED)
            polls = desk.updater.update(desk.store.all_feeds())
            first = await anext(polls)
            hold.release.set()
            return [first.feed.url] + [outcome.feed.url async for outcome in polls]

        assert desk.run(play()) == [OTHER, FEED]


@pytest.mark.parametrize("where", ["fetcher", "store"])
def test_a_bug_fails_its_feed_alone(where: str) -> None:
    """An exception that nobody expects fails one poll, travels in its outcome, and leaves the feed's validators."""
    store = ForgetfulStore(":memory:") if where == "store" else None
    with Desk(FEED, OTHER, store=store) as desk:
        desk.web.feed(FEED, etag='"1"')
        desk.web.feed(OTHER, etag='"1"')
        desk.update()
        desk.clock.move(2)
        desk.web.feed(FEED, listed(URL, content_text=TEXT), etag='"2"')
        desk.web.feed(OTHER, listed(URL, content_text=TEXT), etag='"2"')
        if where == "fetcher":
            desk.web.answers[FEED] = KeyError("a bug")
        outcomes = desk.update()
        state = desk.feed(FEED).state

        assert outcomes[OTHER].new == 1
        assert (outcomes[FEED].kind, type(outcomes[FEED].bug)) == (PollKind.FAILED, KeyError)
        assert (state.etag, state.failures, state.error_kind) == ('"1"', 1, "bug")
        assert state.error == "a bug in aggregator: KeyError: 'a bug'"


def test_a_store_that_fails_ends_the_update() -> None:
    """When the database cannot be used nothing else makes sense: the error comes out, and the polls under way end."""
    with Desk(FEED, OTHER) as desk:
        desk.web.feed(FEED, listed(URL, content_text=words(2_000)))
        desk.web.feed(OTHER)
        pages = desk.store._sql.value("PRAGMA page_count")
        desk.store._sql.raw.execute(f"PRAGMA max_page_count = {pages}")

        async def play() -> int:
            desk.web.hold(OTHER)
            with pytest.raises(StoreError, match="full"):
                await desk.updating()
            return len(asyncio.all_tasks())

        assert desk.run(play()) == 1


def test_who_stops_listening_ends_the_polls() -> None:
    """When nobody wants the outcomes any more, requests under way are given up, and nothing stays behind."""
    with Desk(FEED, OTHER) as desk:
        for feed in (FEED, OTHER):
            desk.web.feed(feed)

        async def play() -> int:
            desk.web.hold(OTHER)
            updating = asyncio.create_task(desk.updating())
            await until(lambda: len(desk.web.asked) == 2)
            updating.cancel()
            await asyncio.gather(updating, return_exceptions=True)
            return len(asyncio.all_tasks())

        assert desk.run(play()) == 1
        assert desk.feed(OTHER).state.last_poll is None


def test_a_second_round_changes_no_row() -> None:
    """Polling again what has not changed touches nothing but the times of the polls."""
    with Desk(FEED, OTHER) as desk:
        for feed in (FEED, OTHER):
            desk.web.feed(feed, listed(URL, content_text=TEXT), listed(feed + "/2", content_text=TEXT))
        desk.update()
        desk.store._sql.raw.execute("CREATE TEMP TABLE before AS SELECT * FROM article")
        changes = desk.store._sql.raw.total_changes
        desk.clock.move(2)
        for feed in (FEED, OTHER):
            title = "Another title, and so another document"
            desk.web.feed(feed, listed(URL, content_text=TEXT), listed(feed + "/2", content_text=TEXT), title=title)

        assert {outcome.kind for outcome in desk.update().values()} == {PollKind.READ}
        # Of each feed the claim, the state, the poll and the title.
        assert desk.store._sql.raw.total_changes - changes == 8
        assert desk.rows("SELECT * FROM article EXCEPT SELECT * FROM before") == []


def test_what_holds_by_the_servers_word_is_not_asked_for() -> None:
    """With max-age of three hours neither the schedule nor somebody who asks now polls sooner."""
    with Desk(FeedConfig(url=FEED, every=timedelta(minutes=5))) as desk:
        desk.web.feed(FEED, listed(URL, content_text=TEXT), fresh_until=hours(3))
        desk.update()
        desk.clock.move(1)
        fresh = desk.only()

        assert (fresh.kind, fresh.fresh_until, len(desk.web.asked)) == (PollKind.FRESH, hours(3), 1)
        assert desk.store.due(hours(2.9)) == ()
        desk.clock.move(2)
        assert desk.only().kind is PollKind.UNCHANGED
        assert desk.web.asked[-1].not_before == hours(3)


def test_validators_are_dropped_after_eight_days_and_a_stuck_server_is_found_out() -> None:
    """What a server hid behind its 304s is read then; from then on it is asked for whole documents, and called frozen."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(URL, content_text=TEXT, date_published=NOON.isoformat()), etag='"7"')
        desk.update()
        desk.web.answers[FEED] = NotModified()
        for _ in range(8):
            desk.clock.move(23)
            desk.update(all_feeds=True)
        assert {request.etag for request in desk.web.asked[1:]} == {'"7"'}

        hidden = listed(URL + "2", "Another", content_text=words(300, start=1000), date_published=hours(48).isoformat())
        desk.web.feed(FEED, hidden, etag='"7"')
        desk.clock.move(23)
        assert desk.only().new == 1
        state = desk.feed(FEED).state
        assert desk.web.asked[-1].etag is None
        assert (state.health, state.frozen_since) == (Health.FROZEN, desk.clock())

        desk.clock.move(24)
        assert desk.only().kind is PollKind.UNCHANGED
        assert desk.web.asked[-1].etag is None


def test_a_permanent_redirect_is_told_after_ten_answers_and_three_days() -> None:
    """Until then it is merely followed; an answer from the old place ends the count."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(URL, content_text=TEXT), moved_to=OTHER)
        states = []
        for _ in range(10):
            desk.update(all_feeds=True)
            states.append(desk.feed(FEED).state.health)
            desk.clock.move(8)
        assert states[-1] is Health.MOVED
        assert Health.MOVED not in states[:-1]
        assert desk.feed(FEED).state.moved_to == OTHER

        desk.web.feed(FEED, listed(URL, content_text=TEXT), title="Back again")
        desk.update(all_feeds=True)
        assert desk.feed(FEED).state.health is not Health.MOVED


def test_a_poll_stands_in_the_feeds_history() -> None:
    """What was asked, what came, how much of it was new; a poll that asked nothing leaves nothing."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(URL, content_text=TEXT))
        desk.update()
        desk.clock.move(2)
        desk.update()
        desk.web.answers[FEED] = failure("gone", FailureKind.GONE, status=410)
        desk.clock.move(2)
        desk.update()

        history = desk.rows("SELECT kind, status, entries, new, error_kind FROM poll ORDER BY id")
        assert history == [("read", 200, 1, 1, None), ("unchanged", 200, 0, 0, None), ("failed", 410, 0, 0, "gone")]
        assert desk.rows("SELECT state, state_since FROM feed") == [("gone", "2026-03-02T16:00:00.000000Z")]
        assert desk.rows("SELECT before, after FROM state_change") == [("new", "fine"), ("fine", "gone")]


def test_a_night_without_a_line_is_no_death_of_feeds() -> None:
    """When nothing answers any more, feeds that were well stay well and come back soon; one that had failed goes on failing."""
    sites = [f"https://paper{number}.example/feed" for number in range(8)]
    with Desk(*sites) as desk:
        for number, feed in enumerate(sites):
            desk.web.feed(feed, listed(f"https://paper{number}.example/1", content_text=words(100, start=100 * number)))
        desk.web.answers[sites[7]] = failure("refused", FailureKind.CONNECT)
        desk.update()
        for feed in sites:
            desk.web.answers[feed] = failure("no route", FailureKind.CONNECT)
        desk.clock.move(1.2)
        told = [outcome.failure for outcome in desk.update(all_feeds=True).values()]
        states = [desk.feed(feed).state for feed in sites]

        spared = [state for state in states if not state.failures]
        assert len(spared) == 4  # with the one that failed before, the fourth is the fifth
        assert states[7].failures == 2
        assert {state.health for state in spared} == {Health.FINE}
        assert {state.next_poll for state in spared} == {hours(2.2)}
        assert sum("is this machine offline?" in one.why for one in told if one) == 4

        # The line is back: the first that answers ends it, and the next failure is a feed's own.
        desk.web.feed(sites[6], title="Here again")
        desk.web.feed(sites[5], title="Here again")
        desk.clock.move(1)
        desk.update()
        desk.web.answers[sites[6]] = failure("no route", FailureKind.CONNECT)
        desk.clock.move(24)
        desk.update(all_feeds=True)
        assert desk.feed(sites[6]).state.failures + desk.feed(sites[5]).state.failures == 1
