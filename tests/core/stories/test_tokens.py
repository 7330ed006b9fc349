"""Words of a text."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.stories.tokens import tokens


def test_words_are_lower_case_and_without_punctuation() -> None:
    """Punctuation parts words, case does not matter, numbers are words."""
    assert tokens("The “Bridge” reopens: 14 May, 7.30am!") == ["the", "bridge", "reopens", "14", "may", "7", "30am"]


def test_scripts_without_spaces_give_a_token_a_character() -> None:
    """Japanese, Chinese and Thai have no spaces; each character counts, Latin words in between stay whole."""
    assert tokens("橋がJR駅へ") == ["橋", "が", "jr", "駅", "へ"]
    assert len(tokens("สะพาน")) == 5


def test_typing_habits_do_not_make_other_words() -> None:
    """Full-width letters, ligatures and decomposed accents are the same words as their plain forms."""
    assert tokens("ＡＢＣ ﬁre cafe\u0301") == tokens("abc fire café")


@given(st.text())
def test_any_text_has_tokens(text: str) -> None:
    """No text breaks the tokeniser, and taking tokens of tokens changes nothing."""
    once = tokens(text)

    assert tokens(" ".join(once)) == once
