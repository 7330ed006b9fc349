"""From a page to its main text and what it says of itself."""

import json
import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree
from lxml import html as lxml_html

from aggregator.core.feeds.dates import read_date
from aggregator.core.markup.bounds import without_monsters
from aggregator.core.markup.charset import decode
from aggregator.core.markup.html_text import is_given_up, one_line
from aggregator.core.pages.language import language_code
from aggregator.core.pages.plainly import bare_head, is_too_much, simple_text
from aggregator.core.pages.wishes import held_back
from aggregator.core.urls import absolute
from aggregator.domain.articles import Page

#: Characters within which files that are no text show a zero byte.
_BINARY = 1_024
_MAX_TITLE = 500
_MAX_AUTHOR = 200
#: Characters of JSON-LD that are looked at.
_MAX_LINKED = 100_000

#: Where pages say when they were published, the most reliable first.
_PUBLISHED = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
)
_ALSO_PUBLISHED = ("date", "pubdate", "publish-date", "dc.date", "dc.date.issued", "dcterms.created")
_AUTHOR = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl")
_LINKED_DATE = re.compile(r'"datePublished"\s*:\s*("[^"\\]{8,40}")')
_LINKED_AUTHOR = re.compile(r'"author"\s*:\s*\[?\s*\{[^{}]*?"name"\s*:\s*("(?:[^"\\]|\\.){2,200}")')


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
    tree = None if simply or is_too_much(markup) else _tree(markup)
    simply = tree is None
    if tree is None and not _is_binary(markup):
        tree = _tree(bare_head(markup))
    if tree is None:
        return Page(text="", title=fallback_title)
    metas = _metas(tree)
    linked = _linked(tree)
    image = metas.get("og:image") or metas.get("twitter:image")
    return Page(
        text=simple_text(markup) if simply else _main_text(tree),
        title=one_line(metas.get("og:title") or tree.findtext(".//title") or "")[:_MAX_TITLE] or fallback_title,
        canonical_url=_canonical(tree, metas, url),
        site_name=one_line(metas.get("og:site_name", ""))[:_MAX_AUTHOR] or None,
        language=_language(tree, metas),
        author=_author(metas, linked),
        published=_published(metas, linked),
        image=absolute(url, image) if image else None,
        held_back=held_back(tree, metas, robots_tag),
    )


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


def _main_text(tree: lxml_html.HtmlElement) -> str:
    # Imported late: the daemon's own process names this function, and only workers run it.
    import trafilatura  # noqa: PLC0415 (see above)

    try:
        text = trafilatura.extract(tree, fast=True, include_comments=False)
    except (RecursionError, etree.LxmlError, ValueError, TypeError, AttributeError):  # its rules meet odd trees
        return ""
    lines = (one_line(line) for line in (text or "").split("\n"))
    return "\n".join(line for line in lines if line)


def _metas(tree: lxml_html.HtmlElement) -> dict[str, str]:
    """Return what the meta elements say, by name in lower case; the first of a name counts."""
    metas: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv") or ""
        content = (meta.get("content") or "").strip()
        if name and content:
            metas.setdefault(name.strip().lower(), content)
    return metas


def _linked(tree: lxml_html.HtmlElement) -> str:
    scripts = (script.text or "" for script in tree.iter("script") if script.get("type") == "application/ld+json")
    return "\n".join(scripts)[:_MAX_LINKED]


def _canonical(tree: lxml_html.HtmlElement, metas: dict[str, str], url: str) -> str | None:
    links = (link.get("href") for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split())
    for href in (*links, metas.get("og:url")):
        if href and href.strip():
            return absolute(url, href)
    return None


def _language(tree: lxml_html.HtmlElement, metas: dict[str, str]) -> str | None:
    root = tree.getroottree().getroot()
    claims = (root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang"), root.get("xml:lang"))
    for claim in (*claims, metas.get("og:locale"), metas.get("content-language")):
        code = language_code(claim)
        if code:
            return code
    return None


def _author(metas: dict[str, str], linked: str) -> str | None:
    claims = [metas.get(name) for name in _AUTHOR] + [_string(match) for match in _LINKED_AUTHOR.finditer(linked)]
    for claim in claims:
        if claim and "://" not in claim:
            return one_line(claim)[:_MAX_AUTHOR] or None
    return None


def _published(metas: dict[str, str], linked: str) -> datetime | None:
    return next((moment for claim in _dates(metas, linked) if (moment := read_date(claim))), None)


def _dates(metas: dict[str, str], linked: str) -> Iterator[str]:
    yield from (metas[name] for name in _PUBLISHED if name in metas)
    yield from (_string(match) for match in _LINKED_DATE.finditer(linked))
    yield from (metas[name] for name in _ALSO_PUBLISHED if name in metas)


def _string(match: re.Match[str]) -> str:
    """Read a JSON string; what is broken says nothing."""
    try:
        return str(json.loads(match[1], strict=False))
    except ValueError:
        return ""
