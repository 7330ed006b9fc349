"""A server for HTTP in a loop that is not its own: of the page, and of the door for hubs."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

#: An address of ours and what browsers add are some thousand bytes at most.
HEADER_BYTES = 16_384
#: For what is in hand when it closes; a stop of the daemon has little more to spare.
_CLOSING_SECONDS = 1.0


def fields(scope: Scope, wanted: bytes) -> list[str]:
    """Return the values of a header field; `wanted` is its name in small letters."""
    return [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]


class Connection(H11Protocol):
    """A connection that does not live for long, and is one of few."""

    #: From connecting to the end.
    seconds = 30.0
    #: How many there are at once.
    most = 32

    _last_call: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin, unless there are too many."""
        super().connection_made(transport)
        # asyncio does so for sockets that say they are TCP, which those of `socket.create_server` do not; without it each answer
        # on a connection that is kept waits 40 ms for the other side to confirm its head.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._last_call = asyncio.get_running_loop().call_later(self.seconds, transport.abort)
        if len(self.connections) > self.most:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        if self._last_call is not None:
            self._last_call.cancel()
        super().connection_lost(exc)


class Listener:
    """A server that listens. It has no signal handlers, no log and no loop of its own."""

    def __init__(self, server: uvicorn.Server, port: int) -> None:
        self.port = port
        self._server = server

    @classmethod
    async def open(
        cls, application: Application, host: str, port: int, *, connection: type[Connection] = Connection
    ) -> Self:
        """Listen at `host` and `port`, at any free one where that is 0.

        Raises:
            OSError: the address cannot be had.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        channel = socket.create_server((host, port), family=family)
        config = uvicorn.Config(
            application,
            http=connection,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            h11_max_incomplete_event_size=HEADER_BYTES,
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        # Not `serve`, which would take the signals from the daemon.
        await server.startup(sockets=[channel])
        return cls(server, channel.getsockname()[1])

    async def close(self) -> None:
        """Listen no more; what is in hand has a moment to end."""
        for listener in self._server.servers:
            listener.close()
        state = self._server.server_state
        for connection in tuple(state.connections):
            connection.shutdown()
        if state.tasks:
            await asyncio.wait(tuple(state.tasks), timeout=_CLOSING_SECONDS)
        for connection in tuple(state.connections):
            connection.transport.abort()
