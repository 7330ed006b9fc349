"""YAML text becomes the neutral tree of `core.tree`; nothing in it is constructed, expanded or executed."""

import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from aggregator.core.config.tree import Listing, Mapping, Node, Scalar, Span
from aggregator.domain.errors import Fault

#: A file of ours is four levels deep.
MAX_DEPTH = 8
#: YAML 1.2, 5.1: what may stand in a stream.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAB_INDENT = re.compile(r"^ *\t[ \t]*(?=[^ \t#\r\n])", re.MULTILINE)
#: One fault a kind of mistake is enough where a file is no text at all.
_MAX_ALIKE = 20


def read_tree(text: str) -> tuple[Node | None, tuple[Fault, ...]]:
    """Read one YAML document; None stands for an empty one.

    Where the syntax breaks, the tree holds what was read until there, so that its faults can be told as well.
    """
    faults = [
        _fault_at(text, match.start(), f"the character U+{ord(match.group()):04X} may not stand in YAML", "delete it")
        for match in _FORBIDDEN.finditer(text)
    ][:_MAX_ALIKE]
    if faults:
        return None, tuple(faults)
    growing = _grow(text)
    tabs = _tab_faults(text) if growing.broken else []
    if tabs:
        # With two blanks for each tab the rest can usually be read; what still breaks is due to the tabs.
        broken, growing = growing.broken, _grow(_TAB_INDENT.sub(lambda match: match.group().replace("\t", "  "), text))
        if broken and broken.line < tabs[0].line:
            tabs.append(broken)
    elif growing.broken:
        growing.faults.append(growing.broken)
    return growing.root, (*growing.faults, *tabs)


def _grow(text: str) -> "_Growing":
    growing = _Growing(lines=text.splitlines())
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            growing.take(event)
    except MarkedYAMLError as error:
        growing.broken = _syntax_fault(error)
        growing.cut_off()
    except _Stop:
        growing.cut_off()
    return growing


def _tab_faults(text: str) -> list[Fault]:
    return [
        _fault_at(text, match.start() + match.group().index("\t"), "a tab indents the line", "indent with spaces")
        for match in _TAB_INDENT.finditer(text)
    ][:_MAX_ALIKE]


def _syntax_fault(error: MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = " ".join(str(part) for part in (error.context, error.problem) if part)
    cure = _syntax_cure(str(error.problem), str(error.context))
    return Fault(line=line, column=column, problem=f"this is no YAML: {problem}", cure=cure)


def _syntax_cure(problem: str, context: str) -> str:
    if "mapping values are not allowed" in problem:
        return "put values with a colon in quotes, or check the indentation"
    if "quoted scalar" in context:
        return "close the quotes"
    if "flow" in context:
        return "close the bracket"
    if "cannot start any token" in problem:
        return "put the value in quotes"
    return "check indentation, dashes and colons of this line and the one before"


def _fault_at(text: str, index: int, problem: str, cure: str) -> Fault:
    before = text[:index].splitlines(keepends=True) or [""]
    new_line = before[-1].endswith(("\n", "\r", "\x85", "\u2028", "\u2029"))
    line, column = (len(before) + 1, 1) if new_line else (len(before), len(before[-1]) + 1)
    return Fault(line=line, column=column, problem=problem, cure=cure)


class _Stop(Exception):
    """What follows is not worth reading."""


@dataclass(slots=True, kw_only=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    span: Span
    is_mapping: bool
    flow: bool
    parts: list[Node] = field(default_factory=list)

    def closed(self, end: Span | None, *, cut: bool = False) -> Listing | Mapping:
        """Return it whole; `end` is its closing bracket, where it has one."""
        last = end if self.flow and end else self.parts[-1].span if self.parts else self.span
        span = Span(line=self.span.line, column=self.span.column, end_line=last.end_line, end_column=last.end_column)
        if not self.is_mapping:
            return Listing(span=span, members=tuple(self.parts), flow=self.flow)
        pairs = zip(self.parts[::2], self.parts[1::2], strict=False)
        plain = tuple((key, value) for key, value in pairs if isinstance(key, Scalar))
        return Mapping(span=span, pairs=plain, flow=self.flow, cut=cut)


@dataclass(slots=True, kw_only=True)
class _Growing:
    """The tree while its events come in."""

    lines: list[str]
    root: Node | None = None
    faults: list[Fault] = field(default_factory=list)
    #: Where the syntax ended, if before the text did.
    broken: Fault | None = None
    stack: list[_Open] = field(default_factory=list)
    documents: int = 0

    def take(self, event: Any) -> None:
        """Take in one event."""
        match event:
            case DocumentStartEvent():
                self._document(event)
            case AliasEvent():
                self._fault(event, "aliases (*) are not read", "write the value out")
                self._add(Scalar(span=_span(event), text="", plain=True))
            case ScalarEvent():
                self._refuse_decoration(event)
                self._add(self._scalar(event))
            case MappingStartEvent() | SequenceStartEvent():
                self._refuse_decoration(event)
                self._open(event)
            case MappingEndEvent() | SequenceEndEvent():
                self._add(self.stack.pop().closed(_span(event)))

    def cut_off(self) -> None:
        """Close whatever is open, as the file broke off there."""
        while self.stack:
            self._add(self.stack.pop().closed(None, cut=True))

    def _document(self, event: DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            self._fault(event, "a second document begins here", "delete the line `---`")
            raise _Stop

    def _open(self, event: Any) -> None:
        if len(self.stack) == MAX_DEPTH:
            self._fault(event, "this is nested too deeply", "write it with fewer levels")
            raise _Stop
        is_mapping = isinstance(event, MappingStartEvent)
        self.stack.append(_Open(span=_span(event), is_mapping=is_mapping, flow=bool(event.flow_style)))

    def _add(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if parent.is_mapping and len(parent.parts) % 2 == 0 and not isinstance(node, Scalar):
            span = node.span
            cure = "write a plain word before the colon"
            self.faults.append(Fault(line=span.line, column=span.column, problem="a key is no plain word", cure=cure))
        parent.parts.append(node)

    def _scalar(self, event: ScalarEvent) -> Scalar:
        span = _span(event)
        parent = self.stack[-1] if self.stack else None
        if event.style in ("|", ">") and parent:
            span = self._without_trailing_lines(span, parent)
        elif event.style is None and not event.value and parent and parent.is_mapping and len(parent.parts) % 2:
            # ruamel places an absent value at whatever comes next.
            span = self._behind_colon(parent.parts[-1].span)
        return Scalar(span=span, text=str(event.value), plain=event.style is None)

    def _without_trailing_lines(self, span: Span, parent: _Open) -> Span:
        """Take from a block scalar the blank lines and comments that the parser counts among it."""
        end = min(span.end_line, len(self.lines))
        while end > span.line:
            line = self.lines[end - 1]
            if line.strip() and len(line) - len(line.lstrip(" ")) >= parent.span.column:
                break
            end -= 1
        return Span(line=span.line, column=span.column, end_line=end, end_column=len(self.lines[end - 1]) + 1)

    def _behind_colon(self, key: Span) -> Span:
        line = self.lines[key.end_line - 1]
        column = line.find(":", key.end_column - 1) + 2
        return Span(line=key.end_line, column=column, end_line=key.end_line, end_column=column)

    def _refuse_decoration(self, event: Any) -> None:
        if event.anchor is not None:
            self._fault(event, "anchors (&) are not read", "delete it and write the value out where it is wanted")
        if event.ctag is not None:
            self._fault(event, "tags (!) are not read", "delete it")

    def _fault(self, event: Any, problem: str, cure: str) -> None:
        span = _span(event)
        self.faults.append(Fault(line=span.line, column=span.column, problem=problem, cure=cure))


def _span(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(line=start.line + 1, column=start.column + 1, end_line=end.line + 1, end_column=end.column + 1)
