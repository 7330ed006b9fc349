"""The feeds of an outlet, in its own format and charset."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any

from tests.newsworld.model import NewsArticle
from tests.newsworld.outlets import FeedHabit, Format, Guids, number
from tests.newsworld.pages import words
from tests.newsworld.sites import Site

#: Entries of a feed, the newest.
MOST = 15

_CONTENT_TYPES = {
    Format.RSS_10: "application/rdf+xml",
    Format.ATOM_03: "application/xml",
    Format.ATOM_10: "application/atom+xml",
    Format.JSON_10: "application/json",
    Format.JSON_11: "application/feed+json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a feed says of one article."""

    guid: str
    link: str
    title: str
    summary: str
    author: str | None
    section: str
    published: datetime
    updated: datetime
    #: The text as markup; empty in a feed that does not carry it.
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A feed before it is written down."""

    habit: FeedHabit
    title: str
    home: str
    address: str
    language: str
    charset: str
    updated: datetime
    lines: tuple[Line, ...]


def feed(site: Site, section: str, position: float) -> bytes:
    """Return the feed of `section` as it stands at `position`."""
    sheet = _sheet(site, section, position)
    return _WRITERS[sheet.habit.format](sheet).encode(sheet.charset, "xmlcharrefreplace")


def content_type(site: Site, section: str) -> str:
    """Return the Content-Type under which a feed is served."""
    kind = _CONTENT_TYPES.get(site.outlet.habit(section).format, "application/rss+xml")
    # A feed in a charset of its own says so within.
    return kind if site.outlet.feed_charset != "utf-8" else f"{kind}; charset=utf-8"


def changed_at(site: Site, section: str, position: float) -> float:
    """Return the position of the last change of a feed until `position`; 0 for an empty one."""
    listed = site.released(section, position)[:MOST]
    return max((article.version(position).at for article in listed), default=0.0)


def _sheet(site: Site, section: str, position: float) -> Sheet:
    outlet = site.outlet
    return Sheet(
        habit=outlet.habit(section),
        title=outlet.name if section == "front" else f"{outlet.name} - {section}",
        home=f"{site.root}/",
        address=site.feed_url(section),
        language=outlet.language,
        charset=outlet.feed_charset,
        updated=site.moment(changed_at(site, section, position)),
        lines=tuple(_line(site, article, section, position) for article in site.released(section, position)[:MOST]),
    )


def _line(site: Site, article: NewsArticle, section: str, position: float) -> Line:
    version, habit = article.version(position), site.outlet.habit(section)
    summary, updated = version.lead, site.moment(version.at)
    if version.at > article.at:
        notice = words(article.language)["updated"].format(time=updated.strftime("%H:%M"))
        summary = f"{notice} {summary}"
    paragraphs = article.text(position).split("\n") if habit.full_text else []
    return Line(
        guid=site.url(article) if habit.guids is Guids.PERMALINK else f"{site.outlet.slug}:{number(article.id)}",
        link=site.link(article, section),
        title=version.title,
        summary=summary,
        author=article.author,
        section=article.sections[0],
        published=site.moment(article.at),
        updated=updated,
        content="\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in paragraphs),
    )


def _tag(name: str, text: str | None, **attributes: str) -> str:
    """Return an element; nothing without a text."""
    if text is None:
        return ""
    marks = "".join(f' {key}="{escape(mark)}"' for key, mark in attributes.items())
    return f"<{name}{marks}>{escape(text, quote=False)}</{name}>\n"


def _prolog(sheet: Sheet) -> str:
    return f'<?xml version="1.0" encoding="{sheet.charset}"?>\n'


def _rss(sheet: Sheet) -> str:
    """Write RSS 0.91, 0.92 or 2.0."""
    version = sheet.habit.format.split()[1]
    spaces = (
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        if version == "2.0"
        else ""
    )
    head = [
        _tag("title", sheet.title),
        _tag("link", sheet.home),
        _tag("description", sheet.title),
        _tag("language", sheet.language),
        _tag("lastBuildDate", format_datetime(sheet.updated)) if sheet.habit.dates else "",
    ]
    entries = "".join(f"<item>\n{_rss_entry(sheet.habit, line)}</item>\n" for line in sheet.lines)
    return f'{_prolog(sheet)}<rss version="{version}"{spaces}>\n<channel>\n{"".join(head)}{entries}</channel>\n</rss>\n'


def _rss_entry(habit: FeedHabit, line: Line) -> str:
    """Write an entry; what the habit, or the version of RSS, does not know is left out."""
    full = habit.format is Format.RSS_20
    permalink = str(habit.guids is Guids.PERMALINK).lower()
    return "".join(
        (
            _tag("title", line.title),
            _tag("link", line.link),
            _tag("description", line.summary),
            _tag("category", line.section) if full else "",
            _tag("dc:creator", line.author) if habit.creators else "",
            _tag("guid", line.guid, isPermaLink=permalink) if full and habit.guids is not Guids.NONE else "",
            _tag("pubDate", format_datetime(line.published)) if habit.dates else "",
            _tag("content:encoded", line.content or None),
        )
    )


def _rdf(sheet: Sheet) -> str:
    """Write RSS 1.0."""
    places = "".join(f'<rdf:li rdf:resource="{escape(line.guid)}"/>\n' for line in sheet.lines)
    entries = "".join(
        f'<item rdf:about="{escape(line.guid)}">\n'
        + _tag("title", line.title)
        + _tag("link", line.link)
        + _tag("description", line.summary)
        + _tag("dc:date", line.published.isoformat())
        + _tag("dc:creator", line.author)
        + "</item>\n"
        for line in sheet.lines
    )
    return (
        f"{_prolog(sheet)}"
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<channel rdf:about="{escape(sheet.address)}">\n'
        f"{_tag('title', sheet.title)}{_tag('link', sheet.home)}{_tag('description', sheet.title)}"
        f"{_tag('dc:language', sheet.language)}<items><rdf:Seq>\n{places}</rdf:Seq></items>\n</channel>\n"
        f"{entries}</rdf:RDF>\n"
    )


def _atom(sheet: Sheet) -> str:
    """Write Atom 0.3 or 1.0."""
    old = sheet.habit.format is Format.ATOM_03
    space = 'version="0.3" xmlns="http://purl.org/atom/ns#"' if old else 'xmlns="http://www.w3.org/2005/Atom"'
    issued, modified, tagline = ("issued", "modified", "tagline") if old else ("published", "updated", "subtitle")
    kind = "text/html" if old else "html"
    entries = "".join(
        "<entry>\n"
        + _tag("title", line.title)
        + f'<link rel="alternate" type="text/html" href="{escape(line.link)}"/>\n'
        + _tag("id", line.guid)
        + _tag(issued, line.published.isoformat())
        + _tag(modified, line.updated.isoformat())
        + (f"<author>{_tag('name', line.author)}</author>\n" if line.author else "")
        + _tag("summary", line.summary)
        + _tag("content", line.content or None, type=kind)
        + "</entry>\n"
        for line in sheet.lines
    )
    return (
        f'{_prolog(sheet)}<feed {space} xml:lang="{sheet.language}" xml:base="{escape(sheet.home)}">\n'
        f"{_tag('title', sheet.title)}{_tag(tagline, sheet.title)}{_tag('id', sheet.address)}"
        f'<link rel="alternate" type="text/html" href="{escape(sheet.home)}"/>\n'
        + ("" if old else f'<link rel="self" href="{escape(sheet.address)}"/>\n')
        + f"{_tag(modified, sheet.updated.isoformat())}<author>{_tag('name', sheet.title)}</author>\n{entries}</feed>\n"
    )


def _json(sheet: Sheet) -> str:
    """Write JSON Feed 1.0 or 1.1."""
    version = sheet.habit.format.split()[1]
    tree: dict[str, Any] = {
        "version": f"https://jsonfeed.org/version/{version.removesuffix('.0')}",
        "title": sheet.title,
        "home_page_url": sheet.home,
        "feed_url": sheet.address,
        "items": [_json_entry(line, version) for line in sheet.lines],
    }
    if version == "1.1":
        tree["language"] = sheet.language
    return json.dumps(tree, ensure_ascii=False, indent=1)


def _json_entry(line: Line, version: str) -> dict[str, Any]:
    author = {"name": line.author}
    entry = {
        "id": line.guid,
        "url": line.link,
        "title": line.title,
        "summary": line.summary,
        "date_published": line.published.isoformat(),
        "date_modified": line.updated.isoformat(),
        "tags": [line.section],
        "content_html": line.content,
        **({"authors": [author]} if version == "1.1" else {"author": author}),
    }
    if not line.content:
        # The format asks for some content; a feed of summaries repeats them.
        entry["content_text"] = line.summary
        del entry["content_html"]
    if not line.author:
        entry.pop("authors", None)
        entry.pop("author", None)
    return entry


_WRITERS: dict[Format, Callable[[Sheet], str]] = {
    Format.RSS_091: _rss,
    Format.RSS_092: _rss,
    Format.RSS_10: _rdf,
    Format.RSS_20: _rss,
    Format.ATOM_03: _atom,
    Format.ATOM_10: _atom,
    Format.JSON_10: _json,
    Format.JSON_11: _json,
}
