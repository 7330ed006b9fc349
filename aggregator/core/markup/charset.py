"""From the bytes of a feed or page to its text, whatever its server and its author say about the charset."""

import codecs
import re

#: Longest first: the mark of UTF-32-LE begins with that of UTF-16-LE.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    # no mark, but markup's first character (XML 1.0, appendix F)
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
#: What browsers read under a name: the superset that authors really use (Encoding Standard, 4.2).
_READ_AS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
#: Codecs of scripts. Others that Python knows (punycode, unicode_escape, …) are no charsets and may be slow.
_CHARSET = re.compile(r"ascii|utf-(?:8|16|32)|iso8859|iso2022|cp\d|koi8|gb|big5|shift_jis|euc|mac-|tis-620|hz")
_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]{2,40})")
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
#: Bytes in which a page declares its charset: browsers look at 1,024, real pages need somewhat more.
_HEAD = 4_096
#: Bytes that are looked at where nothing is declared.
_SAMPLE = 20_000


def decode(body: bytes, *, content_type: str | None) -> str:
    """Decode by byte order mark, then UTF-8 where it is, then the declared charset, then the likeliest one.

    Bytes that mean nothing become U+FFFD. UTF-8 goes before what is declared, because other charsets hardly ever look
    like it, and documents that declare Latin-1 over UTF-8 are common.
    """
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return body.decode(codec, "replace").removeprefix("\ufeff")
    declared = _declared(body, content_type)
    if declared and declared.startswith(("iso2022", "hz")):  # these are 7-bit and look like ASCII
        return body.decode(declared, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    if _is_mostly_sound(text):
        return text
    return body.decode(declared or _likeliest(body), "replace")


def _is_mostly_sound(text: str) -> bool:
    """Tell whether UTF-8 it is, perhaps with a few broken bytes: at most one for ten characters beyond ASCII."""
    broken = text.count("\ufffd")
    return not broken or broken * 10 <= sum(1 for character in text if character > "\x7f") - broken


def _declared(body: bytes, content_type: str | None) -> str | None:
    """Return the codec named by the header, the XML declaration or a meta element: the first that is a charset."""
    head = body[:_HEAD]
    header = _HEADER.search(content_type or "")
    names = [header[1]] if header else []
    names += [match[1].decode("ascii", "replace") for match in (_DECLARATION.search(head), _META.search(head)) if match]
    for name in names:
        codec = _codec(name)
        if codec and not codec.startswith("utf"):  # UTF-8 has been tried, UTF-16 has no zero bytes here
            return codec
    return None


def _codec(name: str) -> str | None:
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return _READ_AS.get(codec, codec) if _CHARSET.match(codec) else None


def _likeliest(body: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - slow to load and rarely needed

    best = from_bytes(body[:_SAMPLE]).best()
    return _codec(best.encoding) or "cp1252" if best else "cp1252"
