"""The whole dance with a hub on loopback: subscribing, asking back, pushing, renewing, leaving."""

import asyncio
import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.core.config.checking import default_settings
from aggregator.domain.feeds import ParsedFeed
from aggregator.domain.fetching import Response
from aggregator.domain.settings import FeedConfig
from tests.builders import NOON
from tests.faces.hub import CHALLENGE, hub_on_loopback
from tests.faces.installed import SETTINGS, new_place
from tests.faces.pushed import OFF, ON, Desk, desk
from tests.pipeline.fakes import until

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """The daemon runs on asyncio."""
    return "asyncio"


async def test_a_hub_is_asked_asks_back_and_pushes() -> None:
    """The whole way: a feed names a hub, we subscribe, it verifies, and what it pushes is an article without a poll."""
    async with desk() as ours:
        ours.hub.entries = ["Bridge closed"]
        await ours.subscribe()

        (asked,) = ours.hub.asked
        assert asked.keys() == {"hub.mode", "hub.topic", "hub.callback", "hub.secret", "hub.lease_seconds"}
        assert (asked["hub.mode"], asked["hub.topic"]) == ("subscribe", ours.hub.topic)
        assert asked["hub.callback"].startswith("https://news.example/hubs/")
        assert ours.hub.content_types == ["application/x-www-form-urlencoded"]
        (verified,) = ours.hub.verified
        assert (verified.status, verified.body) == (200, CHALLENGE.encode())
        assert ours.app.subscriber.active == 1

        assert await ours.hub.push("Ferry late", "Bridge closed") == 202
        await ours.idle()
        assert ours.titles() == ["Bridge closed", "Ferry late"]
        assert ours.hub.polled == 1
        assert ours.subscription().pushes == 1


async def test_a_push_leaves_to_polls_what_is_theirs() -> None:
    """Validators, digest and the next poll stay as the last poll left them."""
    async with desk() as ours:
        await ours.subscribe()
        before = ours.app.store.all_feeds()
        ours.clock.move(hours=0.5)

        await ours.hub.push("Ferry late")
        await ours.idle()
        assert ours.titles() == ["Ferry late"]
        assert ours.app.store.all_feeds() == before


async def test_a_push_waits_for_the_poll_of_its_feed() -> None:
    """What is pushed while the feed is being polled is taken at once and read when the poll has ended."""
    async with desk() as ours:
        await ours.subscribe()
        due = ours.app.store.all_feeds()
        ours.hub.open.clear()
        ours.hub.entries = ["Bridge closed"]
        (poll,) = ours.polls.start(due)
        await until(lambda: ours.hub.polled == 2)
        assert await ours.hub.push("Ferry late") == 202
        await until(lambda: len(ours.polls.cycles) == 2)
        (push,) = ours.polls.start(due)
        assert (push is poll, push.done(), ours.titles()) == (False, False, [])

        ours.hub.open.set()
        assert (await push).new == 1
        assert poll.done()
        assert ours.titles() == ["Bridge closed", "Ferry late"]
        assert ours.polls.in_hand == 0


async def test_pushes_of_one_feed_are_read_in_turn() -> None:
    """Several pushes at once are read one after the other, in the order in which they came; none is lost."""
    async with desk() as ours:
        await ours.subscribe()
        for title in ("Bridge closed", "Ferry late", "Harbour sold"):
            await ours.hub.push(title)
        await ours.idle()

        assert ours.titles() == ["Bridge closed", "Ferry late", "Harbour sold"]


async def test_off_by_default() -> None:
    """Without a public address nothing listens and no hub is asked, whatever feeds name; feeds are polled as ever."""
    async with desk(OFF) as ours:
        ours.hub.entries = ["Bridge closed"]
        outcome = await ours.poll()
        await ours.tend()

        assert default_settings().websub_url is None
        assert outcome.new == 1
        assert ours.websub.port is None
        assert ours.hub.asked == []
        assert ours.app.subscriber.active == 0


@pytest.mark.parametrize(
    ("granted", "days"), [("864000", 10), ("31536000", 14), ("9" * 4000, 14), (None, 10), ("soon", 10), ("86400", 1)]
)
async def test_a_lease_is_believed_within_bounds(granted: str | None, days: int) -> None:
    """What the hub grants holds, but for 14 days at most; without a word it is what we asked for."""
    async with desk() as ours:
        ours.hub.lease = granted
        await ours.subscribe()

        assert ours.hub.asked[0]["hub.lease_seconds"] == "864000"
        assert ours.subscription().expires == NOON + timedelta(days=days)


async def test_a_lease_is_renewed_before_it_ends() -> None:
    """With a fifth of it left the hub is asked again, for the same callback with the same secret; not before."""
    async with desk() as ours:
        await ours.subscribe()
        ours.clock.move(hours=24 * 7)
        await ours.tend()
        assert len(ours.hub.asked) == 1

        ours.clock.move(hours=24 * 1.5)
        await ours.tend()
        assert ours.hub.asked[0] == ours.hub.asked[1]
        assert ours.subscription().expires == ours.clock() + timedelta(days=10)
        assert ours.app.subscriber.active == 1


async def test_a_hub_that_says_no_is_asked_again_later(caplog: pytest.LogCaptureFixture) -> None:
    """A denial ends the subscription, tells its reason, and is respected for an hour, then six, then a day."""
    async with desk() as ours:
        ours.hub.then = "denied"
        await ours.subscribe()
        refused = ours.subscription()

        assert (refused.refused, refused.expires) == ("no such feed", None)
        assert ours.app.subscriber.active == 0
        assert "subscription denied" in caplog.text
        assert await asked_after(ours, 0.9, 0.2, 5.8, 0.3, 23.6, 0.5, 23.8, 0.3) == [1, 2, 2, 3, 3, 4, 4, 5]


async def asked_after(ours: Desk, *hours: float) -> list[int]:
    """Return how often the hub had been asked after each of so many hours."""
    counts = []
    for some in hours:
        ours.clock.move(some)
        await ours.tend()
        counts.append(len(ours.hub.asked))
    return counts


async def test_a_denial_ends_a_running_lease() -> None:
    """A hub may take its promise back; what it pushes after that is no longer expected."""
    async with desk() as ours:
        await ours.subscribe()
        answered = await ours.hub.verify(ours.hub.asked[0], hub_mode="denied", hub_challenge=None)

        assert (answered.status, answered.body) == (200, b"")
        assert ours.app.subscriber.active == 0
        assert await ours.hub.push("Ferry late") == 404


async def test_a_hub_that_never_verifies_changes_nothing() -> None:
    """It is asked again after the pauses; polls go on at the feed's own rhythm."""
    async with desk() as ours:
        ours.hub.then = None
        await ours.subscribe()
        (due,) = ours.app.store.all_feeds()

        assert await asked_after(ours, 0.9, 0.2) == [1, 2]
        assert ours.app.subscriber.interval(due.feed.id, timedelta(hours=1)) == timedelta(hours=1)
        assert (await ours.poll()).failure is None


async def test_polls_slow_down_only_while_pushes_come() -> None:
    """The first push of a lease makes polls four times rarer; a hub that is silent within a new lease does not."""
    async with desk() as ours:
        await ours.subscribe()
        (due,) = ours.app.store.all_feeds()
        hour = timedelta(hours=1)
        assert ours.app.subscriber.interval(due.feed.id, hour) == hour

        await ours.hub.push("Ferry late")
        assert ours.app.subscriber.interval(due.feed.id, hour) == 4 * hour
        ours.clock.move(hours=24 * 9)
        await ours.tend()
        assert ours.app.subscriber.interval(due.feed.id, hour) == hour


async def test_a_dead_hub_is_survived(caplog: pytest.LogCaptureFixture) -> None:
    """Where nobody answers, the failure is told and kept, and the feed is polled as ever."""
    async with desk() as ours:
        ours.hub.answer = "503 Service Unavailable"
        ours.hub.then = None
        ours.hub.entries = ["Bridge closed"]
        await ours.subscribe()

        assert "subscribing failed" in caplog.text
        assert "503" in str(ours.subscription().refused)
        ours.hub.entries = ["Bridge closed", "Ferry late"]
        assert (await ours.poll()).new == 1


async def test_a_hub_that_is_not_there_keeps_nobody_waiting() -> None:
    """One hub that cannot be reached does not keep another from being asked, and the failure is kept as a sentence."""
    async with desk() as ours:
        other = FeedConfig(url="https://b.example/feed", every=timedelta(hours=1))
        feeds = [FeedConfig(url=ours.hub.topic, every=timedelta(hours=1)), other]
        ours.app.store.sync_feeds(feeds, timedelta(hours=1), ours.clock())
        with socket.create_server(("127.0.0.1", 0)) as free:
            nowhere = f"http://localhost:{free.getsockname()[1]}/"
        parsed = ParsedFeed(version="atom10", title=None, link=None, language=None, entries=(), hub=nowhere)
        due = ours.app.store.all_feeds()[1]
        await ours.app.subscriber.heard(due.feed, Response(url=other.url, body=b"", content_type=None), parsed)
        await ours.subscribe()

        assert ours.app.subscriber.active == 1
        (failed,) = (one for one in ours.app.store.subscriptions() if one.hub.url == nowhere)
        assert "no connection to localhost" in str(failed.refused)


async def test_a_hub_may_verify_before_it_answers() -> None:
    """A hub that asks back first and then fails to answer well has verified all the same."""
    async with desk() as ours:
        ours.hub.answer = "500 Internal Server Error"
        await ours.subscribe()
        await ours.hub.errands()

        assert ours.app.subscriber.active == 1


@pytest.mark.parametrize(("status", "follows"), [("307 Temporary Redirect", 1), ("308 Permanent Redirect", 1),
                                                 ("301 Moved Permanently", 0), ("303 See Other", 0)])  # fmt: skip
async def test_a_request_follows_redirects_that_keep_it(status: str, follows: int) -> None:
    """307 and 308 carry the form on; what would turn it into a mere question is a refusal."""
    async with desk() as ours:
        ours.hub.answer = status
        await ours.subscribe()

        assert len(ours.hub.asked) == follows
        assert ours.app.subscriber.active == follows
        assert bool(ours.subscription().refused) is not bool(follows)


async def test_link_headers_are_believed_before_the_document() -> None:
    """Hub and topic of the HTTP headers win."""
    async with desk() as ours:
        ours.hub.silent = True
        response = Response(
            url=ours.hub.topic,
            body=b"",
            content_type=None,
            link_header=f'<{ours.hub.url}>; rel="hub", <https://news.example/all>; rel=self',
        )
        parsed = ParsedFeed(
            version="atom10", title=None, link=None, language=None, entries=(), hub="https://o.example/"
        )
        (due,) = ours.app.store.all_feeds()
        await ours.app.subscriber.heard(due.feed, response, parsed)
        await ours.tend()

        assert [asked["hub.topic"] for asked in ours.hub.asked] == ["https://news.example/all"]


async def test_a_restart_keeps_tokens_and_secrets(tmp_path: Path) -> None:
    """The next run knows the subscription: nobody is asked anew, and what is pushed to the old address is read."""
    async with desk(path=tmp_path / "news.db") as ours:
        await ours.subscribe()
        before, port, asked = ours.subscription(), ours.hub.port, ours.hub.asked

    async with desk(path=tmp_path / "news.db", port=port, clock=ours.clock) as ours:
        await ours.tend()
        assert ours.hub.asked == []
        assert ours.subscription() == before

        ours.hub.asked = asked
        assert await ours.hub.push("Ferry late") == 202
        await ours.idle()
        assert ours.titles() == ["Ferry late"]


async def test_a_feed_that_is_taken_out_is_unsubscribed() -> None:
    """Its hub is asked to end it and asks back; what comes after that leads nowhere."""
    async with desk() as ours:
        await ours.subscribe()
        ours.app.store.sync_feeds([], timedelta(hours=1), ours.clock())
        await ours.tend()

        assert [asked["hub.mode"] for asked in ours.hub.asked] == ["subscribe", "unsubscribe"]
        assert ours.hub.asked[0]["hub.callback"] == ours.hub.asked[1]["hub.callback"]
        assert "hub.secret" not in ours.hub.asked[1]
        assert [answered.status for answered in ours.hub.verified] == [200, 200]
        assert await ours.hub.send(b"") == 404


async def test_a_hub_that_goes_on_is_told_that_nobody_wants_it() -> None:
    """Until the hub has confirmed the end, its pushes are answered with 410; it is asked to end it only once."""
    async with desk() as ours:
        await ours.subscribe()
        ours.hub.then = None
        ours.app.store.sync_feeds([], timedelta(hours=1), ours.clock())

        assert await asked_after(ours, 0, 2, 30) == [2, 2, 2]
        assert await ours.hub.push("Ferry late", secret="") == 410
        await asked_after(ours, 24 * 15)
        assert await ours.hub.push("Ferry late", secret="") == 404


async def test_switching_off_takes_leave() -> None:
    """Hubs are told, may ask back for a while, and then nobody listens; switched on again it subscribes anew."""
    async with desk(farewell_seconds=0.01) as ours:
        await ours.subscribe()
        await ours.websub.take_up(OFF)
        await until(lambda: len(ours.hub.verified) == 2)
        await until(lambda: ours.websub.port is None)

        assert [asked["hub.mode"] for asked in ours.hub.asked] == ["subscribe", "unsubscribe"]
        assert ours.hub.verified[1].status == 200
        await ours.websub.take_up(ON)
        await ours.tend()
        assert ours.hub.asked[2]["hub.mode"] == "subscribe"
        assert ours.hub.asked[2]["hub.callback"] != ours.hub.asked[0]["hub.callback"]
        assert ours.app.subscriber.active == 1


async def test_switching_on_again_breaks_off_the_leave() -> None:
    """A change of mind leaves the door open."""
    async with desk() as ours:
        await ours.subscribe()
        port = ours.websub.port
        await ours.websub.take_up(OFF)
        await ours.websub.take_up(ON)
        await ours.tend()

        assert ours.websub.port == port
        assert ours.app.subscriber.active == 1


async def test_another_public_address_is_told_to_hubs() -> None:
    """Pushes to the old address would be lost, so it is left and the new one subscribed."""
    async with desk() as ours:
        await ours.subscribe()
        await ours.websub.take_up(replace(ON, websub_url="https://other.example/"))
        await ours.tend()

        assert [asked["hub.mode"] for asked in ours.hub.asked] == ["subscribe", "unsubscribe", "subscribe"]
        assert ours.hub.callback.startswith("https://other.example/")
        assert ours.app.subscriber.active == 1


async def test_another_place_to_listen_is_moved_to() -> None:
    """A changed websub_listen closes the one port and opens the other; subscriptions stay."""
    async with desk() as ours:
        await ours.subscribe()
        before = ours.websub.port
        await ours.websub.take_up(replace(ON, websub_listen="localhost:0"))

        assert ours.websub.port not in {None, before}
        assert await ours.hub.push("Ferry late") == 202


async def test_a_port_in_use_is_an_error_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """The daemon goes on and asks no hub, for nobody would hear it; once the port is free it listens."""
    async with desk() as ours:
        await ours.poll()
        with socket.create_server(("127.0.0.1", 0)) as other:
            listen = f"127.0.0.1:{other.getsockname()[1]}"
            await ours.websub.take_up(replace(ON, websub_listen=listen))
            await ours.tend()
            assert "callback cannot open" in caplog.text
            assert ours.websub.port is None
            assert ours.hub.asked == []

        await ours.tend()
        assert ours.app.subscriber.active == 1


async def test_a_feed_may_change_its_hub_but_not_each_hour() -> None:
    """A feed that names another topic is subscribed anew, yet one that does so all the time is not followed."""
    async with desk() as ours:
        await ours.subscribe()
        (due,) = ours.app.store.all_feeds()
        other = ParsedFeed(
            version="atom10", title=None, link=None, language=None, entries=(), hub=ours.hub.url,
            self_link="https://news.example/all",
        )  # fmt: skip
        response = Response(url=ours.hub.topic, body=b"", content_type=None)

        await ours.app.subscriber.heard(due.feed, response, other)
        await ours.tend()
        assert len(ours.hub.asked) == 1
        ours.clock.move(hours=13)
        await ours.app.subscriber.heard(due.feed, response, other)
        await ours.tend()
        assert [asked["hub.topic"] for asked in ours.hub.asked[1:]] == [ours.hub.topic, "https://news.example/all"]
        assert [asked["hub.mode"] for asked in ours.hub.asked[1:]] == ["unsubscribe", "subscribe"]


async def test_the_daemon_does_all_this_by_itself(tmp_path: Path) -> None:
    """With a public address in feeds.yaml a running daemon subscribes after its first poll and reads what is pushed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with new_place(tmp_path) as place:
        async with hub_on_loopback(lambda: port) as hub:
            listening = f'  websub_url: "https://news.example/"\n  websub_listen: "127.0.0.1:{port}"\n'
            place.write(
                f"{{url: {hub.topic}, name: harbour, every: 1h, full_text: never}}", settings=SETTINGS + listening
            )
            with place.daemon() as daemon:
                await asyncio.to_thread(daemon.wait_for, " subscribed ")
                status = await asyncio.to_thread(place.json, "status")
                told = await asyncio.to_thread(place.call, "status")
                accepted = await hub.push("Ferry late")
                (pushed,) = await asyncio.to_thread(daemon.wait_for, " pushed ")
                ended = await asyncio.to_thread(daemon.end)

    assert status["subscriptions"] == 1
    assert "pushed:     1 by hubs" in told.stdout
    assert accepted == 202
    assert "feed=harbour kind=read entries=1 new=1" in pushed
    assert ended == 0


async def test_a_daemon_without_a_public_address_does_not_listen(tmp_path: Path) -> None:
    """As installed, no hub is asked and `status` counts none."""
    with new_place(tmp_path) as place:
        async with hub_on_loopback(lambda: None) as hub:
            place.write(f"{{url: {hub.topic}, name: harbour, every: 1h, full_text: never}}")
            with place.daemon() as daemon:
                await asyncio.to_thread(daemon.wait_for, " cycle ")
                status = await asyncio.to_thread(place.json, "status")

            assert hub.asked == []
    assert status["subscriptions"] == 0
    assert not daemon.lines("callback")
