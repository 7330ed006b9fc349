"""Signatures: what is kept of a text so that copies of it are found among a million others.

A text is seen as its set of *shingles*, the runs of five words in it. A MinHash over the set, cut into bands, finds
candidates (Broder 1997; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3); the shingles themselves
then decide, in `core.copies.similarity`, with the facts, in `core.words.facts`. What finds the same event in other words is
the text's terms, in `core.words.terms`.
"""

from copy import copy
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from xxhash import xxh64_intdigest

from aggregator.core.words.facts import facts
from aggregator.core.words.shingles import shingles
from aggregator.core.words.terms import terms
from aggregator.core.words.tokens import tokens
from aggregator.domain.articles import Signature

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

# Multipliers as if drawn by lot, one for each value of a MinHash.
_FACTORS = np.array([xxh64_intdigest(b"%d" % value) | 1 for value in range(BANDS * ROWS)], dtype=np.uint64)


def sign(title: str, text: str) -> Signature:
    """Return the signature of an article; without shingles and keys where it is too short to be compared word for word."""
    headline, words = tokens(title), tokens(text)
    hashes = shingles([*headline, *words])
    telling = terms(headline, words).packed()
    if len(hashes) < MIN_SHINGLES:
        return Signature(terms=telling)
    shingled = hashes.astype("<u4").tobytes()
    return Signature(
        shingles=shingled,
        bands=keys_of(shingled),
        facts=facts(title, text),
        terms=telling,
    )


def keys_of(shingles: bytes) -> tuple[int, ...]:
    """Return the keys by which a text of these `Signature.shingles` is found."""
    if not shingles:
        return ()
    hashes = np.frombuffer(shingles, dtype="<u4")
    return (*_bands(hashes), *_samples(hashes))


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
