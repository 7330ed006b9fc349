"""What a page says of itself in elements that are not shown, whichever parser has read it."""

from collections.abc import Mapping
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
    #: Its scripts of linked data: their type attributes and what they hold.
    linked: tuple[tuple[str, str], ...]
    title: str
    #: What its root says of its language, the most telling attribute first.
    languages: tuple[str | None, ...]


def head_of(tree: lxml_html.HtmlElement) -> Head:
    """Return what a page says of itself, from its tree by lxml."""
    root = tree.getroottree().getroot()
    return Head(
        metas=tuple(dict(meta.attrib) for meta in tree.iter("meta")),
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
    said = root.attributes if root else {}
    metas, links, linked, titles = [], [], [], []
    # One search, for each goes through the whole page.
    for node in tree.css("meta, link, script[type], title"):
        if node.tag == "meta":
            metas.append(_attributes(node.attributes))
        elif node.tag == "link":
            links.append(_attributes(node.attributes))
        elif node.tag == "title":
            titles.append(node.text(deep=True))
        elif "ld+json" in (kind := node.attributes.get("type") or "").lower():
            linked.append((kind, node.text(deep=True)))
    return Head(
        metas=tuple(metas),
        links=tuple(links),
        linked=tuple(linked),
        title=titles[0] if titles else "",
        languages=(said.get("lang"), said.get("xml:lang")),
    )


def _attributes(attributes: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value or "" for name, value in attributes.items()}
