"""A cheap look at an XML feed before a parser sees it: what is beyond its bounds is cut off or refused."""

import re

from aggregator.core.markup.bounds import opening_tags, without_monsters

#: Opening tags of the entries that are read. feedparser takes 15 µs a tag, and 45 where a document is not well-formed and is
#: read twice, so this costs five seconds at most. 2,000 entries of 50 tags; most have 10.
_MOST_TAGS = 100_000
_TAGS_AN_ENTRY = 50
#: Categories of a document; feedparser compares each with all before it. We do not use them.
_MOST_CATEGORIES = 5_000

#: Ampersands of a document, from which on those that begin no reference are dropped: feedparser takes 2 µs for each, and 8 MB
#: would be made of nothing else. As many as 6 MB of escaped markup have of those that do.
_MOST_AMPERSANDS = 500_000

_ENTRY = re.compile(r"<(?:\w{1,20}:)?(?:item|entry)(?=[\s/>])", re.IGNORECASE)
#: What follows the last entry, if it is no more than the end of the document.
_END = re.compile(r"(?:\s*+</[\w:.-]{1,60}>){1,3}\s*+\Z")
_CATEGORY = re.compile(
    r"<((?:\w{1,20}:)?(?:category|subject|keywords))\b[^<>]*+(?:(?<=/)>|>[^<]*+</\1\s*+>)", re.IGNORECASE
)

_BARE_AMPERSAND = re.compile(r"&(?!#?\w{1,10};)")


def most_tags(most_entries: int) -> int:
    """Return how many elements the entries of a feed may be made of."""
    return max(_MOST_TAGS, _TAGS_AN_ENTRY * most_entries)


def within_bounds(document: str, most_entries: int) -> str | None:
    """Return an XML feed with at most so many entries and nothing that costs a parser seconds; None if it is beyond help."""
    kept = without_monsters(_beginning(document, most_entries))
    if kept.count("<category") + kept.count(":subject") > _MOST_CATEGORIES:
        kept = _CATEGORY.sub("", kept)
    if kept.count("&") > _MOST_AMPERSANDS:
        kept = _BARE_AMPERSAND.sub("", kept)
    return kept if opening_tags(kept) <= most_tags(most_entries) else None


def _beginning(document: str, most_entries: int) -> str:
    """Cut before the first entry too many, and close what is open there as the document itself does at its end."""
    for number, match in enumerate(_ENTRY.finditer(document)):
        if number == most_entries:
            end = _END.search(document, max(match.start(), len(document) - 300))
            closing = end[0].rpartition("</item>")[2].rpartition("</entry>")[2] if end else ""
            return document[: match.start()] + closing
    return document
