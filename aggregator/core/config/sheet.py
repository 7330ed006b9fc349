"""The lines of feeds.yaml while they are edited: what is cut out and put in leaves every other byte as it was."""

import re
from collections.abc import Sequence

from aggregator.core.config.tree import Listing, Mapping, Node, Scalar, Span
from aggregator.core.config.writing import feed_lines, rule_lines
from aggregator.domain.settings import FeedConfig, MuteRule

#: What the lists of the file are made of.
Member = FeedConfig | MuteRule


class NotEditable(ValueError):
    """The text is written in a way that cannot be edited without disturbing it; the message says how."""


class Sheet:
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

    def insert_behind(self, node: Listing, members: Sequence[Member]) -> None:
        """Put feeds or rules behind the last one, laid out like it."""
        last = len(node.members) - 1
        start, end = self._lines_of(node, last)
        apart = last > 0 and self._is_blank(start - 1) and self._is_blank(end)
        margin = " " * (node.span.column - 1)
        self.insert(end, _block(members, margin=margin, inset=self._inset(node), apart=apart))

    def append_list(self, tree: Mapping | None, name: str, members: Sequence[Member]) -> None:
        """Put a list of that name at the end of the file."""
        if tree and tree.flow:
            raise NotEditable("the file is written in { }")
        margin = " " * (tree.pairs[0][0].span.column - 1) if tree else ""
        self.insert(len(self.lines), [f"{margin}{name}:", *_block(members, margin=f"{margin}  ")])

    def rewrite(self, node: Node, name: str, members: Sequence[Member]) -> None:
        """Write the whole list anew: one in [ ] becomes one with dashes, nothing becomes a list."""
        assert isinstance(node, (Listing, Scalar))
        span = node.span
        first, last = span.line - 1, span.end_line - 1
        before, after = self.lines[first][: span.column - 1], self.lines[last][span.end_column - 1 :]
        inside = "".join(self.lines[first : last + 1]).removeprefix(before)
        if last > first and re.search(r"\s#", inside):
            raise NotEditable(f"{name} is written in [ ] with comments inside it")
        after = after if after.strip() else self.newline
        if not members:
            self.lines[first : last + 1] = [f"{before.rstrip()} []{after}"]
            return
        self.lines[first : last + 1] = [f"{before.rstrip()}{after}"]
        margin = re.match(r" *", before)
        assert margin
        self.insert(first + 1, _block(members, margin=f"{margin.group()}  "))

    def remove(self, node: Listing, index: int) -> None:
        """Take the lines of a feed or rule out, and one of two blank lines that then meet."""
        start, end = self._lines_of(node, index)
        if start and self._is_blank(start - 1) and self._is_blank(end):
            start -= 1
        del self.lines[start:end]

    def raw(self, span: Span) -> str:
        """Return what stands at `span`, as it is written."""
        first, last = span.line - 1, span.end_line - 1
        if first == last:
            return self.lines[first][span.column - 1 : span.end_column - 1]
        between = self.lines[first + 1 : last]
        return "".join([self.lines[first][span.column - 1 :], *between, self.lines[last][: span.end_column - 1]])

    def replace(self, span: Span, text: str) -> None:
        """Put `text`, of one line, in the place of what stands at `span`."""
        first, last = span.line - 1, span.end_line - 1
        before, after = self.lines[first][: span.column - 1], self.lines[last][span.end_column - 1 :]
        self.lines[first : last + 1] = [f"{before}{text}{after}"]

    def insert(self, at: int, lines: Sequence[str]) -> None:
        """Put `lines` before the line of index `at`."""
        if at and not self.lines[at - 1].endswith(("\n", "\r")):
            self.lines[at - 1] += self.newline
        self.lines[at:at] = [line + self.newline for line in lines]

    def _lines_of(self, node: Listing, index: int) -> tuple[int, int]:
        """Return where the lines of a feed or rule begin and end, from its dash to its own trailing comments."""
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
        """Return how far behind their dashes the members stand, as seen in the last that stands in the line of its dash."""
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


def _block(members: Sequence[Member], *, margin: str, inset: int = 2, apart: bool = False) -> list[str]:
    blank = [""] if apart else []
    return [line for member in members for line in [*blank, *_lines(member, margin=margin, inset=inset)]]


def _lines(member: Member, *, margin: str, inset: int) -> list[str]:
    match member:
        case FeedConfig():
            return feed_lines(member, margin=margin, inset=inset)
        case MuteRule():
            return rule_lines(member, margin=margin, inset=inset)
