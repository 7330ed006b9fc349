"""From what a page says of itself to a page that is read."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from aggregator.core.feeds.dates import read_date
from aggregator.core.markup.html_text import one_line
from aggregator.core.pages.head import Head
from aggregator.core.pages.language import language_code
from aggregator.core.pages.wishes import held_back
from aggregator.core.urls import absolute
from aggregator.domain.articles import Page

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


def page_of(
    head: Head, text: str, *, url: str, fallback_title: str | None = None, robots_tag: str | None = None
) -> Page:
    """Return a page by its head and its main text; `fallback_title` stands where it has no title of its own."""
    metas = head.said
    linked = _linked(head)
    image = metas.get("og:image") or metas.get("twitter:image")
    return Page(
        text=text,
        title=title_of(head) or fallback_title,
        canonical_url=_canonical(head, metas, url),
        site_name=one_line(metas.get("og:site_name", ""))[:_MAX_AUTHOR] or None,
        language=_language(head, metas),
        author=_author(metas, linked),
        published=_published(metas, linked),
        image=absolute(url, image) if image else None,
        held_back=held_back(head, robots_tag),
    )


def title_of(head: Head) -> str:
    """Return a page's title on one line, empty where it has none."""
    return one_line(head.said.get("og:title") or head.title)[:_MAX_TITLE]


def _linked(head: Head) -> str:
    return "\n".join(text for kind, text in head.linked if kind == "application/ld+json")[:_MAX_LINKED]


def _canonical(head: Head, metas: Mapping[str, str], url: str) -> str | None:
    links = (link.get("href") for link in head.links if "canonical" in link.get("rel", "").lower().split())
    for href in (*links, metas.get("og:url")):
        if href and href.strip():
            return absolute(url, href)
    return None


def _language(head: Head, metas: Mapping[str, str]) -> str | None:
    for claim in (*head.languages, metas.get("og:locale"), metas.get("content-language")):
        code = language_code(claim)
        if code:
            return code
    return None


def _author(metas: Mapping[str, str], linked: str) -> str | None:
    claims = [metas.get(name) for name in _AUTHOR] + [_string(match) for match in _LINKED_AUTHOR.finditer(linked)]
    for claim in claims:
        if claim and "://" not in claim:
            return one_line(claim)[:_MAX_AUTHOR] or None
    return None


def _published(metas: Mapping[str, str], linked: str) -> datetime | None:
    return next((moment for claim in _dates(metas, linked) if (moment := read_date(claim))), None)


def _dates(metas: Mapping[str, str], linked: str) -> Iterator[str]:
    yield from (metas[name] for name in _PUBLISHED if name in metas)
    yield from (_string(match) for match in _LINKED_DATE.finditer(linked))
    yield from (metas[name] for name in _ALSO_PUBLISHED if name in metas)


def _string(match: re.Match[str]) -> str:
    """Read a JSON string; what is broken says nothing."""
    try:
        return str(json.loads(match[1], strict=False))
    except ValueError:
        return ""
