"""Serves a world over real HTTP/1.1 on loopback, in the loop of who asks, by that loop's clock."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from http import HTTPStatus
from random import Random

from tests.crawlworld import answers, documents
from tests.crawlworld.answers import Answer
from tests.crawlworld.model import Feed, Ill, World
from tests.crawlworld.notes import Notes, Visit

#: Where nobody listens.
NOWHERE = "127.1.255.1"
#: Seconds that an answer takes.
_LATENCY = (0.03, 0.3)
#: Seconds after which a connection is closed over which nothing comes.
_IDLE = 5.0
_GONE = (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, TimeoutError)


class Web:
    """The servers of a world, its names, and what they note."""

    def __init__(self, world: World, *, now: Callable[[], float], tls: ssl.SSLContext) -> None:
        """Serve by the clock `now`."""
        self.notes = Notes()
        self.port = 0
        #: Where the feeds that move go to: browsers and crawlers believe no redirect from plain HTTP to plain HTTP.
        self.tls_port = 0
        self._tls = tls
        #: How many answers are held back on purpose: a fast clock may go on in spite of them.
        self.held = 0
        self._now = now
        self._chance = Random(7)
        self._asked = 0
        self._outlets = {outlet.host: outlet for outlet in world.outlets}
        self._feeds = {(feed.outlet.host, feed.path): feed for feed in world.feeds}
        self._by_number = {feed.number: feed for feed in world.feeds}
        self._moved = {
            (feed.other.host, f"/moved/{feed.number}.xml"): feed for feed in world.feeds if feed.other is not None
        }
        self._lost = [feed for feed in world.feeds if feed.fault and feed.fault.ill in (Ill.DNS, Ill.REFUSED)]
        self._conversations: set[asyncio.Task[None]] = set()

    def url(self, feed: Feed) -> str:
        """Return a feed's address."""
        return f"http://{feed.outlet.host}:{self.port}{feed.path}"

    async def resolve(self, host: str) -> Sequence[str]:
        """Look a name up, as a `Resolver` of the fetcher."""
        ills = {feed.ill(self._now()) for feed in self._lost if feed.outlet.host == host}
        if Ill.DNS in ills or host not in self._outlets:
            raise OSError(socket.EAI_NONAME, "Name or service not known")
        return [NOWHERE if Ill.REFUSED in ills else self._outlets[host].address]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen at all addresses of the world, on one port each with and without TLS."""
        with ExitStack() as sockets:
            servers = []
            for address in sorted({outlet.address for outlet in self._outlets.values()}):
                plain = sockets.enter_context(_listening(address, self.port))
                secure = sockets.enter_context(_listening(address, self.tls_port))
                self.port, self.tls_port = plain.getsockname()[1], secure.getsockname()[1]
                servers.append(await asyncio.start_server(self._accept, sock=plain))
                servers.append(await asyncio.start_server(self._accept, sock=secure, ssl=self._tls))
            try:
                yield
            finally:
                for server in servers:
                    server.close()
                for task in tuple(self._conversations):
                    task.cancel()
                await asyncio.gather(*self._conversations, return_exceptions=True)
                for _ in range(2):  # aborted transports close in the loop's next rounds
                    await asyncio.sleep(0)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._converse(reader, writer))
        self._conversations.add(task)
        task.add_done_callback(self._conversations.discard)
        task.add_done_callback(lambda _: writer.transport.abort())

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection in turn."""
        address = "{}:{}".format(*writer.get_extra_info("sockname"))
        with suppress(*_GONE):
            while await self._answer(address, reader, writer):
                pass
            writer.close()
            await writer.wait_closed()

    async def _answer(self, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        async with asyncio.timeout(_IDLE):
            path, headers = _read(await reader.readuntil(b"\r\n\r\n"))
        outlet = self._outlets[headers["host"].decode().partition(":")[0]]
        place = outlet.host, path
        feed = self._feeds.get(place) or self._moved.get(place)
        visit = Visit(
            outlet=outlet,
            address=address,
            path=path,
            kind=_kind(path, feed),
            feed=feed.number if feed else None,
            began=self._now(),
            conditional=not headers.keys().isdisjoint({"if-none-match", "if-modified-since"}),
        )
        self.notes.arrive(visit, feed)
        answer: Answer | None = None
        try:
            self.held += 1
            await asyncio.sleep(self._chance.uniform(*_LATENCY))
            said = self._say(place, headers)
            if said is answers.SILENCE:
                await reader.read(1)  # until who asked hangs up
                return False
            answer = said
        finally:
            self.held -= 1
            self.notes.leave(visit, feed, answer, self._now())
        writer.write(_bytes(answer))
        await writer.drain()
        return True

    def _elsewhere(self, feed: Feed) -> str:
        """Return the address to which a feed moves, if it does."""
        return f"https://{feed.other.host}:{self.tls_port}/moved/{feed.number}.xml" if feed.other else ""

    def _say(self, place: tuple[str, str], headers: Mapping[str, bytes]) -> Answer:
        self._asked += 1
        now = self._now()
        if feed := self._feeds.get(place):
            return answers.of_feed(feed, headers, now, self._elsewhere(feed), self._asked)
        if feed := self._moved.get(place):
            return answers.document(feed, headers, now, self._asked)
        path = place[1]
        if path == "/robots.txt":
            return Answer(status=HTTPStatus.OK, headers={"Content-Type": "text/plain"}, body=documents.ROBOTS)
        if path.startswith("/a/"):
            number, entry = map(int, path.split("/")[2:])
            body = documents.page(self._by_number[number], entry)
            return Answer(status=HTTPStatus.OK, headers={"Content-Type": "text/html; charset=utf-8"}, body=body)
        return Answer(status=HTTPStatus.NOT_FOUND)


def _listening(address: str, port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((address, port))
    return listening


def _kind(path: str, feed: Feed | None) -> str:
    if feed is not None:
        return "feed"
    return "robots" if path == "/robots.txt" else "page" if path.startswith("/a/") else "other"


def _read(head: bytes) -> tuple[str, dict[str, bytes]]:
    """Return the path and the headers of a request, the values byte for byte."""
    first, *lines = head.split(b"\r\n")
    parts: Iterable[tuple[bytes, bytes, bytes]] = (line.partition(b": ") for line in lines if line)
    return first.split()[1].decode(), {name.decode().lower(): value for name, _, value in parts}


def _bytes(answer: Answer) -> bytes:
    status = HTTPStatus(answer.status)
    lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode()]
    for name, value in answer.headers.items():
        lines.append(name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()))
    if answer.status != HTTPStatus.NOT_MODIFIED:
        lines.append(f"Content-Length: {len(answer.body)}".encode())
    return b"\r\n".join([*lines, b"", answer.body])
