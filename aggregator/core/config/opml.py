"""Lists of feeds as OPML 2.0, the form in which readers hand them to each other.

A tag is a folder. OPML can put a feed into one folder only, so ours stands in the folder of its first tag and names all of
its tags in `category`; what OPML has no word for stands in attributes of an own namespace. Nothing is lost in a round trip.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TypeVar

from lxml import etree

from aggregator.core.config import table
from aggregator.core.config.kinds import Misfit, Unfit, read_tag, read_text, write_interval, write_number
from aggregator.core.config.places import complete_url
from aggregator.core.config.table import Setting
from aggregator.core.config.tree import Scalar, Span
from aggregator.core.urls import url_key
from aggregator.domain.errors import OpmlError
from aggregator.domain.ids import UrlKey
from aggregator.domain.settings import FeedConfig, FullText

T = TypeVar("T")

NAMESPACE = "urn:aggregator:feeds"
#: Bytes. A thousand feeds take some 200 KB.
MAX_SIZE = 5_000_000

_OWN = f"{{{NAMESPACE}}}"
_NOWHERE = Span(line=1, column=1, end_line=1, end_column=1)
_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Opml:
    """What an OPML file holds."""

    feeds: tuple[FeedConfig, ...]
    #: What was left out, and why.
    warnings: tuple[str, ...]


def write_opml(feeds: Sequence[FeedConfig], title: str, now: datetime) -> bytes:
    """Write feeds as OPML 2.0."""
    root = etree.Element("opml", {"version": "2.0"}, nsmap={"aggregator": NAMESPACE})
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    etree.SubElement(head, "dateCreated").text = format_datetime(now.astimezone(UTC), usegmt=True)
    body = etree.SubElement(root, "body")
    folders: dict[str, etree._Element] = {}
    for place, feed in enumerate(feeds):
        parent = body
        if feed.tags:
            tag = feed.tags[0]
            if tag not in folders:
                folders[tag] = etree.SubElement(body, "outline", {"text": tag, "title": tag})
            parent = folders[tag]
        etree.SubElement(parent, "outline", _attributes(feed, place))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _attributes(feed: FeedConfig, place: int) -> dict[str, str]:
    name = feed.name or feed.url
    written = {
        "type": "rss",
        "text": name,
        "title": name,
        "xmlUrl": feed.url,
        "category": ",".join(f"/{tag}" for tag in feed.tags),
        f"{_OWN}place": str(place),
        # A text like the address is how a feed without a name looks; one that is really called so says it.
        f"{_OWN}name": feed.url if feed.name == feed.url else "",
        f"{_OWN}every": "" if feed.every is None else write_interval(feed.every),
        f"{_OWN}weight": write_number(feed.weight) if feed.weight != 1 else "",
        f"{_OWN}full_text": feed.full_text.value if feed.full_text is not FullText.AUTO else "",
        f"{_OWN}enabled": "" if feed.enabled else "false",
        f"{_OWN}user_agent": feed.user_agent or "",
    }
    return {key: value for key, value in written.items() if value}


def read_opml(content: bytes) -> Opml:
    """Read the feeds of an OPML file, whoever wrote it; a feed in several folders has several tags.

    Raises:
        OpmlError: it is no OPML, too large, or brings a document type along.
    """
    root = _parse(content)
    if _local(root) != "opml":
        raise OpmlError("this is XML, but no OPML: the outermost element is not <opml>")
    reader = _Reader()
    for child in root:
        if _local(child) == "body":
            reader.outlines(child, ())
    return reader.opml()


def _parse(content: bytes) -> etree._Element:
    if len(content) > MAX_SIZE:
        raise OpmlError(f"the file is larger than {MAX_SIZE} bytes")
    # Before the parser sees it: entities in attributes are expanded whatever the parser is told. UTF-16 has the zeros.
    if b"<!DOCTYPE" in content.replace(b"\0", b"").upper():
        raise OpmlError("the file has a DOCTYPE, which is not read; delete it")
    try:
        root = etree.fromstring(content.lstrip(), _parser(_encoding(content)))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise OpmlError(f"this is no well-formed XML: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise OpmlError("the file has a DOCTYPE, which is not read; delete it")
    return root


def _parser(encoding: str | None) -> etree.XMLParser:
    return etree.XMLParser(encoding=encoding, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _encoding(content: bytes) -> str | None:
    """Return what to read `content` as; None leaves it to what the file says."""
    declared = re.match(rb"\s*<\?xml[^>]*encoding\s*=\s*[\"']([\w.-]+)", content)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or (declared and declared[1].lower() not in {b"utf-8", b"utf8"}):
        return None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "windows-1252"  # old exporters on Windows say UTF-8, or nothing, and write this
    return None


class _Reader:
    """Gathers feeds on the way through the outlines."""

    def __init__(self) -> None:
        self.places: dict[UrlKey, int | None] = {}
        self.feeds: dict[UrlKey, FeedConfig] = {}
        self.warnings: list[str] = []

    def opml(self) -> Opml:
        """Return what was gathered, our own files in the order in which they were written."""
        last = len(self.feeds)
        keys = sorted(self.feeds, key=lambda key: last if (place := self.places[key]) is None else place)
        return Opml(feeds=tuple(self.feeds[key] for key in keys), warnings=tuple(self.warnings))

    def outlines(self, parent: etree._Element, folders: tuple[str, ...]) -> None:
        """Read what lies within `parent`, which lies within `folders`. lxml allows a depth of 256."""
        for element in parent:
            if _local(element) != "outline":
                continue
            attributes = _lowered(element)
            text = attributes.get("text") or attributes.get("title") or ""
            if attributes.get("xmlurl", "").strip():
                self._feed(attributes, text, folders)
                self.outlines(element, folders)
            elif len(element):
                self.outlines(element, (*folders, *_tags(text)))
            else:
                self.warnings.append(f'line {element.sourceline}: "{text[:60]}" has no xmlUrl; left out')

    def _feed(self, attributes: dict[str, str], text: str, folders: tuple[str, ...]) -> None:
        url = complete_url(attributes["xmlurl"].strip())
        try:
            table.URL_KEY.kind.read(_scalar(url))
        except Misfit as misfit:
            self.warnings.append(f"{misfit}; left out")
            return
        key = url_key(url)
        tags = (*folders, *_categories(attributes.get("category", "")))
        known = self.feeds.get(key)
        if known:
            self.feeds[key] = replace(known, tags=_once((*known.tags, *tags)))
            return
        place = attributes.get(f"{_OWN}place", "")
        self.places[key] = int(place) if re.fullmatch(r"[0-9]{1,9}", place) else None
        self.feeds[key] = FeedConfig(
            url=url,
            name=_name(attributes.get(f"{_OWN}name", ""), "") or _name(text, url),
            tags=_once(tags),
            every=self._own(table.FEED_EVERY, attributes, url),
            weight=self._own(table.WEIGHT, attributes, url),
            full_text=self._own(table.FULL_TEXT, attributes, url),
            enabled=self._own(table.ENABLED, attributes, url),
            user_agent=self._own(table.USER_AGENT, attributes, url),
        )

    def _own(self, setting: Setting[T], attributes: dict[str, str], url: str) -> T:
        text = attributes.get(_OWN + setting.name)
        if text is None:
            return setting.value
        try:
            return setting.kind.read(_scalar(text))
        except Misfit as misfit:
            self.warnings.append(f"{url}: {setting.name}: {misfit}; the default is taken")
            return setting.value


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _lowered(element: etree._Element) -> dict[str, str]:
    """Return the attributes with OPML's own names in lower case, as xmlUrl is spelled in several ways."""
    pairs = ((str(name), str(value)) for name, value in element.items())
    return {name if name.startswith("{") else name.lower(): value for name, value in pairs}


def _scalar(text: str) -> Scalar:
    return Scalar(span=_NOWHERE, text=text, plain=False)


def _name(text: str, url: str) -> str | None:
    try:
        name = read_text(" ".join(text.split())[:_NAME_LENGTH])
    except Unfit:
        return None
    return None if name == url else name


def _categories(text: str) -> tuple[str, ...]:
    return tuple(tag for path in text.split(",") for level in path.split("/") for tag in _tags(level))


def _tags(text: str) -> tuple[str, ...]:
    """Make a tag of a folder's name; commas and slashes, which no tag of ours holds, become blanks."""
    try:
        return (read_tag(re.sub(r"[,/]", " ", text)[:_NAME_LENGTH]),)
    except Unfit:
        return ()


def _once(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags))
