"""Editing feeds.yaml as text: feeds and rules go in and out, and every other byte stays.

The positions come from the tree; what is written here is read again by the caller before it reaches the file.
"""

from collections.abc import Sequence

from aggregator.core.config.sheet import Member, NotEditable, Sheet
from aggregator.core.config.tree import Listing, Mapping, Scalar, Span
from aggregator.core.config.writing import write_value
from aggregator.domain.edits import FeedKey, FeedValue
from aggregator.domain.settings import FeedConfig, MuteRule


def with_feeds(text: str, tree: Mapping | None, known: Sequence[FeedConfig], new: Sequence[FeedConfig]) -> str:
    """Return `text` with `new` feeds behind those that it has, which are `known`."""
    return _with_members(text, tree, "feeds", known, new)


def with_rule(text: str, tree: Mapping | None, known: Sequence[MuteRule], new: MuteRule) -> str:
    """Return `text` with a rule behind those that it has, which are `known`."""
    return _with_members(text, tree, "mute", known, [new])


def without_feed(text: str, tree: Mapping, known: Sequence[FeedConfig], index: int) -> str:
    """Return `text` without the feed that stands at `index` of `known`."""
    return _without_member(text, tree, "feeds", known, index)


def without_rule(text: str, tree: Mapping, known: Sequence[MuteRule], index: int) -> str:
    """Return `text` without the rule that stands at `index` of `known`."""
    return _without_member(text, tree, "mute", known, index)


def with_value(text: str, tree: Mapping, index: int, key: FeedKey, value: FeedValue, *, note: str | None = None) -> str:
    """Return `text` in which `key` of the feed at `index` has another value.

    A value that is there is replaced, in its own quotes. A key that is new stands behind the feed's last, a line of its own
    where the others have one, and `note` behind it. A bare address becomes a mapping where it needs a key.

    Raises:
        NotEditable: the feed is written in a way that leaves no room for it.
    """
    sheet = Sheet(text)
    node = tree.value("feeds")
    assert isinstance(node, Listing)
    feed = node.members[index]
    old = feed.value(key) if isinstance(feed, Mapping) else feed if key == "url" else None
    if isinstance(feed, Mapping) and isinstance(old, Listing):
        _replace_list(sheet, feed, key, old, value)
    elif old is not None:
        assert isinstance(old, Scalar)
        _replace(sheet, old, value, inside=node.flow or (isinstance(feed, Mapping) and feed.flow))
    elif isinstance(feed, Mapping):
        _add_key(sheet, feed, key, value, note)
    else:
        assert isinstance(feed, Scalar)
        _make_mapping(sheet, feed, f"{key}: {write_value(value, inside=node.flow)}", note, flow=node.flow)
    return sheet.text()


def _with_members(text: str, tree: Mapping | None, name: str, known: Sequence[Member], new: Sequence[Member]) -> str:
    sheet = Sheet(text)
    node = tree.value(name) if tree else None
    if node is None:
        sheet.append_list(tree, name, new)
    elif isinstance(node, Listing) and not node.flow:
        sheet.insert_behind(node, new)
    else:
        sheet.rewrite(node, name, [*known, *new])
    return sheet.text()


def _without_member(text: str, tree: Mapping, name: str, known: Sequence[Member], index: int) -> str:
    sheet = Sheet(text)
    node = tree.value(name)
    assert isinstance(node, Listing)
    if node.flow:
        sheet.rewrite(node, name, [*known[:index], *known[index + 1 :]])
    else:
        sheet.remove(node, index)
    return sheet.text()


def _replace_list(sheet: Sheet, feed: Mapping, key: FeedKey, old: Listing, value: FeedValue) -> None:
    """Write a list in brackets behind its key, wherever and however it stood."""
    name = next(name for name, node in feed.pairs if node is old)
    span = Span(
        line=name.span.end_line,
        column=name.span.end_column,
        end_line=old.span.end_line,
        end_column=old.span.end_column,
    )
    around = sheet.raw(span)
    for member in old.members:
        around = around.replace(sheet.raw(member.span), "", 1)
    if "#" in around:
        raise NotEditable(f"{key} has comments inside it")
    sheet.replace(span, f": {write_value(value)}")


def _replace(sheet: Sheet, old: Scalar, value: FeedValue, *, inside: bool) -> None:
    raw = sheet.raw(old.span)
    if raw.startswith(("|", ">")) and "#" in raw.splitlines()[0]:
        raise NotEditable("a value of several lines begins with a comment")
    sheet.replace(old.span, write_value(value, like=raw, inside=inside))


def _add_key(sheet: Sheet, feed: Mapping, key: FeedKey, value: FeedValue, note: str | None) -> None:
    first, (_, last) = feed.pairs[0][0].span, feed.pairs[-1]
    if not feed.flow:
        margin = " " * (first.column - 1)
        sheet.insert(last.span.end_line, [f"{margin}{key}: {write_value(value)}{_remark(note)}"])
        return
    if not sheet.raw(feed.span).startswith("{"):
        raise NotEditable("a feed is written in [ ] with a colon but without { }")
    sheet.replace(last.span, f"{sheet.raw(last.span)}, {key}: {write_value(value, inside=True)}")


def _make_mapping(sheet: Sheet, feed: Scalar, pair: str, note: str | None, *, flow: bool) -> None:
    """Write `url:` before a bare address, and what else the feed is to have behind it."""
    span, raw = feed.span, sheet.raw(feed.span)
    if span.end_line > span.line:
        raise NotEditable("an address goes over several lines")
    if flow:
        sheet.replace(span, f"{{url: {raw}, {pair}}}")
        return
    sheet.replace(span, f"url: {raw}")
    sheet.insert(span.end_line, [f"{' ' * (span.column - 1)}{pair}{_remark(note)}"])


def _remark(note: str | None) -> str:
    return f"  # {note}" if note else ""
