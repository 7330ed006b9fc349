"""The door for hubs: what must not get in."""

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from aggregator.daemon.callback import Callback, Door
from aggregator.web.listening import HEADER_BYTES, Connection
from tests.faces.pushed import ON, Desk, desk

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """The daemon runs on asyncio."""
    return "asyncio"


@pytest.mark.parametrize(
    "changes",
    [
        {"hub_topic": "https://elsewhere.example/feed"},
        {"hub_topic": None},
        {"hub_challenge": None},
        {"hub_mode": "publish"},
        {"hub_mode": None},
        {"hub_mode": "unsubscribe"},
        {"hub_mode": "denied", "hub_topic": "https://elsewhere.example/feed"},
    ],
)
async def test_only_what_we_asked_for_is_confirmed(changes: dict[str, str | None]) -> None:
    """Another topic, no challenge, or an end that we did not ask for: 404 without a body, and nothing changes."""
    async with desk() as ours:
        await ours.subscribe()
        before = ours.subscription()
        answered = await ours.hub.verify(ours.hub.asked[0], **changes)
        await ours.app.subscriber.save()

        assert (answered.status, answered.body) == (404, b"")
        assert ours.subscription() == before


@pytest.mark.parametrize("path", ["/", "/hubs/", "/hubs/x", "/favicon.ico", "/hubs/%00", "/%"])
async def test_unknown_paths_lead_nowhere(path: str) -> None:
    """Who does not know a token learns nothing, by whatever method."""
    async with desk() as ours:
        await ours.subscribe()
        answers = [await ours.hub.call("GET", path), await ours.hub.call("POST", path)]
        others = [await ours.hub.call(method, path) for method in ("HEAD", "PUT", "DELETE", "OPTIONS")]

        assert [(answer.status, answer.body) for answer in answers] == [(404, b"")] * 2
        assert [(answer.status, answer.body) for answer in others] == [(405, b"")] * 4
        assert not {"server", "date"} & answers[0].headers.keys()


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
async def test_every_method_of_the_recommendation_signs(method: str) -> None:
    """A hub may sign by any of the four."""
    async with desk() as ours:
        await ours.subscribe()
        await ours.hub.push("Ferry late", method=method)
        await ours.idle()

        assert ours.titles() == ["Ferry late"]


@pytest.mark.parametrize("signature", [None, "", "sha256=", "sha256=00", "md5=00", "sha256=\xe4", "nonsense"])
async def test_what_is_not_signed_is_thrown_away(signature: str | None, caplog: pytest.LogCaptureFixture) -> None:
    """A wrong or missing signature is answered like a right one, but the body is not read and counts for nothing."""
    async with desk() as ours:
        await ours.subscribe()
        headers = {} if signature is None else {"X-Hub-Signature": signature}
        status = await ours.hub.send(ours.hub.document("Forged"), **headers)
        await ours.idle()

        assert status == 202
        assert ours.titles() == []
        assert ours.subscription().pushes == 0
        assert "push thrown away" in caplog.text


async def test_another_subscriptions_secret_does_not_sign() -> None:
    """Each subscription has a secret of its own."""
    async with desk() as ours:
        await ours.subscribe()
        await ours.hub.push("Forged", secret="guessed")
        await ours.idle()

        assert ours.titles() == []


async def test_nothing_is_taken_before_the_hub_has_verified() -> None:
    """A hub that did not ask back whether it was us is not ours yet."""
    async with desk() as ours:
        ours.hub.then = None
        await ours.subscribe()

        assert await ours.hub.push("Ferry late") == 404


async def test_huge_bodies_are_refused() -> None:
    """What announces, or brings without announcing, more than `feed_size` is answered 413 and not held."""
    async with desk() as ours:
        await ours.subscribe()
        await ours.websub.take_up(replace(ON, feed_size=100_000))
        announced = await ours.hub.send(b"", **{"Content-Length": "100001"})
        chunk = b"%x\r\n" % 100_001 + b"x" * 100_001 + b"\r\n0\r\n\r\n"
        brought = await ours.hub.call("POST", ours.hub.callback[20:], chunk, **{"Transfer-Encoding": "chunked"})

        assert announced == 413
        assert brought.status == 413
        assert ours.titles() == []


async def test_huge_headers_are_refused() -> None:
    """An address without end is no request, and the door stays open."""
    async with desk() as ours:
        await ours.subscribe()
        answered = await ours.hub.say(b"GET /" + b"x" * HEADER_BYTES * 2)

        assert answered.status == 400
        assert await ours.hub.push("Ferry late") == 202


async def test_a_full_inbox_has_the_hub_come_again() -> None:
    """More than can be held is put off, not dropped."""
    async with desk(held_pushes=0) as ours:
        await ours.subscribe()

        assert await ours.hub.push("Ferry late") == 503


class Impatient(Connection):
    """A connection as the daemon has them, for tests of silence."""

    seconds = 0.01
    most = 2


async def test_slow_clients_are_dropped() -> None:
    """Who does not bring a whole request in time is not waited for, however far it came."""
    async with desk() as ours:
        await ours.subscribe()
        async with door(ours) as port:
            ours.hub.door = lambda: port
            head = f"POST {urlsplit(ours.hub.callback).path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
            for begun in (b"", b"GE", head.encode(), head.encode() + b"<feed"):
                assert (await ours.hub.say(begun)).status == 0


async def test_no_more_than_so_many_connect_at_once() -> None:
    """Those that only sit there do not take the memory of the others."""
    async with desk() as ours, door(ours) as port:
        sitting = [await asyncio.open_connection("127.0.0.1", port) for _ in range(Impatient.most)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        refused = await reader.read()

        assert refused == b""
        for _, one in [*sitting, (reader, writer)]:
            one.close()


@asynccontextmanager
async def door(ours: Desk) -> AsyncIterator[int]:
    """Open one more door, an impatient one."""
    opened = await Door.open("127.0.0.1:0", Callback(ours.app.subscriber, ours.websub), connection=Impatient)
    try:
        yield opened.port
    finally:
        await opened.close()


async def test_what_is_no_feed_is_a_failure_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    """A rightly signed body that cannot be read is told, and touches nothing."""
    caplog.set_level(logging.INFO, "aggregator")
    async with desk() as ours:
        await ours.subscribe()
        secret = ours.hub.asked[0]["hub.secret"]
        signature = "sha256=" + hmac.new(secret.encode(), b"<html>", "sha256").hexdigest()
        await ours.hub.send(b"<html>", **{"X-Hub-Signature": signature})
        await ours.idle()

        (due,) = ours.app.store.all_feeds()
        assert due.state.failures == 0
        assert [vars(record)["fields"]["kind"] for record in caplog.records if record.message == "pushed"] == ["failed"]
