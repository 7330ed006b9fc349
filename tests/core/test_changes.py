"""What changed between two texts, word by word."""

import time

from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.changes import AROUND, COMPARED, MOST, SHOWN, Change, Comparison, Kind, Piece, compare

SENTENCE = "The ferry ran aground on a sandbank early on Sunday with 243 people aboard, the coastguard said."
FEW = st.lists(st.sampled_from(["one", "two", "three", "four", "水", "火 "]), max_size=30).map(" ".join)


def _told(comparison: Comparison) -> list[tuple[str, str]]:
    return [(str(piece.change), piece.text) for piece in comparison.pieces]


def test_one_text_is_carried_word_for_word() -> None:
    """How words are spaced and parted into paragraphs does not matter."""
    comparison = compare("One two.\nThree  four.", " One two. Three\nfour.\n")

    assert (comparison.kind, comparison.gone, comparison.added) == (Kind.WHOLE, 0, 0)
    assert str(comparison) == "word for word"


def test_changes_stand_in_the_order_of_the_text() -> None:
    """What is gone stands before what came in its place."""
    comparison = compare("The red ferry sank on Monday", "The blue ferry sank early on Monday")

    assert _told(comparison) == [
        ("same", "The"),
        ("gone", "red"),
        ("added", "blue"),
        ("same", "ferry sank"),
        ("added", "early"),
        ("same", "on Monday"),
    ]
    assert str(comparison) == "edited, −1 +2 words"


def test_a_text_may_be_shortened_or_extended() -> None:
    """The kind says which."""
    assert str(compare(f"{SENTENCE} More soon.", SENTENCE)) == "shortened, −2 words"
    assert str(compare(SENTENCE, f"{SENTENCE} Update")) == "extended, +1 word"
    assert compare(SENTENCE, "").kind is Kind.SHORTENED
    assert compare("", SENTENCE).kind is Kind.EXTENDED


def test_what_is_the_same_is_left_out_but_for_a_few_words() -> None:
    """Words beside a change are shown, on its side of a long stretch only."""
    before = " ".join(map(str, range(100)))
    pieces = compare(before, f"{before} end").pieces

    assert pieces[0] == Piece(change=Change.SAME, text="", left_out=100 - AROUND)
    assert pieces[1].text == " ".join(map(str, range(100 - AROUND, 100)))
    assert pieces[2] == Piece(change=Change.ADDED, text="end")


def test_a_long_change_is_cut() -> None:
    """Of many words in a row the first ones are shown, the others counted."""
    (piece,) = compare("", " ".join(["word"] * 200)).pieces

    assert (len(piece.text.split()), piece.left_out) == (SHOWN, 200 - SHOWN)


def test_of_many_changes_the_first_are_shown() -> None:
    """A comparison says that there are more."""
    before = " ".join(f"a{n} b{n}" for n in range(90))
    comparison = compare(before, before.replace("b", "c"))

    assert comparison.has_more
    assert sum(piece.change is not Change.SAME for piece in comparison.pieces) == MOST
    assert comparison.gone == comparison.added == 90


def test_scripts_without_spaces_are_compared_by_characters() -> None:
    """A Japanese sentence is no single word."""
    comparison = compare("橋は月曜日に開通する", "橋は火曜日に開通する")

    assert _told(comparison) == [
        ("same", "橋は"),
        ("gone", "月"),
        ("added", "火"),
        ("same", "曜日に開通する"),
    ]


def test_texts_that_were_made_to_be_dear_are_not() -> None:
    """Beyond a bound all between the first and the last difference is one change, whatever the texts are made of."""
    many = COMPARED * 50
    began = time.process_time()
    comparison = compare(f"x {'a b ' * many} y", f"z {'b a ' * many} w")

    assert len(comparison.pieces) == 2
    assert time.process_time() - began < 10


@given(FEW, FEW)
def test_both_texts_can_be_told_from_a_comparison(before: str, after: str) -> None:
    """What stayed and went makes the text before, what stayed and came the one after."""
    comparison = compare(before, after)
    if comparison.has_more or any(piece.left_out for piece in comparison.pieces):
        return

    def bare(change: Change) -> str:
        return "".join("".join(p.text.split()) for p in comparison.pieces if p.change in {Change.SAME, change})

    assert bare(Change.GONE) == "".join(before.split())
    assert bare(Change.ADDED) == "".join(after.split())
