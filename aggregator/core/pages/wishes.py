"""What a page wants to be done with its text: not to be indexed, or to be read by those only who pay for it."""

import json
import re
from collections.abc import Iterator, Mapping

from aggregator.core.crawling.robots import PRODUCT
from aggregator.core.pages.head import Head
from aggregator.domain.articles import HeldBack

#: Names by which a page or a header speaks to us.
_US = frozenset({"robots", PRODUCT})
_NOINDEX = frozenset({"noindex", "none"})
#: Directives with a value, which look like the name of a crawler before its directives.
_WITH_VALUE = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
_BETWEEN = re.compile(r"[\s,]+")
#: What a page says of itself for readers of feeds and networks; "metered" ones can be read so many times a month.
_TIER = "article:content_tier"
_LOCKED, _METERED = "locked", "metered"

#: Characters of JSON-LD that are read of a page; some carry all their comments in it.
_MAX_LINKED = 300_000
#: Nodes that are looked at.
_MAX_NODES = 200
#: What pages wrap around JSON-LD, as if it were a script for browsers of 1996.
_WRAPPING = re.compile(
    r"^\s*(?:/[/*]\s*)?(?:<!--|<!\[CDATA\[)(?:\s*\*/)?|(?:/[/*]\s*)?(?:-->|\]\]>)(?:\s*\*/)?\s*;?\s*$"
)
#: Where an article stands within another node. What a page has or mentions besides (hasPart, ItemList) is not meant.
_HOLDERS = ("@graph", "mainEntity", "mainEntityOfPage")
#: Whether all may read it.
_FREE = "isAccessibleForFree"
#: Types, by their ends, that stand for the page or its article: NewsArticle, BlogPosting, ReportageNewsArticle, WebPage …
_WHOLE = ("article", "posting", "report", "webpage", "creativework")


def held_back(head: Head, robots_tag: str | None) -> HeldBack | None:
    """Return why a page's text may not be used, by what its head and its X-Robots-Tag headers say; None where it may."""
    if _header_forbids(robots_tag or "") or _metas_forbid(head):
        return HeldBack.NOINDEX
    tier = head.said.get(_TIER, "").strip().lower()
    if tier == _LOCKED or (tier != _METERED and _is_for_pay(head)):
        return HeldBack.PAYWALL
    return None


def _metas_forbid(head: Head) -> bool:
    """Tell whether any of the page's metas forbids it: where several speak, the strictest counts."""
    return any(
        not _NOINDEX.isdisjoint(_BETWEEN.split((meta.get("content") or "").lower()))
        for meta in head.metas
        if (meta.get("name") or "").strip().lower() in _US
    )


def _header_forbids(header: str) -> bool:
    """Tell whether X-Robots-Tag forbids it: "noindex", or "aggregator: noindex"; what others are told is not ours.

    A name holds for the directives behind it, up to the next name. So what is said to all in a header of its own after one
    with a name is lost when the headers are joined; servers say it first.
    """
    addressed = True
    for part in header.lower().split(","):
        name, colon, said = part.strip().partition(":")
        if colon and name.strip() not in _WITH_VALUE:
            addressed = name.strip() in _US
        else:
            said = name
        if addressed and not _NOINDEX.isdisjoint(said.split()):
            return True
    return False


def _is_for_pay(head: Head) -> bool:
    # Hardly a page says it, and to look for the word is quicker than to read all. It may be spelled in numbers.
    if not any(_FREE in text or "\\u" in text for _, text in head.linked):
        return False
    return any(_is_false(node.get(_FREE)) for node in _nodes(head) if _is_whole(node))


def _nodes(head: Head) -> Iterator[dict[str, object]]:
    """Yield the nodes of a page's JSON-LD that may stand for its article."""
    waiting = list(_linked(head))
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        value = waiting.pop(0)
        if isinstance(value, list):
            waiting += value[:_MAX_NODES]
        elif isinstance(value, dict):
            yield value
            waiting += [value[holder] for holder in _HOLDERS if holder in value]


def _linked(head: Head) -> Iterator[object]:
    """Yield what the page's JSON-LD scripts hold; what is broken says nothing."""
    left = _MAX_LINKED
    for kind, text in head.linked:
        if kind.partition(";")[0].strip().lower() != "application/ld+json" or len(text) > left:
            continue
        left -= len(text)
        try:
            yield json.loads(_WRAPPING.sub("", text), strict=False)
        except (ValueError, RecursionError):  # no JSON, absurdly long numbers, or brackets in brackets in brackets
            continue


def _is_whole(node: Mapping[str, object]) -> bool:
    kinds = node.get("@type", "WebPage")
    names = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(name, str) and name.lower().endswith(_WHOLE) for name in names)


def _is_false(value: object) -> bool:
    """Tell whether JSON-LD says no: as a boolean, as "False", or by schema.org's address of it."""
    return value is False or (isinstance(value, str) and value.strip().lower().rpartition("/")[2] == "false")
