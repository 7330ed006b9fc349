"""Editing feeds.yaml as text: feeds go in and out, and every other byte stays.

The positions come from the tree; what is written here is read again by the caller before it reaches the file.
"""

import json
import re
from collections.abc import Sequence

from aggregator.core.config.kinds import write_duration, write_number
from aggregator.core.config.tree import Listing, Mapping, Node, Scalar
from aggregator.domain.settings import FeedConfig, FullText

#: Words that YAML 1.1 or 1.2 may read as something other than text.
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
#: Text that is safe without quotes, in a line and in [ ].
_BARE = re.compile(r"[^\W\d_](?:[\w./'()+-]| (?=[^\s#]))*")
_BARE_URL = re.compile(r"https?://[\w./~%?=&+;@!$*'(),:#-]*[\w/=]", re.ASCII)


class NotEditable(ValueError):
    """The text is written in a way that cannot be edited without disturbing it; the message says how."""


def with_feeds(text: str, tree: Mapping | None, known: Sequence[FeedConfig], new: Sequence[FeedConfig]) -> str:
    """Return `text` with `new` feeds behind those that it has, which are `known`."""
    sheet = _Sheet(text)
    node = tree.value("feeds") if tree else None
    if node is None:
        sheet.append_list(tree, new)
    elif isinstance(node, Listing) and not node.flow:
        sheet.insert_behind(node, new)
    else:
        sheet.rewrite(node, [*known, *new])
    return sheet.text()


def without_feed(text: str, tree: Mapping, known: Sequence[FeedConfig], index: int) -> str:
    """Return `text` without the feed that stands at `index` of `known`."""
    sheet = _Sheet(text)
    node = tree.value("feeds")
    assert isinstance(node, Listing)
    if node.flow:
        sheet.rewrite(node, [*known[:index], *known[index + 1 :]])
    else:
        sheet.remove(node, index)
    return sheet.text()


def feed_lines(feed: FeedConfig, *, margin: str = "  ", inset: int = 2) -> list[str]:
    """Write one feed, a key a line, leaving out what is as by default."""
    written = {
        "url": feed.url if _BARE_URL.fullmatch(feed.url) else _quoted(feed.url),
        "name": feed.name and _scalar(feed.name),
        "tags": feed.tags and f"[{', '.join(map(_scalar, feed.tags))}]",
        "every": feed.every and write_duration(feed.every),
        "weight": feed.weight != 1 and write_number(feed.weight),
        "full_text": feed.full_text is not FullText.AUTO and feed.full_text.value,
        "enabled": not feed.enabled and "false",
        "user_agent": feed.user_agent and _scalar(feed.user_agent),
    }
    lines = [f"{key}: {value}" for key, value in written.items() if value]
    dash = f"{margin}-{' ' * (inset - 1)}"
    return [f"{dash if number == 0 else margin + ' ' * inset}{line}" for number, line in enumerate(lines)]


def _block(feeds: Sequence[FeedConfig], *, margin: str, inset: int = 2, apart: bool = False) -> list[str]:
    blank = [""] if apart else []
    return [line for feed in feeds for line in [*blank, *feed_lines(feed, margin=margin, inset=inset)]]


def _scalar(text: str) -> str:
    return text if _BARE.fullmatch(text) and text.lower() not in _WORDS else _quoted(text)


def _quoted(text: str) -> str:
    # JSON's strings are YAML's too; what YAML takes for unprintable is escaped.
    return "".join(map(_escaped, json.dumps(text, ensure_ascii=False)))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004 -- the end of the basic plane


class _Sheet:
    """The lines of a file while they are edited."""

    def __init__(self, text: str) -> None:
        # YAML knows just those line breaks of splitlines() that it allows at all, so line numbers agree.
        self.lines = text.splitlines(keepends=True)
        ending = re.search(r"\r\n|\n|\r", text)
        self.newline = ending.group() if ending else "\n"
        self.bare_end = bool(text) and not text.endswith(("\n", "\r"))

    def text(self) -> str:
        """Return the whole, its last line ended or not as it was before."""
        whole = "".join(self.lines)
        return whole.removesuffix(self.newline) if self.bare_end else whole

    def insert_behind(self, node: Listing, feeds: Sequence[FeedConfig]) -> None:
        """Put feeds behind the last one, laid out like it."""
        last = len(node.members) - 1
        start, end = self._lines_of(node, last)
        apart = last > 0 and self._is_blank(start - 1) and self._is_blank(end)
        margin = " " * (node.span.column - 1)
        self._insert(end, _block(feeds, margin=margin, inset=self._inset(node), apart=apart))

    def append_list(self, tree: Mapping | None, feeds: Sequence[FeedConfig]) -> None:
        """Put a `feeds:` of its own at the end of the file."""
        if tree and tree.flow:
            raise NotEditable("the file is written in { }")
        margin = " " * (tree.pairs[0][0].span.column - 1) if tree else ""
        self._insert(len(self.lines), [f"{margin}feeds:", *_block(feeds, margin=f"{margin}  ")])

    def rewrite(self, node: Node, feeds: Sequence[FeedConfig]) -> None:
        """Write the whole list anew: one in [ ] becomes one with dashes, nothing becomes a list."""
        assert isinstance(node, (Listing, Scalar))
        span = node.span
        first, last = span.line - 1, span.end_line - 1
        before, after = self.lines[first][: span.column - 1], self.lines[last][span.end_column - 1 :]
        inside = "".join(self.lines[first : last + 1]).removeprefix(before)
        if last > first and re.search(r"\s#", inside):
            raise NotEditable("feeds is written in [ ] with comments inside it")
        after = after if after.strip() else self.newline
        if not feeds:
            self.lines[first : last + 1] = [f"{before.rstrip()} []{after}"]
            return
        self.lines[first : last + 1] = [f"{before.rstrip()}{after}"]
        margin = re.match(r" *", before)
        assert margin
        self._insert(first + 1, _block(feeds, margin=f"{margin.group()}  "))

    def remove(self, node: Listing, index: int) -> None:
        """Take a feed's lines out, and one of two blank lines that then meet."""
        start, end = self._lines_of(node, index)
        if start and self._is_blank(start - 1) and self._is_blank(end):
            start -= 1
        del self.lines[start:end]

    def _insert(self, at: int, lines: Sequence[str]) -> None:
        if at and not self.lines[at - 1].endswith(("\n", "\r")):
            self.lines[at - 1] += self.newline
        self.lines[at:at] = [line + self.newline for line in lines]

    def _lines_of(self, node: Listing, index: int) -> tuple[int, int]:
        """Return where a feed's lines begin and end, from its dash to its own trailing comments."""
        span = node.members[index].span
        margin = node.span.column - 1
        start = span.line - 1
        while not self._has_dash(start, margin):
            start -= 1
        end = span.end_line
        while end < len(self.lines) and self._indent(end) > margin and self.lines[end].lstrip(" ").startswith("#"):
            end += 1
        return start, end

    def _inset(self, node: Listing) -> int:
        """Return how far behind their dashes the feeds stand, as seen in the last that stands in the line of its dash."""
        margin = node.span.column - 1
        for member in reversed(node.members):
            if self._has_dash(member.span.line - 1, margin):
                return max(2, member.span.column - node.span.column)
        return 2

    def _has_dash(self, index: int, margin: int) -> bool:
        return self._indent(index) == margin and self.lines[index].startswith("-", margin)

    def _indent(self, index: int) -> int:
        line = self.lines[index]
        return len(line) - len(line.lstrip(" "))

    def _is_blank(self, index: int) -> bool:
        return index >= len(self.lines) or not self.lines[index].strip()
