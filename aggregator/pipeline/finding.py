"""Finding feeds: the one at an address, or those that the page there names. Nothing is recorded."""

from dataclasses import dataclass

from aggregator.core.feeds.discovery import FeedLink, feed_links
from aggregator.core.feeds.parsing import parse_feed
from aggregator.domain.feeds import ParsedFeed
from aggregator.domain.fetching import Failed, Purpose, Request, Response
from aggregator.pipeline.ports import Fetcher, Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """A feed that answered."""

    #: Where it is to be fetched from now on.
    url: str
    #: Where it was asked for, and has moved away from for good; None where it stands there still.
    moved_from: str | None
    parsed: ParsedFeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that is no feed, and names some."""

    url: str
    links: tuple[FeedLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Nothing that can be read is there."""

    #: As a sentence that begins with the address.
    why: str
    #: Whether there was no answer at all, so that the address may be right all the same.
    unanswered: bool = False


class Finder:
    """Looks at addresses, one request at a time; what it gets is read by `workers`."""

    def __init__(self, fetcher: Fetcher, workers: Workers, *, max_entries: int, user_agent: str | None = None) -> None:
        self._fetcher = fetcher
        self._workers = workers
        self._max_entries = max_entries
        self._user_agent = user_agent

    async def look(self, url: str) -> Proved | Page | Missing:
        """Return the feed at `url`, or the feeds that the page there names."""
        answer = await fetched(self._fetcher, url, self._user_agent)
        if isinstance(answer, str):
            return Missing(why=f"{url}: {answer}", unanswered=True)
        parsed = await self._parsed(answer)
        if isinstance(parsed, ParsedFeed):
            return _proved(url, answer, parsed)
        links = await self._workers.call(feed_links, answer.body, answer.url)
        if isinstance(links, Failed) or not links:
            return Missing(
                why=f"{url} is neither a feed nor a page that names one ({parsed.why}); look for the feed's own address"
            )
        return Page(url=url, links=links)

    async def prove(self, page: Page, link: FeedLink) -> Proved | Missing:
        """Return the feed that a page names."""
        answer = await fetched(self._fetcher, link.url, self._user_agent)
        if isinstance(answer, str):
            return Missing(why=f"{link.url}: {answer}", unanswered=True)
        parsed = await self._parsed(answer)
        if isinstance(parsed, ParsedFeed):
            return _proved(link.url, answer, parsed)
        return Missing(why=f"{page.url} names {link.url} as its feed, but: {parsed.why}")

    async def _parsed(self, answer: Response) -> ParsedFeed | Failed:
        return await self._workers.call(
            parse_feed, answer.body, url=answer.url, content_type=answer.content_type, max_entries=self._max_entries
        )


async def fetched(fetcher: Fetcher, url: str, user_agent: str | None) -> Response | str:
    """Return the answer to one request for a feed, or for the page that names it; or why there is none."""
    response = await fetcher.fetch(Request(url=url, purpose=Purpose.FEED, user_agent=user_agent))
    if isinstance(response, Response):
        return response
    return response.why if isinstance(response, Failed) else "the server says that nothing changed"


def _proved(asked: str, answer: Response, parsed: ParsedFeed) -> Proved:
    """Take the address from which the feed is to be fetched: where it has moved for good, else where it was asked for."""
    if answer.moved_to and answer.moved_to != asked:
        return Proved(url=answer.moved_to, moved_from=asked, parsed=parsed)
    return Proved(url=asked, moved_from=None, parsed=parsed)
