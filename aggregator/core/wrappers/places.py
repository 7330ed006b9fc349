"""Where on a page its lines stand: the walk through a page's elements that learning and reading share."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from selectolax.lexbor import LexborNode

from aggregator.core.markup.html_text import one_line
from aggregator.domain.wrappers import Branch, Fate

#: Elements that stand within a line; all others part lines.
_INLINE = frozenset(
    {
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i"),
        *("ins", "kbd", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt"),
        *("u", "var", "wbr", "img"),
    }
)
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
#: Elements that only hold others; an id tells them apart where no class does.
_HOLDERS = frozenset({"div", "section", "article", "main", "ul", "ol", "table", "header"})
#: Parts of names that are another on every page: numbers, and what has a digit in it.
_VARYING = re.compile(r"[a-z]*\d[a-z\d]*", re.IGNORECASE)
#: Elements in each other that are looked into.
DEEPEST = 60
#: A line is linked where this share of it is links.
_LINKED = 0.8
#: Kinds of lines: plain ones, and linked ones by their length, for trafilatura leaves out short linked paragraphs.
PLAIN = "."
LINKED = "~{}"
#: How kinds of lines begin.
LINES = frozenset(".~")
#: Characters from which a linked line is of the next kind. Below the first it is left out, below the second if it is the
#: last of its element, and from the third if it is a single link.
_LENGTHS = (30, 60, 100)
#: The kind of one that depends on whether it is the last, where no paragraph stands behind it.
_LAST = LINKED.format("last")
#: A kind that begins so names classes that an element must have; it may have others.
LOOSE = "*"
#: What may stand in a place whose paragraphs are kept, by trafilatura's own rules, where no class speaks against it.
_KEPT = Branch(fate=Fate.KEPT, branches={PLAIN: Branch(fate=Fate.KEPT)})
_LISTED = Branch(fate=Fate.LISTED, branches={PLAIN: Branch(fate=Fate.LISTED)})
_LIST = Branch(fate=Fate.LISTED, branches={"li": _LISTED})
_USUAL = {
    **dict.fromkeys(("p", "h2", "h3", "h4", "h5", "h6"), _KEPT),
    **dict.fromkeys(("ul", "ol"), _LIST),
    "blockquote": Branch(fate=Fate.KEPT, branches={"p": _KEPT}),
}


@dataclass(slots=True)
class Line:
    """A line of text, with the kind of its place within its element."""

    text: str
    kind: str
    #: Tags within it.
    inline: set[str]


def kind_of(node: LexborNode) -> str:
    """Name an element by its tag and classes, without what is another on every page."""
    attributes = node.attributes
    return (
        _named(node.tag or "", attributes.get("class") or "", attributes.get("id") or "")
        if attributes
        else node.tag or ""
    )


@lru_cache(maxsize=2_000)
def _named(tag: str, classes: str, identity: str) -> str:
    if classes:
        names = sorted({_VARYING.sub("0", name) for name in classes.split()})
        return f"{tag}.{'.'.join(names)}"
    return f"{tag}#{_VARYING.sub('0', identity)}" if identity and tag in _HOLDERS else tag


def place_of(kind: str, branches: Mapping[str, Branch]) -> Branch | None:
    """Return the place of an element among those that are known beside it."""
    known = branches.get(kind) or branches.get(loose_kind(kind, branches) or "")
    if known is None and (paragraphs := branches.get("p")) is not None and paragraphs.fate is Fate.KEPT:
        return _USUAL.get(kind)
    return known


def loose_kind(kind: str, branches: Mapping[str, Branch]) -> str | None:
    """Return the one loose kind that an element is of; None where there are none or several."""
    tag, *names = kind.split(".")
    found = [
        known
        for known in branches
        if known[0] == LOOSE and (parts := known[1:].split("."))[0] == tag and set(parts[1:]) <= set(names)
    ]
    return found[0] if len(found) == 1 else None


def inside(node: LexborNode) -> Iterator[Line | LexborNode]:
    """Yield, in their order, the lines that stand in an element itself and the elements that part them."""
    run = _Run()
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            run.add(child.text_content or "")
        elif tag not in _INLINE or not run.take(child):
            yield from run.line(node)
            run = _Run()
            if tag != "br":
                yield child
    yield from run.line(node)


class _Run:
    """Text that has no block or break in it."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._linked = 0
        self._inline: set[str] = set()

    def add(self, text: str) -> None:
        if self._texts or not text.isspace():
            self._texts.append(text)

    def take(self, node: LexborNode) -> bool:
        """Add an inline element; False where it cannot stand within a line."""
        found = _within(node, self._inline, 0)
        if found is None:
            return False
        self._texts.append(found[0])
        self._linked += found[1]
        return True

    def line(self, node: LexborNode) -> Iterator[Line]:
        text = one_line("".join(self._texts)) if self._texts else ""
        if text:
            is_linked = self._linked >= _LINKED * len(text)
            yield Line(text=text, kind=_linked_kind(node, len(text)) if is_linked else PLAIN, inline=self._inline)


def _linked_kind(node: LexborNode, length: int) -> str:
    lengths = sum(length >= least for least in _LENGTHS)
    if lengths != 1 or node.tag != "p":
        return LINKED.format(lengths)
    behind = node.next
    while behind is not None and behind.tag != "p":
        behind = behind.next
    return LINKED.format(1) if behind else _LAST


def _within(node: LexborNode, tags: set[str], depth: int) -> tuple[str, int] | None:
    """Return the text of an inline element and how much of it is linked; None where a block or a break is in it."""
    if depth > DEEPEST:
        return None
    tag = node.tag or ""
    texts, linked = [], 0
    for child in node.iter(include_text=True):
        name = child.tag or ""
        if name == "-text":
            texts.append(child.text_content or "")
        elif name not in _INLINE or (found := _within(child, tags, depth + 1)) is None:
            return None
        else:
            texts.append(found[0])
            linked += found[1]
    text = "".join(texts)
    if text and not text.isspace():
        # A span can be left out for its classes.
        tags.add(kind_of(node) if tag == "span" else tag)
    return text, len(text) if tag == "a" else linked
