"""The page on loopback, served within this process as the daemon serves it."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import httpx

from aggregator.adapters.access_file import AccessFile
from aggregator.bootstrap.paths import Paths, find_paths
from aggregator.web.address import Address, chosen
from aggregator.web.entry.door import Door
from aggregator.web.serving import open_page


@dataclass(kw_only=True, slots=True)
class Served:
    """A page that is served."""

    client: httpx.Client
    url: str
    #: What went wrong in it.
    crashes: list[Exception] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a page."""
        return self.client.get(path, headers=headers)


def paths_of(folder: Path) -> Paths:
    """Return the places of tests in `folder`."""
    return find_paths(folder / "feeds.yaml", folder / "news.db", {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)})


@contextmanager
def serving(paths: Paths, host: str = "127.0.0.1", *, acts: bool = False, door: Door | None = None) -> Iterator[Served]:
    """Serve the page of `paths` while the block runs; in a thread of its own, for a test may have a loop already.

    `door` is one with a clock that the test moves.
    """
    crashes: list[Exception] = []
    opened: Future[tuple[str, Callable[[], object]]] = Future()
    thread = Thread(
        target=lambda: asyncio.run(_serve(paths, chosen_in(paths, host), crashes, opened, acts=acts, door=door))
    )
    thread.start()
    url, stop = opened.result(30)
    try:
        with httpx.Client(base_url=url, timeout=30) as client:
            yield Served(client=client, url=url, crashes=crashes)
    finally:
        stop()
        thread.join()


def chosen_in(paths: Paths, host: str) -> Address:
    """Return where a page is served, as the command line chooses it, at a free port."""
    return chosen(host, 0, has_password=AccessFile(paths.access).exists)


async def _serve(
    paths: Paths,
    at: Address,
    crashes: list[Exception],
    opened: "Future[tuple[str, Callable[[], object]]]",
    **options: Any,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    try:
        listener, address = await open_page(paths, at, crashes.append, **options)
    except BaseException as error:
        opened.set_exception(error)
        raise
    opened.set_result((address.url, lambda: loop.call_soon_threadsafe(stop.set)))
    await stop.wait()
    await listener.close()
