"""From a page to its main text and what it says of itself."""

from functools import cache
from typing import Any

from lxml import etree
from lxml import html as lxml_html
from selectolax.lexbor import LexborHTMLParser, LexborNode

from aggregator.core.markup.bounds import without_monsters
from aggregator.core.markup.charset import decode
from aggregator.core.markup.html_text import is_given_up, one_line
from aggregator.core.pages.claims import page_of, title_of
from aggregator.core.pages.head import head_of, quick_head_of
from aggregator.core.pages.plainly import bare_head, is_too_much, simple_text
from aggregator.core.pages.sifting import sift
from aggregator.core.wrappers.learning import layout_of
from aggregator.core.wrappers.reading import letters, read_by
from aggregator.domain.articles import Page
from aggregator.domain.wrappers import Lesson, Verdict, Way, Wrapper

#: Characters within which files that are no text show a zero byte.
_BINARY = 1_024
#: Elements that trafilatura leaves out wherever they stand, with all in them: those that it does not count as a part of
#: the page's text at all, and others.
_NEVER_SHOWN = ["aside", "footer", "head", "script", "style", "svg", "template"]
_NEVER_READ = [
    *("audio", "button", "canvas", "dialog", "embed", "fieldset", "iframe", "label", "legend", "map", "math", "menu"),
    *("nav", "noscript", "object", "picture", "select", "textarea", "time", "video"),
]


def read_page(
    page: bytes,
    *,
    url: str,
    content_type: str | None,
    fallback_title: str | None = None,
    robots_tag: str | None = None,
    simply: bool = False,
) -> Page:
    """Read a page once: its head, and its main text by trafilatura's fast mode.

    What a cheap look finds too much for that, or is to be read `simply`, is read without a parser.

    The page is expected to be within the fetcher's limits. Whatever it holds, a `Page` comes out, with an empty text
    where nothing like an article was found. `fallback_title` stands where the page has no title of its own; `robots_tag`
    is what the X-Robots-Tag headers said.
    """
    markup = without_monsters(decode(page, content_type=content_type))
    return _in_full(markup, url=url, fallback_title=fallback_title, robots_tag=robots_tag, simply=simply)


def _in_full(
    markup: str, *, url: str, fallback_title: str | None = None, robots_tag: str | None, simply: bool = False
) -> Page:
    tree = None if simply or is_too_much(markup) else _tree(markup)
    if tree is not None:
        return page_of(head_of(tree), main_text(tree), url=url, fallback_title=fallback_title, robots_tag=robots_tag)
    tree = None if _is_binary(markup) else _tree(bare_head(markup))
    if tree is None:
        return Page(text="", title=fallback_title)
    text = simple_text(markup)
    return page_of(head_of(tree), text, url=url, fallback_title=fallback_title, robots_tag=robots_tag)


def read_by_wrapper(
    page: bytes,
    wrapper: Wrapper,
    way: Way,
    *,
    url: str,
    content_type: str | None,
    robots_tag: str | None = None,
) -> tuple[Page, Lesson | None]:
    """Read a page as `read_page` does, but by its site's wrapper where the `way` and the page allow it.

    With a page that was read in full comes what it teaches of its site, if that was asked for and it teaches anything.
    """
    markup = without_monsters(decode(page, content_type=content_type))
    if way is Way.FULL or is_too_much(markup) or _is_binary(markup):
        return _in_full(markup, url=url, robots_tag=robots_tag), None
    parsed = LexborHTMLParser(markup)
    head = quick_head_of(parsed)
    body, whole = readable(parsed)
    quick = read_by(wrapper.layout, body, whole=whole, title=title_of(head)) if wrapper.layout and body else None
    is_certain = quick is not None and not (quick.is_short and len(quick.text) < (wrapper.shortest or len(markup)))
    if quick is not None and is_certain and way is Way.QUICK:
        return page_of(head, quick.text, url=url, robots_tag=robots_tag), None
    tree = _tree(markup)
    if tree is None or body is None:
        return _in_full(markup, url=url, robots_tag=robots_tag), None
    text = main_text(tree)
    if quick is not None and quick.text == text:
        lesson = Lesson(verdict=Verdict.AGREED, short=len(text) if quick.is_short else None)
    else:
        verdict = Verdict.DIFFERED if is_certain else Verdict.SURPRISED
        lesson = Lesson(verdict=verdict, layout=layout_of(body, text, whole=whole))
    return page_of(head_of(tree), text, url=url, robots_tag=robots_tag), lesson


def readable(parsed: LexborHTMLParser) -> tuple[LexborNode | None, int]:
    """Take out of a page what trafilatura leaves out wherever it stands; return its body, and the letters it had."""
    parsed.strip_tags(_NEVER_SHOWN)
    body = parsed.body
    if body is None:
        return None, 0
    whole = letters(body.text(deep=True))
    parsed.strip_tags(_NEVER_READ)
    # It keeps the tables of figures, and forms around a whole page.
    if parsed.css_first("figure table") is None:
        parsed.strip_tags(["figure"])
    forms = parsed.css("form")
    if forms and all(letters(form.text(deep=True)) < whole / 4 for form in forms):
        parsed.strip_tags(["form"])
    return body, whole


def _tree(text: str) -> lxml_html.HtmlElement | None:
    """Parse a page once, for head and main text; None for what is no page, or is nested deeper than the parser goes."""
    if _is_binary(text):
        return None
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        tree = lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):  # nothing but blanks, or no element at all
        return None
    return None if is_given_up(parser) else tree


def _is_binary(text: str) -> bool:
    """Tell whether it is no page, but a PDF or a picture."""
    return "\x00" in text[:_BINARY] or text.startswith("%PDF")


@cache
def _trafilatura() -> Any:
    # Imported late: the daemon's own process names this function, and only workers run it.
    import trafilatura  # noqa: PLC0415 (see above)

    sift()
    return trafilatura


def main_text(tree: lxml_html.HtmlElement) -> str:
    """Return a page's main text by trafilatura, paragraphs parted by newlines; empty where it finds none."""
    try:
        text = _trafilatura().extract(tree, fast=True, include_comments=False)
    except (RecursionError, etree.LxmlError, ValueError, TypeError, AttributeError):  # its rules meet odd trees
        return ""
    lines = (one_line(line) for line in (text or "").split("\n"))
    return "\n".join(line for line in lines if line)
