"""Signatures: what is kept of a text so that copies of it are found among a million others.

A text is seen as its set of *shingles*, the runs of five words in it. A MinHash over the set, cut into bands, finds
candidates (Broder 1997; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3); the shingles themselves
then decide, in `core.similarity`.
"""

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

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def sign(title: str, text: str) -> Signature:
    """Return the signature of an article; empty when title and text together are too short to be compared."""
    hashes = shingles(f"{title} {text}")
    if len(hashes) < MIN_SHINGLES:
        return Signature()
    return Signature(shingles=hashes.astype("<u4").tobytes(), bands=(*_bands(hashes), *_samples(hashes)))


def shingles(text: str) -> npt.NDArray[np.uint32]:
    """Return the 32-bit hashes of all runs of `SHINGLE` words, distinct and ascending.

    Two different shingles of a pair of 400-word texts share a hash with probability 4e-5, far below what could move a
    Jaccard index across any threshold.
    """
    words = np.array([xxh64_intdigest(word.encode(errors="surrogatepass")) for word in tokens(text)], dtype=np.uint64)
    if len(words) < SHINGLE:
        return np.empty(0, dtype=np.uint32)
    # A polynomial over the words of each run (wraps modulo 2^64), then its well-mixed upper half.
    runs = np.zeros(len(words) - SHINGLE + 1, dtype=np.uint64)
    for offset in range(SHINGLE):
        runs = (runs ^ (runs >> np.uint64(29))) * _MULTIPLIER + words[offset : offset + len(runs)]
    runs = (runs ^ (runs >> np.uint64(32))) * _MULTIPLIER
    return np.unique((runs >> np.uint64(32)).astype(np.uint32))


def _bands(hashes: npt.NDArray[np.uint32]) -> tuple[int, ...]:
    values = _minhash(hashes)
    step = ROWS * values.itemsize
    packed = values.astype("<u4").tobytes()
    keys = (xxh64_intdigest(packed[band * step : (band + 1) * step], seed=band) for band in range(BANDS))
    # SQLite's integers are signed.
    return tuple(key - (1 << 64) if key >= 1 << 63 else key for key in keys)


def _samples(hashes: npt.NDArray[np.uint32]) -> tuple[int, ...]:
    # The hashes are well mixed, so their last bits choose by chance, and choose the same in every text: what a thinner
    # sample has, a denser one has too. A key of 35 bits cannot be taken for one of a band.
    every = SAMPLE
    while len(chosen := hashes[hashes % every == 0]) > MAX_SAMPLES:
        every *= 2
    return tuple((chosen.astype(np.int64) | 1 << 34).tolist())


def _minhash(hashes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    sketch = _empty_sketch().copy()
    sketch.update_batch(hashes)
    return np.asarray(sketch.hashvalues, dtype=np.uint32)


@cache
def _empty_sketch() -> Any:
    # Imported late: it brings scipy, which a process that only reads stories should not pay for. The scheme is named,
    # because signatures of two schemes must never meet in one index.
    from datasketch import MinHash  # noqa: PLC0415 (see above)

    return MinHash(num_perm=BANDS * ROWS, seed=1, hashfunc=_as_is, scheme="affine32")


def _as_is(value: int) -> int:
    return value
