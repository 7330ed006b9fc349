"""Signatures: what is kept of a text so that copies of it are found among a million others.

A text is seen as its set of *shingles*, the runs of five words in it. A MinHash over the set, cut into bands, finds
candidates (Broder 1997; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3); the shingles themselves
then decide, in `core.similarity`.
"""

from collections.abc import Sequence
from copy import copy
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from xxhash import xxh64_intdigest

from aggregator.core.stories.tokens import tokens
from aggregator.domain.articles import Signature

#: Words in a shingle. Five is where unrelated news texts share next to nothing: of 6.0 million pairs in the English
#: stream of May 2020 only 3,413 reach Jaccard .2.
SHINGLE = 5
#: Bands and rows. Two texts of Jaccard j meet in at least one band with probability 1 - (1 - j^rows)^bands: .996 for
#: j = .5. On the same stream 42 x 3 found every pair of Jaccard >= .5 where datasketch's own choice, 25 x 5, found .978;
#: what it finds too much is sorted out by the exact check. `scripts/quality` repeats the measurement.
BANDS = 42
ROWS = 3
#: Texts with fewer shingles are never compared: "Traffic update", "In brief" and their like agree by chance.
MIN_SHINGLES = 20

#: One shingle in so many is a key of its own: bands find texts that are alike as wholes, these find a part in a whole. A
#: text cut to 100 shingles shares none of them with the whole in (1 - 1/8)^100 = 2 cases of a million, where bands lose
#: it in four cases of ten (Jaccard .25).
SAMPLE = 8
#: Sampled keys of one text; a longer one, of some 2,000 shingles and more, is sampled more thinly.
MAX_SAMPLES = 256

# Multipliers as if drawn by lot: one for each byte of a text and each value of a MinHash.
_BYTES = np.array([xxh64_intdigest(bytes([byte])) for byte in range(256)], dtype=np.uint64)
_FACTORS = np.array([xxh64_intdigest(b"%d" % value) | 1 for value in range(BANDS * ROWS)], dtype=np.uint64)
_BASE = 0x9E3779B97F4A7C15


def sign(title: str, text: str) -> Signature:
    """Return the signature of an article; empty when title and text together are too short to be compared."""
    return sign_words(tokens(f"{title} {text}"))


def sign_words(words: Sequence[str]) -> Signature:
    """Return the signature of an article by the `tokens` of its title and, behind them, those of its text."""
    hashes = shingles(words)
    if len(hashes) < MIN_SHINGLES:
        return Signature()
    return Signature(shingles=hashes.astype("<u4").tobytes(), bands=(*_bands(hashes), *_samples(hashes)))


def shingles(words: Sequence[str]) -> npt.NDArray[np.uint32]:
    """Return the 32-bit hashes of all runs of `SHINGLE` words, distinct and ascending.

    Two different shingles of a pair of 400-word texts share a hash with probability 4e-5, far below what could move a
    Jaccard index across any threshold.
    """
    if len(words) < SHINGLE:
        return np.empty(0, dtype=np.uint32)
    # A run of words is a slice of the text that they make, so its polynomial (wraps modulo 2^64) is a difference of two
    # sums from the text's beginning, divided by the power at its start (Karp and Rabin 1987).
    text = np.frombuffer(f"{' '.join(words)} ".encode(errors="surrogatepass"), dtype=np.uint8)
    powers, inverses = _powers(len(text))
    starts = np.zeros(len(words) + 1, dtype=np.intp)
    starts[1:] = np.flatnonzero(text == ord(" ")) + 1
    sums = np.zeros(len(text) + 1, dtype=np.uint64)
    np.cumsum(_BYTES.take(text) * powers[: len(text)], out=sums[1:])
    at_starts = sums.take(starts)
    runs = (at_starts[SHINGLE:] - at_starts[:-SHINGLE]) * inverses.take(starts[:-SHINGLE])
    # The upper half, once the lower one had its say in it.
    runs = (runs ^ (runs >> np.uint64(32))) * np.uint64(_BASE)
    return _distinct((runs >> np.uint64(32)).astype(np.uint32))


def _powers(count: int) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return at least `count` powers of the base, and their inverses."""
    return _KNOWN_POWERS if count <= _KNOWN else _powers_up_to(count)


def _powers_up_to(count: int) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    base, inverse = (np.full(count, root, dtype=np.uint64) for root in (_BASE, pow(_BASE, -1, 1 << 64)))
    return np.multiply.accumulate(base), np.multiply.accumulate(inverse)


# Ninety-nine articles of a hundred are no longer.
_KNOWN = 1 << 14
_KNOWN_POWERS = _powers_up_to(_KNOWN)


def _distinct(hashes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    # A quarter of the time of np.unique.
    ascending = np.sort(hashes)
    return np.concatenate((ascending[:1], ascending[1:][ascending[1:] != ascending[:-1]]))


def _bands(hashes: npt.NDArray[np.uint32]) -> tuple[int, ...]:
    # Multilinear hashing: each band has factors of its own, so that equal rows in two bands make different keys. SQLite's
    # integers are signed.
    keys = (_minhash(hashes) * _FACTORS).reshape(BANDS, ROWS).sum(axis=1)
    return tuple(keys.view(np.int64).tolist())


def _samples(hashes: npt.NDArray[np.uint32]) -> tuple[int, ...]:
    # The hashes are well mixed, so their last bits choose by chance, and choose the same in every text: what a thinner
    # sample has, a denser one has too. A key of 35 bits cannot be taken for one of a band.
    every = SAMPLE
    while len(chosen := hashes[hashes % every == 0]) > MAX_SAMPLES:
        every *= 2
    return tuple((chosen.astype(np.int64) | 1 << 34).tolist())


def _minhash(hashes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    # Copied by its own method it would check its permutations each time; an update puts new values in place of the old.
    sketch = copy(_empty_sketch())
    # All hashes as one value: the array is taken as it is, where hashes given one by one would be taken apart and put
    # together again, which costs as much as the rest.
    sketch.update_batch([hashes])
    return np.asarray(sketch.hashvalues, dtype=np.uint32)


@cache
def _empty_sketch() -> Any:
    # Imported late: it brings scipy, which a process that only reads stories should not pay for. The scheme is named,
    # because signatures of two schemes must never meet in one index.
    from datasketch import MinHash  # noqa: PLC0415 (see above)

    return MinHash(num_perm=BANDS * ROWS, seed=1, hashfunc=_as_is, scheme="affine32")


def _as_is(hashes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    return hashes
