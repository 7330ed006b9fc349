"""Text from strangers made safe to print: titles and names come from feeds and may carry anything."""

import re

#: C0 and C1 controls, the line and paragraph separators, and lone surrogates, which no terminal can be sent.
_CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
#: Marks that turn the direction of the text after them (Unicode TR 36, 3.2), the byte order mark and the tag characters.
#: Joiners stay: Persian and the Indic scripts need them.
_DECEIVERS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f"

_UNSAFE = re.compile(f"[{_CONTROLS}{_DECEIVERS}]")
#: ESC [ … and ESC ] … whole, so that no debris like "[31m" stays behind.
_SEQUENCE = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?")
_SPACE = re.compile(r"[ \t\r\n\x0b\x0c\x85\u2028\u2029]+")
_PLAIN = re.compile(r"[^\s\"=\\]+")


def printable(text: str) -> str:
    """Return `text` on one line, without terminal sequences, control characters and marks that turn its direction."""
    safe = _UNSAFE.sub("", _SPACE.sub(" ", _SEQUENCE.sub("", text)))
    # What was taken out may have stood between two spaces.
    return _SPACE.sub(" ", safe).strip()


def printable_part(text: str) -> str:
    """Return `text` printable as a part of a line: a space at its beginning or its end stays."""
    return printable(f"|{text}|")[1:-1]


def escaped(text: str) -> str:
    """Return `text` on one line with every unsafe character written as an escape; nothing is lost."""
    return _UNSAFE.sub(_escape, text)


def quoted(text: str) -> str:
    """Return `text` as the value of a key=value line: bare where it is one plain word, else in double quotes."""
    if _PLAIN.fullmatch(text) and not _UNSAFE.search(text):
        return text
    return '"' + escaped(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code in _SHORT:
        return _SHORT[code]
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  # the end of the basic plane


_SHORT = {0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"}
