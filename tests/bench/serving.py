"""Serve a load from processes of its own: `python -m tests.bench.serving` with the load as JSON on stdin.

As cheap as can be, for what it takes the measured program does not get: what an outlet always says is made once.
"""

import asyncio
import json
import os
import re
import socket
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import trustme

from tests.bench.load import Load, as_json, from_json, outlet_at, robots

_ROOT = Path(__file__).parents[2]
#: Nobody looks: the bench's clients check who signed, not for whom, as a name a loopback address there is none.
_NOBODY = "bench.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A load that is being served."""

    load: Load
    #: The servers' processes.
    pids: tuple[int, ...]
    #: Whom the clients trust, as a file; None without TLS.
    trust: Path | None


@contextmanager
def served(load: Load, *, latency: float, folder: Path, moves: bool = False) -> Iterator[Served]:
    """Serve a load on a free port until the block ends, each answer after `latency` seconds.

    Where it `moves`, a feed lists other pages each time that the same client asks for it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    order = {**as_json(load), "latency": latency, "folder": str(folder), "moves": moves}
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.serving"],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )
    assert server.stdin
    assert server.stdout
    try:
        server.stdin.write(json.dumps(order).encode() + b"\n")
        server.stdin.flush()
        port = int(server.stdout.readline())
        trust = folder / "trust.pem" if load.tls else None
        yield Served(load=replace(load, port=port), pids=(server.pid,), trust=trust)
    finally:
        server.stdin.close()
        server.wait()
        server.stdout.close()


def trusting(trust: str | Path | None) -> ssl.SSLContext:
    """Return a client's side of TLS."""
    context = ssl.create_default_context(cafile=trust)
    context.check_hostname = False
    return context


class _Desk:
    """What the server answers."""

    def __init__(self, load: Load, latency: float, *, moves: bool) -> None:
        self.load = load
        self.latency = latency
        self._moves = moves
        self._asked = Counter[tuple[int, bytes]]()
        self._feed = cache(self._made_feed)

    def answer(self, address: str, head: bytes) -> bytes:
        """Return the answer to a request, head and body."""
        outlet, target = outlet_at(address), head.split(b" ", 2)[1]
        if target == b"/feed.xml":
            asked = outlet, _client(head)
            body, etag = self._feed(outlet, self._asked[asked] if self._moves else 0)
            self._asked[asked] += 1
            # Every other outlet knows nothing of validators, and sends it all again.
            knows = outlet % 2 == 0
            if knows and etag in head:
                return b"HTTP/1.1 304 Not Modified\r\nETag: %b\r\n\r\n" % etag
            return _reply(b"application/rss+xml", body, b"ETag: %b\r\n" % etag if knows else b"")
        if target == b"/robots.txt":
            return _reply(b"text/plain", robots())
        page = int(target.split(b"/", 2)[1])
        if b"gzip" not in head:
            return _reply(b"text/html; charset=utf-8", self.load.page(outlet, page))
        return _reply(b"text/html; charset=utf-8", self.load.gzipped_page(outlet, page), b"Content-Encoding: gzip\r\n")

    def prepare(self) -> None:
        """Make what is made once, before anybody measures anything."""
        for outlet in range(self.load.feeds):
            self.load.gzipped_page(outlet, 0)
            for edition in range(1 + self._moves):
                self._feed(outlet, edition)

    def _made_feed(self, outlet: int, edition: int) -> tuple[bytes, bytes]:
        body = replace(self.load, first=edition * self.load.pages).feed(outlet)
        return body, b'"%b"' % sha256(body).hexdigest()[:16].encode()


def _client(head: bytes) -> bytes:
    """Return the name of who asks."""
    found = re.search(rb"(?i)\r\nuser-agent: ([^\r]*)", head)
    return found[1] if found else b""


def _reply(kind: bytes, body: bytes, more: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\n%bContent-Length: %d\r\n\r\n%b" % (kind, more, len(body), body)


class _Conversation(asyncio.Protocol):
    """One connection; who asks waits for the answer before asking again, as our clients do."""

    def __init__(self, desk: _Desk) -> None:
        self._desk = desk
        self._heard = b""
        self._address = ""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._address = transport.get_extra_info("sockname")[0]

    def data_received(self, chunk: bytes) -> None:
        self._heard += chunk
        head, end, self._heard = self._heard.partition(b"\r\n\r\n")
        if not end:
            self._heard = head
            return
        asyncio.get_running_loop().call_later(self._desk.latency, self._say, head)

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None

    def _say(self, head: bytes) -> None:
        if self._transport is not None:
            self._transport.write(self._desk.answer(self._address, head))


async def _serve(order: dict[str, Any]) -> None:
    latency, folder, moves = order.pop("latency"), Path(order.pop("folder")), order.pop("moves")
    load = from_json(order)
    context = _certificate(folder) if load.tls else None
    # Bound before anybody listens, for the desk must know its port. All of 127/8 is the outlets'.
    listening = socket.create_server(("0.0.0.0", load.port), backlog=1_024)
    desk = _Desk(replace(load, port=listening.getsockname()[1]), latency, moves=moves)
    desk.prepare()
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: _Conversation(desk), sock=listening, ssl=context)
    sys.stdout.write(f"{desk.load.port}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


def _certificate(folder: Path) -> ssl.SSLContext:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(_NOBODY).configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "trust.pem"))
    return context


if __name__ == "__main__":
    asyncio.run(_serve(json.loads(sys.stdin.readline())))
