"""The words that two texts share, for a person to read."""

import pytest

from aggregator.core.events.telling import NAMED, shared_weights, told_by_both
from aggregator.core.events.vocabulary import learn, weigh
from aggregator.core.words.terms import terms
from aggregator.core.words.tokens import tokens
from aggregator.domain.stories import Vocabulary


def _packed(text: str) -> bytes:
    return terms([], tokens(text)).packed()


def _learned(*articles: str) -> Vocabulary:
    return learn([terms([], tokens(text)) for text in articles])


def _told(one: str, other: str, *others: str, spelled: str | None = None) -> tuple[str, ...]:
    vocabulary = _learned(one, other, *others)
    return told_by_both(_packed(one), _packed(other), one if spelled is None else spelled, vocabulary)


def test_words_are_told_as_the_text_spells_them() -> None:
    """Capitals and endings are those of the text where a word stands first; only what both texts have is told."""
    one = "Sundholm mourns. In Sundholm the Ferries sank, all FERRIES."
    other = "ferries of SUNDHOLM sink"

    assert set(_told(one, other, "nothing else", "of it")) == {"Sundholm", "Ferries"}
    assert set(_told(one, other, "nothing else", "of it", spelled=other)) == {"SUNDHOLM", "ferries"}


def test_inflected_words_are_told_whole() -> None:
    """A word is told as it is written, not cut to the term that brought it together with another form."""
    assert _told("Regierungen", "Regierung", "anderes", "nichts") == ("Regierungen",)


def test_the_weightiest_word_comes_first() -> None:
    """What fewer articles speak of says more, and is said first."""
    assert _told("alpha beta gamma", "gamma beta alpha", "alpha beta", "alpha", "", "") == ("gamma", "beta", "alpha")


def test_no_more_words_are_told_than_can_be_read() -> None:
    """A line has place for NAMED words."""
    long = " ".join(f"word{number}" for number in range(30))

    assert len(_told(long, long, "else", "more")) == NAMED


def test_words_beyond_the_text_are_not_told() -> None:
    """A term that the spelled text does not have cannot be told."""
    assert _told("alpha beta", "alpha beta", "else", "more", spelled="Beta test") == ("Beta",)
    assert _told("alpha beta", "alpha beta", "else", "more", spelled="") == ()
    assert _told("alpha", "beta", "else", "more") == ()


def test_japanese_is_told_by_its_runs() -> None:
    """Without spaces each term stands as it is, and words of other scripts between keep their spelling."""
    one, other = "橋が再開 JR東京 Ferry", "東京の橋が FERRY"

    assert set(_told(one, other, "別の話", "何も")) == {"橋が", "東京", "Ferry"}


def test_thai_is_told_by_its_runs() -> None:
    """Four characters of Thai are one term."""
    assert "สะพา" in _told("สะพาน", "สะพาน", "อื่น", "nothing")


def test_compatibility_forms_are_told_in_their_plain_form() -> None:
    """A word in full-width letters is found by its term all the same."""
    assert _told("Ｆｅｒｒｙ", "ferry", "else", "more") == ("Ferry",)


def test_what_is_shared_adds_up_to_the_cosine() -> None:
    """Each shared term adds the product of its weights, whichever text comes first."""
    vocabulary = _learned("a b c", "a b d", "a", "e", "f")
    one, other = weigh(_packed("a b c"), vocabulary), weigh(_packed("a b d"), vocabulary)
    every = dict(zip(one.terms.tolist(), one.weights.tolist(), strict=True))

    assert shared_weights(one, other) == shared_weights(other, one)
    assert sum(shared_weights(one, one).values()) == pytest.approx(1)
    assert shared_weights(one, other).keys() < every.keys()
