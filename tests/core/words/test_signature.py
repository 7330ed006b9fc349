"""Signatures and the exact check that follows them."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.copies.similarity import overlap, overlaps
from aggregator.core.words.facts import facts
from aggregator.core.words.shingles import SHINGLE, shingles
from aggregator.core.words.signature import (
    BANDS,
    MAX_SAMPLES,
    MIN_SHINGLES,
    ROWS,
    _minhash,
    sign,
)
from aggregator.core.words.terms import Terms, terms
from aggregator.core.words.tokens import tokens
from tests.builders import words


def _exact(a: str, b: str) -> tuple[float, float]:
    """Count shingles as sets of words, without any hashing."""
    sets = []
    for text in (a, b):
        parts = tokens(text)
        sets.append({tuple(parts[at : at + SHINGLE]) for at in range(len(parts) - SHINGLE + 1)})
    shared = len(sets[0] & sets[1])
    return shared / len(sets[0] | sets[1]), shared / min(map(len, sets))


def test_equal_words_have_equal_signatures() -> None:
    """Case and punctuation reach the facts alone, which tell names by their capitals."""
    plain, shouted = sign("A Headline", words(100)), sign("a headline!", words(100).upper().replace(" ", ", "))

    assert plain == replace(shouted, facts=plain.facts)


def test_tiny_texts_have_terms_alone() -> None:
    """A text with fewer than MIN_SHINGLES runs of five words is nobody's copy, but its words may tell its event."""
    just_too_short = words(MIN_SHINGLES + SHINGLE - 2)
    tiny = sign("A headline", "")

    assert not sign("", just_too_short).bands
    assert not sign("", just_too_short).shingles
    assert len(Terms.unpacked(sign("", just_too_short).terms).hashes) == MIN_SHINGLES + SHINGLE - 2
    assert len(sign("", words(MIN_SHINGLES + SHINGLE - 1)).bands) >= BANDS
    assert (tiny.shingles, tiny.bands, tiny.facts) == (b"", (), b"")
    assert tiny.terms == terms(["a", "headline"], []).packed()


def test_a_signature_holds_all_that_is_compared() -> None:
    """Shingles of headline and text in one row, facts, and terms in which the headline stands apart."""
    headline, text = "Ferry back after 7 weeks", words(60) + " said Torv"
    signature = sign(headline, text)

    assert signature.shingles == shingles(tokens(f"{headline} {text}")).astype("<u4").tobytes()
    assert signature.facts == facts(headline, text) != b""
    assert signature.terms == terms(tokens(headline), tokens(text)).packed()


@given(st.text(max_size=40) | st.just("\ud800 7"), st.text(max_size=300))
def test_any_article_can_be_signed(headline: str, text: str) -> None:
    """Nothing that a page may hold makes the signing fail, and equal articles have equal signatures."""
    assert sign(headline, text) == sign(headline, text)


def test_signatures_do_not_depend_on_the_process() -> None:
    """What one process signs another can compare: the values are pinned."""
    signature = sign("", words(60))

    assert signature.bands[:2] == (5673111580478934769, 8050938532115462974)
    assert pickle.loads(pickle.dumps(signature)) == signature


def test_band_keys_fit_into_sqlite() -> None:
    """Every key is a signed 64-bit integer, and both signs occur."""
    keys = sign("", words(200)).bands

    assert all(-(1 << 63) <= key < 1 << 63 for key in keys)
    assert min(keys) < 0 < max(keys)


def test_near_copies_share_a_band_and_strangers_do_not() -> None:
    """A text with a new end (Jaccard about .6) meets the old one in some band; another text meets it in none."""
    old = set(sign("", words(300)).bands)
    edited = set(sign("", words(225) + " " + words(75, start=5000)).bands)
    stranger = set(sign("", words(300, start=9000)).bands)

    assert old & edited
    assert not old & stranger


@pytest.mark.parametrize("part", [60, 100, 200])
def test_a_part_meets_the_whole(part: int) -> None:
    """A text cut to a twentieth of a long one has a Jaccard that no band finds, and still shares a key with it."""
    whole = words(1200)

    assert set(sign("", words(part)).bands) & set(sign("", whole).bands)


def test_a_huge_text_has_no_more_keys_than_a_long_one() -> None:
    """A book has few keys all the same, and chapters of it still share some with it."""
    book = set(sign("", words(60_000)).bands)

    assert len(book) <= BANDS + MAX_SAMPLES
    assert book & set(sign("", words(2_000, start=30_000)).bands)


@pytest.mark.parametrize("cut", [60, 100, 150, 250])
def test_overlap_is_exact(cut: int) -> None:
    """Jaccard and containment by hashes are those of the sets of words themselves."""
    whole, part = words(300), words(cut) + " " + words(30, start=7000)

    found = overlap(sign("", whole).shingles, sign("", part).shingles)

    assert (found.jaccard, found.containment) == pytest.approx(_exact(whole, part))


@given(st.lists(st.sampled_from(["ada", "bo", "cy", "di", "橋", "7"]), min_size=30, max_size=80))
def test_overlap_is_symmetrical_and_bounded(parts: list[str]) -> None:
    """Overlap with itself is 1; order does not matter; Jaccard never exceeds containment."""
    a, b = sign("", " ".join(parts)).shingles, sign("", words(40) + " " + " ".join(parts[:30])).shingles
    if not a or not b:
        return

    assert overlap(a, a).jaccard == 1
    assert overlap(a, b) == overlap(b, a)
    assert 0 <= overlap(a, b).jaccard <= overlap(a, b).containment <= 1


@pytest.mark.parametrize("count", [MIN_SHINGLES, 500])
def test_a_minhash_is_that_of_datasketch(count: int) -> None:
    """Hashes given all at once have the minima that datasketch finds of each by itself, text after text."""
    hashes = shingles(words(count, start=count).split())
    plain = MinHash(num_perm=BANDS * ROWS, seed=1, hashfunc=int, scheme="affine32")
    for value in hashes.tolist():
        plain.update(value)

    assert _minhash(hashes).tolist() == plain.hashvalues.tolist()


def test_all_keys_of_a_text_are_different() -> None:
    """No band has the key of another one, and no sampled shingle that of a band."""
    keys = sign("", words(500)).bands

    assert len(set(keys)) == len(keys)


_hashes = st.sets(st.integers(0, 40) | st.integers(0, 2**32 - 1) | st.integers(2**16 - 3, 2**16 + 3), min_size=1)
_packed = _hashes.map(lambda hashes: np.array(sorted(hashes), dtype="<u4").tobytes())


@given(_packed, st.lists(_packed, max_size=24))
def test_many_overlaps_are_those_of_each(a: bytes, others: list[bytes]) -> None:
    """Texts compared all at once overlap as they do one by one, few or many, whatever places their hashes share."""
    for many in (others, 3 * [a, *others], 20 * others):
        assert overlaps(a, many) == [overlap(a, other) for other in many]
