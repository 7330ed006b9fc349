"""The exact check of candidates: how much of their word sequences two texts share."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# Bytes of a shingle's hash.
_WIDTH = 4
#: From so many texts on it is quicker to compare them all at once: 64 of them cost what 30 cost one by one.
_MANY = 12
# A table has a place for each value of a hash's first bits.
_PLACES = 1 << 16
_SHIFT = np.uint32(16)
# Zero marks a place as empty; in place 0, where it could be a hash, one does that belongs elsewhere.
_NOWHERE = np.uint32(_PLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How two sets of shingles overlap."""

    #: |A and B| / |A or B|.
    jaccard: float
    #: |A and B| / min(|A|, |B|).
    containment: float
    #: Size of the smaller set.
    shorter: int


def overlap(a: bytes, b: bytes) -> Overlap:
    """Compare two texts by their `Signature.shingles`; both must be non-empty."""
    both = np.sort(np.frombuffer(a + b, dtype="<u4"))
    # Each text has a shingle once: what stands there twice is shared.
    return _overlap(len(a), len(b), int(np.count_nonzero(both[1:] == both[:-1])))


def overlaps(a: bytes, others: Sequence[bytes]) -> list[Overlap]:
    """Compare a text with each of the others, as `overlap` does; all must be non-empty."""
    if len(others) < _MANY:
        return [overlap(a, other) for other in others]
    is_shared = _is_among(np.frombuffer(b"".join(others), dtype="<u4"), np.frombuffer(a, dtype="<u4"))
    starts = np.cumsum([0, *(len(other) // _WIDTH for other in others[:-1])])
    counts = np.add.reduceat(is_shared, starts, dtype=np.intp).tolist()
    return [_overlap(len(a), len(other), shared) for other, shared in zip(others, counts, strict=True)]


def _is_among(hashes: npt.NDArray[np.uint32], own: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Tell of each hash whether it is one of `own`, by a table of these at the place that their first bits name."""
    places = hashes >> _SHIFT
    found = np.zeros(len(hashes), dtype=bool)
    while len(own):
        table = np.zeros(_PLACES, dtype=np.uint32)
        table[0] = _NOWHERE
        own_places = own >> _SHIFT
        table[own_places] = own
        found |= table.take(places) == hashes
        # The few whose place another one took have their turn next.
        own = own[table.take(own_places) != own]
    return found


def _overlap(bytes_of_a: int, bytes_of_b: int, shared: int) -> Overlap:
    shorter, longer = sorted((bytes_of_a // _WIDTH, bytes_of_b // _WIDTH))
    return Overlap(jaccard=shared / (shorter + longer - shared), containment=shared / shorter, shorter=shorter)
