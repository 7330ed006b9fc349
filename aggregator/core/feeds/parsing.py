"""From the bytes of a feed to its entries: RSS 0.9x to 2.0, Atom and RDF by feedparser, JSON Feed by `core.json_feed`."""

import html
import io
import re
import sys
from calendar import timegm
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html.entities import name2codepoint
from typing import Any

import feedparser

from aggregator.core.feeds.bounds import most_tags, within_bounds
from aggregator.core.feeds.dates import read_date
from aggregator.core.feeds.entries import MAX_CONTENT, MAX_ENTRIES, MAX_TITLE, Draft, entries_of
from aggregator.core.feeds.json_feed import parse_json_feed
from aggregator.core.feeds.wishes import skip_days, skip_hours, ttl
from aggregator.core.markup.charset import decode
from aggregator.core.markup.html_text import one_line, plain_text
from aggregator.core.urls import absolute
from aggregator.domain.feeds import ParsedFeed
from aggregator.domain.fetching import Failed, FailureKind

#: Characters from which a description is content of its own: the longest of the 3,258 of feeds/outlets_2020_21, teasers
#: all, has 473.
LONG_DESCRIPTION = 1_000

#: Characters in which what a feed says of itself is looked for; the entries come after.
_HEAD = 20_000

_ROOT_NAME = re.compile(r"<([\w.:-]+)")
#: What may stand before the root element and hide something like it, or begin it.
_NOTABLE = re.compile(r"<([A-Za-z]|\?|!--|!ENTITY)")
_CLOSING = {"?": "?>", "!--": "-->"}
_ENTITY_DECLARATION = re.compile(r"<!ENTITY[^\"'<>]*(?:\"[^\"]*\"|'[^']*')[^<>]*>")
#: Characters that XML 1.0 forbids (2.2).
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&(?:#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,8}))|([A-Za-z][A-Za-z0-9]{1,9}));")
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
#: Tags that stand in titles although nothing says that these are markup.
_STRAY_TAG = re.compile(r"</?(?:br|wbr|b|i|em|strong|span|p|img|font|a|sup|sub)\b[^<>]*>", re.IGNORECASE)


def parse_feed(
    body: bytes, *, url: str, content_type: str | None, max_entries: int = MAX_ENTRIES
) -> ParsedFeed | Failed:
    """Understand a feed, whatever its format, its charset and its faults.

    `url` is where it was found; relative addresses are seen from there. `content_type` only serves to tell the
    charset: feeds come as text/html often enough. Of the entries the first `max_entries` are read.
    """
    text = decode(body, content_type=content_type)
    start = text[:200].lstrip("\ufeff \t\r\n\x00")
    if start.startswith(("{", "[")):
        return parse_json_feed(text.strip("\ufeff \t\r\n\x00"), url=url, max_entries=max_entries)
    root = _root(text)
    stranger = _stranger(text, root)
    if stranger:
        return Failed(kind=FailureKind.NOT_A_FEED, why=f"{stranger}; look on the site for the address of its feed")
    # Without what stands before the root there is no DOCTYPE, so no entity can be declared and blown up.
    document = within_bounds(_repaired(text[root:]), max_entries)
    if document is None:
        why = f"its entries are made of more than {most_tags(max_entries):,} elements, more than a feed can need"
        return Failed(kind=FailureKind.MALFORMED, why=why)
    return _parse_xml(document, url, max_entries)


def _root(text: str) -> int:
    """Return where the root element begins, -1 without one; comments, instructions and the DOCTYPE are passed over."""
    at = 0
    while match := _NOTABLE.search(text, at):
        start = match.start()
        if match[1].isalpha():
            return start
        if match[1] == "!ENTITY":
            entity = _ENTITY_DECLARATION.match(text, start)
            at = entity.end() if entity else start + 1
        else:
            at = text.find(_CLOSING[match[1]], start)
            if at < 0:
                break
    return -1


def _stranger(text: str, root: int) -> str | None:
    """Say what a document is that is no feed; None for what may be one."""
    if not text.strip("\ufeff \t\r\n\x00"):
        return "an empty document"
    if root < 0:
        return "plain text or a binary file, not a feed"
    match = _ROOT_NAME.match(text, root)
    name = match[1].lower() if match else ""
    if name in ("html", "head", "body") or "<!doctype html" in text[: min(root, 1_000)].lower():
        return "an HTML page, not a feed"
    if name in ("urlset", "sitemapindex", "opml", "error", "svg"):
        return f"an XML document of another kind (<{name}>), not a feed"
    return None


def _repaired(text: str) -> str:
    """Return an XML document without what parsers stumble over.

    Characters that XML forbids are gone, and the named entities of HTML, which feeds use without declaring them, are
    written as characters.
    """
    return _REFERENCE.sub(_character, _FORBIDDEN.sub("", text))


def _character(reference: re.Match[str]) -> str:
    hexadecimal, decimal, name = reference.groups()
    if name:
        return chr(name2codepoint[name]) if name in name2codepoint and name not in _XML_ENTITIES else reference[0]
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return "" if code > sys.maxunicode or _FORBIDDEN.match(chr(code)) else reference[0]


def _parse_xml(text: str, url: str, max_entries: int) -> ParsedFeed | Failed:
    # A file object, because feedparser opens what looks like a path or an address. No Content-Location: against that it
    # would resolve guids which are mere numbers.
    stream = io.BytesIO(text.encode())
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        parsed = feedparser.parse(stream, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # noqa: BLE001 - its loose parser raises whatever it stumbles over
        return Failed(kind=FailureKind.MALFORMED, why=f"not readable as XML: {error!r}")
    fault = parsed.get("bozo_exception") if parsed["bozo"] else None
    feed = replace(
        _parsed_feed(parsed, url, fault, max_entries),
        skip_hours=skip_hours(text[:_HEAD]),
        skip_days=skip_days(text[:_HEAD]),
    )
    if not feed.entries and fault:
        return Failed(kind=FailureKind.MALFORMED, why=f"not readable as a feed: {fault}")
    if not feed.entries and not parsed["version"]:
        return Failed(kind=FailureKind.NOT_A_FEED, why="an XML document, but no feed")
    return feed


def _parsed_feed(parsed: Mapping[str, Any], url: str, fault: Exception | None, max_entries: int) -> ParsedFeed:
    feed: dict[str, Any] = dict(parsed["feed"])  # a plain dict: feedparser's own warns and answers with other fields
    link = absolute(url, _string(feed, "link")) if _string(feed, "link").strip() else None
    is_atom = parsed["version"].startswith("atom")
    listed = [dict(entry) for entry in parsed["entries"][:max_entries]]
    return ParsedFeed(
        version=parsed["version"] or "unknown",
        title=_plain(feed, "title", is_atom=is_atom)[:MAX_TITLE] or None,
        link=link,
        language=one_line(_string(feed, "language"))[:35] or None,  # the longest tag that BCP 47 reckons with
        entries=entries_of((_draft(entry, url, is_atom=is_atom) for entry in listed), home=link),
        ttl=ttl(feed),
        self_link=_relation(feed, "self", url),
        hub=_relation(feed, "hub", url),
        warning=f"not well-formed XML: {fault}" if fault else None,
    )


def _draft(entry: Mapping[str, Any], base: str, *, is_atom: bool) -> Draft:
    summary = _plain(entry, "summary", is_atom=is_atom)
    markup = [_markup(content) for content in entry.get("content", ())]
    if len(summary) >= LONG_DESCRIPTION:
        markup.append(_markup(entry.get("summary_detail", {})))
    published = _moment(entry, "published") or _moment(entry, "created")
    updated = _moment(entry, "updated")
    detail = entry.get("author_detail") or {}
    return Draft(
        guid=_string(entry, "id"),
        url=_link(entry, base),
        title=_plain(entry, "title", is_atom=is_atom),
        summary=summary,
        content=max(markup, key=len, default=""),
        author=plain_text(_string(detail, "name") or _string(entry, "author")),
        published=published or updated,
        updated=updated,
        image=_image(entry, base),
    )


def _string(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""


def _plain(part: Mapping[str, Any], name: str, *, is_atom: bool) -> str:
    """Return a title or summary as plain text; RSS does not say whether it is markup, Atom does."""
    detail = part.get(f"{name}_detail") or {}
    text = (_string(detail, "value") or _string(part, name))[:MAX_CONTENT]
    if _string(detail, "type") == "text/plain" and (is_atom or not _STRAY_TAG.search(text)):
        return one_line(text)
    return plain_text(text)


def _markup(content: Mapping[str, Any]) -> str:
    kind, value = _string(content, "type"), _string(content, "value")
    if kind in ("text/html", "application/xhtml+xml"):
        return value
    return html.escape(value) if kind == "text/plain" else ""


def _moment(entry: Mapping[str, Any], name: str) -> datetime | None:
    """Read a date ourselves, because feedparser takes zones it does not know as UTC; it knows more languages, though."""
    moment = read_date(_string(entry, name))
    parsed = entry.get(f"{name}_parsed")
    if moment or not parsed:
        return moment
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _link(entry: Mapping[str, Any], base: str) -> str | None:
    """Return the entry's page: what FeedBurner hides, else the alternate link, else a guid that is an address."""
    links = [
        link for link in entry.get("links", ()) if link.get("rel") == "alternate" and _string(link, "href").strip()
    ]
    for href in (_string(entry, "feedburner_origlink"), _string(entry, "link") if links else ""):
        if href.strip():
            return absolute(base, href)
    if links:
        return absolute(base, links[0]["href"])
    guid = _string(entry, "id").strip()
    return absolute(base, guid) if guid.startswith(("http://", "https://")) else None


def _relation(feed: Mapping[str, Any], relation: str, base: str) -> str | None:
    """Return the address that a feed names as its hub, or as its own."""
    links = (link for link in feed.get("links", ()) if link.get("rel") == relation)
    hrefs = (_string(link, "href") for link in links)
    return next((address for href in hrefs if href.strip() and (address := absolute(base, href))), None)


def _image(entry: Mapping[str, Any], base: str) -> str | None:
    return next((address for href in _images(entry) if href.strip() and (address := absolute(base, href))), None)


def _images(entry: Mapping[str, Any]) -> Iterator[str]:
    for media in entry.get("media_content", ()):
        if _string(media, "medium") == "image" or _string(media, "type").startswith("image/"):
            yield _string(media, "url")
    for thumbnail in entry.get("media_thumbnail", ()):
        yield _string(thumbnail, "url")
    for link in entry.get("links", ()):
        if link.get("rel") == "enclosure" and _string(link, "type").startswith("image/"):
            yield _string(link, "href")
