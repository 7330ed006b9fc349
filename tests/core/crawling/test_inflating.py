import contextlib
import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.crawling.inflating import BrokenBody, Inflation, TooLarge, UnknownEncoding, is_packed, unpacked
from aggregator.domain.fetching import Failed, FailureKind, Packing, Response

LIMIT = 100_000


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
    with contextlib.suppress(BrokenBody, TooLarge):
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
    with pytest.raises(UnknownEncoding, match=encoding):
        is_packed(encoding)
    with pytest.raises(UnknownEncoding):
        Inflation(encoding, LIMIT)


def packed(wire: bytes, encoding: str = "gzip", limit: int = LIMIT) -> Response:
    packing = Packing(encoding=encoding, limit=limit)
    return Response(
        url="https://a.example/", body=wire, content_type="text/html", packing=packing, wire_bytes=len(wire)
    )


@pytest.mark.parametrize("encoding", sorted(PACKERS))
def test_a_packed_response_is_unpacked_once(encoding: str) -> None:
    """It comes out as if it had been inflated on the wire, and so it stays."""
    wire = PACKERS[encoding](b"page" * 20_000)
    plain = Response(url="https://a.example/", body=b"page" * 20_000, content_type="text/html", wire_bytes=len(wire))

    assert unpacked(packed(wire, encoding)) == plain
    assert unpacked(plain) == plain


@pytest.mark.parametrize(
    ("wire", "kind", "why"),
    [
        (gzip.compress(bytes(LIMIT + 1)), FailureKind.TOO_LARGE, "larger than 0.1 MB"),
        (gzip.compress(bytes(50_000_000)), FailureKind.TOO_LARGE, "larger than 0.1 MB"),
        (gzip.compress(b"hello" * 100)[:-9], FailureKind.PROTOCOL, "breaks off"),
        (b"no gzip at all", FailureKind.PROTOCOL, "cannot be inflated"),
        (gzip.compress(b"hello")[:-1] + b"\xff", FailureKind.PROTOCOL, "cannot be inflated"),
        (gzip.compress(b"") * 3_000, FailureKind.PROTOCOL, "gzip members"),
    ],
    ids=["too large", "bomb", "cut", "plain", "wrong check", "members"],
)
def test_what_cannot_be_unpacked_says_why(wire: bytes, kind: FailureKind, why: str) -> None:
    """It is a failure of the kind and with the words that it has where bodies are inflated on the wire."""
    failed = unpacked(packed(wire))

    assert isinstance(failed, Failed)
    assert failed.kind is kind
    assert why in failed.why
