"""The naive pipeline: `python -m tests.bench.naive` is run by the bench, with an order.

What somebody writes in an afternoon with the libraries that we use, each as its README shows it: no politeness, no bounds, no
stories. Where a README leaves a choice it is the faster one: extraction on all cores, a journal that is written ahead.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import feedparser
import httpx
import trafilatura
from datasketch import MinHash, MinHashLSH
from sqlite_utils import Database

from tests.bench.load import from_json
from tests.bench.measuring import ordered, phase
from tests.bench.serving import trusting

#: Requests under way at once, and words in a shingle, as many as ours.
AT_ONCE, _SHINGLE = 64, 5
#: Permutations of a signature.
_PERMUTATIONS = 128


def extracted(page: str | bytes) -> str:
    """Return a page's main text."""
    return trafilatura.extract(page, fast=True) or ""


def sketched(text: str) -> MinHash:
    """Return a text's signature."""
    sketch = MinHash(num_perm=_PERMUTATIONS)
    words = text.lower().split()
    for place in range(len(words) - _SHINGLE + 1):
        sketch.update(" ".join(words[place : place + _SHINGLE]).encode())
    return sketch


def new_index() -> MinHashLSH:
    """Return an index of signatures that holds none yet."""
    return MinHashLSH(threshold=0.5, num_perm=_PERMUTATIONS)


class Naive:
    """Crawls feeds into a database."""

    def __init__(self, client: httpx.AsyncClient, pool: ProcessPoolExecutor, database: Path) -> None:
        self._client = client
        self._pool = pool
        self._database = Database(database)
        self._database.enable_wal()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._index = new_index()
        self._seen = set[str]()

    @property
    def articles(self) -> int:
        """Count what is stored."""
        return int(self._database["article"].count) if self._seen else 0

    async def crawl(self, feed: str) -> None:
        """Read a feed, and the pages that are new in it."""
        parsed = feedparser.parse(await self._fetch(feed))
        new = [entry for entry in parsed.entries if entry.link not in self._seen]
        self._seen.update(entry.link for entry in new)
        await asyncio.gather(*map(self._read, new))

    async def _read(self, entry: Any) -> None:
        page = await self._fetch(entry.link)
        text = await asyncio.get_running_loop().run_in_executor(self._pool, extracted, page)
        sketch = sketched(text)
        copies = self._index.query(sketch)
        self._index.insert(entry.link, sketch)
        self._database.table("article").insert(
            {"url": entry.link, "title": entry.title, "text": text, "copies": copies}, pk="url"
        )

    async def _fetch(self, url: str) -> str:
        async with self._slots:
            reply = await self._client.get(url)
        return reply.raise_for_status().text


async def _crawl(order: Mapping[str, Any]) -> None:
    load = from_json(order["load"])
    feeds = [load.feed_url(outlet) for outlet in range(load.feeds)]
    verify = trusting(order["trust"]) if load.tls else True
    with ProcessPoolExecutor() as pool:
        list(pool.map(extracted, ["<p>Imports are no part of a crawl.</p>"] * 8))
        async with httpx.AsyncClient(verify=verify, timeout=60) as client:
            naive = Naive(client, pool, Path(order["database"]))
            for name in order["phases"]:
                for half in (feeds[::2], feeds[1::2]):
                    before = naive.articles
                    with phase(name) as counts:
                        await asyncio.gather(*map(naive.crawl, half))
                        counts["new"] = naive.articles - before


if __name__ == "__main__":
    asyncio.run(_crawl(ordered()))
