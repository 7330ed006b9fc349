"""What a page says of itself in elements that are not shown, whichever parser has read it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml import html as lxml_html
from selectolax.lexbor import LexborHTMLParser

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The elements of a page that speak of it, in their order, wherever in the page they stand."""

    #: The attributes of its meta elements, and of its link elements.
    metas: tuple[Mapping[str, str], ...]
    links: tuple[Mapping[str, str], ...]
    #: What its metas say, by name in lower case; the first of a name counts.
    said: Mapping[str, str]
    #: Its scripts of linked data: their type attributes and what they hold.
    linked: tuple[tuple[str, str], ...]
    title: str
    #: What its root says of its language, the most telling attribute first.
    languages: tuple[str | None, ...]


def head_of(tree: lxml_html.HtmlElement) -> Head:
    """Return what a page says of itself, from its tree by lxml."""
    root = tree.getroottree().getroot()
    metas = tuple(dict(meta.attrib) for meta in tree.iter("meta"))
    return Head(
        metas=metas,
        said=_said(metas),
        links=tuple(dict(link.attrib) for link in tree.iter("link")),
        linked=tuple(
            (kind, script.text or "")
            for script in tree.iter("script")
            if "ld+json" in (kind := script.get("type") or "").lower()
        ),
        title=tree.findtext(".//title") or "",
        languages=(root.get("lang"), root.get(_XML_LANG), root.get("xml:lang")),
    )


def quick_head_of(tree: LexborHTMLParser) -> Head:
    """Return the same from a tree by lexbor."""
    root = tree.root
    of_root = root.attributes if root else {}
    metas = tuple(_attributes(meta.attributes) for meta in tree.tags("meta"))
    titles = tree.tags("title")
    return Head(
        metas=metas,
        said=_said(metas),
        links=tuple(_attributes(link.attributes) for link in tree.tags("link")),
        linked=tuple(
            (kind, script.text(deep=True))
            for script in tree.tags("script")
            if "ld+json" in (kind := script.attributes.get("type") or "").lower()
        ),
        title=titles[0].text(deep=True) if titles else "",
        languages=(of_root.get("lang"), of_root.get("xml:lang")),
    )


def _said(metas: Iterable[Mapping[str, str]]) -> dict[str, str]:
    said: dict[str, str] = {}
    for meta in metas:
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv") or ""
        content = (meta.get("content") or "").strip()
        if name and content:
            said.setdefault(name.strip().lower(), content)
    return said


def _attributes(attributes: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value or "" for name, value in attributes.items()}
