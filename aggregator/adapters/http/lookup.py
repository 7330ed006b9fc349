"""Looks hosts up, and remembers for a minute where they are."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address

from aggregator.adapters.turns import Queue
from aggregator.core.crawling.addresses import Address

#: Looks a host up and returns its addresses, the best first. Raises OSError or ValueError where there are none.
Resolver = Callable[[str], Awaitable[Sequence[str]]]

#: Seconds. Long enough for the address whose turn was taken to be the one that is connected to.
_REMEMBERED = 60.0
#: Seconds after a request for which its host is not looked up again. More than a connection is kept open for, so that
#: a request which goes over an open one is counted at the address at which that ends.
_AFTER_USE = 5.0
#: A thread each: a name server that is down must not make hundreds of them.
_LOOK_UPS = 64
#: Hosts whose minute is over are forgotten once so many are remembered.
_FORGET_FROM = 1_000


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


@dataclass(slots=True)
class _Place:
    """Where a host is, until when (by the loop's clock) that is believed, and how many requests hold on to it."""

    addresses: list[Address]
    until: float
    holders: int = 0


class Places:
    """Where hosts are."""

    def __init__(self, resolve: Resolver) -> None:
        self._resolve = resolve
        self._places: dict[str, _Place] = {}
        self._look_ups = asyncio.Semaphore(_LOOK_UPS)
        self._queue = Queue()

    def __len__(self) -> int:
        """Count the hosts that are remembered."""
        return len(self._places)

    @asynccontextmanager
    async def held(self, host: str, seconds: float) -> AsyncIterator[Sequence[Address]]:
        """Look `host` up within `seconds`, and do not again while its addresses are in use.

        Raises:
            UnknownHost: it has no address.
            TimeoutError: nothing is known in time.
        """
        place = await self._locate(host, seconds)
        place.holders += 1
        try:
            yield place.addresses
        finally:
            place.holders -= 1
            place.until = max(place.until, asyncio.get_running_loop().time() + _AFTER_USE)

    async def find(self, host: str) -> Sequence[Address]:
        """Return the addresses of `host`, the best first.

        Raises:
            UnknownHost: it has none.
        """
        return (await self._locate(host, None)).addresses

    def prefer(self, host: str, address: Address) -> None:
        """Let the address that answered be the first one."""
        place = self._places.get(host)
        if place is not None and address in place.addresses:
            place.addresses = [address, *(other for other in place.addresses if other != address)]

    def forget(self, host: str) -> None:
        """Look `host` up anew next time: no address of it answers."""
        self._places.pop(host, None)

    async def _locate(self, host: str, seconds: float | None) -> _Place:
        place = self._places.get(host)
        if place is not None and (place.holders or asyncio.get_running_loop().time() < place.until):
            return place
        async with self._look_ups, asyncio.timeout(seconds):
            await self._queue.turn()
            addresses = await self._ask(host)
        now = asyncio.get_running_loop().time()
        if len(self._places) >= _FORGET_FROM:
            self._places = {name: known for name, known in self._places.items() if known.holders or now < known.until}
        self._places[host] = place = _Place(addresses, now + _REMEMBERED)
        return place

    async def _ask(self, host: str) -> list[Address]:
        try:
            # A set's order is chance; a dict keeps the resolver's.
            addresses = list(dict.fromkeys(ip_address(text) for text in await self._resolve(host)))
        except (OSError, ValueError) as unknown:
            if isinstance(unknown, TimeoutError):
                raise
            raise UnknownHost(host, unknown) from unknown
        if not addresses:
            raise UnknownHost(host, None)
        return addresses
