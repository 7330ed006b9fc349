"""The page in the daemon: opened beside the polling, and never in its way."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from aggregator.adapters.pictures import PictureCache
from aggregator.bootstrap.paths import Paths
from aggregator.daemon.logs import tell, tell_crash
from aggregator.domain.errors import AggregatorError
from aggregator.web.address import UNENCRYPTED, Address
from aggregator.web.listening import Listener
from aggregator.web.monitoring.checkup import AskDaemon

if TYPE_CHECKING:
    from aggregator.adapters.http import HttpFetcher
    from aggregator.web.pictures import Proxy


class Page:
    """The page of a running daemon; none where no address is wanted or the address cannot be had."""

    def __init__(self, paths: Paths, address: Address | None) -> None:
        self._paths = paths
        self._wanted = address
        self._listener: Listener | None = None
        self._proxy: Proxy | None = None
        #: Where it is served; None while it is not.
        self.url: str | None = None

    async def open(self, fetcher: HttpFetcher, ask: AskDaemon) -> None:
        """Serve the page, or say why not; the daemon goes on without it, and is asked how it is.

        `fetcher` gets the pictures that it shows.
        """
        if self._wanted is None:
            return
        from aggregator.web.pictures import Proxy  # noqa: PLC0415 (the same)
        from aggregator.web.serving import open_page  # noqa: PLC0415 (half a second that a daemon without it is spared)

        self._proxy = proxy = Proxy(PictureCache(self._paths.pictures), fetcher.fetch)
        try:
            self._listener, where = await open_page(
                self._paths, self._wanted, _crashed, acts=True, ask=ask, proxy=proxy
            )
        except AggregatorError as error:
            tell(logging.WARNING, "no page", problem=error)
            return
        self.url = where.url
        tell(logging.INFO, "page", url=where.url)
        if not where.is_ours_alone:
            tell(logging.WARNING, "page without encryption", url=where.url, cure=UNENCRYPTED)

    async def close(self) -> None:
        """Serve it no more."""
        if self._listener is not None:
            await self._listener.close()
        if self._proxy is not None:
            await self._proxy.close()


def _crashed(error: Exception) -> None:
    tell_crash("page failed", error)
