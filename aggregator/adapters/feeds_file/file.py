"""feeds.yaml on the disk: read whole, edited under a lock, replaced in one step, never left broken."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from aggregator.adapters.feeds_file.locking import locked
from aggregator.adapters.feeds_file.parsing import AsRead, parsed, read
from aggregator.adapters.feeds_file.replacing import replace_file
from aggregator.core.config.edits import with_feeds, with_rule, with_value, without_feed, without_rule
from aggregator.core.config.sheet import NotEditable
from aggregator.core.config.tree import Listing, Mapping
from aggregator.core.urls import url_key
from aggregator.domain.edits import FeedEdit, Removal
from aggregator.domain.errors import ConfigError, FeedsFileError, UsageError
from aggregator.domain.ids import UrlKey
from aggregator.domain.settings import Config, FeedConfig, MuteKind, MuteRule

_NEW_FILE = "# The feeds of aggregator; `aggregator feeds` lists and changes them, and so may you.\n"


class Fingerprint(NamedTuple):
    """Tells whether a file is still the one that was read."""

    mtime_ns: int
    size: int
    inode: int


class Draft(NamedTuple):
    """A whole file before and after some edits."""

    before: str
    after: str


class FeedsFile:
    """One feeds.yaml."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Config:
        """Read the file.

        Raises:
            FeedsFileError: it is missing or cannot be read.
            ConfigError: it has faults; all of them are named.
        """
        return self._parse(self._read()).config

    def fingerprint(self) -> Fingerprint | None:
        """Return what changes whenever the file does; None while there is none."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return Fingerprint(status.st_mtime_ns, status.st_size, status.st_ino)

    def refuse_known(self, url: str) -> None:
        """Make sure that no spelling of `url` is there; a missing file has no feeds.

        Raises:
            UsageError: the feed is there.
            FeedsFileError, ConfigError: as for `load`.
        """
        if self.path.exists():
            self._refuse_known(self._parse(self._read()), url)

    def add(self, feed: FeedConfig) -> None:
        """Write a feed behind the others; a missing file is begun.

        Raises:
            UsageError: the feed is there, maybe under another spelling.
            FeedsFileError, ConfigError: as for `load`, and where the file cannot be locked, edited or written.
        """
        with self._editing() as sheet:
            self._refuse_known(sheet, feed.url)
            self._add(sheet, [feed])

    def add_missing(self, feeds: Sequence[FeedConfig]) -> tuple[FeedConfig, ...]:
        """Write those feeds that are not there under any spelling, and return them.

        Raises:
            FeedsFileError, ConfigError: as for `add`.
        """
        with self._editing() as sheet:
            known = {url_key(feed.url) for feed in sheet.config.feeds}
            new = {url_key(feed.url): feed for feed in reversed(feeds) if url_key(feed.url) not in known}
            missing = tuple(reversed(new.values()))
            if missing:
                self._add(sheet, missing)
            return missing

    def remove(self, url: str) -> FeedConfig:
        """Take out the feed that `url` spells, in whatever way, and return it.

        Raises:
            UsageError: there is no such feed.
            FeedsFileError, ConfigError: as for `add`.
        """
        with self._editing() as sheet:
            index = sheet.find(url)
            if index is None or sheet.tree is None:
                raise UsageError(f"no feed {url} in {self.path}; `aggregator feeds list` shows them")
            feeds, tree = sheet.config.feeds, sheet.tree
            text = self._edited(lambda: without_feed(sheet.text, tree, feeds, index))
            self._replace(sheet, text, replace(sheet.config, feeds=(*feeds[:index], *feeds[index + 1 :])))
            return feeds[index]

    def mute(self, rule: MuteRule) -> None:
        """Write a rule that mutes behind the others; a missing file is begun.

        Raises:
            UsageError: the rule is there, maybe spelled otherwise.
            FeedsFileError, ConfigError: as for `add`.
        """
        with self._editing() as sheet:
            rules = sheet.config.mute
            if any(known.key == rule.key for known in rules):
                raise UsageError(f"{rule} is muted already; `aggregator mute list` shows what is")
            text = self._edited(lambda: with_rule(sheet.text, sheet.tree, rules, rule))
            self._replace(sheet, text, replace(sheet.config, mute=(*rules, rule)))

    def unmute(self, kind: MuteKind, what: str) -> MuteRule:
        """Take a rule that mutes out, and return it.

        Raises:
            UsageError: there is no such rule.
            FeedsFileError, ConfigError: as for `add`.
        """
        wanted = MuteRule(kind=kind, what=what)
        with self._editing() as sheet:
            rules, tree = sheet.config.mute, sheet.tree
            index = next((index for index, rule in enumerate(rules) if rule.key == wanted.key), None)
            if index is None or tree is None:
                raise UsageError(f"{wanted} is not muted; `aggregator mute list` shows what is")
            text = self._edited(lambda: without_rule(sheet.text, tree, rules, index))
            self._replace(sheet, text, replace(sheet.config, mute=(*rules[:index], *rules[index + 1 :])))
            return rules[index]

    def draft(self, edits: Sequence[FeedEdit | Removal]) -> Draft:
        """Return what `change` would make of the file, and write nothing.

        Raises:
            UsageError, FeedsFileError, ConfigError: as for `change`.
        """
        sheet = self._parse(self._read())
        return Draft(sheet.text, self._edited(lambda: self._changed(sheet, edits)))

    def change(self, edits: Sequence[FeedEdit | Removal]) -> Draft:
        """Make all of `edits` or, where one cannot be made, none.

        Raises:
            UsageError: there is no such feed, or two feeds would have one address.
            FeedsFileError, ConfigError: as for `add`.
        """
        with self._editing() as sheet:
            text = self._edited(lambda: self._changed(sheet, edits))
            self._write(sheet, text)
            return Draft(sheet.text, text)

    def _changed(self, sheet: AsRead, edits: Sequence[FeedEdit | Removal]) -> str:
        """Return the text after `edits`, proved to mean what is meant."""
        text, tree, feeds = sheet.text, sheet.tree, list(sheet.config.feeds)
        done = len(feeds)
        # From the last feed to the first, so that what comes later stands where the tree has it.
        for index, edit in sorted(((self._index(sheet, edit), edit) for edit in edits), key=lambda step: -step[0]):
            if index == done or _is_flow(tree):
                tree = self._parse(text.encode()).tree
            assert tree
            if isinstance(edit, Removal):
                text = without_feed(text, tree, feeds, index)
                del feeds[index]
            else:
                text = with_value(text, tree, index, edit.key, edit.value, note=edit.note)
                feeds[index] = _with(feeds[index], edit)
            done = index
        _refuse_doubles(feeds)
        self._prove(text, replace(sheet.config, feeds=tuple(feeds)))
        return text

    def _index(self, sheet: AsRead, edit: FeedEdit | Removal) -> int:
        index = sheet.find(edit.feed)
        if index is None:
            raise UsageError(f"no feed {edit.feed} in {self.path}; `aggregator feeds list` shows them")
        return index

    def _refuse_known(self, sheet: AsRead, url: str) -> None:
        index = sheet.find(url)
        if index is not None:
            known = sheet.config.feeds[index]
            named = f"{known.name}, {known.url}," if known.name else known.url
            raise UsageError(f"this feed is there already: {named} in line {sheet.line(index)} of {self.path}")

    def _add(self, sheet: AsRead, feeds: Sequence[FeedConfig]) -> None:
        known = sheet.config.feeds
        text = self._edited(lambda: with_feeds(sheet.text, sheet.tree, known, feeds))
        self._replace(sheet, text, replace(sheet.config, feeds=(*known, *feeds)))

    def _edited(self, edit: Callable[[], str]) -> str:
        try:
            return edit()
        except NotEditable as reason:
            raise FeedsFileError(
                f"{self.path}: {reason}; write a feed or rule a line, begun with a dash, or edit by hand"
            ) from None

    def _replace(self, sheet: AsRead, text: str, wanted: Config) -> None:
        """Write `text` if it means what was meant."""
        self._prove(text, wanted)
        self._write(sheet, text)

    def _prove(self, text: str, wanted: Config) -> None:
        try:
            intact = self._parse(text.encode()).config == wanted
        except (ConfigError, FeedsFileError):
            intact = False
        if not intact:
            raise FeedsFileError(f"{self.path} is laid out in a way that cannot be edited safely; edit it by hand")

    def _write(self, sheet: AsRead, text: str) -> None:
        replace_file(self.path.resolve(), f"{sheet.mark}{text}".encode())

    def _read(self) -> bytes:
        return read(self.path)

    def _parse(self, content: bytes) -> AsRead:
        return parsed(self.path, content)

    @contextmanager
    def _editing(self) -> Iterator[AsRead]:
        """Keep other editors out from reading to writing."""
        target = self.path.resolve()
        with locked(target):
            content = self._read() if target.exists() else _NEW_FILE.encode()
            yield self._parse(content)


def _is_flow(tree: Mapping | None) -> bool:
    feeds = tree.value("feeds") if tree else None
    return isinstance(feeds, Listing) and feeds.flow


def _with(feed: FeedConfig, edit: FeedEdit) -> FeedConfig:
    changed: dict[str, Any] = {edit.key: edit.value}
    return replace(feed, **changed)


def _refuse_doubles(feeds: Sequence[FeedConfig]) -> None:
    seen: dict[UrlKey, FeedConfig] = {}
    for feed in feeds:
        other = seen.setdefault(url_key(feed.url), feed)
        if other is not feed:
            raise UsageError(f"two feeds would have the address {feed.url}; remove one of them instead")
