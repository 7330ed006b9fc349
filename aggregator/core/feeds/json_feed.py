"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), forgiving where the meaning is clear."""

import html
import json
from collections.abc import Mapping
from typing import Any

from aggregator.core.feeds.dates import read_date
from aggregator.core.feeds.entries import MAX_CONTENT, MAX_ENTRIES, MAX_TITLE, Draft, entries_of
from aggregator.core.markup.html_text import one_line, plain_text
from aggregator.core.urls import absolute
from aggregator.domain.feeds import ParsedFeed
from aggregator.domain.fetching import Failed, FailureKind

_VERSION = "jsonfeed.org/version/"


def parse_json_feed(text: str, *, url: str, max_entries: int = MAX_ENTRIES) -> ParsedFeed | Failed:
    """Understand a JSON Feed; relative addresses are seen from `url`."""
    try:
        feed = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        return Failed(kind=FailureKind.MALFORMED, why=f"not valid JSON: {error}")
    if not _is_feed(feed):
        why = "a JSON document, but no JSON Feed: it names no version of jsonfeed.org and lists nothing"
        return Failed(kind=FailureKind.NOT_A_FEED, why=why)
    link = absolute(url, _text(feed, "home_page_url")) if _text(feed, "home_page_url") else None
    listed = [entry for entry in feed["items"] if isinstance(entry, dict)]
    return ParsedFeed(
        version=f"json{_text(feed, 'version').rpartition('/')[2] or '1'}"[:20],
        title=one_line(_text(feed, "title"))[:MAX_TITLE] or None,
        link=link,
        language=_text(feed, "language")[:35] or None,
        entries=entries_of((_draft(entry, url) for entry in listed[:max_entries]), home=link),
        self_link=absolute(url, _text(feed, "feed_url")) if _text(feed, "feed_url") else None,
        hub=_hub(feed, url),
    )


def _hub(feed: Mapping[str, Any], base: str) -> str | None:
    """Return the address of the first WebSub hub that the feed names."""
    hubs = feed.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and _text(hub, "type").lower() == "websub" and _text(hub, "url"):
            return absolute(base, _text(hub, "url"))
    return None


def _is_feed(feed: object) -> bool:
    """Tell a feed by its version, or, where that is missing, by its list of things with an id or an address."""
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        return False
    if _VERSION in _text(feed, "version"):
        return True
    return any(isinstance(entry, dict) and ("id" in entry or "url" in entry) for entry in feed["items"])


def _draft(entry: Mapping[str, Any], base: str) -> Draft:
    content = _text(entry, "content_html")[:MAX_CONTENT] or _as_markup(_text(entry, "content_text")[:MAX_CONTENT])
    guid = _text(entry, "id")
    link = _text(entry, "url") or (guid if guid.startswith(("http://", "https://")) else "")
    link = link or _text(entry, "external_url")
    image = _text(entry, "image") or _text(entry, "banner_image")
    return Draft(
        guid=guid,
        url=absolute(base, link) if link else None,
        title=plain_text(_text(entry, "title")),
        summary=_text(entry, "summary") or plain_text(content),
        content=content,
        author=_author(entry),
        published=read_date(_text(entry, "date_published")) or read_date(_text(entry, "date_modified")),
        updated=read_date(_text(entry, "date_modified")),
        image=absolute(base, image) if image else None,
    )


def _text(part: Mapping[str, Any], name: str) -> str:
    """Return a string; numbers, which are common as ids, are written out."""
    value = part.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def _author(entry: Mapping[str, Any]) -> str:
    """Join the names of 1.1's authors, or take that of 1.0's author."""
    authors = entry.get("authors")
    listed = authors if isinstance(authors, list) else [entry.get("author")]
    return ", ".join(filter(None, (_text(author, "name") for author in listed if isinstance(author, dict))))


def _as_markup(text: str) -> str:
    return "".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines() if line.strip())
