"""Whole HTTP answers that mean harm."""

import gzip
import zlib
from functools import cache

from tests.adapters.loopback import reply

#: A member of zeros that inflates to 10 MB from 10 KB.
_ZEROS = 10_000_000


@cache
def _zeros() -> bytes:
    return gzip.compress(bytes(_ZEROS))


def gzip_bomb() -> bytes:
    """Return 10 MB on the wire that would become 10 GB, by a thousand members of 10 MB each."""
    return reply(body=_zeros() * 1_000, Content_Encoding="gzip")


def nested_bomb() -> bytes:
    """Return a bomb in a bomb; we inflate once, and what comes out is no feed."""
    return reply(body=gzip.compress(_zeros() * 100), Content_Encoding="gzip")


def deflate_bomb() -> bytes:
    """Return 100 MB of zeros in 100 KB."""
    return reply(body=zlib.compress(bytes(100_000_000), 9), Content_Encoding="deflate")


def empty_members() -> bytes:
    """Return a gzip stream of 300,000 members with nothing in them, as many as 8 MB hold."""
    return reply(body=gzip.compress(b"") * 300_000, Content_Encoding="gzip")


def encoded(name: str) -> bytes:
    """Return an answer in an encoding that was not asked for."""
    return reply(body=b"\x28\xb5\x2f\xfd" * 10, Content_Encoding=name)


def long_header() -> bytes:
    """Return an answer with a header line beyond h11's bound of 100 KB."""
    return reply(body=b"<rss/>", X_Long="x" * 150_000)


def redirect(location: str) -> bytes:
    """Return a redirect."""
    return reply("302 Found", Location=location)
