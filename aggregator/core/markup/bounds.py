"""A cheap look at markup before a parser sees it: what would cost it seconds or gigabytes is told, or taken off.

Every pattern here reads a text once, whatever stands in it: nothing that it has read is read again (all is possessive).
"""

import re

#: Attributes of one tag. libxml2 and expat compare each with all before it: 50,000 cost 20 s, 200,000 minutes. The most in
#: the 181 pages of pages/gold_181 are 23.
MOST_ATTRIBUTES = 200

#: Characters from which a tag may have so many: a blank and a letter each.
_LONG_TAG = 2 * MOST_ATTRIBUTES
#: One attribute as HTML reads it: after blanks a name, perhaps with a value in quotation marks or without.
_ATTRIBUTE = r"""[\s/]++[^\s/>=]++\s*+(?:=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
_BETWEEN = r"[\s/=]++"
_TAG = re.compile(rf"(<[a-zA-Z][^\s/>]*+)((?:{_ATTRIBUTE}|{_BETWEEN})*+)")
#: What nearly all tags are, read in half the time: closing ones, and those whose attributes stand as they are taught.
_USUAL = rf"""/[a-zA-Z0-9]*+>|[a-zA-Z][a-z0-9]*+(?: [a-zA-Z:-]++="[^"]*+"){{0,{MOST_ATTRIBUTES}}}+ ?/?>"""
#: Markup in which no tag has more parts than that, told in one go.
_TAME = re.compile(
    rf"(?:[^<]*+<(?:{_USUAL}|(?![a-zA-Z])|[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE}|{_BETWEEN}){{0,{MOST_ATTRIBUTES}}}+(?![\s/=])))*+"
    r"[^<]*+"
)
_EACH = re.compile(rf"({_ATTRIBUTE})|{_BETWEEN}")


def without_monsters(markup: str) -> str:
    """Return markup in which no tag has more than MOST_ATTRIBUTES: of those that do, all are dropped."""
    if len(markup) < _LONG_TAG or _TAME.fullmatch(markup):
        return markup
    return _TAG.sub(_tamed, markup)


def opening_tags(markup: str) -> int:
    """Count what may begin an element; seldom too few, as "<" in a text is escaped."""
    return markup.count("<") - markup.count("</")


def _tamed(tag: re.Match[str]) -> str:
    if tag.end() - tag.start() < _LONG_TAG or sum(map(bool, _EACH.findall(tag[2]))) <= MOST_ATTRIBUTES:
        return tag[0]
    return tag[1]
