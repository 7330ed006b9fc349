"""A page's main text by a wrapper, or nothing at any surprise."""

import re
from dataclasses import dataclass
from unicodedata import normalize

from selectolax.lexbor import LexborNode

from aggregator.core.wrappers.places import DEEPEST, HEADINGS, PLAIN, Line, inside, kind_of, place_of
from aggregator.domain.wrappers import Branch, Fate, Layout

#: What never keeps a line from being read.
_PLAIN_INLINE = frozenset({"a", "abbr", "b", "cite", "em", "font", "i", "mark", "small", "span", "strong", "u"})
#: Characters of a main text from which trafilatura's first answer stands, with a margin: below 250 it looks elsewhere.
LEAST_TEXT = 400
#: Below so many it looks again where they are less than a fifth of the page.
_SHORT_TEXT, _SHORT_SHARE = 3_000, 0.22
#: How many more characters than ever before may be left out, as a factor and an amount.
_MORE, _AND_MORE = 1.5, 500
_WORD = re.compile(r"\w{4,}")
#: A line of unknown fate that says so little is left out: bars, bullets, arrows.
_SAYS = re.compile(r"\w")


#: Fates of places whose text is no line, or is one as it stands. A heading may be one and yet be left out at the end.
_UNREAD = (Fate.LEFT, Fate.TRAILING, Fate.LEFT | Fate.TRAILING)
_KEPT = (Fate.KEPT, Fate.KEPT | Fate.TRAILING)


_ASCII = bytes(range(128))
#: All but the letters of ASCII: its blanks, and the bytes of UTF-8 that no ASCII is written in.
_NO_LETTERS = bytes(byte for byte in range(256) if byte > max(_ASCII) or chr(byte).isspace())


class _SurpriseError(Exception):
    """A page has what its wrapper does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A main text by a layout."""

    text: str
    #: Whether it is so short beside its page that trafilatura would look once more, less strictly.
    is_short: bool


def read_by(layout: Layout, body: LexborNode, *, whole: int, title: str | None) -> Reading | None:
    """Return the main text of a page of `whole` letters, a line a paragraph; None at any surprise."""
    lines: list[tuple[str, bool]] = []
    try:
        _read(body, layout.body, layout, lines, 0)
    except _SurpriseError:
        return None
    while lines and lines[-1][1]:
        lines.pop()
    text = normalize("NFC", "\n".join(line for line, _ in lines))
    kept = letters(text)
    if len(text) < LEAST_TEXT or whole - kept > _MORE * layout.most_left + _AND_MORE or not _speaks_of(title, text):
        return None
    return Reading(text=text, is_short=len(text) < _SHORT_TEXT and kept < _SHORT_SHARE * whole)


def letters(text: str) -> int:
    """Count the characters of a text, blanks aside."""
    # Words of ASCII are counted without being made.
    wire = text.encode(errors="surrogatepass")
    beyond_ascii = wire.translate(None, _ASCII).decode(errors="surrogatepass")
    return len(wire.translate(None, _NO_LETTERS)) + len("".join(beyond_ascii.split()))


def _read(node: LexborNode, branch: Branch, layout: Layout, lines: list[tuple[str, bool]], depth: int) -> None:
    if depth > DEEPEST:
        raise _SurpriseError
    tag = node.tag or ""
    for piece in inside(node):
        if isinstance(piece, Line):
            _take(piece, branch.branches.get(piece.kind), layout, lines, tag)
            continue
        known = place_of(kind_of(piece), branch.branches)
        if known is None:
            if _SAYS.search(piece.text(deep=True)):
                raise _SurpriseError
        elif known.fate is not Fate.LEFT:
            _read(piece, known, layout, lines, depth + 1)


def _take(line: Line, known: Branch | None, layout: Layout, lines: list[tuple[str, bool]], tag: str) -> None:
    if known is None:
        if _SAYS.search(line.text):
            raise _SurpriseError
        return
    if known.fate in _UNREAD:
        return
    is_kept, is_listed = known.fate in _KEPT, known.fate is Fate.LISTED
    # Whether what is linked is kept depends, but for paragraphs, on how much of it stands together.
    is_certain = line.kind == PLAIN or (tag == "p" and is_kept)
    is_known = not line.inline or line.inline <= _PLAIN_INLINE or line.inline <= layout.inline | _PLAIN_INLINE
    if not (is_kept or is_listed) or not is_certain or not is_known:
        raise _SurpriseError
    lines.append((f"- {line.text}" if is_listed else line.text, tag in HEADINGS))


def _speaks_of(title: str | None, text: str) -> bool:
    """Tell whether a text has any of the longer words of its title."""
    words = set(_WORD.findall((title or "").lower()))
    lower = text.lower() if words else ""
    return not words or any(word in lower for word in words)
