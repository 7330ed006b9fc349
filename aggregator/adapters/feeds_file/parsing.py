"""feeds.yaml as it is read: bytes become text, what stands where, and what it means."""

from dataclasses import dataclass
from pathlib import Path

from aggregator.adapters.feeds_file.yaml_tree import read_tree
from aggregator.core.config.checking import read_config
from aggregator.core.config.tree import Listing, Mapping
from aggregator.core.urls import url_key
from aggregator.domain.errors import ConfigError, Fault, FeedsFileError
from aggregator.domain.settings import Config

#: Bytes. 2,000 feeds with names and tags are 156 KB and take 0.7 s to read; beyond this a file is surely another.
MAX_SIZE = 1_000_000

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class AsRead:
    """The file as read."""

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


def read(path: Path) -> bytes:
    """Return the bytes of the file at `path`.

    Raises:
        FeedsFileError: it is missing, too large, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_SIZE + 1)
    except FileNotFoundError:
        cure = "`aggregator feeds add URL` begins one, --config names another"
        raise FeedsFileError(f"there is no {path}; {cure}") from None
    except OSError as error:
        raise FeedsFileError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > MAX_SIZE:
        raise FeedsFileError(f"{path} is larger than {MAX_SIZE} bytes; is it a feeds.yaml at all?")
    return content


def parsed(path: Path, content: bytes) -> AsRead:
    """Understand `content`, which is or shall be that of `path`.

    Raises:
        ConfigError: it has faults; all of them are named.
    """
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
        raise ConfigError(path, (place,)) from None
    mark = _BOM if text.startswith(_BOM) else ""
    text = text.removeprefix(_BOM)
    tree, faults = read_tree(text)
    try:
        config = read_config(tree, faults=faults)
    except ConfigError as error:
        raise ConfigError(path, error.faults) from None
    return AsRead(mark=mark, text=text, tree=tree if isinstance(tree, Mapping) else None, config=config)
