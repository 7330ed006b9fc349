"""Signatures and the exact check that follows them."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.stories.signature import BANDS, MAX_SAMPLES, MIN_SHINGLES, SHINGLE, shingles, sign
from aggregator.core.stories.similarity import overlap
from aggregator.core.stories.tokens import tokens
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
    """Case and punctuation do not reach the signature."""
    assert sign("A Headline", words(100)) == sign("a headline!", words(100).upper().replace(" ", ", "))


def test_tiny_texts_are_not_signed() -> None:
    """A text with fewer than MIN_SHINGLES runs of five words has no signature, so it can be nobody's copy."""
    just_too_short = words(MIN_SHINGLES + SHINGLE - 2)

    assert not sign("", just_too_short).bands
    assert not sign("", just_too_short).shingles
    assert len(sign("", words(MIN_SHINGLES + SHINGLE - 1)).bands) >= BANDS


def test_signatures_do_not_depend_on_the_process() -> None:
    """What one process signs another can compare: the values are pinned."""
    signature = sign("", words(60))

    assert signature.bands[:2] == (4269745462750825877, 1768746293076473963)
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


@given(st.text(max_size=300))
def test_shingles_are_distinct_and_ascending(text: str) -> None:
    """Any text at all gives hashes that set arithmetic can rely on, lone surrogates included."""
    for given_text in (text, text + " \ud800 " * 6):
        hashes = shingles(given_text).astype(np.int64)

        assert (np.diff(hashes) > 0).all()
