"""Where a text says that it comes from: the agency in its dateline, its credit line or its byline.

What is looked for, in this order; the first that is found decides:

1. the dateline: "BERLIN (Reuters) -", "МОСКВА, 2 мая. /ТАСС/", "【ワシントン共同】", "新华社北京5月2日电". An agency that the
   table does not know counts in the strict form only, a place (and a date), a name in brackets, a dash, or where the name
   is that of the outlet itself;
2. the outlet: what an agency's own site carries is its own unless the dateline says otherwise;
3. the credit line at the end: "— AFP", "(with PTI inputs)", "© 2026 The Associated Press";
4. the byline: the author that feed or page name, else one left above the text.

Prose is never searched: "told Reuters" and "the AP reports" say who heard it, not who wrote it.
"""

import re
from dataclasses import dataclass
from typing import Literal

from aggregator.core.wire.agencies import agency_at, agency_named, plain
from aggregator.core.wire.credits import (
    SOME_AGENCY,
    below_byline,
    named_at_the_beginning,
    named_at_the_end,
    named_in_byline,
)

Evidence = Literal["dateline", "credit line", "byline", "own site"]

#: Characters at the beginning and at the end of a text that are looked at. Datelines end within some 80 characters; credit
#: lines are the last ones, save for a few lines of page furniture.
_HEAD = 240
_TAIL = 400
_LAST_LINES = 7

_BRACKETS = re.compile(
    r"(?P<before>[^\n()（）【】［］]{0,80})"
    r"(?P<open>[(（【［])\s*(?P<name>[^\n()（）【】［］]{2,60}?)\s*[)）】］]"
    r"(?P<dash>\s?\.?\s*(?:[-–—―]|=(?!\w)))?(?P<colon>\s*(?:[:：]|\n))?"
)
_DATE_END = re.compile(r"\d{1,4}[.,]?(?:\s?[^\W\d]{3,10}[.,]?)?(?:\s\d{4})?\W*\Z")
_CHINESE = re.compile(r"[\s（(【]*([新中法路美][华華新央透联聯][社网])[^\n。，]{0,24}[电電讯訊]")
# What parts a dateline without brackets: "МОСКВА, 2 мая — РИА Новости.", "RIYADH, May 2, SPA --", "… мая. /ТАСС/".
_SEPARATOR = re.compile(r"[.,]?\s+/|/(?=[\s.,])|\s*[-–—―]{1,2}(?=\s)|\s\||[:：]|[.,](?=\s)")
_CLOSING = re.compile(r"[-–—―/:：|]")
#: A dateline without brackets ends within so many characters.
_LINE = 80
_PARTS = re.compile(r"[/,;=|]|\s[-–—]\s|\s(?:and|und|et|y)\s")
_SIGN = re.compile(r"[^\W\d_]{2,5}/[^\W\d_]{1,5}\Z")
#: "東京", "ヨハネスブルク": no place written without spaces is longer.
_CJK_PLACE = 10
#: "New York City", "São José dos Campos".
_PLACE_WORDS = 4
_WIDE = "（【［"
#: Names whose writing has no spaces, so that place or date run into them: "ワシントン共同", "서울=연합뉴스".
_RUN_ON = ("共同", "時事", "ロイター", "연합뉴스")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Whom a text names as its origin."""

    #: As it is shown: the agency's usual name, or what the text says where the table does not know it.
    name: str
    #: `agencies.Agency.slug`; None for one that the table does not know.
    slug: str | None
    evidence: Evidence


def agency_of(text: str, *, author: str | None, source_site: str, source_name: str) -> Credit | None:
    """Return the agency that a text comes from; None where nothing says so.

    Args:
        text: The main text, paragraphs parted by newlines.
        author: As feed or page name it.
        source_site: The outlet's registrable domain.
        source_name: What a person calls the outlet.
    """
    beginning = text[:_HEAD].lstrip()
    if (name := _dateline(below_byline(beginning), source_name)) is not None:
        return _credit(name, "dateline")
    if (own := agency_at(source_site)) is not None:
        return _credit(own.name, "own site")
    lines = [line for line in text[-_TAIL:].strip().split("\n") if line and not line.isspace()]
    if (name := named_at_the_end(lines[-_LAST_LINES:])) is not None and name != SOME_AGENCY:
        return _credit(name, "credit line")
    byline = (named_in_byline(author) if author else None) or named_at_the_beginning(beginning)
    if byline is not None:
        return _credit(byline, "byline")
    return None if name is None else _credit(name, "credit line")


def is_original(credit: Credit | None, *, source_site: str, source_name: str) -> bool:
    """Tell whether the outlet is the very agency that its text credits."""
    if credit is None:
        return False
    if credit.slug is None:
        return plain(credit.name) == plain(source_name) != ""
    return any(
        agency is not None and agency.slug == credit.slug
        for agency in (agency_at(source_site), agency_named(source_name))
    )


def _credit(name: str, evidence: Evidence) -> Credit:
    agency = agency_named(name)
    if agency is None:
        return Credit(name=name, slug=None, evidence=evidence)
    return Credit(name=agency.name, slug=agency.slug, evidence=evidence)


def _dateline(beginning: str, source_name: str) -> str | None:
    if (chinese := _CHINESE.match(beginning)) and agency_named(chinese[1]):
        return chinese[1]
    if (found := _BRACKETS.match(beginning)) and (name := _bracketed(found, source_name)) is not None:
        return name
    line = beginning[:_LINE].partition("\n")[0]
    # Looking for the sign first is quicker than taking every sentence apart.
    return _unbracketed(line) if _CLOSING.search(line) else None


def _bracketed(found: re.Match[str], source_name: str) -> str | None:
    before, content = found["before"].strip(), found["name"].strip()
    is_wide = found["open"] in _WIDE
    known = _known(content, is_wide=is_wide) if content else None
    if known is not None:
        is_closed = found["dash"] is not None or found["colon"] is not None
        return known if is_closed or _is_dateline(before, is_wide=is_wide) else None
    name = content.split("/", maxsplit=1)[0]
    if not plain(name):
        return None
    if plain(name) == plain(source_name):
        return name
    return name if found["dash"] and _is_strict(before, content, is_wide=is_wide) else None


def _is_dateline(before: str, *, is_wide: bool) -> bool:
    """Tell whether a known name may follow without a dash: "New Delhi, May 2 (PTI) The bridge"."""
    if not before or before.isupper():
        return True
    return (is_wide and len(before) <= _CJK_PLACE) or _DATE_END.search(before) is not None


def _known(content: str, *, is_wide: bool) -> str | None:
    """Return the name of the agency that stands in brackets, perhaps with a place, a date or a writer's sign."""
    # Where another name comes first it is a picture's: "(Jane Doe/Reuters)".
    first, *others = (part.strip() for part in _PARTS.split(content))
    ends = [content.rsplit(maxsplit=1)[-1]] if is_wide else others if "=" in content else []
    for name in (content, first, *ends):
        if (agency := agency_named(name)) is not None:
            return agency.name
    return next((name for name in _RUN_ON if content.endswith(name)), None)


def _is_strict(before: str, content: str, *, is_wide: bool) -> bool:
    """Tell whether brackets with an unknown name stand as in a dateline: behind a place."""
    place = before.partition(",")[0].strip(" \"'«“„-–—")
    # US, UN and EU are no datelines.
    if any(map(str.isdigit, content)) or len(place) <= (1 if is_wide else 2):
        return False
    if is_wide:
        return len(place) <= _CJK_PLACE and place.isalpha()
    words = place.split()
    if len(words) > _PLACE_WORDS or not all(word[0].isupper() for word in words):
        return False
    is_dated = "," in before and _DATE_END.search(before) is not None
    return place.isupper() or is_dated or _SIGN.match(content) is not None


def _unbracketed(line: str) -> str | None:
    start, is_parted = 0, False
    for found in _SEPARATOR.finditer(line):
        is_dash = found[0].strip(" .,") != ""
        part = line[start : found.start()].strip()
        if part and (is_dash or is_parted):
            agency = agency_named(part) or (agency_named(part.partition("/")[0]) if "/" in part else None)
            if agency is not None and _may_precede(line[:start], is_mark=part in agency.marks):
                return agency.name
        start, is_parted = found.end(), is_dash
    return None


def _may_precede(before: str, *, is_mark: bool) -> bool:
    """Tell whether what stands before a name can be a place and a date."""
    before = before.strip(" -–—―/.,:|")
    if not before:
        return not is_mark
    words = before.split()
    is_place = len(words) <= _PLACE_WORDS and all(word[0].isupper() for word in words)
    return is_place or before.isupper() or any(map(str.isdigit, before))
