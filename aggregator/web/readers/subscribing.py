"""Feeds that an app adds or removes: they are those of feeds.yaml, which keeps its comments and its layout."""

from collections.abc import Sequence

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.bootstrap import load_config, open_store, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.core.config import table
from aggregator.core.config.kinds import Misfit
from aggregator.core.config.opml import read_opml
from aggregator.core.config.places import complete_url
from aggregator.core.config.tree import Listing, Node, Scalar, Span
from aggregator.domain.errors import UsageError
from aggregator.domain.settings import FeedConfig

_NOWHERE = Span(line=1, column=1, end_line=1, end_column=1)


class Subscribing:
    """Writes feeds.yaml for apps, and has the database follow at once, for they look for what they added."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._file = FeedsFile(paths.config)

    def add(self, url: str, *, name: str = "", tags: Sequence[str] = ()) -> str:
        """Add a feed by its own address, unseen; return the address as it was written.

        Raises:
            UsageError: it is no address, or the feed is there already.
            AggregatorError: feeds.yaml or the database cannot be written.
        """
        url = _address(complete_url(url.strip()))
        self._file.add(FeedConfig(url=url, name=_name(name), tags=_tags(tags)))
        self._follow()
        return url

    def remove(self, url: str) -> None:
        """Remove a feed; its articles stay.

        Raises:
            AggregatorError: there is none, or feeds.yaml or the database cannot be written.
        """
        self._file.remove(url)
        self._follow()

    def take_in(self, opml: bytes) -> int:
        """Add the feeds of an OPML file that are not there yet; return how many.

        Raises:
            AggregatorError: it is no OPML, or feeds.yaml or the database cannot be written.
        """
        added = self._file.add_missing(read_opml(opml).feeds)
        self._follow()
        return len(added)

    def _follow(self) -> None:
        config = load_config(self._paths)
        with open_store(self._paths) as store:
            store.sync_feeds(config.feeds, config.settings.every, utc_now())


def _address(url: str) -> str:
    try:
        return table.URL_KEY.kind.read(Scalar(span=_NOWHERE, text=url, plain=False))
    except Misfit as misfit:
        problem = misfit.problems[0]
        raise UsageError(f"{problem.what}; {problem.cure or f'write {table.URL_KEY.kind.form}'}") from None


def _name(text: str) -> str | None:
    """Return what a feed is to be called; None, its own title, where an app says nothing that can be written."""
    try:
        return table.NAME.kind.read(Scalar(span=_NOWHERE, text=text.strip(), plain=False)) if text.strip() else None
    except Misfit:
        return None


def _tags(tags: Sequence[str]) -> tuple[str, ...]:
    members: tuple[Node, ...] = tuple(Scalar(span=_NOWHERE, text=tag, plain=False) for tag in tags)
    try:
        return table.TAGS_KEY.kind.read(Listing(span=_NOWHERE, members=members))
    except Misfit as misfit:
        raise UsageError(misfit.problems[0].what) from None
