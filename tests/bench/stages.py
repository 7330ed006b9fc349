"""Single stages of ours: run by the bench as `python -m tests.bench.stages`, with an order as JSON."""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from aggregator.adapters.http import HttpFetcher
from aggregator.adapters.store import SqliteStore
from aggregator.bootstrap import utc_now
from aggregator.bootstrap.clustering import opened_slate, streamed
from aggregator.cli.cluster import read_lines
from aggregator.core.articles import FeedFacts, read_article
from aggregator.core.copies.meeting import meeting
from aggregator.core.feeds.parsing import parse_feed
from aggregator.core.words.signature import sign
from aggregator.domain.feeds import Entry, EntryToRead, ParsedFeed
from aggregator.domain.fetching import NotModified, Purpose, Request, Response
from aggregator.domain.ids import FeedId
from aggregator.domain.settings import FeedConfig
from aggregator.pipeline.recording import record
from tests.bench import shelf
from tests.bench.load import Load, from_json
from tests.bench.measuring import phase
from tests.bench.serving import trusting


def extraction(load: Load, order: Mapping[str, Any]) -> None:
    """A page to an article with its signature, all pages on all cores."""
    with ProcessPoolExecutor() as pool:
        files = [Path(file) for file in order["files"]]
        read = partial(_read, load)
        list(pool.map(read, files[: pool._max_workers]))  # type: ignore[attr-defined]
        with phase("extraction") as counts:
            counts["pages"], counts["characters"] = map(sum, zip(*pool.map(read, files), strict=True))
    assert counts["pages"] == load.articles


def _read(load: Load, file: Path) -> tuple[int, int]:
    entry = Entry(key="1", guid=None, url=load.page_url(0, 0), title="A headline", digest=b"")
    facts = FeedFacts(url=load.feed_url(0), name="An outlet")
    count = characters = 0
    for page in shelf.pages(file):
        response = Response(url=load.page_url(0, 0), body=page, content_type="text/html; charset=utf-8")
        count += 1
        characters += len(read_article(entry, response, facts, load.now).article.text)
    return count, characters


def fetching(load: Load, order: Mapping[str, Any]) -> None:
    """Our fetcher over what a cold crawl asks for, one request a site at a time."""
    asyncio.run(_fetched(load, order))


async def _fetched(load: Load, order: Mapping[str, Any]) -> None:
    context = trusting(order["trust"]) if load.tls else None
    async with HttpFetcher(
        clock=utc_now, site_delay=timedelta(0), allow_networks=(ip_network("127.0.0.0/8"),), ssl_context=context
    ) as fetcher:

        async def fetch(url: str) -> int:
            answer = await fetcher.fetch(Request(url=url, purpose=Purpose.PAGE))
            assert isinstance(answer, Response | NotModified), answer
            return len(answer.body) if isinstance(answer, Response) else 0

        urls = list(load.urls())
        with phase("fetching") as counts:
            counts["bytes"] = sum(await asyncio.gather(*map(fetch, urls)))
            counts["requests"] = len(urls)


def signing(load: Load, _: Mapping[str, Any]) -> None:
    """Signatures, and who meets whom, as `aggregator cluster` does it."""
    tellings = [load.telling(outlet, page) for outlet in range(load.feeds) for page in range(load.pages)]
    texts = [(telling.title, "\n".join(telling.paragraphs)) for telling in tellings]
    with phase("signing") as counts:
        met = meeting([sign(title, text).bands for title, text in texts])
        counts |= {"articles": len(texts), "candidates": sum(map(len, met.values()))}


def parsing(load: Load, _: Mapping[str, Any]) -> None:
    """Feeds to entries, on one core."""
    feeds = [load.feed(outlet) for outlet in range(load.feeds)]
    with phase("parsing") as counts:
        counts["entries"] = sum(len(_parsed(load, outlet, feed).entries) for outlet, feed in enumerate(feeds))


def recording(load: Load, order: Mapping[str, Any]) -> None:
    """Articles into an empty store, and among the stories."""
    reads = []
    for outlet in range(load.feeds):
        for entry in _parsed(load, outlet, load.feed(outlet)).entries:
            facts = FeedFacts(url=load.feed_url(outlet), name=f"Outlet {outlet}")
            reads.append((FeedId(outlet + 1), EntryToRead(entry=entry), read_article(entry, None, facts, load.now)))
    # As they come in: an article of each outlet in turn.
    reads.sort(key=lambda read: read[2].article.dated)
    with SqliteStore(Path(order["folder"]) / "recording.db") as store:
        store.sync_feeds(
            [FeedConfig(url=load.feed_url(outlet)) for outlet in range(load.feeds)], timedelta(0), load.now
        )
        rows = store._sql.raw.total_changes
        with phase("recording") as counts:
            for feed, task, read in reads:
                record(store, feed, task, read, load.now)
            counts |= {"articles": len(reads), "rows written": store._sql.raw.total_changes - rows}


def clustering(_: Load, order: Mapping[str, Any]) -> None:
    """A file of articles, as `aggregator cluster` takes it."""
    with phase("clustering") as counts, Path(order["file"]).open("rb") as file, opened_slate() as slate:
        lines = (line for _, line in read_lines(file, first_of=slate.note_name))
        counts["articles"] = sum(1 for _ in streamed(lines, slate))


def _parsed(load: Load, outlet: int, feed: bytes) -> ParsedFeed:
    parsed = parse_feed(feed, url=load.feed_url(outlet), content_type="application/rss+xml")
    assert isinstance(parsed, ParsedFeed)
    return parsed


STAGES: Mapping[str, Callable[[Load, Mapping[str, Any]], None]] = {
    task.__name__: task for task in (extraction, fetching, signing, parsing, recording, clustering)
}

if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    STAGES[told["task"]](from_json(told["load"]), told)
