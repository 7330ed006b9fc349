"""From markup to plain text. The markup is a feed's or a page's: anything may stand in it."""

import html
import re

from lxml import etree

from aggregator.core.markup.bounds import without_monsters

#: Elements that hold no text for readers.
_DROPPED = ("script", "style", "template", "noscript", "iframe", "object", "svg", "head")
_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "br", "caption", "center", "dd", "details", "div", "dl", "dt"),
        *(
            "fieldset",
            "figcaption",
            "figure",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hr",
            "li",
        ),
        *("main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "td", "th", "tr", "ul"),
    }
)
#: Control characters but whitespace, lone surrogates, and characters that only say where a word may break or hide a mark.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
_TAG = re.compile(r"<[^<>]*>")
#: For markup that no parser reads: what is left out of it, and the tags that part its lines.
_UNREAD = re.compile(rf"<!--.*?(?:-->|\Z)|<({'|'.join(_DROPPED)})\b.*?(?:</\1\b[^<>]*+>?|\Z)", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*+(?:>|\Z)")
_BLOCK_TAG = re.compile(rf"</?(?:{'|'.join(sorted(_BLOCKS))})(?=[\s/>])[^<>]*+>", re.IGNORECASE)
#: What libxml2 says where it stops in the middle, beyond 255 elements in each other.
_GIVEN_UP = "ERR_RESOURCE_LIMIT"


def one_line(text: str) -> str:
    """Collapse whitespace, drop invisible characters."""
    return " ".join(_INVISIBLE.sub("", text).split())


def plain_text(markup: str) -> str:
    """Return the text of `markup` on one line; entities are resolved once."""
    return " ".join(_paragraphs(markup))


def paragraphs(markup: str) -> str:
    """Return the text of `markup`, paragraphs and list elements parted by newlines."""
    return "\n".join(_paragraphs(markup))


def strip_tags(markup: str) -> str:
    """Drop what looks like tags, fast and roughly: to compare, not to show."""
    return _TAG.sub("", markup)


def is_given_up(parser: etree.HTMLParser) -> bool:
    """Tell whether a parser stopped in the middle, so that what comes after is missing from its tree."""
    return any(error.type_name == _GIVEN_UP for error in parser.error_log)


def _paragraphs(markup: str) -> list[str]:
    if "<" not in markup:
        line = one_line(html.unescape(markup))
        return [line] if line else []
    lines = (one_line(line) for line in _text(markup).split("\n"))
    return [line for line in lines if line]


def _text(markup: str) -> str:
    """Return the text with newlines only where a block begins or ends."""
    on_one_line = without_monsters(re.sub(r"\s", " ", _INVISIBLE.sub("", markup)))
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    tree = etree.fromstring(f"<div>{on_one_line}</div>".encode(), parser=parser)
    if tree is None or is_given_up(parser):
        return _read_simply(on_one_line)
    etree.strip_elements(tree, *_DROPPED, with_tail=False)
    for element in tree.iter():
        if element.tag in _BLOCKS:
            element.text = f"\n{element.text or ''}"
            element.tail = f"\n{element.tail or ''}"
    return "".join(str(piece) for piece in tree.itertext())


def _read_simply(markup: str) -> str:
    """Do the same without a parser, for markup that is too deep for one."""
    return html.unescape(_ANY_TAG.sub("", _BLOCK_TAG.sub("\n", _UNREAD.sub(" ", markup))))
