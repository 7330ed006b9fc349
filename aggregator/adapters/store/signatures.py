"""How signatures are kept: packed, and without the keys that follow from their shingles.

What does it brings numpy, so it is imported where it is needed: 0.1 s that a reader of stories is spared.
"""

import sqlite3
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from aggregator.domain.articles import Signature


def signature_columns(signature: Signature) -> dict[str, Any]:
    """Return what is kept of a signature as `core.words.signature.sign` makes it, by column.

    Its keys follow from its shingles and so are not kept: making them again takes ten times as long as all the rest.
    """
    from aggregator.core.words.packing import packed_hashes, packed_terms  # noqa: PLC0415 (see above)

    return {
        "shingles": packed_hashes(signature.shingles),
        "bands": None,
        "facts": signature.facts,
        "terms": packed_terms(signature.terms),
    }


def signature_of(row: Mapping[str, Any] | sqlite3.Row) -> Signature:
    """Return the signature that a row keeps; what an older version made has no terms."""
    shingles = shingles_of(row["shingles"])
    return Signature(
        shingles=shingles,
        bands=bands_of(row),
        facts=row["facts"],
        terms=terms_of(row["terms"] or b""),
    )


def shingles_of(kept: bytes) -> bytes:
    """Return the shingles of a `signature.shingles`."""
    from aggregator.core.words.packing import unpacked_hashes  # noqa: PLC0415 (see above)

    return unpacked_hashes(kept)


def terms_of(kept: bytes) -> bytes:
    """Return the terms of a `signature.terms`."""
    from aggregator.core.words.packing import unpacked_terms  # noqa: PLC0415 (see above)

    return unpacked_terms(kept)


def bands_of(row: Mapping[str, Any] | sqlite3.Row) -> tuple[int, ...]:
    """Return the keys in `band` of a row that has the shingles and the bands of a signature."""
    if row["bands"] is not None:
        return unpacked(row["bands"])
    from aggregator.core.words.signature import keys_of  # noqa: PLC0415 (see above)

    return keys_of(shingles_of(row["shingles"]))


def key_terms_of(row: Mapping[str, Any] | sqlite3.Row) -> tuple[int, ...]:
    """Return the keys in `key_term` of a row that has the key terms of a signature."""
    return unpacked(row["key_terms"])


def packed_bands(bands: bytes, shingles: bytes) -> bytes | None:
    """Return what is kept of packed keys: nothing where they are those of the shingles."""
    from aggregator.core.words.signature import keys_of  # noqa: PLC0415 (see above)

    return None if bands == packed(keys_of(shingles)) else bands


def packed(keys: Sequence[int]) -> bytes:
    """Return keys as `signature.bands` and `signature.key_terms` keep them."""
    return struct.pack(f"<{len(keys)}q", *keys)


def unpacked(keys: bytes) -> tuple[int, ...]:
    """Return the keys that `packed` returned."""
    return struct.unpack(f"<{len(keys) // 8}q", keys)
