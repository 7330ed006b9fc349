"""The connections: one a request, kept open for a moment in case its site is asked again.

Requests and answers are httpx's. Its client would look at each for cookies, logins and redirects to follow, of which we want
none. httpx's own pool looks at every connection of every site whenever a request begins or ends, and asks the system about each
one: with 64 under way a quarter of all that the event loop did. Who waits for whom is decided before (`politeness`), so what
is left of a pool is to know which connections are idle, by the place they lead to.
"""

import importlib.util
import ssl
import sys
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpcore
import httpx

Origin = tuple[bytes, bytes, int | None]

if importlib.util.find_spec("sniffio") is None:
    # httpcore tries to import it at every request. Where it is missing, this spares the search in all folders (.25 ms).
    sys.modules["sniffio"] = None  # type: ignore[assignment] # as the import system knows what is not there


class Connections:
    """Connections over `network`. How many requests are under way at once is the caller's to bound."""

    def __init__(
        self,
        network: httpcore.AsyncNetworkBackend,
        *,
        ssl_context: ssl.SSLContext,
        most_idle: int,
        keep_alive: float,
    ) -> None:
        """Keep at most `most_idle` idle connections, each for `keep_alive` seconds."""
        self._network = network
        self._ssl_context = ssl_context
        self._most_idle = most_idle
        self._keep_alive = keep_alive
        #: The one that was used last is the last; a second one to the same place is not kept.
        self._idle = OrderedDict[Origin, httpcore.AsyncHTTPConnection]()

    def __len__(self) -> int:
        """Count the idle connections."""
        return len(self._idle)

    @asynccontextmanager
    async def asked(self, request: httpx.Request) -> AsyncIterator[httpx.Response]:
        """Send a request and yield the answer, whose body may then be read; nothing is followed or remembered."""
        reply = await self._send(request)
        try:
            yield reply
        finally:
            await reply.aclose()

    async def _send(self, request: httpx.Request) -> httpx.Response:
        """Send a request over an idle connection to its place, or over a new one."""
        url = request.url
        origin = (url.raw_scheme, url.raw_host, url.port)
        connection = await self._idle_one(origin) or self._new_one(url)
        assert isinstance(request.stream, httpx.AsyncByteStream)
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        reply = await connection.handle_async_request(asked)
        return httpx.Response(
            reply.status,
            headers=reply.headers,
            stream=_Stream(self, origin, connection, reply),
            extensions=reply.extensions,
        )

    async def aclose(self) -> None:
        """Close what is idle."""
        while self._idle:
            await self._idle.popitem()[1].aclose()

    async def take_back(self, origin: Origin, connection: httpcore.AsyncHTTPConnection) -> None:
        """Keep a connection whose answer was read, if it can be used again."""
        if not connection.is_idle():
            return  # httpcore has closed it
        if origin in self._idle:
            await connection.aclose()
            return
        self._idle[origin] = connection
        while len(self._idle) > self._most_idle:
            await self._idle.popitem(last=False)[1].aclose()

    async def _idle_one(self, origin: Origin) -> httpcore.AsyncHTTPConnection | None:
        connection = self._idle.pop(origin, None)
        if connection is None:
            return None
        if connection.has_expired():
            await connection.aclose()
            return None
        return connection

    def _new_one(self, url: httpx.URL) -> httpcore.AsyncHTTPConnection:
        place = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/")
        return httpcore.AsyncHTTPConnection(
            place.origin,
            ssl_context=self._ssl_context,
            keepalive_expiry=self._keep_alive,
            network_backend=self._network,
        )


class _Stream(httpx.AsyncByteStream):
    """An answer's body; when it is closed, its connection goes back."""

    def __init__(
        self, home: Connections, origin: Origin, connection: httpcore.AsyncHTTPConnection, reply: httpcore.Response
    ) -> None:
        self._home = home
        self._origin = origin
        self._connection = connection
        self._reply = reply

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._reply.aiter_stream():
            yield part

    async def aclose(self) -> None:
        await self._reply.aclose()
        await self._home.take_back(self._origin, self._connection)
