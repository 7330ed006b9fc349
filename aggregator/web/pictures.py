"""Pictures of articles, from our own address: a browser that reads here asks nobody else.

Only addresses that are stored as an article's picture are asked, through the daemon's fetcher: from public addresses, within
bounds, at the pace that each site gets.
"""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response as Answer

from aggregator.adapters.pictures import PictureCache
from aggregator.bootstrap import open_reader
from aggregator.bootstrap.paths import Paths
from aggregator.bootstrap.reading import LastingConfig
from aggregator.core.pictures import picture_type
from aggregator.domain.fetching import Failed, NotModified, Purpose, Request, Response
from aggregator.domain.ids import ArticleId
from aggregator.domain.settings import Pictures

Fetch = Callable[[Request], Awaitable[Response | NotModified | Failed]]

#: So long a browser waits for one that is being fetched; the fetch goes on, and the next look has it.
PATIENCE = 15.0
#: Pictures that are fetched or wait for their site's turn at once; for more nobody waits.
MOST_AT_ONCE = 64
_LARGEST = 2**63 - 1
_KEPT = "private, max-age=604800, immutable"


class Proxy:
    """Gets pictures from the cache, and into it by `fetch` where there is one."""

    def __init__(self, cache: PictureCache, fetch: Fetch | None = None) -> None:
        self._cache = cache
        self._fetch = fetch
        self._under_way: dict[str, asyncio.Task[bytes]] = {}

    async def picture(self, url: str) -> bytes:
        """Return the picture at `url`; nothing where there is none, or none yet."""
        known = await asyncio.to_thread(self._cache.read, url)
        if known is not None:
            return known
        task = self._under_way.get(url) or self._begun(url)
        if task is None:
            return b""
        try:
            # Who goes away, or waits no longer, does not end it.
            return await asyncio.wait_for(asyncio.shield(task), PATIENCE)
        except TimeoutError:
            return b""

    async def close(self) -> None:
        """Fetch no more."""
        tasks = tuple(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begun(self, url: str) -> asyncio.Task[bytes] | None:
        if self._fetch is None or len(self._under_way) >= MOST_AT_ONCE:
            return None
        task = asyncio.create_task(self._fetched(url, self._fetch))
        self._under_way[url] = task
        task.add_done_callback(lambda _: self._under_way.pop(url, None))
        return task

    async def _fetched(self, url: str, fetch: Fetch) -> bytes:
        answer = await fetch(Request(url=url, purpose=Purpose.PICTURE))
        body = answer.body if isinstance(answer, Response) and picture_type(answer.body) else b""
        await asyncio.to_thread(self._cache.keep, url, body)
        return body


def pictures_router(paths: Paths, proxy: Proxy) -> APIRouter:
    """Return the addresses of pictures, which are those of their articles."""
    router, config = APIRouter(), LastingConfig(paths)

    def address(article: ArticleId) -> str | None:
        read = config.read()
        if read is None or read.settings.pictures is not Pictures.PROXY or not paths.database.exists():
            return None
        with open_reader(paths) as reader:
            return reader.picture(article)

    async def picture(article: Annotated[int, Path(ge=1, le=_LARGEST)]) -> Answer:
        url = await asyncio.to_thread(address, ArticleId(article))
        body = await proxy.picture(url) if url else b""
        if not body:
            return Answer(status_code=HTTPStatus.NOT_FOUND, headers={"cache-control": "no-store"})
        return Answer(body, media_type=picture_type(body), headers={"cache-control": _KEPT})

    router.add_api_route("/picture/{article}", picture, methods=["GET", "HEAD"], response_model=None)
    return router
