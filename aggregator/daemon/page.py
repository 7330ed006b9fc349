"""The page in the daemon: opened beside the polling, and never in its way."""

import logging

from aggregator.bootstrap.paths import Paths
from aggregator.daemon.logs import tell, tell_crash
from aggregator.domain.errors import AggregatorError
from aggregator.web.address import UNENCRYPTED, Address
from aggregator.web.listening import Listener
from aggregator.web.monitoring.checkup import AskDaemon


class Page:
    """The page of a running daemon; none where no address is wanted or the address cannot be had."""

    def __init__(self, paths: Paths, address: Address | None) -> None:
        self._paths = paths
        self._wanted = address
        self._listener: Listener | None = None
        #: Where it is served; None while it is not.
        self.url: str | None = None

    async def open(self, ask: AskDaemon) -> None:
        """Serve the page, or say why not; the daemon goes on without it, and is asked how it is."""
        if self._wanted is None:
            return
        from aggregator.web.serving import open_page  # noqa: PLC0415 (half a second that a daemon without it is spared)

        try:
            self._listener, where = await open_page(self._paths, self._wanted, _crashed, acts=True, ask=ask)
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


def _crashed(error: Exception) -> None:
    tell_crash("page failed", error)
