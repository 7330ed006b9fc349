"""feeds.yaml on the disk: read whole, edited under a lock, replaced in one step, never left broken."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from aggregator.adapters.feeds_file.yaml_tree import read_tree
from aggregator.core.config.checking import read_config
from aggregator.core.config.edits import NotEditable, with_feeds, without_feed
from aggregator.core.config.tree import Listing, Mapping
from aggregator.core.urls import url_key
from aggregator.domain.errors import ConfigError, Fault, FeedsFileError, UsageError
from aggregator.domain.settings import Config, FeedConfig

#: Bytes. 2,000 feeds with names and tags are 156 KB and take 0.7 s to read; beyond this a file is surely another.
MAX_SIZE = 1_000_000
#: An edit takes milliseconds; who holds the lock longer hangs.
LOCK_PATIENCE = timedelta(seconds=10)

_BOM = "\ufeff"
_NEW_FILE = "# The feeds of aggregator; `aggregator feeds` lists and changes them, and so may you.\n"


class Fingerprint(NamedTuple):
    """Tells whether a file is still the one that was read."""

    mtime_ns: int
    size: int
    inode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """The file as read: its text, what stands where, and what it means."""

    #: The byte order mark, where the file has one; it counts in no column.
    mark: str
    text: str
    tree: Mapping | None
    config: Config

    def line(self, index: int) -> int:
        """Return the line that the feed at `index` begins in."""
        feeds = self.tree.value("feeds") if self.tree else None
        assert isinstance(feeds, Listing)
        return feeds.members[index].span.line

    def find(self, url: str) -> int | None:
        """Return the index of the feed that `url` spells, in whatever way."""
        key = url_key(url)
        return next((index for index, feed in enumerate(self.config.feeds) if url_key(feed.url) == key), None)


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
            self._replace(sheet, text, (*feeds[:index], *feeds[index + 1 :]))
            return feeds[index]

    def _refuse_known(self, sheet: _Sheet, url: str) -> None:
        index = sheet.find(url)
        if index is not None:
            known = sheet.config.feeds[index]
            named = f"{known.name}, {known.url}," if known.name else known.url
            raise UsageError(f"this feed is there already: {named} in line {sheet.line(index)} of {self.path}")

    def _add(self, sheet: _Sheet, feeds: Sequence[FeedConfig]) -> None:
        known = sheet.config.feeds
        text = self._edited(lambda: with_feeds(sheet.text, sheet.tree, known, feeds))
        self._replace(sheet, text, (*known, *feeds))

    def _edited(self, edit: Callable[[], str]) -> str:
        try:
            return edit()
        except NotEditable as reason:
            raise FeedsFileError(
                f"{self.path}: {reason}; write a feed a line, begun with a dash, or edit by hand"
            ) from None

    def _replace(self, sheet: _Sheet, text: str, feeds: Sequence[FeedConfig]) -> None:
        """Write `text` if it means what was meant: the old settings and these feeds."""
        wanted = Config(settings=sheet.config.settings, feeds=tuple(feeds))
        try:
            intact = self._parse(text.encode()).config == wanted
        except (ConfigError, FeedsFileError):
            intact = False
        if not intact:
            raise FeedsFileError(f"{self.path} is laid out in a way that cannot be edited safely; edit it by hand")
        _replace_file(self.path.resolve(), f"{sheet.mark}{text}".encode())

    def _read(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                content = file.read(MAX_SIZE + 1)
        except FileNotFoundError:
            cure = "`aggregator feeds add URL` begins one, --config names another"
            raise FeedsFileError(f"there is no {self.path}; {cure}") from None
        except OSError as error:
            raise FeedsFileError(f"{self.path} cannot be read: {error.strerror}") from error
        if len(content) > MAX_SIZE:
            raise FeedsFileError(f"{self.path} is larger than {MAX_SIZE} bytes; is it a feeds.yaml at all?")
        return content

    def _parse(self, content: bytes) -> _Sheet:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            before = content[: error.start].decode("utf-8").splitlines(keepends=True) or [""]
            place = Fault(
                line=content.count(b"\n", 0, error.start) + 1,
                column=len(before[-1].rpartition("\n")[2]) + 1,
                problem=f"the byte 0x{content[error.start]:02X} is no UTF-8",
                cure="save the file as UTF-8",
            )
            raise ConfigError(self.path, (place,)) from None
        mark = _BOM if text.startswith(_BOM) else ""
        text = text.removeprefix(_BOM)
        tree, faults = read_tree(text)
        try:
            config = read_config(tree, faults=faults)
        except ConfigError as error:
            raise ConfigError(self.path, error.faults) from None
        return _Sheet(mark=mark, text=text, tree=tree if isinstance(tree, Mapping) else None, config=config)

    @contextmanager
    def _editing(self) -> Iterator[_Sheet]:
        """Keep other editors out from reading to writing.

        The lock is on the folder, for it outlives the file, which every edit replaces, and leaves nothing lying about.
        """
        target = self.path.resolve()
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise FeedsFileError(f"{target.parent} cannot be opened: {error.strerror}") from error
        try:
            self._lock(folder)
            content = self._read() if target.exists() else _NEW_FILE.encode()
            yield self._parse(content)
        finally:
            os.close(folder)

    def _lock(self, folder: int) -> None:
        deadline = time.monotonic() + LOCK_PATIENCE.total_seconds()
        while True:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise FeedsFileError(f"{self.path} is being edited by another process; try again") from None
                time.sleep(0.02)
            except OSError as error:
                raise FeedsFileError(f"{self.path.parent} cannot be locked: {error.strerror}") from error
            else:
                return


def _replace_file(target: Path, content: bytes) -> None:
    """Put `content` in the place of `target` in one step, with its mode and owner."""
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        try:
            _write(beside, content, like=target)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise FeedsFileError(f"{target} cannot be written: {error.strerror}") from error


def _write(path: Path, content: bytes, *, like: Path) -> None:
    with path.open("wb") as file:
        with suppress(FileNotFoundError):
            status = like.stat()
            # Only root may give files away; the group of a file that several people edit can be kept by each of them.
            with suppress(PermissionError):
                os.fchown(file.fileno(), -1, status.st_gid)
            with suppress(PermissionError):
                os.fchown(file.fileno(), status.st_uid, -1)
            os.fchmod(file.fileno(), status.st_mode & 0o7777)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
