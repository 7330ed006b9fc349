"""A look at pages that stand where feeds were: does a page name its feed's new address?"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from aggregator.bootstrap import fetching, parse
from aggregator.cli import show
from aggregator.core.crawling.doctor import Look
from aggregator.core.feeds.discovery import feed_links
from aggregator.core.printable import printable
from aggregator.domain.feeds import FeedState, ParsedFeed
from aggregator.domain.fetching import Failed
from aggregator.domain.settings import FeedConfig, Settings
from aggregator.pipeline.finding import fetched
from aggregator.pipeline.ports import Fetcher

#: Feeds of one page that are named.
NAMED = 5


def looked(pages: Sequence[tuple[FeedConfig, FeedState]], settings: Settings, now: datetime) -> dict[str, Look]:
    """Fetch each page once, and the feed that it names; return what was found by the feeds' addresses."""
    return asyncio.run(_looked(pages, settings, now)) if pages else {}


async def _looked(pages: Sequence[tuple[FeedConfig, FeedState]], settings: Settings, now: datetime) -> dict[str, Look]:
    async with fetching(settings) as fetcher:
        looks = await asyncio.gather(*(_look(fetcher, settings, feed, state, now=now) for feed, state in pages))
    return {feed.url: look for (feed, _), look in zip(pages, looks, strict=True)}


async def _look(fetcher: Fetcher, settings: Settings, feed: FeedConfig, state: FeedState, *, now: datetime) -> Look:
    wishes = [wish for wish in (state.rest_until, state.fresh_until) if wish is not None and wish > now]
    if wishes:
        return Look(found=f"its server asked not to be asked before {show.minute(max(wishes))}")
    page = await fetched(fetcher, feed.url, feed.user_agent)
    if isinstance(page, str):
        return Look(found=f"the page cannot be had now: {page}")
    if isinstance(await asyncio.to_thread(parse, page, settings), ParsedFeed):
        return Look(found="or wait for the next poll, for it answers as a feed again")
    links = await asyncio.to_thread(feed_links, page.body, page.url)
    if len(links) == 1:
        return await _try(fetcher, settings, links[0].url, feed)
    if not links:
        return Look(found="the page there names none")
    more = f" and {len(links) - NAMED} more" if len(links) > NAMED else ""
    return Look(found=f"the page there names several: {' '.join(link.url for link in links[:NAMED])}{more}")


async def _try(fetcher: Fetcher, settings: Settings, url: str, feed: FeedConfig) -> Look:
    response = await fetched(fetcher, url, feed.user_agent)
    parsed = response if isinstance(response, str) else await asyncio.to_thread(parse, response, settings)
    if not isinstance(parsed, ParsedFeed) or isinstance(response, str):
        why = parsed.why if isinstance(parsed, Failed) else parsed
        return Look(found=f"the page there names {url}, but: {why}")
    title = printable(parsed.title or "without a title")
    return Look(url=response.moved_to or url, found=f"{title}, {len(parsed.entries)} entries")
