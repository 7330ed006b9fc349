"""What a reader asks for of feeds.yaml through the page; its comments stay, and the daemon sees by itself that it changed."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.bootstrap import load_config, open_reader, open_store, settings_in, utc_now
from aggregator.bootstrap.finding import finding
from aggregator.bootstrap.paths import Paths
from aggregator.core.config import table
from aggregator.core.config.opml import read_opml, write_opml
from aggregator.core.config.places import complete_url
from aggregator.core.config.values import own_name, read_value
from aggregator.core.crawling.doctor import Advice
from aggregator.core.crawling.listing import advised, handle, listed
from aggregator.core.secrecy import without_secrets
from aggregator.domain.crawling import Budget
from aggregator.domain.edits import FeedEdit, Removal
from aggregator.domain.errors import UsageError
from aggregator.domain.settings import FeedConfig, MuteRule
from aggregator.pipeline.finding import Missing, Page, Proved

#: For all requests that finding a feed takes; a browser's connection does not live for much longer.
PATIENCE = timedelta(seconds=20)


class FeedDesk:
    """Writes feeds.yaml for readers; for any thread. Each may raise FeedsFileError or ConfigError, and nothing is written then."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._file = FeedsFile(paths.config)

    def feed(self, wanted: str) -> FeedConfig:
        """Return the feed of that handle.

        Raises:
            UsageError: there is none any more.
        """
        for feed in self._feeds():
            if handle(feed.url) == wanted:
                return feed
        raise UsageError(f"that feed is not in {self._paths.config} any more; load the page anew")

    async def find(self, address: str, tags: str) -> FeedConfig | Page:
        """Fetch what is at an address, of a feed or a site; return the feed, or the page where it names several.

        Raises:
            UsageError: it is there already, or nothing that can be read is.
        """
        url = read_value(table.URL_KEY, complete_url(address))
        wanted = FeedConfig(url=url, tags=read_tags(tags))
        await asyncio.to_thread(self._file.refuse_known, url)
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                return await self._find(wanted)
        except TimeoutError:
            raise UsageError(
                f"{url} did not answer within {PATIENCE.seconds} s; try again later, or `aggregator feeds add --no-check`"
            ) from None

    async def _find(self, wanted: FeedConfig) -> FeedConfig | Page:
        settings = await asyncio.to_thread(settings_in, self._paths)
        budgets = await asyncio.to_thread(self._budgets)
        async with finding(settings, budgets, apart=True) as finder:
            found: Proved | Page | Missing = await finder.look(wanted.url)
            if isinstance(found, Page):
                if len(found.links) > 1:
                    return found
                found = await finder.prove(found, found.links[0])
        if isinstance(found, Missing):
            raise UsageError(found.why)
        return FeedConfig(url=found.url, name=own_name(found.parsed), tags=wanted.tags)

    def add(self, feed: FeedConfig) -> None:
        """Write a feed behind the others.

        Raises:
            UsageError: it is there already.
        """
        self._file.add(feed)

    def remove(self, feed: str) -> FeedConfig:
        """Take out the feed of that handle, and return it.

        Raises:
            UsageError: there is none any more.
        """
        return self._file.remove(self.feed(feed).url)

    def switch(self, feed: str, *, on: bool) -> FeedConfig:
        """Have a feed polled, or not; return what it was before.

        Raises:
            UsageError: there is none any more.
        """
        before = self.feed(feed)
        self._file.change([FeedEdit(feed=before.url, key="enabled", value=on)])
        return before

    def tag(self, feed: str, tags: tuple[str, ...]) -> FeedConfig:
        """Give a feed other tags; return what it was before.

        Raises:
            UsageError: there is none any more.
        """
        before = self.feed(feed)
        if tags != before.tags:
            self._file.change([FeedEdit(feed=before.url, key="tags", value=tags)])
        return before

    def cure(self, feed: str) -> tuple[FeedConfig, Advice]:
        """Make the edit that helps a feed; return what it was before, and the advice.

        Raises:
            UsageError: there is none any more, or it needs no edit now.
        """
        before = self.feed(feed)
        now = utc_now()
        with open_reader(self._paths) as reader:
            advice = advised(listed(self._feeds(), reader.feed_health(now)), now).get(feed)
        if advice is None or advice.edit is None:
            raise UsageError(f"no edit of feeds.yaml helps {before.name or 'it'} now; load the page anew")
        self._file.change([advice.edit])
        return before, advice

    def change(self, edits: Sequence[FeedEdit | Removal]) -> None:
        """Make edits, all or none.

        Raises:
            UsageError: there is no such feed any more.
        """
        self._file.change(edits)

    def mute(self, rule: MuteRule) -> None:
        """Write a rule that mutes.

        Raises:
            UsageError: it is there already.
        """
        self._file.mute(rule)

    def unmute(self, rule: MuteRule) -> MuteRule:
        """Take out the rule that mutes the same, and return it.

        Raises:
            UsageError: there is none any more.
        """
        return self._file.unmute(rule.kind, rule.what)

    def import_opml(self, content: bytes) -> tuple[tuple[FeedConfig, ...], int, tuple[str, ...]]:
        """Add the feeds of an OPML file; return those that are new, how many it lists, and what it has that is left out.

        Raises:
            OpmlError: it is none.
        """
        opml = read_opml(content)
        return self._file.add_missing(opml.feeds), len(opml.feeds), opml.warnings

    def export_opml(self) -> bytes:
        """Return the feeds as OPML, in whose addresses no password and no key can be read: whoever sees the page may ask."""
        feeds = [replace(feed, url=without_secrets(feed.url)) for feed in self._feeds()]
        return write_opml(feeds, "aggregator feeds", utc_now())

    def _feeds(self) -> tuple[FeedConfig, ...]:
        return load_config(self._paths).feeds

    def _budgets(self) -> tuple[Budget, ...]:
        if not self._paths.database.exists():
            return ()
        with open_store(self._paths) as store:
            return store.budgets(utc_now())


def read_tags(text: str) -> tuple[str, ...]:
    """Read tags that commas divide.

    Raises:
        UsageError: one of them can be none.
    """
    words = tuple(dict.fromkeys(" ".join(word.split()) for word in text.split(",") if word.strip()))
    return read_value(table.TAGS_KEY, words or None)
