import asyncio
import gzip
import tracemalloc
import zlib

import pytest

from aggregator.adapters.http import HttpFetcher, Limits
from aggregator.domain.fetching import FailureKind, Packing
from tests.adapters.loopback import Answer, Asked, Play, Server, answer_to, failed, good, page, playing, reply

LIMIT = 100_000
SMALL = Limits(feed_bytes=LIMIT, page_bytes=LIMIT // 2)


async def _ask_page(client: HttpFetcher, server: Server) -> Answer:
    return await client.fetch(page(server.url()))


def _endless(head: bytes) -> Play:
    """Send a body that does not end."""

    async def play(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()

    return play


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip,br", "UTF-8"])
def test_encodings_not_asked_for_are_refused(encoding: str) -> None:
    """Only what can be inflated within a bound is read, of feeds and of pages."""
    play = reply(body=b"x", Content_Encoding=encoding)

    assert encoding in failed(answer_to(play), FailureKind.ENCODING).why
    assert encoding in failed(playing(play, _ask_page), FailureKind.ENCODING).why


def test_a_compressed_feed_arrives_inflated() -> None:
    """Gzip over the wire gives the feed's own bytes."""
    assert good(answer_to(reply(body=gzip.compress(b"<rss/>"), Content_Encoding="gzip"))).body == b"<rss/>"


@pytest.mark.parametrize(
    "wire",
    [gzip.compress(b"hello" * 100)[:-9], b"no gzip at all", b"\x1f", gzip.compress(b"hello")[:-1] + b"\xff"],
    ids=["cut", "plain", "one byte", "wrong check"],
)
def test_broken_gzip_is_a_protocol_failure(wire: bytes) -> None:
    """A compressed body that is cut or false fails as PROTOCOL, even when HTTP thinks it whole."""
    failed(answer_to(reply(body=wire, Content_Encoding="gzip")), FailureKind.PROTOCOL)


def test_a_gigabyte_of_zeros_costs_little_memory() -> None:
    """A bomb of 1 MB that unpacks to 1 GB is refused with hardly more memory than the limit."""
    squeezer = zlib.compressobj(9, wbits=-15)
    block = squeezer.compress(bytes(10_000_000)) + squeezer.flush(zlib.Z_FULL_FLUSH)
    bomb = b"\x1f\x8b\x08" + bytes(7) + block * 100
    assert len(bomb) < 1_100_000

    tracemalloc.start()
    answer = answer_to(reply(body=bomb, Content_Encoding="gzip"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "8 MB" in failed(answer, FailureKind.TOO_LARGE).why
    assert peak < 40_000_000


def test_a_body_announced_too_large_is_refused_at_once() -> None:
    """Content-Length over the limit ends the fetch before the body is sent."""

    async def play(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(10)

    failed(answer_to(play, limits=SMALL), FailureKind.TOO_LARGE)


def test_an_endless_body_is_cut_at_the_limit() -> None:
    """A body without an end or a length is read to the limit and no further."""
    failed(answer_to(_endless(b"HTTP/1.1 200 OK\r\n\r\n"), limits=SMALL), FailureKind.TOO_LARGE)


def test_pages_have_a_limit_of_their_own() -> None:
    """What is small enough for a feed may be too large for a page."""
    play = reply(body=bytes(60_000))

    assert len(good(answer_to(play, limits=SMALL)).body) == 60_000
    failed(playing(play, _ask_page, limits=SMALL), FailureKind.TOO_LARGE)


def test_a_page_stays_packed_as_it_came() -> None:
    """The loop does not inflate pages: with the bytes of the wire come their encoding and the limit for who unpacks them."""
    wire = gzip.compress(b"<p>" * 1_000)
    answer = good(playing(reply(body=wire, Content_Encoding="GZIP"), _ask_page, limits=SMALL))

    assert (answer.body, answer.wire_bytes) == (wire, len(wire))
    assert answer.packing == Packing(encoding="GZIP", limit=LIMIT // 2)


def test_a_page_without_encoding_comes_as_it_is() -> None:
    """There is nothing to unpack."""
    answer = good(playing(reply(body=b"<p>", Content_Encoding="identity"), _ask_page))

    assert (answer.body, answer.packing) == (b"<p>", None)


def test_a_packed_page_is_bounded_on_the_wire() -> None:
    """A compressed page without an end or a length is read to the limit and no further."""
    play = _endless(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")

    failed(playing(play, _ask_page, limits=SMALL), FailureKind.TOO_LARGE)
    failed(playing(reply(body=bytes(60_000), Content_Encoding="gzip"), _ask_page, limits=SMALL), FailureKind.TOO_LARGE)


def test_chunks_are_put_together() -> None:
    """A chunked body arrives whole, with its chunk extensions and trailers gone."""
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n"

    assert good(answer_to(chunked)).body == b"abcde"
