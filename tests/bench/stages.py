"""Single stages of ours: run by the bench as `python -m tests.bench.stages`, with an order."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import trafilatura

from aggregator.adapters.http import HttpFetcher
from aggregator.adapters.store import SqliteStore
from aggregator.bootstrap import utc_now
from aggregator.bootstrap.clustering import opened_slate, streamed
from aggregator.cli.cluster import read_lines
from aggregator.core.articles import FeedFacts, Read, read_article
from aggregator.core.copies.meeting import meeting
from aggregator.core.feeds.parsing import parse_feed
from aggregator.core.words.signature import sign
from aggregator.core.wrappers.trust import taught, way_for
from aggregator.domain.feeds import Entry, EntryToRead, ParsedFeed
from aggregator.domain.fetching import NotModified, Purpose, Request, Response
from aggregator.domain.ids import FeedId
from aggregator.domain.settings import FeedConfig
from aggregator.domain.wrappers import Way, Wrapper
from aggregator.pipeline.recording import record
from tests.bench import shelf
from tests.bench.load import Load, from_json
from tests.bench.measuring import ordered, phase
from tests.bench.serving import trusting


def extraction(load: Load, order: Mapping[str, Any]) -> None:
    """A page to an article with its signature, read in full, a slice of pages at a time, on all cores."""
    with ProcessPoolExecutor() as pool:
        read = partial(_read_in_full, load)
        list(pool.map(read, order["slices"][0][:8]))
        for files in order["slices"]:
            with phase("slice") as counts:
                counts["pages"], counts["characters"] = map(sum, zip(*pool.map(read, files), strict=True))


def _read_in_full(load: Load, file: str) -> tuple[int, int]:
    texts = [_article(load, url, page).article.text for url, page in shelf.pages(file)]
    return len(texts), sum(map(len, texts))


def known(load: Load, order: Mapping[str, Any]) -> None:
    """The same with pages of sites that are known: what was learned of the pages before those of `load` is of use.

    And what they teach is learned, as always. At the end the texts are held against trafilatura's own.
    """
    with ProcessPoolExecutor() as pool:
        wrappers = list(pool.map(partial(_learned, load), range(load.feeds)))
        texts = []
        for files in order["slices"]:
            with phase("slice") as counts:
                read = list(pool.map(partial(_read_known, load), files, wrappers))
                counts |= {"pages": sum(len(one.texts) for one in read), "in full": sum(one.in_full for one in read)}
            wrappers = [one.wrapper for one in read]
            texts += [one.texts for one in read]
        every = [file for files in order["slices"] for file in files]
        with phase("texts") as counts:
            unlike = sum(pool.map(_unlike, every, texts))
            counts |= {"pages": sum(map(len, texts)), "unlike": unlike}


def _learned(load: Load, outlet: int) -> Wrapper:
    """Return what the pages before those of `load` teach of an outlet's."""
    wrapper = Wrapper()
    for page in range(load.first):
        url = load.page_url(outlet, page)
        read = _article(load, url, load.page(outlet, page), wrapper)
        wrapper = taught(wrapper, read.lesson) if read.lesson else wrapper
    return wrapper


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What became of the pages of an outlet in a slice."""

    texts: list[str]
    wrapper: Wrapper
    in_full: int


def _read_known(load: Load, file: str, wrapper: Wrapper) -> _Known:
    texts, in_full = [], 0
    for url, page in shelf.pages(file):
        way = way_for(wrapper, url)
        read = _article(load, url, page, wrapper)
        texts.append(read.article.text)
        in_full += way is not Way.QUICK or read.lesson is not None
        wrapper = taught(wrapper, read.lesson) if read.lesson else wrapper
    return _Known(texts=texts, wrapper=wrapper, in_full=in_full)


def _unlike(file: str, texts: Sequence[str]) -> int:
    """Count texts that trafilatura reads otherwise, but for blanks."""
    theirs = [trafilatura.extract(page, fast=True, include_comments=False) or "" for _, page in shelf.pages(file)]
    return sum(ours.split() != text.split() for ours, text in zip(texts, theirs, strict=True))


def _article(load: Load, url: str, page: bytes, wrapper: Wrapper | None = None) -> Read:
    entry = Entry(key=url, guid=None, url=url, title="A headline", digest=b"")
    facts = FeedFacts(url=load.feed_url(0), name="An outlet")
    response = Response(url=url, body=page, content_type="text/html; charset=utf-8")
    return read_article(entry, response, facts, load.now, wrapper=wrapper)


def fetching(load: Load, order: Mapping[str, Any]) -> None:
    """Our fetcher over what a cold crawl asks for, one request a site at a time."""
    asyncio.run(_fetched(load, order))


async def _fetched(load: Load, order: Mapping[str, Any]) -> None:
    context = trusting(order["trust"]) if load.tls else None
    for _ in range(order["rounds"]):
        async with HttpFetcher(
            clock=utc_now, site_delay=timedelta(0), allow_networks=(ip_network("127.0.0.0/8"),), ssl_context=context
        ) as fetcher:
            fetch = partial(_fetched_bytes, fetcher)
            urls = list(load.urls())
            with phase("round") as counts:
                counts["bytes"] = sum(await asyncio.gather(*map(fetch, urls)))
                counts["requests"] = len(urls)


async def _fetched_bytes(fetcher: HttpFetcher, url: str) -> int:
    answer = await fetcher.fetch(Request(url=url, purpose=Purpose.PAGE))
    assert isinstance(answer, Response | NotModified), answer
    return len(answer.body) if isinstance(answer, Response) else 0


def signing(load: Load, order: Mapping[str, Any]) -> None:
    """Signatures, and who meets whom, as `aggregator cluster` does it."""
    tellings = [load.telling(outlet, page) for outlet in range(load.feeds) for page in range(load.pages)]
    texts = [(telling.title, "\n".join(telling.paragraphs)) for telling in tellings]
    for _ in range(order["rounds"]):
        with phase("round") as counts:
            met = meeting([sign(title, text).bands for title, text in texts])
            counts |= {"articles": len(texts), "candidates": sum(map(len, met.values()))}


def parsing(load: Load, order: Mapping[str, Any]) -> None:
    """Feeds to entries, on one core."""
    feeds = [load.feed(outlet) for outlet in range(load.feeds)]
    for _ in range(order["rounds"]):
        with phase("round") as counts:
            counts["feeds"] = len(feeds)
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
    task.__name__: task for task in (extraction, known, fetching, signing, parsing, recording, clustering)
}

if __name__ == "__main__":
    told = ordered()
    STAGES[told["task"]](from_json(told["load"]), told)
