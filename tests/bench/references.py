"""What others do with the same load: `python -m tests.bench.references NAME` is run by the bench, with an order as JSON."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import datasketch
import feedparser
import httpx
import trafilatura

from tests.bench import shelf
from tests.bench.load import Load, from_json
from tests.bench.measuring import phase
from tests.bench.serving import trusting

#: Requests under way at once, as many as ours.
_AT_ONCE = 64
#: Words in a shingle, as many as ours.
_SHINGLE = 5


def extraction(load: Load, order: Mapping[str, Any]) -> None:
    """Run trafilatura in fast mode over all pages, on all cores."""
    with ProcessPoolExecutor() as pool:
        files = [Path(file) for file in order["files"]]
        list(pool.map(_extracted, files[: pool._max_workers]))  # type: ignore[attr-defined]
        with phase("extraction") as counts:
            counts["pages"], counts["characters"] = map(sum, zip(*pool.map(_extracted, files), strict=True))
    assert counts["pages"] == load.articles


def _extracted(file: Path) -> tuple[int, int]:
    texts = [trafilatura.extract(page, fast=True, include_comments=False) or "" for page in shelf.pages(file)]
    return len(texts), sum(map(len, texts))


def fetching(load: Load, order: Mapping[str, Any]) -> None:
    """Run httpx with an own semaphore and one client, over what a cold crawl asks for."""
    asyncio.run(_fetched(load, order["trust"], list(load.urls()), "fetching"))


def warm_fetching(load: Load, order: Mapping[str, Any]) -> None:
    """The same over the feeds alone, a second time, with the validators of the first."""
    asyncio.run(
        _fetched(load, order["trust"], [load.feed_url(outlet) for outlet in range(load.feeds)], "warm", rounds=2)
    )


async def _fetched(load: Load, trust: str | None, urls: list[str], name: str, *, rounds: int = 1) -> None:
    slots = asyncio.Semaphore(_AT_ONCE)
    etags: dict[str, str] = {}
    async with httpx.AsyncClient(verify=trusting(trust) if load.tls else True, timeout=30) as client:

        async def fetch(url: str) -> int:
            async with slots:
                reply = await client.get(url, headers={"If-None-Match": etags[url]} if url in etags else {})
            etags[url] = reply.headers.get("ETag", "")
            return len(reply.content)

        for _ in range(rounds - 1):
            await asyncio.gather(*map(fetch, urls))
            # As in ours, no connection is left open from the last time.
            await asyncio.sleep(5)
        with phase(name) as counts:
            counts["bytes"] = sum(await asyncio.gather(*map(fetch, urls)))
            counts["requests"] = len(urls)


def signing(load: Load, _: Mapping[str, Any]) -> None:
    """Use datasketch as its README shows: MinHash by update, candidates by MinHashLSH."""
    texts = [telling for outlet in range(load.feeds) for telling in _tellings(load, outlet)]
    found = 0
    with phase("signing") as counts:
        index = datasketch.MinHashLSH(threshold=0.5, num_perm=128)
        for number, text in enumerate(texts):
            sketch = datasketch.MinHash(num_perm=128)
            words = text.lower().split()
            for place in range(len(words) - _SHINGLE + 1):
                sketch.update(" ".join(words[place : place + _SHINGLE]).encode())
            found += len(index.query(sketch))
            index.insert(number, sketch)
        counts |= {"articles": len(texts), "candidates": found}


def _tellings(load: Load, outlet: int) -> list[str]:
    tellings = [load.telling(outlet, page) for page in range(load.pages)]
    return ["\n".join((telling.title, *telling.paragraphs)) for telling in tellings]


def parsing(load: Load, _: Mapping[str, Any]) -> None:
    """Run feedparser over the feeds, on one core."""
    feeds = [load.feed(outlet) for outlet in range(load.feeds)]
    with phase("parsing") as counts:
        counts["entries"] = sum(len(feedparser.parse(BytesIO(feed)).entries) for feed in feeds)


def newsboat(load: Load, order: Mapping[str, Any]) -> None:
    """Run newsboat, twice."""
    folder = Path(order["folder"])
    (folder / "urls").write_text(
        "".join(f"{load.feed_url(outlet)}\n" for outlet in range(load.feeds)), encoding="utf-8"
    )
    (folder / "config").write_text(f"reload-threads {_AT_ONCE}\nssl-verifypeer no\n", encoding="utf-8")
    command = ["newsboat", "-q", "-u", "urls", "-C", "config", "-c", "cache.db", "-x", "reload"]
    for name in ("cold", "warm"):
        with phase(name) as counts:
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            counts["feeds"] = load.feeds


REFERENCES: Mapping[str, Callable[[Load, Mapping[str, Any]], None]] = {
    task.__name__: task for task in (extraction, fetching, warm_fetching, signing, parsing, newsboat)
}

if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    REFERENCES[told["task"]](from_json(told["load"]), told)
