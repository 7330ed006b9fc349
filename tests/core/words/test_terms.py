"""Terms: what is kept of an article's words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.words.terms import FIRST, HEADLINE, STEM, Terms, stems, terms
from aggregator.core.words.tokens import tokens
from tests.builders import hash_of, words


def _counted(headline: str, text: str) -> dict[int, int]:
    found = terms(tokens(headline), tokens(text))
    return dict(zip(found.hashes.tolist(), found.counts.tolist(), strict=True))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("governments", "government's"),
        ("Regierungen", "Regierung"),
        ("législatives", "législatif"),
        ("правительство", "правительства"),
        ("eduskuntavaalit", "eduskuntavaaleissa"),
        ("belediyesi", "belediyenin"),
    ],
)
def test_inflected_forms_meet(one: str, other: str) -> None:
    """Forms of a word that share their first letters are one term, in any language with spaces."""
    assert set(_counted("", one)) & set(_counted("", other))


def test_short_words_are_terms_as_they_stand() -> None:
    """A word of up to STEM letters is cut nowhere, and other words with the same beginning stay others."""
    assert stems(["a", "bridges", "b" * STEM, "b" * STEM + "c"]) == ["a", "bridges", "b" * STEM, "b" * STEM]
    assert not set(_counted("", "bridge")) & set(_counted("", "bridges"))


def test_the_headline_counts_thrice() -> None:
    """A word counts once for each time it stands in the text and HEADLINE times for each in the headline."""
    assert _counted("Ferry sails", "The ferry, the old ferry") == {
        hash_of("ferry"): HEADLINE + 2,
        hash_of("sails"): HEADLINE,
        hash_of("the"): 2,
        hash_of("old"): 1,
    }
    assert HEADLINE == 3


def test_only_the_beginning_of_a_text_is_looked_at() -> None:
    """What stands after the first FIRST words does not count, whatever the headline's length."""
    long = words(FIRST + 50)

    assert _counted("A headline", long) == _counted("A headline", " ".join(long.split()[:FIRST]))
    assert len(_counted("", long)) == FIRST


def test_unspaced_scripts_have_runs_of_characters() -> None:
    """Han and kana stand in pairs, Thai, Lao, Burmese and Khmer in fours; words of other scripts stay whole between."""
    assert stems(tokens("橋が再開")) == ["橋が", "が再", "再開"]
    assert stems(tokens("สะพาน")) == ["สะพา", "ะพาน"]
    assert stems(tokens("JR東京駅へinternational")) == ["jr", "東京", "京駅", "駅へ", "internat"]


def test_a_run_too_short_for_a_term_is_none() -> None:
    """A single character among words of another script, or three of Thai, ties nothing."""
    assert stems(tokens("the 橋 of")) == ["the", "of"]
    assert stems(tokens("the สะพ of")) == ["the", "of"]


def test_counts_are_capped() -> None:
    """A count fits into a byte, however often a word is repeated."""
    assert _counted("ferry " * 200, "ferry " * 300) == {hash_of("ferry"): 255}


def test_an_article_without_words_has_no_terms() -> None:
    """Nothing is packed to nothing, and read back."""
    empty = terms([], [])

    assert empty.packed() == b""
    assert len(Terms.unpacked(b"").hashes) == len(Terms.unpacked(b"").counts) == 0


def test_terms_do_not_depend_on_the_process() -> None:
    """What one process packs another can compare: the bytes are pinned."""
    assert terms(["sails"], ["ferry", "ferry", "橋", "が"]).packed().hex() == "199d825be60988bc131c0dbf010302"


_PARTS = ["ada", "bo", "橋", "が", "ส", "7", "\ud800", "internationally", "İ", "é", "\x00"]
_WORDS = st.lists(st.sampled_from(_PARTS), max_size=40)
_TEXTS = st.text(max_size=200) | _WORDS.map(" ".join) | _WORDS.map("".join)


@given(_TEXTS, _TEXTS)
def test_any_article_has_terms_that_survive_packing(headline: str, text: str) -> None:
    """No text breaks them; hashes are distinct and ascending, counts within a byte and at least 1."""
    found = terms(tokens(headline), tokens(text))
    packed = found.packed()
    read = Terms.unpacked(packed)

    assert (np.diff(found.hashes.astype(np.int64)) > 0).all()
    assert (found.counts >= 1).all()
    assert len(packed) == 5 * len(found.hashes)
    assert read.hashes.tolist() == found.hashes.tolist()
    assert read.counts.tolist() == found.counts.tolist()
    assert read.packed() == packed


@given(_WORDS, _WORDS)
def test_each_stem_is_found_by_its_hash(headline: list[str], text: list[str]) -> None:
    """The hashes are those of the stems, counted one by one."""
    counts: dict[int, int] = {}
    for stem in stems(text):
        counts[hash_of(stem)] = counts.get(hash_of(stem), 0) + 1
    for stem in stems(headline):
        counts[hash_of(stem)] = counts.get(hash_of(stem), 0) + HEADLINE
    found = terms(headline, text)

    assert dict(zip(found.hashes.tolist(), found.counts.tolist(), strict=True)) == {
        term: min(count, 255) for term, count in counts.items()
    }
