"""Words of a text."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.words.tokens import _SIGNS, UNSPACED, tokens

# What has rules of its own somewhere: joins its neighbour, changes with it, has no lower case or two, or is half a character.
_TRICKY = "aZ_ 7.'\n“’…\u00a0\u0301\u0338=é\u00adßΑΣσςİıŀ\u212a\u0140ÅﬁＡ＿\u2009\u200b가\u1100\u1161\u11a8нет橋がไ\u0e3fक\u093f😀\u0130\ud800\udc00\x1c\x85\u2028"
_texts = st.text() | st.text(st.sampled_from(_TRICKY)) | st.text(st.characters(max_codepoint=0x24F))


def _by_definition(text: str) -> list[str]:
    word = f"[{UNSPACED}]|[^\\W{UNSPACED}]+"
    return re.findall(word, unicodedata.normalize("NFKC", text).lower())


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


@given(_texts)
def test_short_cuts_change_no_word(text: str) -> None:
    """However the words are found, they are those that the regular expression finds in the folded text."""
    assert tokens(text) == _by_definition(text)


@pytest.mark.parametrize("language", ["плохие ", "Größe ", "ΟΔΟΣ’Α ", "ไทย ", "plain "])
def test_many_kinds_of_signs_change_no_word(language: str) -> None:
    """A text full of different signs has the words that it would have with one of them."""
    text = language.join(map(chr, range(0x2190, 0x2300)))

    assert tokens(text) == _by_definition(text)
    assert tokens(text) == 367 * tokens(language)


@pytest.mark.parametrize("sign", [*_SIGNS, "…", "\u00a0"])
def test_common_signs_part_words_and_nothing_else(sign: str) -> None:
    """The signs replaced before anything else is done would part words without that, whatever stands beside them."""
    folded = unicodedata.normalize("NFKC", f"a{sign}\u0301b")

    assert _by_definition(f"a{sign}b") == ["a", "b"]
    assert re.findall(r"\w", folded) == ["a", "b"]


@given(_texts, _texts)
def test_title_and_text_can_be_taken_apart(title: str, text: str) -> None:
    """The words of two texts with a space between are the words of the one and then those of the other."""
    assert tokens(f"{title} {text}") == tokens(title) + tokens(text)
