"""Hashes and terms in fewer bytes, without losing anything: what the store keeps of a signature.

Hashes are kept in the order of their values, so their upper eight bits need some two bits each instead (Elias 1974, Fano 1971).
Measured on articles of 400 words: shingles take .80 of their bytes, terms .68; packing takes some 10 µs, unpacking as long.
"""

import struct
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from aggregator.core.words.terms import Terms

#: Bits of a hash that are kept as they are, in so many bytes; the number of values of the bits above them.
_LOWER, _BYTES, _VALUES = 24, 3, 256
_COUNT = struct.Struct("<I")


def packed_hashes(hashes: bytes) -> bytes:
    """Return ascending hashes, little-endian uint32, in some four fifths of their bytes."""
    if not hashes:
        return b""
    values = np.frombuffer(hashes, dtype="<u4")
    return _lower(values) + _bits(_upper(values), len(values) + _VALUES)


@lru_cache(maxsize=2048)
def unpacked_hashes(kept: bytes) -> bytes:
    """Return the hashes that `packed_hashes` kept; those of the last are remembered, for copies come one after the other."""
    if not kept:
        return b""
    # Each takes three bytes and a bit, and there is a bit for each value of the upper bits.
    count = (len(kept) - _VALUES // 8) * 8 // (8 * _BYTES + 1)
    return _values(kept, _places(kept[_BYTES * count :])).tobytes()


def packed_terms(terms: bytes | None) -> bytes | None:
    """Return what `core.words.terms` packed in some two thirds of its bytes; of nothing, nothing."""
    if not terms:
        return terms
    size = Terms.size(terms)
    unpacked = Terms.unpacked(terms)
    # Nearly all counts are one: each is a bit after so many less one that are not set.
    ends = np.cumsum(unpacked.counts, dtype=np.int64) + (size + _VALUES - 1)
    bits = _bits(np.concatenate((_upper(unpacked.hashes), ends)), int(ends[-1]) + 1)
    return _lower(unpacked.hashes) + bits + _COUNT.pack(size)


def unpacked_terms(kept: bytes) -> bytes:
    """Return the terms that `packed_terms` kept."""
    if not kept:
        return b""
    (size,) = _COUNT.unpack_from(kept, len(kept) - _COUNT.size)
    places = _places(kept[_BYTES * size : -_COUNT.size])
    hashes = _values(kept, places[:size])
    places[size - 1] = size + _VALUES - 1
    ends = places[size - 1 :]
    return hashes.tobytes() + (ends[1:] - ends[:-1]).astype(np.uint8).tobytes()


def _lower(hashes: npt.NDArray[np.uint32]) -> bytes:
    """Return the lower bits: first two bytes of each, then one of each."""
    return hashes.astype("<u2").tobytes() + (hashes >> 16).astype(np.uint8).tobytes()


def _upper(hashes: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
    """Return the places of bits, one for each hash, between which as many are not set as the upper bits grow."""
    return (hashes >> _LOWER).astype(np.int64) + np.arange(len(hashes))


def _values(kept: bytes, places: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    """Return the hashes of which `kept` begins with the lower bits, and `places` are those of the upper ones."""
    count = len(places)
    hashes = (places - np.arange(count)).astype(np.uint32) << np.uint32(_LOWER)
    hashes |= np.frombuffer(kept, dtype=np.uint8, count=count, offset=2 * count).astype(np.uint32) << np.uint32(16)
    hashes |= np.frombuffer(kept, dtype="<u2", count=count)
    return hashes.astype("<u4", copy=False)


def _bits(places: npt.NDArray[np.int64], size: int) -> bytes:
    """Return so many bits, those at `places` set."""
    bits = np.zeros(size, dtype=np.uint8)
    bits[places] = 1
    return np.packbits(bits).tobytes()


def _places(bits: bytes) -> npt.NDArray[np.int64]:
    """Return the places of the bits that are set."""
    return np.flatnonzero(np.unpackbits(np.frombuffer(bits, dtype=np.uint8)))
