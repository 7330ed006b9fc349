import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.printable import escaped, printable, printable_part, quoted

ANY = st.text(alphabet=st.characters(), max_size=60)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Bridge\n closed \t today", "Bridge closed today"),
        ("\x1b[31mred\x1b[0m alert", "red alert"),
        ("\x1b]0;your shell\x07title", "title"),
        ("\x9b2Jwiped", "wiped"),
        ("gnp.\u202eexe", "gnp.exe"),
        ("bell\x07 null\x00 del\x7f", "bell null del"),
        ("one\n\x1f\ntwo", "one two"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("Größe 中文 🙂", "Größe 中文 🙂"),
    ],
)
def test_only_what_a_person_reads_is_left(text: str, shown: str) -> None:
    """Terminal sequences, controls and direction marks go; letters, joiners and emoji stay."""
    assert printable(text) == shown


@given(text=ANY)
def test_nothing_unsafe_is_ever_printed(text: str) -> None:
    """No control character, no surrogate, no line break is left, and a second pass changes nothing."""
    shown = printable(text)

    assert not {unicodedata.category(letter) for letter in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert printable(shown) == shown


@given(text=ANY)
def test_a_logged_value_stays_on_its_line(text: str) -> None:
    """Whatever a value holds, it makes one line of printable characters."""
    line = quoted(text)

    assert len(line.splitlines()) == 1
    assert not {unicodedata.category(letter) for letter in line} & {"Cc", "Cs", "Zl", "Zp"}
    assert line.startswith('"') == line.endswith('"')


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("0.41", "0.41"),
        ("https://example.org/?a", "https://example.org/?a"),
        ("BBC World", '"BBC World"'),
        ("", '""'),
        ('say "no"', '"say \\"no\\""'),
        ("C:\\news", '"C:\\\\news"'),
        ("one\ntwo", '"one\\ntwo"'),
        ("a=b", '"a=b"'),
    ],
)
def test_values_are_quoted_where_a_reader_of_lines_needs_it(text: str, line: str) -> None:
    """One plain word stands bare; everything else stands in quotes with escapes."""
    assert quoted(text) == line


def test_escapes_tell_what_was_there() -> None:
    """Nothing is lost: controls and marks are written as their number."""
    assert escaped("\x1b\u202e\U000e0041\t") == "\\u001b\\u202e\\U000e0041\\t"


def test_a_part_of_a_line_keeps_the_spaces_at_its_ends() -> None:
    """What stands before and after it would run into it otherwise."""
    assert printable_part("  of a \x00line\n") == " of a line "
    assert printable_part("") == ""
