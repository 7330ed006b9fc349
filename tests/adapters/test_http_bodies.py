import asyncio
import contextlib
import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.adapters.http import HttpFetcher, Limits
from aggregator.adapters.http.bodies import BrokenBody, Inflation, TooLarge, UnknownEncoding
from aggregator.domain.fetching import FailureKind
from tests.adapters.loopback import Answer, Asked, Server, answer_to, failed, good, page, playing, reply

LIMIT = 100_000
SMALL = Limits(feed_bytes=LIMIT, page_bytes=LIMIT // 2)


def bare_deflate(body: bytes) -> bytes:
    squeezer = zlib.compressobj(wbits=-15)
    return squeezer.compress(body) + squeezer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    " X-GZIP ": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": bare_deflate,
}


def inflate(encoding: str, wire: bytes, *, step: int = 7, limit: int = LIMIT) -> bytes:
    body = Inflation(encoding, limit)
    for start in range(0, len(wire), step):
        body.feed(wire[start : start + step])
    return body.finish()


@given(body=st.binary(max_size=3_000), encoding=st.sampled_from(sorted(PACKERS)), step=st.integers(1, 5_000))
def test_every_body_survives_its_encoding(body: bytes, encoding: str, step: int) -> None:
    """Plain, gzip and both kinds of deflate give the body back, however the wire cuts them up."""
    assert inflate(encoding, PACKERS[encoding](body), step=step) == body


@given(parts=st.lists(st.binary(max_size=300), min_size=1, max_size=5), padding=st.sampled_from([b"", b"\0" * 9]))
def test_gzip_members_are_joined_and_padding_ignored(parts: list[bytes], padding: bytes) -> None:
    """A gzip body may have several members and zeros after them."""
    assert inflate("gzip", b"".join(map(gzip.compress, parts)) + padding) == b"".join(parts)


@given(body=st.binary(max_size=300), encoding=st.sampled_from(["gzip", "deflate"]), data=st.data())
def test_a_compressed_body_that_breaks_off_is_refused(body: bytes, encoding: str, data: st.DataObject) -> None:
    """No beginning of a compressed body passes for the whole."""
    wire = PACKERS[encoding](body)
    cut = data.draw(st.integers(1, len(wire) - 1))

    with pytest.raises(BrokenBody):
        inflate(encoding, wire[:cut])


@given(wire=st.binary(min_size=1, max_size=500), encoding=st.sampled_from(["gzip", "deflate"]))
def test_garbage_raises_nothing_else(wire: bytes, encoding: str) -> None:
    """Whatever bytes come, inflating ends in a body or in an error of its own."""
    with contextlib.suppress(BrokenBody, TooLarge, zlib.error):
        assert len(inflate(encoding, wire)) <= LIMIT


@pytest.mark.parametrize("encoding", sorted(PACKERS))
def test_the_limit_itself_is_allowed_and_one_byte_more_is_not(encoding: str) -> None:
    """A body of exactly the limit passes; the next byte does not."""
    packer = PACKERS[encoding]

    assert len(inflate(encoding, packer(bytes(1_000)), limit=1_000)) == 1_000
    with pytest.raises(TooLarge):
        inflate(encoding, packer(bytes(1_001)), limit=1_000)


def test_nothing_is_inflated_past_the_limit() -> None:
    """A bomb that follows honest content unpacks to one byte more than the limit, which proves it too large."""
    body = Inflation("gzip", 1_000)
    body.feed(gzip.compress(bytes(900)))

    with pytest.raises(TooLarge):
        body.feed(gzip.compress(bytes(50_000)))

    assert len(body._body) == 1_001


def test_an_empty_body_needs_no_compression() -> None:
    """Nothing at all counts as an empty body, whatever the encoding says."""
    assert inflate("gzip", b"") == b""


def test_endless_empty_members_are_refused() -> None:
    """A stream of empty gzip members yields nothing and still ends."""
    with pytest.raises(BrokenBody):
        inflate("gzip", gzip.compress(b"") * 3_000, step=1_000)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip,br", "UTF-8"])
def test_encodings_not_asked_for_are_refused(encoding: str) -> None:
    """Only what can be inflated within a bound is read."""
    with pytest.raises(UnknownEncoding):
        Inflation(encoding, LIMIT)

    answer = failed(answer_to(reply(body=b"x", Content_Encoding=encoding)), FailureKind.ENCODING)
    assert encoding in answer.why


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

    async def play(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()

    failed(answer_to(play, limits=SMALL), FailureKind.TOO_LARGE)


def test_pages_have_a_limit_of_their_own() -> None:
    """What is small enough for a feed may be too large for a page."""

    async def use(client: HttpFetcher, server: Server) -> Answer:
        return await client.fetch(page(server.url()))

    play = reply(body=bytes(60_000))

    assert len(good(answer_to(play, limits=SMALL)).body) == 60_000
    failed(playing(play, use, limits=SMALL), FailureKind.TOO_LARGE)


def test_chunks_are_put_together() -> None:
    """A chunked body arrives whole, with its chunk extensions and trailers gone."""
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n"

    assert good(answer_to(chunked)).body == b"abcde"
