"""Connects to public addresses only, checked after the name was looked up and before a byte is sent.

The very address that was checked is connected to, so a name that resolves otherwise the next time (DNS rebinding) and
spellings such as 0x7f.1 gain nothing. The TLS name stays the host's.
"""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import ip_address

import httpcore
import httpx

from aggregator.core.crawling.addresses import Address, Network, refusal

#: Looks a host up and returns its addresses, the best first. Raises OSError or ValueError where there are none.
Resolver = Callable[[str], Awaitable[Sequence[str]]]

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


class UnknownHost(Exception):
    """A host's name cannot be looked up."""

    def __init__(self, host: str, cause: Exception | None) -> None:
        """Keep what the resolver said."""
        said = cause.strerror if isinstance(cause, OSError) and cause.strerror else "it has no address"
        super().__init__(f"the name {host} cannot be looked up: {said}")


async def look_up(host: str) -> Sequence[str]:
    """Ask the system's resolver.

    In a thread of its own that nobody waits for: `getaddrinfo` cannot be cancelled, and the threads of a pool would
    make a stop wait for a dead name server.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(addresses: list[str], error: Exception | None) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(addresses)
        else:
            answer.set_exception(error)

    def ask() -> None:
        addresses: list[str] = []
        error: Exception | None = None
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            addresses = [str(place[0]) for *_, place in found]
        except (OSError, ValueError) as refused:
            error = refused
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
            loop.call_soon_threadsafe(settle, addresses, error)

    threading.Thread(target=ask, name=f"look-up {host}", daemon=True).start()
    return await answer


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """The network as httpcore sees it: only public addresses, and those of `allow_networks`, exist."""

    def __init__(self, *, allow_networks: Iterable[Network], resolve: Resolver = look_up) -> None:
        self.allow_networks = tuple(allow_networks)
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

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
                addresses = await self._permitted(host)
        except TimeoutError as late:
            raise httpcore.ConnectTimeout(f"the name {host} is not looked up in time") from late
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                return await self._network.connect_tcp(
                    str(address),
                    port,
                    timeout=None if end is None else max(end - loop.time(), 0) / left,
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                failure = failed
        raise failure

    async def _permitted(self, host: str) -> list[Address]:
        """Look `host` up once and return those of its addresses that may be connected to."""
        try:
            # A set's order is chance; a dict keeps the resolver's.
            addresses = list(dict.fromkeys(ip_address(text) for text in await self._resolve(host)))
        except (OSError, ValueError) as unknown:
            if isinstance(unknown, TimeoutError):
                raise
            raise UnknownHost(host, unknown) from unknown
        if not addresses:
            raise UnknownHost(host, None)
        judged = [(address, refusal(address, self.allow_networks)) for address in addresses]
        permitted = [address for address, what in judged if what is None]
        if not permitted:
            address, what = judged[0]
            raise RefusedAddress(host, address, what or "")
        return permitted[:_TRIES]


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over a guarded network."""

    def __init__(self, backend: GuardedBackend, *, ssl_context: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=ssl_context, trust_env=False)
        # httpx has no public way to hand in a network backend. The tests fail if a version stops using this pool.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=backend,
        )
