"""Serve the page: in a loop that somebody else runs, or alone until a signal ends it."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import replace

from aggregator.adapters.pictures import PictureCache
from aggregator.bootstrap.paths import Paths
from aggregator.domain.errors import AggregatorError
from aggregator.web.address import Address
from aggregator.web.app import make_app
from aggregator.web.desk import Desk
from aggregator.web.entry.door import Door
from aggregator.web.listening import Listener
from aggregator.web.monitoring.checkup import AskDaemon
from aggregator.web.pictures import Proxy

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def open_page(
    paths: Paths,
    address: Address,
    crashed: Callable[[Exception], None],
    *,
    acts: bool,
    ask: AskDaemon | None = None,
    door: Door | None = None,
    proxy: Proxy | None = None,
) -> tuple[Listener, Address]:
    """Serve the page at `address`; return by what it is closed, and where it is. It only reads, unless it `acts`.

    `ask` asks the daemon that serves it how it is; `door` is one with a clock of its own. Without a `proxy` it has the
    pictures that were fetched before.

    Raises:
        AggregatorError: the address cannot be had.
    """
    # FastAPI and what it brings take half a second to load, which the loop may have better use for.
    desk = Desk(paths) if acts else None
    door = door or Door(paths.access, is_open_without=address.is_ours_alone)
    proxy = proxy or Proxy(PictureCache(paths.pictures))
    app = await asyncio.to_thread(
        make_app, paths, names=address.names, crashed=crashed, door=door, proxy=proxy, desk=desk, ask=ask
    )
    try:
        listener = await Listener.open(app, address.host, address.port)
    except OSError as error:
        raise AggregatorError(
            f"the page cannot be served at {address.url} ({error.strerror}); is another aggregator, or another program,"
            " there already? Choose another place with --port"
        ) from error
    return listener, replace(address, port=listener.port)


def serve(
    paths: Paths, address: Address, *, began: Callable[[Address], None], crashed: Callable[[Exception], None]
) -> None:
    """Serve the page until SIGTERM or SIGINT; `began` is told where.

    Raises:
        AggregatorError: the address cannot be had.
    """
    asyncio.run(_serve(paths, address, began, crashed))


async def _serve(
    paths: Paths, address: Address, began: Callable[[Address], None], crashed: Callable[[Exception], None]
) -> None:
    stop = asyncio.Event()
    for number in _STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    listener, where = await open_page(paths, address, crashed, acts=False)
    began(where)
    await stop.wait()
    await listener.close()
