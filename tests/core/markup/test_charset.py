"""Rules of `core.charset`: text is read as it was meant, whatever the declarations say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.markup.charset import decode

GREETING = "Grüße aus Łódź: „schön“, 5 €"
RUSSIAN = "В городе открыли новый мост через реку. Движение начнётся в понедельник утром, сообщили власти."


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides(codec: str) -> None:
    """The mark beats header and declaration."""
    assert decode(GREETING.encode(codec), content_type="text/xml; charset=iso-8859-1") == GREETING


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_markup_without_a_mark_is_recognised(codec: str) -> None:
    """Zero bytes around the first < tell the width of a character."""
    text = f"<?xml version='1.0'?><a>{GREETING}</a>"

    assert decode(text.encode(codec), content_type=None) == text


@pytest.mark.parametrize(
    ("codec", "content_type", "head"),
    [
        ("cp1252", "text/xml; charset=ISO-8859-1", ""),
        ("cp1252", 'text/xml; charset="windows-1252"', ""),
        ("cp1251", "text/html", "<?xml version='1.0' encoding='windows-1251'?>"),
        ("koi8-r", None, '<meta charset="koi8-r">'),
        ("cp1251", None, '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'),
        ("gb18030", "text/html; charset=gb2312", ""),
        ("cp932", "text/html; charset=Shift_JIS", ""),
        ("iso2022_jp", "text/html; charset=iso-2022-jp", ""),
        ("utf-8", "text/html; charset=iso-8859-1", ""),
        ("utf-8", "text/html; charset=nonsense", ""),
        ("utf-8", "text/html; charset=punycode", ""),
    ],
)
def test_the_declared_charset_is_used(codec: str, content_type: str | None, head: str) -> None:
    """Header, XML declaration and meta are believed, but UTF-8 that is UTF-8 comes first."""
    text = {"cp1251": RUSSIAN, "koi8-r": RUSSIAN, "cp1252": "Grüße: „schön“, 5 €"}.get(codec, "東京の天気は晴れ")

    assert decode(f"{head}<p>{text}</p>".encode(codec), content_type=content_type) == f"{head}<p>{text}</p>"


def test_a_broken_byte_does_not_change_the_charset() -> None:
    """UTF-8 with one truncated character stays UTF-8, even where the header says Latin-1."""
    body = GREETING.encode() * 5 + b"\xc3"

    assert decode(body, content_type="text/xml; charset=iso-8859-1") == GREETING * 5 + "\ufffd"


def test_undeclared_bytes_are_guessed() -> None:
    """Cyrillic without any declaration is recognised by its letters."""
    assert decode(RUSSIAN.encode("cp1251"), content_type=None) == RUSSIAN


@given(
    st.binary(), st.one_of(st.none(), st.text(), st.sampled_from(["charset=utf-16", "charset=undefined", "charset=hz"]))
)
def test_any_bytes_decode(body: bytes, content_type: str | None) -> None:
    """No bytes and no header make it raise."""
    assert isinstance(decode(body, content_type=content_type), str)
