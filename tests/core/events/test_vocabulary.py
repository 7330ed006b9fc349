"""How common terms are, and what that makes of a text."""

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.events.vocabulary import KEPT, UNKNOWN, learn, weigh
from aggregator.core.words.terms import Terms, terms
from aggregator.domain.stories import Vocabulary
from tests.builders import hash_of

_WORDS = st.lists(st.sampled_from([f"w{number}" for number in range(30)]), max_size=60)


def _terms(text: str) -> Terms:
    return terms([], text.split())


def _learned(*articles: str) -> Vocabulary:
    return learn([_terms(text) for text in articles])


def _known(vocabulary: Vocabulary) -> dict[int, int]:
    return dict(
        zip(
            np.frombuffer(vocabulary.terms, dtype="<u4").tolist(),
            np.frombuffer(vocabulary.counts, dtype="<u4").tolist(),
            strict=True,
        )
    )


def _weighed(text: str, vocabulary: Vocabulary) -> dict[int, float]:
    vector = weigh(_terms(text).packed(), vocabulary)
    return dict(zip(vector.terms.tolist(), vector.weights.tolist(), strict=True))


def test_articles_are_counted_not_occurrences() -> None:
    """A word counts once for each article that has it; one that a single article has is not kept, however frequent there."""
    vocabulary = _learned("ferry ferry ferry sails", "ferry bridge", "tram tram tram", "")

    assert vocabulary.articles == 4
    assert _known(vocabulary) == {hash_of("ferry"): 2}


def test_a_vocabulary_can_be_learned_from_nothing() -> None:
    """Without articles nothing is known, and texts have no terms that count."""
    assert (learn([]).articles, learn([]).terms, learn([]).counts) == (0, b"", b"")
    assert not _weighed("ferry", learn([]))
    assert not _weighed("ferry", _learned("ferry sails"))


def test_a_word_in_every_article_weighs_nothing() -> None:
    """Function words need no list: what all articles have tells none from another."""
    vocabulary = _learned("the ferry", "the ferry", "the tram", "the tram")

    assert _weighed("the ferry", vocabulary) == {hash_of("the"): 0, hash_of("ferry"): pytest.approx(1)}
    assert _weighed("the", vocabulary) == {hash_of("the"): 0}


def test_rarer_words_weigh_more() -> None:
    """Of two words of a text the one that fewer articles have weighs more; so does one that stands there more often."""
    vocabulary = _learned("a b", "a b", "a", "", "", "")
    once, twice = _weighed("a b", vocabulary), _weighed("a b a a a", vocabulary)

    assert once[hash_of("b")] > once[hash_of("a")] > 0
    assert twice[hash_of("a")] > twice[hash_of("b")]


def test_weights_are_those_of_the_formula() -> None:
    """By hand: (1 + ln count) ln (N / df), made of length 1; a term that nobody else has counts by half of its own."""
    vocabulary = _learned("a b", "a b", "a c", "d")
    weights = {"a": (1 + log(2)) * log(4 / 3), "b": log(4 / 2), "z": UNKNOWN * log(4)}
    length = sqrt(sum(weight * weight for weight in weights.values()))

    assert _weighed("a a b z", vocabulary) == {
        hash_of(word): pytest.approx(weight / length, rel=1e-5) for word, weight in weights.items()
    }


def test_words_that_nobody_else_has_make_what_is_shared_weigh_less() -> None:
    """Unknown terms are part of the length: a text that says much else is less like one that says only what they share."""
    vocabulary = _learned("a b", "a b", "c", "c")

    assert _weighed("a b", vocabulary)[hash_of("a")] > _weighed("a b x y z", vocabulary)[hash_of("a")] > 0


def test_only_the_weightiest_terms_are_kept() -> None:
    """A long text keeps KEPT terms, and common words go first."""
    rare = " ".join(f"rare{number}" for number in range(KEPT))
    common = " ".join(f"c{number}" for number in range(50))
    vocabulary = _learned(f"{rare} {common}", rare, *[common] * 8)

    assert set(_weighed(f"{common} {rare}", vocabulary)) == {hash_of(word[:8]) for word in rare.split()}


def test_vocabularies_are_told_apart_by_who_they_are() -> None:
    """What was weighed with one vocabulary is not taken for what another makes of the same terms."""
    assert _weighed("a b", _learned("a", "a", "b", "b", "b")) != _weighed("a b", _learned("a", "a", "a", "b", "b"))


@given(st.lists(_WORDS, max_size=8), _WORDS)
def test_vectors_are_of_length_1_or_nothing(articles: list[list[str]], text: list[str]) -> None:
    """Whatever was learned, terms are ascending, no weight is below 0, and together they are of length 1 or 0."""
    vector = weigh(terms([], text).packed(), learn([terms([], article) for article in articles]))
    length = float(np.sqrt(np.sum(vector.weights.astype(np.float64) ** 2)))

    assert (np.diff(vector.terms.astype(np.int64)) > 0).all()
    assert (vector.weights >= 0).all()
    assert length == pytest.approx(1, abs=1e-5) or length == 0


@given(st.lists(_WORDS, max_size=8), st.randoms(use_true_random=False))
def test_what_is_learned_does_not_depend_on_any_order(articles: list[list[str]], chance: object) -> None:
    """The same articles in any order teach the same."""
    every = [terms([], article) for article in articles]
    before = learn(every)
    chance.shuffle(every)  # type: ignore[attr-defined]  # a Random
    after = learn(every)

    assert (after.articles, after.terms, after.counts) == (before.articles, before.terms, before.counts)
    assert min(_known(after).values(), default=2) >= 2
