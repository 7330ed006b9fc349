"""Servers that mean harm: slow, endless, and redirects to where nobody may look."""

import asyncio
import itertools
from collections.abc import Sequence
from ipaddress import ip_network

import pytest

from aggregator.adapters.http import HttpFetcher
from aggregator.adapters.http.lookup import Resolver, look_up
from aggregator.domain.fetching import Failed, FailureKind
from tests.adapters.loopback import (
    Answer,
    Asked,
    Play,
    Server,
    answer_to,
    failed,
    feed,
    good,
    playing,
    playing_fast,
    reply,
)
from tests.fasttime import fast_loop

#: Bytes after which the test stops sending, so that a limit that is missing does not hang it.
_GIVE_UP = 20_000_000


def trickle(start: bytes, drop: bytes) -> Play:
    """Return a play that sends `start`, and then a drop every second for ever."""

    async def play(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            await fast_loop().hold(1)
            writer.write(drop)
            await writer.drain()

    return play


def endless(start: bytes, more: bytes) -> Play:
    """Return a play that sends without end, as fast as it is read."""

    async def play(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        for _number in itertools.takewhile(lambda number: number * len(more) < _GIVE_UP, itertools.count()):
            writer.write(more)
            await writer.drain()

    return play


@pytest.mark.parametrize(
    "play",
    [
        trickle(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        trickle(b"HTTP/1.1 200 OK\r\n\r\n", b"<"),
        trickle(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n<\r\n"),
    ],
    ids=["head", "body", "chunks"],
)
def test_a_slow_loris_is_left_after_the_time_of_a_fetch(play: Play) -> None:
    """A byte a second keeps nobody beyond the 30 seconds that a fetch may take, and others are served meanwhile."""

    async def mixed(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.path == "/healthy":
            writer.write(reply(body=b"well"))
        else:
            await play(asked, writer)

    async def use(client: HttpFetcher, server: Server) -> tuple[Answer, Answer, float]:
        slow = asyncio.create_task(client.fetch(feed(server.url(host="slow.test"))))
        well = await client.fetch(feed(server.url("/healthy", host="well.test")))
        return await slow, well, asyncio.get_running_loop().time()

    slow, well, seconds = playing_fast(mixed, use)

    failed(slow, FailureKind.TIMEOUT)
    assert good(well).body == b"well"
    assert 29 <= seconds <= 35


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65_536), FailureKind.TOO_LARGE),
        (endless(b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n" * 1_000), FailureKind.PROTOCOL),
    ],
    ids=["body", "headers"],
)
def test_what_never_ends_is_left_at_its_limit(play: Play, kind: FailureKind) -> None:
    """Endless bodies end at the size of a feed, endless headers at 100 KB."""
    failed(answer_to(play), kind)


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",
        "172.16.9.9",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "[fd00::1]",
        "[fe80::1]",
        "[ff02::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[2002:a00:1::1]",
        "[2001:0:a00:1::1]",
        "0177.0.0.1",
        "0x7f.1",
        "2130706433",
        "127.0.0.1.",
        "localhost.",
    ],
)
def test_a_redirect_leads_to_no_address_that_is_not_public(host: str) -> None:
    """Whatever the spelling and the wrapping, a redirect to an address of the inside is refused before it is asked."""

    async def play(_: Asked, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("sockname")[1]
        writer.write(reply("302 Found", Location=f"http://{host}:{port}/inside"))

    async def resolve(name: str) -> Sequence[str]:
        return ["127.0.0.9"] if name == "start.test" else await look_up(name)

    answer, asked = _from_start(play, resolve)

    assert isinstance(answer, Failed)
    # Some spellings are no address to httpx or to the resolver; what counts is that nobody connects.
    assert answer.kind in (FailureKind.ADDRESS, FailureKind.DNS, FailureKind.PROTOCOL)
    assert asked == ["/"]


def test_a_name_that_turns_private_is_not_followed_there() -> None:
    """A name that is public when first looked up and private the next time (rebinding) is refused the next time."""
    answers = iter((["127.0.0.9"], ["10.0.0.1"]))

    async def resolve(_: str) -> Sequence[str]:
        return next(answers)

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("sockname")[1]
        writer.write(reply("302 Found", Location=f"http://other.test:{port}/") if asked.path == "/" else reply())

    answer, asked = _from_start(play, resolve)

    failed(answer, FailureKind.ADDRESS)
    assert asked == ["/"]


def _from_start(play: Play, resolve: Resolver) -> tuple[Answer, list[str]]:
    """Fetch from start.test, at the only address that is allowed; return the answer and what the server was asked."""

    async def use(client: HttpFetcher, server: Server) -> tuple[Answer, list[str]]:
        answer = await client.fetch(feed(server.url(host="start.test")))
        return answer, [asked.path for asked in server.asked]

    return playing(play, use, addresses=9, allow_networks=(ip_network("127.0.0.9/32"),), resolve=resolve)
