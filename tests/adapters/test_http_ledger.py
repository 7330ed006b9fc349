"""The ledger: what sites got from us."""

import asyncio
import gzip
from datetime import timedelta
from typing import Any

from aggregator.adapters.http import HttpFetcher, Limits
from aggregator.domain.crawling import Visit
from aggregator.domain.fetching import Purpose
from tests.adapters.loopback import (
    NOON,
    Asked,
    Play,
    Server,
    by_number,
    feed,
    page,
    playing_fast,
    reply,
)
from tests.fasttime import fast_loop

UNCHANGED = b"HTTP/1.1 304 Not Modified\r\n\r\n"
BUSY = "429 Too Many Requests"


def visits_of(play: Play | bytes, *, path: str = "/", host: str = "a1.site.test", **wishes: Any) -> tuple[Visit, ...]:
    """Return what one feed request writes down."""

    async def use(client: HttpFetcher, server: Server) -> tuple[Visit, ...]:
        await client.fetch(feed(server.url(path, host), **wishes))
        return client.drain()[0]

    return playing_fast(play, use, resolve=by_number, addresses=2, limits=Limits(feed_bytes=1_000))


def test_a_request_is_a_visit() -> None:
    """Site, time, purpose, status, and the body's size as it came over the wire."""
    squeezed = gzip.compress(b"<rss/>" * 100)

    (visit,) = visits_of(reply(body=squeezed, Content_Encoding="gzip"))

    assert visit == Visit(
        site="site.test",
        at=NOON,
        purpose=Purpose.FEED,
        conditional=False,
        status=200,
        wire_bytes=len(squeezed),
    )


def test_a_304_tells_what_it_spared() -> None:
    """The size of the body that the validators stand for is saved; a full answer saves nothing."""
    (spared,) = visits_of(UNCHANGED, etag='"1"', known_bytes=5_000)
    (full,) = visits_of(reply(body=b"abc"), etag='"1"', known_bytes=5_000)
    (unasked,) = visits_of(UNCHANGED, known_bytes=5_000)

    assert (spared.conditional, spared.status, spared.wire_bytes, spared.saved_bytes) == (True, 304, 0, 5_000)
    assert (full.conditional, full.status, full.wire_bytes, full.saved_bytes) == (True, 200, 3, 0)
    assert (unasked.conditional, unasked.saved_bytes) == (False, 0)


def test_each_hop_of_a_redirect_is_a_visit() -> None:
    """Both sites got a request, the second without validators."""

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("sockname")[1]
        there = reply("302 Found", Location=f"http://b2.other.test:{port}/b")
        writer.write(there if asked.path == "/" else reply(body=b"x"))

    visits = visits_of(play, etag='"1"')

    assert [(visit.site, visit.status, visit.conditional) for visit in visits] == [
        ("site.test", 302, True),
        ("other.test", 200, False),
    ]


def test_a_request_before_the_servers_time_is_early() -> None:
    """What counts is the moment of sending, after all waiting."""
    (early,) = visits_of(reply(), not_before=NOON + timedelta(seconds=1))
    (late,) = visits_of(reply(), not_before=NOON)

    async def use(client: HttpFetcher, server: Server) -> list[bool]:
        await client.fetch(feed(server.url()))
        await client.fetch(feed(server.url(), not_before=NOON + timedelta(seconds=30)))
        await client.fetch(feed(server.url(), not_before=NOON + timedelta(seconds=61)))
        return [visit.early for visit in client.drain()[0]]

    assert (early.early, late.early) == (True, False)
    assert playing_fast(reply(), use, site_delay=timedelta(seconds=30)) == [False, False, True]


def test_requests_that_fail_are_visits_too() -> None:
    """Without an answer there is no status; of a body that is too large its first bytes count."""
    (silent,) = visits_of(b"")
    (large,) = visits_of(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(5_000))
    (busy,) = visits_of(reply(BUSY))

    assert (silent.status, silent.wire_bytes) == (None, 0)
    assert large.status == 200
    assert 1_000 < large.wire_bytes <= 5_000
    assert busy.status == 429


def test_a_cancelled_request_is_a_visit() -> None:
    """Whoever stops us, the site has been asked."""

    async def play(_: Asked, __: asyncio.StreamWriter) -> None:
        await fast_loop().hold(60)

    async def use(client: HttpFetcher, server: Server) -> tuple[int, tuple[Visit, ...], int]:
        fetching = asyncio.create_task(client.fetch(feed(server.url())))
        await asyncio.sleep(1)
        during = client.under_way
        fetching.cancel()
        await asyncio.gather(fetching, return_exceptions=True)
        return during, client.drain()[0], client.under_way

    during, visits, after = playing_fast(play, use)

    assert (during, after) == (1, 0)
    assert [visit.status for visit in visits] == [None]


def test_what_sends_nothing_is_no_visit() -> None:
    """A resting site, a faulty address and a name that is not known get no request."""

    async def nowhere(_: str) -> list[str]:
        return []

    async def use(client: HttpFetcher, server: Server) -> int:
        await client.fetch(feed(server.url("/", "site.test")))
        await client.fetch(feed("ftp://site.test/"))
        return len(client.drain()[0])

    async def rests(client: HttpFetcher, server: Server) -> int:
        for _ in range(3):
            await client.fetch(page(server.url()))
        return len(client.drain()[0])

    assert playing_fast(reply(), use, resolve=nowhere) == 0
    assert playing_fast(reply(BUSY), rests) == 1


def test_each_visit_is_told_once() -> None:
    """`drain` empties the ledger."""

    async def use(client: HttpFetcher, server: Server) -> list[int]:
        await client.fetch(feed(server.url()))
        return [len(client.drain()[0]), len(client.drain()[0])]

    assert playing_fast(reply(), use) == [1, 0]
