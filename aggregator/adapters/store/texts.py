"""How texts are kept small.

They are kept as the sqlite3 shell keeps files: deflated unless that makes them longer, with their size in bytes beside them.
So `sqlar_uncompress` of that shell reads them, and what our statements call so does the same.
"""

import zlib
from typing import overload

#: Of zlib. News comes down to .52 of its bytes at 1, .49 at 6 and at 9, for 34, 48 and 49 µs an article; reading takes 13 µs.
_LEVEL = 6


@overload
def packed_text(text: str) -> bytes: ...
@overload
def packed_text(text: None) -> None: ...
@overload
def packed_text(text: str | None) -> bytes | None: ...
def packed_text(text: str | None) -> bytes | None:
    """Return how a text is kept."""
    if text is None:
        return None
    plain = text.encode()
    deflated = zlib.compress(plain, _LEVEL)
    return deflated if len(deflated) < len(plain) else plain


def octets(text: str | None) -> int | None:
    """Return the size of a text, which is kept beside it."""
    return None if text is None else len(text.encode())


def unpacked_text(kept: bytes, size: int) -> str:
    """Return the text that `packed_text` kept."""
    plain = sqlar_uncompress(kept, size)
    assert plain is not None
    return plain.decode()


def sqlar_uncompress(kept: bytes | None, size: int | None) -> bytes | None:
    """Return what was kept of so many bytes, as the sqlite3 shell does (sqlite.org/sqlar.html)."""
    if kept is None or size is None or size <= 0 or size == len(kept):
        return kept
    return zlib.decompress(kept, bufsize=size)
