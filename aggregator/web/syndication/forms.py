"""A feed of stories in each of its three forms: Atom (RFC 4287), RSS 2.0 (rssboard.org) and JSON Feed 1.1 (jsonfeed.org)."""

import html
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

from lxml import etree

from aggregator import __version__
from aggregator.core.as_json import counts_json
from aggregator.core.days import iso
from aggregator.web.syndication.bulletin import Bulletin, Told

_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
#: The media type that each form is sent as, and known by in links.
MEDIA_TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}


def atom(feed: Bulletin) -> bytes:
    """Write a feed as Atom."""
    root = etree.Element(_a("feed"), nsmap={None: _ATOM})  # type: ignore[dict-item]  # the stubs know no default one
    if feed.language:
        root.set(_LANG, feed.language)
    _add(root, _a("id"), feed.id)
    _add(root, _a("title"), feed.title)
    _add(root, _a("updated"), iso(feed.updated))
    _add(root, _a("generator"), "aggregator", version=__version__)
    _add(root, _a("link"), rel="self", type=MEDIA_TYPES["atom"], href=feed.self_url)
    _add(root, _a("link"), rel="alternate", type="text/html", href=feed.page)
    _add(_add(root, _a("author")), _a("name"), "aggregator")
    for story in feed.stories:
        _atom_entry(_add(root, _a("entry")), story)
    return _written(root)


def _atom_entry(entry: etree._Element, story: Told) -> None:
    if story.language:
        entry.set(_LANG, story.language)
    _add(entry, _a("id"), story.id)
    _add(entry, _a("title"), story.title)
    _add(entry, _a("updated"), iso(story.updated))
    _add(entry, _a("published"), iso(story.published))
    _add(entry, _a("link"), rel="alternate", type="text/html", href=story.url)
    _add(entry, _a("link"), rel="via", type="text/html", href=story.page)
    for link in _related(story):
        _add(entry, _a("link"), **link)
    _add(_add(entry, _a("author")), _a("name"), story.source)
    for tag in story.tags:
        _add(entry, _a("category"), term=tag)
    source = _add(entry, _a("source"))
    _add(source, _a("id"), story.site)
    _add(source, _a("title"), story.source)
    _add(source, _a("updated"), iso(story.published))
    if story.summary:
        _add(entry, _a("summary"), story.summary)
    _add(entry, _a("content"), story.content, type="html")


def rss(feed: Bulletin) -> bytes:
    """Write a feed as RSS 2.0."""
    root = etree.Element("rss", nsmap={"atom": _ATOM, "content": _CONTENT, "dc": _DC}, version="2.0")
    channel = _add(root, "channel")
    _add(channel, "title", feed.title)
    _add(channel, "link", feed.page)
    _add(channel, "description", f"Stories told once: {feed.title}")
    if feed.language:
        _add(channel, "language", feed.language)
    _add(channel, "lastBuildDate", _date(feed.updated))
    _add(channel, "generator", f"aggregator {__version__}")
    _add(channel, "docs", "https://www.rssboard.org/rss-specification")
    _add(channel, _a("link"), rel="self", type=MEDIA_TYPES["rss"], href=feed.self_url)
    for story in feed.stories:
        entry = _add(channel, "item")
        _add(entry, "title", story.title)
        _add(entry, "link", story.url)
        _add(entry, "guid", story.id, isPermaLink="false")
        _add(entry, "pubDate", _date(story.published))
        _add(entry, f"{{{_DC}}}creator", story.source)
        for tag in story.tags:
            _add(entry, "category", tag)
        _add(entry, "description", html.escape(story.summary or str(story.counts)))
        _add(entry, f"{{{_CONTENT}}}encoded", story.content)
        for link in _related(story):
            _add(entry, _a("link"), **link)
    return _written(root)


def json_feed(feed: Bulletin) -> bytes:
    """Write a feed as JSON Feed 1.1."""
    top = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.self_url,
        "language": feed.language,
        "authors": [{"name": "aggregator"}],
    }
    listed = [_without_none(_json_entry(story)) for story in feed.stories]
    return json.dumps({**_without_none(top), "items": listed}, ensure_ascii=False, indent=1).encode()


def _json_entry(story: Told) -> Mapping[str, object]:
    return {
        "id": story.id,
        "url": story.url,
        "title": story.title,
        "content_html": story.content,
        "summary": story.summary or None,
        "date_published": iso(story.published),
        "date_modified": iso(story.updated),
        "authors": [{"name": story.source, "url": story.site}],
        "tags": list(story.tags) or None,
        "language": story.language,
        "_aggregator": {
            "about": story.page,
            "story": story.story,
            "counts": counts_json(story.counts),
            "lineage": story.lineage,
            "related": [{"source": one.source, "title": one.title, "url": one.url} for one in story.related],
        },
    }


WRITERS = {"atom": atom, "rss": rss, "json": json_feed}


def _related(story: Told) -> Iterator[dict[str, str]]:
    for one in story.related:
        yield {"rel": "related", "type": "text/html", "href": one.url, "title": f"{one.source}: {one.title}"}


def _a(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, name, attributes)
    element.text = text
    return element


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _without_none(given: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in given.items() if value is not None}
