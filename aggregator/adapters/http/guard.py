"""Connects to public addresses only, checked after the name was looked up and before a byte is sent.

The very address that was checked is connected to, so a name that resolves otherwise the next time (DNS rebinding) and
spellings such as 0x7f.1 gain nothing. The TLS name stays the host's.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

import httpcore

from aggregator.adapters.http.lookup import Places, Resolver, look_up
from aggregator.core.crawling.addresses import Address, Network, refusal

#: Addresses of one host that are tried in turn; they share the time for connecting.
_TRIES = 4


class RefusedAddress(Exception):
    """A host has no address that may be connected to."""

    def __init__(self, host: str, address: Address, what: str) -> None:
        """Name the first of the host's addresses and what it is."""
        self.address = address
        place = "" if host == str(address) else f"{host} is at "
        super().__init__(
            f'{place}{address}, {what}; if that is meant, add "{address}/{address.max_prefixlen}" to allow_networks'
        )


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """The network as httpcore sees it: only public addresses, and those of `allow_networks`, exist."""

    def __init__(self, *, allow_networks: Iterable[Network], resolve: Resolver = look_up) -> None:
        self.allow_networks = tuple(allow_networks)
        self._places = Places(resolve)
        self._network = httpcore.AnyIOBackend()

    @asynccontextmanager
    async def located(self, host: str, port: int, *, seconds: float) -> AsyncIterator[str]:
        """Look `host` up within `seconds`; yield the name of the budget of its address.

        As long as this is held, a new connection to the host goes to that address, unless it does not answer.

        Raises:
            UnknownHost: it has no address.
            RefusedAddress: none that may be connected to.
        """
        async with self._places.held(host, seconds) as addresses:
            yield self._budget_of(self._permitted(host, addresses)[0], port)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of `host` that may be and can be; `timeout` bounds the look-up and all tries."""
        loop = asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + timeout
        try:
            async with asyncio.timeout_at(end):
                addresses = self._permitted(host, await self._places.find(host))
        except TimeoutError as late:
            raise httpcore.ConnectTimeout(f"the name {host} is not looked up in time") from late
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                stream = await self._network.connect_tcp(
                    str(address),
                    port,
                    timeout=None if end is None else max(end - loop.time(), 0) / left,
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                failure = failed
            else:
                self._places.prefer(host, address)
                return stream
        self._places.forget(host)
        raise failure

    def _permitted(self, host: str, addresses: Sequence[Address]) -> list[Address]:
        """Return those of a host's addresses that may be connected to."""
        judged = [(address, refusal(address, self.allow_networks)) for address in addresses]
        permitted = [address for address, what in judged if what is None]
        if not permitted:
            address, what = judged[0]
            raise RefusedAddress(host, address, what or "")
        return permitted[:_TRIES]

    @staticmethod
    def _budget_of(address: Address, port: int) -> str:
        """Name an address's budget; the @ keeps it apart from that of a site which is called by its address.

        Behind one address that is not public stands one machine of the owner's own, and each service on it is another
        program that may be asked for itself; so its port belongs to it.
        """
        if refusal(address, ()) is None:
            return f"@{address}"
        return f"@[{address}]:{port}" if address.version == 6 else f"@{address}:{port}"  # noqa: PLR2004 - the IP version
