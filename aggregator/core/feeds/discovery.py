"""Which feeds a web page names."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree, html

from aggregator.core.markup.bounds import without_monsters
from aggregator.core.markup.charset import decode
from aggregator.core.urls import absolute, url_key
from aggregator.domain.ids import UrlKey

#: `application/json` is JSON Feed 1.0's; 1.1 brought the other.
FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/json"}
)
#: A page carries a handful; more is a trap or a catalogue.
MAX_LINKS = 50

_COMMENTS = re.compile(r"(?:^|[/=_-])comments?(?:$|[/.&_-])", re.IGNORECASE)
#: WordPress announces its programming interface just as JSON Feed 1.0 is announced.
_NO_FEED = re.compile(r"/wp-json/|[?&]rest_route=")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A feed that a page names."""

    url: str
    #: What the page calls it; empty where it does not.
    title: str
    #: The media type, without parameters.
    type: str


def feed_links(page: bytes, base_url: str) -> tuple[FeedLink, ...]:
    """Return the feeds that a page names, in its order, feeds of comments last."""
    root = _parse(page)
    if root is None:
        return ()
    base = _base(root, base_url)
    found: dict[UrlKey, FeedLink] = {}
    for element in root.iter("link"):
        link = _feed_link(element, base)
        if link:
            found.setdefault(url_key(link.url), link)
    return tuple(sorted(list(found.values())[:MAX_LINKS], key=_is_of_comments))


def _parse(page: bytes) -> html.HtmlElement | None:
    text = without_monsters(decode(page, content_type=None))
    parser = html.HTMLParser(encoding="utf-8", no_network=True)
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _base(root: html.HtmlElement, base_url: str) -> str:
    element = next(root.iter("base"), None)
    href = None if element is None else element.get("href")
    return (href and absolute(base_url, href)) or base_url


def _feed_link(element: html.HtmlElement, base: str) -> FeedLink | None:
    relations = element.get("rel", "").lower().split()
    media_type = element.get("type", "").partition(";")[0].strip().lower()
    href = element.get("href", "")
    if not href.strip() or media_type not in FEED_TYPES or not {"alternate", "feed"} & set(relations):
        return None
    url = absolute(base, href)
    if url is None or _NO_FEED.search(url):
        return None
    return FeedLink(url=url, title=" ".join(element.get("title", "").split()), type=media_type)


def _is_of_comments(link: FeedLink) -> bool:
    parts = urlsplit(link.url)
    return bool(_COMMENTS.search(parts.path) or _COMMENTS.search(parts.query))
