"""A text as the set of all runs of five words in it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.words.shingles import SHINGLE, shingles
from aggregator.core.words.tokens import tokens
from tests.builders import words


@given(st.text(max_size=300))
def test_shingles_are_distinct_and_ascending(text: str) -> None:
    """Any text at all gives hashes that set arithmetic can rely on, lone surrogates included."""
    for given_text in (text, text + " \ud800 " * 6):
        hashes = shingles(tokens(given_text)).astype(np.int64)

        assert (np.diff(hashes) > 0).all()


@given(st.lists(st.sampled_from(["ada", "bo", "橋", "7", "\ud800"]), max_size=60))
def test_each_run_of_words_has_a_hash(parts: list[str]) -> None:
    """There are as many hashes as different runs of five words."""
    runs = {tuple(parts[at : at + SHINGLE]) for at in range(len(parts) - SHINGLE + 1)}

    assert len(shingles(parts)) == len(runs)


def test_a_run_of_words_has_one_hash_wherever_it_stands() -> None:
    """At the beginning of a text, in its middle and far in a book a run of words has the same hash."""
    part = words(40).split()
    book = words(20_000, start=1_000).split()
    hashes = set(shingles(part).tolist())

    for before in (0, 1, 2_000, 20_000):
        assert hashes <= set(shingles(book[:before] + part + book[before:]).tolist())


def test_where_words_end_is_in_the_hash() -> None:
    """The same letters in other words are another text."""
    assert not set(shingles(["ab", "c", "d", "e", "f"]).tolist()) & set(shingles(["a", "bc", "d", "e", "f"]).tolist())


@pytest.mark.slow
def test_hashes_are_spread_evenly() -> None:
    """Among a quarter of a million runs of words about seven collide, and each last digit is as frequent as the others."""
    hashes = shingles(words(250_000).split())

    assert 250_000 - 4 - len(hashes) <= 20
    assert np.bincount(hashes % 8) == pytest.approx(np.full(8, len(hashes) / 8), rel=0.03)
