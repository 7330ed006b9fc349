"""What others do with the same load: `python -m tests.bench.references NAME` is run by the bench, with an order."""

import asyncio
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import feedparser
import httpx
import trafilatura

from tests.bench import shelf
from tests.bench.load import Load, from_json
from tests.bench.measuring import ordered, phase
from tests.bench.naive import AT_ONCE, extracted, new_index, sketched
from tests.bench.serving import trusting

#: Seconds after which no connection is left open, in ours either.
_UNTIL_CLOSED = 5


def extraction(_: Load, order: Mapping[str, Any]) -> None:
    """Run trafilatura in fast mode over pages, a slice at a time, on all cores."""
    _on_all_cores(_extracted, order["slices"])


def reading(_: Load, order: Mapping[str, Any]) -> None:
    """The same, and datasketch over the texts."""
    _on_all_cores(_sketched, order["slices"])


def _on_all_cores(read: Callable[[str], tuple[int, int]], slices: shelf.Slices) -> None:
    with ProcessPoolExecutor() as pool:
        list(pool.map(read, slices[0][:8]))
        for files in slices:
            with phase("slice") as counts:
                counts["pages"], counts["characters"] = map(sum, zip(*pool.map(read, files), strict=True))


def _extracted(file: str) -> tuple[int, int]:
    texts = [trafilatura.extract(page, fast=True, include_comments=False) or "" for _, page in shelf.pages(file)]
    return len(texts), sum(map(len, texts))


def _sketched(file: str) -> tuple[int, int]:
    texts = [extracted(page) for _, page in shelf.pages(file)]
    for text in texts:
        sketched(text)
    return len(texts), sum(map(len, texts))


def fetching(load: Load, order: Mapping[str, Any]) -> None:
    """Run httpx with an own semaphore and one client, over what a cold crawl asks for."""

    async def fetch() -> None:
        for _ in range(order["rounds"]):
            async with _Client(load, order["trust"]) as client:
                with phase("round") as counts:
                    await client.fetch_all(list(load.urls()), counts)

    asyncio.run(fetch())


def warm_fetching(load: Load, order: Mapping[str, Any]) -> None:
    """The same over the feeds alone, again and again, with the validators of the first time."""
    urls = [load.feed_url(outlet) for outlet in range(load.feeds)]

    async def fetch() -> None:
        async with _Client(load, order["trust"]) as client:
            await client.fetch_all(urls, {})
            for _ in range(order["rounds"]):
                await asyncio.sleep(_UNTIL_CLOSED)
                with phase("round") as counts:
                    await client.fetch_all(urls, counts)

    asyncio.run(fetch())


class _Client:
    """A bare httpx loop."""

    def __init__(self, load: Load, trust: str | None) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._etags: dict[str, str] = {}
        self._client = httpx.AsyncClient(verify=trusting(trust) if load.tls else True, timeout=30)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def fetch_all(self, urls: list[str], counts: dict[str, Any]) -> None:
        """Fetch all of them, as many at once as there are slots."""
        counts["bytes"] = sum(await asyncio.gather(*map(self._fetch, urls)))
        counts["requests"] = len(urls)

    async def _fetch(self, url: str) -> int:
        headers = {"If-None-Match": self._etags[url]} if url in self._etags else {}
        async with self._slots:
            reply = await self._client.get(url, headers=headers)
        self._etags[url] = reply.headers.get("ETag", "")
        return len(reply.content)


def signing(load: Load, order: Mapping[str, Any]) -> None:
    """Use datasketch as its README shows: MinHash by update, candidates by MinHashLSH."""
    texts = [telling for outlet in range(load.feeds) for telling in _tellings(load, outlet)]
    for _ in range(order["rounds"]):
        with phase("round") as counts:
            index, found = new_index(), 0
            for number, text in enumerate(texts):
                sketch = sketched(text)
                found += len(index.query(sketch))
                index.insert(number, sketch)
            counts |= {"articles": len(texts), "candidates": found}


def _tellings(load: Load, outlet: int) -> list[str]:
    tellings = [load.telling(outlet, page) for page in range(load.pages)]
    return ["\n".join((telling.title, *telling.paragraphs)) for telling in tellings]


def parsing(load: Load, order: Mapping[str, Any]) -> None:
    """Run feedparser over the feeds, on one core."""
    feeds = [load.feed(outlet) for outlet in range(load.feeds)]
    for _ in range(order["rounds"]):
        with phase("round") as counts:
            counts["feeds"] = len(feeds)
            counts["entries"] = sum(len(feedparser.parse(BytesIO(feed)).entries) for feed in feeds)


def newsboat(load: Load, order: Mapping[str, Any]) -> None:
    """Run newsboat, twice."""
    folder = Path(order["folder"])
    (folder / "urls").write_text(
        "".join(f"{load.feed_url(outlet)}\n" for outlet in range(load.feeds)), encoding="utf-8"
    )
    (folder / "config").write_text(f"reload-threads {AT_ONCE}\nssl-verifypeer no\n", encoding="utf-8")
    command = ["newsboat", "-q", "-u", "urls", "-C", "config", "-c", "cache.db", "-x", "reload"]
    for name in ("cold", "warm"):
        with phase(name) as counts:
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            counts["feeds"] = load.feeds


REFERENCES: Mapping[str, Callable[[Load, Mapping[str, Any]], None]] = {
    task.__name__: task for task in (extraction, reading, fetching, warm_fetching, signing, parsing, newsboat)
}

if __name__ == "__main__":
    told = ordered()
    REFERENCES[told["task"]](from_json(told["load"]), told)
