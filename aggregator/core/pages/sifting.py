"""Makes trafilatura quick where its rules look for what a page does not have.

A few of them ask regular expressions about the class and the id of every element. Each question goes from C to Python and
back, and together they take half of the time of an extraction, though a page has a few dozen different names, and hardly one
of those that are looked for. So its names are looked through first, each once, and the questions are asked only of elements
with a name that matches. What a rule finds is the same.
"""

import importlib
import re
from typing import Any, cast

from lxml import etree

#: The rules, by module and name: of what a page is rid of before anything else, and of how much text it has in all.
_RULES = (
    ("trafilatura.xpaths", "RAW_TREE_PRUNE_XPATH"),
    ("trafilatura.xpaths", "REMOVE_COMMENTS_AND_LISTS_XPATH"),
    ("trafilatura.baseline", "BASIC_CLEAN_XPATH"),
)
_QUESTION = r"re:test\(@(?:class|id), '[^']*'(?:, 'i')?\)"
_PATTERN = re.compile(r"re:test\(@(?:class|id), '([^']*)'(, 'i')?\)")
#: Elements, perhaps of some tags only, of which at least one question is answered with yes, and perhaps more is true.
_ASKING = re.compile(
    rf"\.//\*(?:\[(?P<tags>self::\w+(?: or self::\w+)*)\])?(?P<asked>\[ ?{_QUESTION}(?: or {_QUESTION})*\](?:\[.*\])?)"
)
_NAMESPACES = {"re": "http://exslt.org/regular-expressions"}
#: Names that match of one page; where there are more, the rule is asked as it stands.
_MOST = 8


class Sifted:
    """A rule that asks its questions only of elements with a class or an id that matches one of its patterns."""

    def __init__(self, rule: etree.XPath, *, unasked: str, tags: str | None, asked: str) -> None:
        """Take the rule, the path of what of it needs no question, if any, which elements are asked, and what."""
        self._rule = rule
        self._unasked = unasked
        self._asked = asked
        self._patterns = {
            re.compile(pattern, re.IGNORECASE if small else 0) for pattern, small in _PATTERN.findall(asked)
        }
        # A path of its own for each tag is four times as quick as one for elements that are of either.
        self._among = [f"descendant::{tag}" for tag in (tags or "self::*").removeprefix("self::").split(" or self::")]
        names = "|".join(f"{elements}/@class|{elements}/@id" for elements in self._among)
        self._names = etree.XPath(names, smart_strings=False)
        self._by_count = dict[int, etree.XPath]()

    def __call__(self, tree: etree._Element) -> Any:
        """Return the elements that the rule finds, in their order."""
        names = set[str](cast("list[str]", self._names(tree)))
        matching = [name for name in names if any(pattern.search(name) for pattern in self._patterns)]
        if len(matching) > _MOST:
            return self._rule(tree)
        if not matching and not self._unasked:
            return []
        return self._of(len(matching))(tree, **{f"name{number}": name for number, name in enumerate(matching)})

    def _of(self, count: int) -> etree.XPath:
        """Return the rule for elements that have one of so many names."""
        if count not in self._by_count:
            named = " or ".join(f"@class=$name{number} or @id=$name{number}" for number in range(count))
            paths = [f"{elements}[{named}]{self._asked}" for elements in self._among] if count else []
            self._by_count[count] = etree.XPath("|".join(filter(None, (self._unasked, *paths))), namespaces=_NAMESPACES)
        return self._by_count[count]


def sifted(rule: object) -> object:
    """Return a rule that finds the same in less time; the rule itself where it is none of those that ask."""
    if not isinstance(rule, etree.XPath):
        return rule
    path = " ".join(str(rule.path).split())
    unasked, parts, asking = path.rpartition("|.//*[")
    found = _ASKING.fullmatch(f".//*[{asking}" if parts else path)
    if found is None or "re:" in unasked or any(re.search(pattern, "") for pattern, _ in _PATTERN.findall(path)):
        # What matches nothing at all is true of elements without a name, too.
        return rule
    return Sifted(rule, unasked=unasked, **found.groupdict())


def sift() -> None:
    """Put the quick rules in the place of trafilatura's own; doing it again changes nothing."""
    for place, name in _RULES:
        module = importlib.import_module(place)
        rules = getattr(module, name, None)  # another version may know it by another name
        if isinstance(rules, list):
            rules[:] = map(sifted, rules)
        elif rules is not None:
            setattr(module, name, sifted(rules))
