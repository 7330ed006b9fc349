"""What the server does below HTTP."""

import asyncio
import socket

from aggregator.web.listening import Listener, Receive, Scope, Send


def test_answers_are_sent_at_once() -> None:
    """An answer's second part does not wait until the other side has confirmed the first (TCP_NODELAY)."""

    async def ask() -> tuple[bytes, list[int]]:
        told: list[int] = []

        async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
            (connection,) = listener._server.server_state.connections
            channel = connection.transport.get_extra_info("socket")
            told.append(channel.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        listener = await Listener.open(answer, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answered = await reader.read()
        writer.close()
        await listener.close()
        return answered, told

    answered, told = asyncio.run(ask())
    assert answered.startswith(b"HTTP/1.1 204")
    assert len(told) == 1
    assert told[0]
