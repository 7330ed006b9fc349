"""Reads bodies off the wire, which is where they are bounded first.

httpx inflates without a bound (8 KB arrived as one chunk of 256 MiB), so its raw bytes are taken, and inflated by us.
"""

from typing import NamedTuple

import httpx

from aggregator.core.crawling.inflating import Inflation, TooLarge, is_packed
from aggregator.domain.fetching import Packing


class Body(NamedTuple):
    """A body as it is read, its size on the wire, and how it is still packed."""

    content: bytes
    wire_bytes: int
    packing: Packing | None = None


async def read_body(reply: httpx.Response, limit: int, *, cut: bool = False) -> Body:
    """Read a streamed reply to its end and return its body inflated; with `cut` no more than `limit` bytes of it.

    Raises:
        TooLarge: more than `limit` bytes were announced, came over the wire or came out of the inflater; not with `cut`.
        UnknownEncoding: neither gzip nor deflate nor plain.
        BrokenBody: the compressed stream is faulty or breaks off.
    """
    body = Inflation(_encoding(reply), limit)
    if not cut:
        _check_announced(reply, limit)
    try:
        async for chunk in reply.aiter_raw():
            body.feed(chunk)
    except TooLarge:
        if not cut:
            raise
        return Body(body.beginning(), body.received)
    return Body(body.finish(), body.received)


async def read_packed(reply: httpx.Response, limit: int) -> Body:
    """Read a streamed reply to its end and return its body as it came, for who inflates it elsewhere.

    Raises:
        TooLarge: more than `limit` bytes were announced or came over the wire.
        UnknownEncoding: neither gzip nor deflate nor plain.
    """
    encoding = _encoding(reply)
    if not is_packed(encoding):
        return await read_body(reply, limit)
    _check_announced(reply, limit)
    wire = bytearray()
    async for chunk in reply.aiter_raw():
        wire += chunk
        if len(wire) > limit:
            raise TooLarge(limit)
    return Body(bytes(wire), len(wire), Packing(encoding=encoding, limit=limit))


def _encoding(reply: httpx.Response) -> str:
    return str(reply.headers.get("Content-Encoding", ""))


def _check_announced(reply: httpx.Response, limit: int) -> None:
    if int(reply.headers.get("Content-Length", 0)) > limit:  # digits: h11 has checked them
        raise TooLarge(limit)
