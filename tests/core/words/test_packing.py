"""Hashes and terms in fewer bytes."""

import random

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.words.packing import packed_hashes, packed_terms, unpacked_hashes, unpacked_terms
from aggregator.core.words.signature import keys_of, sign
from aggregator.core.words.terms import Terms
from tests.builders import words

hashes = st.sets(st.integers(0, 2**32 - 1), max_size=60).map(lambda values: np.array(sorted(values), dtype=np.uint32))


@given(hashes)
def test_hashes_come_back_as_they_were(values: npt.NDArray[np.uint32]) -> None:
    """Whatever hashes there are, the least and the greatest too."""
    packed = values.astype("<u4").tobytes()
    assert unpacked_hashes(packed_hashes(packed)) == packed


@given(hashes, st.randoms(use_true_random=False))
def test_terms_come_back_as_they_were(values: npt.NDArray[np.uint32], chance: random.Random) -> None:
    """Whatever terms there are, and however often each is counted."""
    counts = np.array([chance.choice((1, 1, 2, 7, 8, 9, 255)) for _ in values], dtype=np.uint8)
    packed = Terms(hashes=values, counts=counts).packed()
    assert unpacked_terms(packed_terms(packed) or b"") == packed


def test_nothing_stays_nothing() -> None:
    """A tiny text has no shingles, and what was never signed has no terms."""
    assert (packed_hashes(b""), unpacked_hashes(b"")) == (b"", b"")
    assert (packed_terms(None), packed_terms(b""), unpacked_terms(b"")) == (None, b"", b"")


def test_a_usual_article_takes_fewer_bytes() -> None:
    """Of 400 words the shingles take at most .81 of their bytes, the terms .72."""
    signature = sign("A headline", words(400))
    assert len(packed_hashes(signature.shingles)) <= 0.81 * len(signature.shingles)
    assert len(packed_terms(signature.terms) or b"") <= 0.72 * len(signature.terms)


def test_the_keys_follow_from_the_shingles() -> None:
    """So they need not be kept beside them; a text without shingles has none."""
    signature = sign("A headline", words(400))
    assert keys_of(signature.shingles) == signature.bands
    assert keys_of(b"") == ()
