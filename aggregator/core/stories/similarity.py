"""The exact check of a candidate: how much of their word sequences two texts share."""

from dataclasses import dataclass

import numpy as np


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
    left, right = np.frombuffer(a, dtype="<u4"), np.frombuffer(b, dtype="<u4")
    shared = len(np.intersect1d(left, right, assume_unique=True))
    shorter = min(len(left), len(right))
    return Overlap(
        jaccard=shared / (len(left) + len(right) - shared),
        containment=shared / shorter,
        shorter=shorter,
    )
