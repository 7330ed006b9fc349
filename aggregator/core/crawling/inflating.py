"""Inflates bodies that nobody vouches for: within bounds, and whole or not at all."""

import zlib
from dataclasses import replace

from aggregator.domain.fetching import Failed, FailureKind, Response

#: Members of one gzip stream. pigz and bgzip write 64 KB or more into each, so the largest body has some 130; hundreds of
#: thousands of empty ones, 20 bytes each, would keep the event loop busy for seconds.
_MOST_MEMBERS = 1_000

_GZIP, _ZLIB, _BARE_DEFLATE = 31, 15, -15  # zlib's names for the wrappings are these numbers
_GZIP_BEGINS = 0x1F
_PLAIN = frozenset({"", "identity"})
_GZIPPED = frozenset({"gzip", "x-gzip"})
_DEFLATED = frozenset({"deflate"})

#: Bytes that are inflated at a time, as they come from the wire.
_STEP = 65_536


class TooLarge(Exception):
    """A body passes its limit."""

    def __init__(self, limit: int) -> None:
        """Name the limit in the unit people think in."""
        super().__init__(f"the answer is larger than {limit / 1_000_000:g} MB")


class UnknownEncoding(Exception):
    """A body comes in an encoding that was not asked for."""

    def __init__(self, encoding: str) -> None:
        """Name the encoding."""
        super().__init__(f"the answer has the Content-Encoding {encoding!r}, but only gzip was asked for")


class BrokenBody(Exception):
    """A body breaks off or is not what its encoding says."""


def unpacked(response: Response) -> Response | Failed:
    """Return a response as its author wrote it, or why its body is none: too large, faulty or broken off."""
    packing = response.packing
    if packing is None:
        return response
    body = Inflation(packing.encoding, packing.limit)
    try:
        for start in range(0, len(response.body), _STEP):
            body.feed(response.body[start : start + _STEP])
        return replace(response, body=body.finish(), packing=None)
    except TooLarge as error:
        return Failed(kind=FailureKind.TOO_LARGE, why=str(error))
    except BrokenBody as error:
        return Failed(kind=FailureKind.PROTOCOL, why=str(error))


def is_packed(encoding: str) -> bool:
    """Tell whether a Content-Encoding is one that is to be undone; raise UnknownEncoding where that cannot be."""
    name = encoding.strip().lower()
    if name not in _PLAIN | _GZIPPED | _DEFLATED:
        raise UnknownEncoding(encoding)
    return name not in _PLAIN


class Inflation:
    """A body that grows with every chunk from the wire, up to a limit."""

    def __init__(self, encoding: str, limit: int) -> None:
        """Raise UnknownEncoding where it is neither gzip nor deflate nor plain."""
        self._is_packed = is_packed(encoding)
        self._encoding = encoding.strip().lower()
        self._limit = limit
        #: Bytes that came over the wire.
        self.received = 0
        self._body = bytearray()
        self._members = 0
        self._member: zlib._Decompress | None = None
        self._held = b""
        self._padding = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes from the wire.

        Raises:
            TooLarge: the limit is passed; no more than one byte over it was ever inflated.
            BrokenBody: not what the encoding says, or absurdly many gzip members.
        """
        before = self.received
        self.received += len(chunk)
        if not self._is_packed:
            self._body += chunk[: self._limit - before + 1]
        if self.received > self._limit:
            raise TooLarge(self._limit)
        if not self._is_packed:
            return
        compressed = self._held + chunk
        self._held = b""
        while compressed and not self._padding:
            compressed = self._inflate(compressed)

    def finish(self) -> bytes:
        """Return the body; raise BrokenBody if a compressed one is not complete."""
        if self._member is not None or self._held:
            raise BrokenBody("the answer breaks off in the middle")
        return bytes(self._body)

    def beginning(self) -> bytes:
        """Return what there is within the limit, complete or not."""
        return bytes(self._body[: self._limit])

    def _inflate(self, compressed: bytes) -> bytes:
        """Inflate up to the end of the member or of the bytes; return what follows the member."""
        if self._member is None and not self._open(compressed):
            return b""
        assert self._member is not None
        try:
            self._body += self._member.decompress(compressed, self._limit - len(self._body) + 1)
        except zlib.error as broken:
            raise BrokenBody(f"the answer cannot be inflated: {broken}") from broken
        if len(self._body) > self._limit:
            raise TooLarge(self._limit)
        if not self._member.eof:
            return b""
        rest = self._member.unused_data
        self._member = None
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise BrokenBody(f"the answer is made of more than {_MOST_MEMBERS} gzip members")
        return rest

    def _open(self, compressed: bytes) -> bool:
        """Begin a member if one begins here: gzip may have several, and padding after the last."""
        if self._encoding in _GZIPPED:
            self._padding = self._members > 0 and compressed[0] != _GZIP_BEGINS
            wrapping = _GZIP
        else:
            self._padding = self._members > 0
            if len(compressed) == 1:
                self._held = compressed
                return False
            # Half of the servers send "deflate" without the zlib wrapping that its definition asks for.
            wrapping = _ZLIB if _has_zlib_header(compressed) else _BARE_DEFLATE
        if not self._padding:
            self._member = zlib.decompressobj(wrapping)
        return not self._padding


def _has_zlib_header(start: bytes) -> bool:
    """Tell by method and check bits (RFC 1950, 2.2)."""
    return start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:2], "big") % 31 == 0
