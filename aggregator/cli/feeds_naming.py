"""How a person names a feed: by its address in any spelling, or by its name."""

from collections.abc import Iterable, Mapping

from aggregator.core.config.places import complete_url
from aggregator.core.urls import url_key
from aggregator.domain.settings import FeedConfig


def named(known: Iterable[FeedConfig], wanted: str, titles: Mapping[str, str] | None = None) -> list[FeedConfig]:
    """Return the feeds that `wanted` may mean: those of that address or, failing that, of that name.

    `titles` are what feeds call themselves, by address, for those that have no name.
    """
    try:
        key = url_key(complete_url(wanted.strip()))
    except ValueError:
        key = None
    feeds = tuple(known)
    at_address = [feed for feed in feeds if url_key(feed.url) == key]
    name = " ".join(wanted.split()).casefold()
    return at_address or [feed for feed in feeds if _name(feed, titles or {}).casefold() == name]


def _name(feed: FeedConfig, titles: Mapping[str, str]) -> str:
    return feed.name or titles.get(feed.url, "")
