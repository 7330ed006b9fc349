"""The one door through which markup made of strangers' words reaches a page; everything else there is text.

Where a face builds markup itself, it escapes the words and passes the whole through here all the same.
"""

import html
import re
from collections.abc import Iterable

import nh3

from aggregator.core.urls import clean_url

#: Elements that say how words are meant, none that loads, moves, asks or looks like ours.
TAGS = frozenset({"a", "b", "blockquote", "br", "code", "em", "i", "li", "ol", "p", "pre", "strong", "ul"})
#: "*" stands for any element; without it `title` and `lang` would be let through.
ATTRIBUTES: dict[str, set[str]] = {"a": {"href"}, "*": set()}
SCHEMES = frozenset({"http", "https"})
#: What every link says: no handle on our window, not whence, no endorsement.
REL = "noopener noreferrer nofollow"
_ADDRESS = re.compile(r"https?://[^\s<>\"'«»“”]+")
_AFTER_ADDRESS = ".,;:!?)]}…"


def sanitised(markup: str) -> str:
    """Return `markup` with nothing but `TAGS`, links of `SCHEMES` that say `REL`, and text."""
    return nh3.clean(
        markup,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes=set(SCHEMES),
        link_rel=REL,
        strip_comments=True,
        generic_attribute_prefixes=set(),
    )


def prose(paragraphs: Iterable[str]) -> str:
    """Return paragraphs of plain text as markup, the addresses in them as links."""
    return sanitised("".join(f"<p>{_linked(text)}</p>" for text in paragraphs))


def address(url: str) -> str | None:
    """Return an address that a link may lead to; None where that is not http or https, or no address at all."""
    try:
        clean_url(url)
    except ValueError:
        return None
    return url.strip()


def _linked(text: str) -> str:
    parts, end = [], 0
    for match in _ADDRESS.finditer(text):
        url = match.group().rstrip(_AFTER_ADDRESS)
        parts.append(html.escape(text[end : match.start()]))
        parts.append(f'<a href="{html.escape(url)}">{html.escape(url)}</a>')
        end = match.start() + len(url)
    return "".join([*parts, html.escape(text[end:])])


def _kept(_tag: str, attribute: str, value: str) -> str | None:
    # The only other one is `rel`, which is set here.
    return address(value) if attribute == "href" else value
