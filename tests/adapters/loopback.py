"""A server on loopback that plays any answer byte by byte, and a fetcher that may reach it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any, TypeVar

from aggregator.adapters.http import HttpFetcher, Limits
from aggregator.domain.fetching import Failed, FailureKind, NotModified, Purpose, Request, Response
from tests.fasttime import fast_loop, run_fast

T = TypeVar("T")
Answer = Response | NotModified | Failed

LOOPBACK = (ip_network("127.0.0.0/8"),)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
#: For tests of silence; all others have the real limits, so that a busy machine does not fail them.
IMPATIENT = Limits(seconds=0.5, idle_seconds=0.2)
#: Shared: making one takes longer than most tests.
_TRUST = ssl.create_default_context()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as the server got it."""

    path: str
    headers: dict[str, bytes]
    #: The very bytes, up to the empty line.
    head: bytes
    #: The loop's time at which it had arrived, the port it came from, and the address it went to.
    at: float
    port: int
    address: str


Play = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class Server:
    """A running server and what it was asked."""

    play: Play
    keep_alive: bool = False
    port: int = 0
    asked: list[Asked] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        """Return an address of this server under some host name."""
        return f"{scheme}://{host}:{self.port}{path}"

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while await self._answer(reader, writer):
                pass
            writer.close()
            await writer.wait_closed()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client left

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        raw = await reader.readuntil(b"\r\n\r\n")
        head = raw.split(b"\r\n")
        lines = (line.split(b": ", 1) for line in head[1:] if line)
        asked = Asked(
            path=head[0].split()[1].decode(),
            headers={name.decode().lower(): value for name, value in lines},
            head=raw,
            at=asyncio.get_running_loop().time(),
            port=writer.get_extra_info("peername")[1],
            address=writer.get_extra_info("sockname")[0],
        )
        self.asked.append(asked)
        await self.play(asked, writer)
        await writer.drain()
        return self.keep_alive


@asynccontextmanager
async def serve(
    play: Play | bytes, *, keep_alive: bool = False, tls: ssl.SSLContext | None = None, addresses: int = 1
) -> AsyncIterator[Server]:
    """Run a server that plays `play`, or always sends the bytes given, on a free port of 127.0.0.1 and the next addresses."""
    server = Server(always(play) if isinstance(play, bytes) else play, keep_alive)
    conversations: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(server.converse(reader, writer))
        conversations.add(task)
        task.add_done_callback(conversations.discard)
        task.add_done_callback(lambda _: writer.transport.abort())  # also when it was cancelled before it began

    listening = []
    for number in range(1, addresses + 1):
        listener = await asyncio.start_server(accept, f"127.0.0.{number}", server.port, ssl=tls)
        server.port = listener.sockets[0].getsockname()[1]
        listening.append(listener)
    try:
        yield server
    finally:
        for listener in listening:
            listener.close()
        for _ in range(5):  # connections that were just accepted begin their conversation within these rounds
            await asyncio.sleep(0)
        for task in tuple(conversations):
            task.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)
        for _ in range(2):  # done callbacks abort, and aborted transports close, in the loop's next rounds
            await asyncio.sleep(0)


def always(answer: bytes) -> Play:
    """Return a play that sends the same bytes whatever is asked."""

    async def play(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return play


async def everywhere(_host: str) -> Sequence[str]:
    """Resolve every name to this machine."""
    return ["127.0.0.1"]


async def by_number(host: str) -> Sequence[str]:
    """Resolve the name a2.site.test to 127.0.0.2, and so on."""
    return [f"127.0.0.{host.split('.', maxsplit=1)[0].lstrip('abcdefghijklmnopqrstuvwxyz-') or 1}"]


def fetcher(**options: Any) -> HttpFetcher:
    """Return a fetcher that reaches loopback without pauses, other `options` allowing."""
    defaults: dict[str, Any] = {
        "site_delay": timedelta(0),
        "allow_networks": LOOPBACK,
        "clock": lambda: NOON,
        "resolve": everywhere,
        "ssl_context": _TRUST,
    }
    return HttpFetcher(**(defaults | options))


def playing(
    play: Play | bytes,
    use: Callable[[HttpFetcher, Server], Awaitable[T]],
    *,
    keep_alive: bool = False,
    addresses: int = 1,
    **options: Any,
) -> T:
    """Run `use` with a fetcher and a server that plays `play`."""

    async def run() -> T:
        async with serve(play, keep_alive=keep_alive, addresses=addresses) as server, fetcher(**options) as client:
            return await use(client, server)

    return asyncio.run(run())


def playing_fast(
    play: Play | bytes,
    use: Callable[[HttpFetcher, Server], Awaitable[T]],
    *,
    keep_alive: bool = False,
    addresses: int = 1,
    **options: Any,
) -> T:
    """Do as `playing` does, in a loop whose time runs fast; the fetcher's clock is the loop's."""

    async def run() -> T:
        loop = fast_loop()
        async with (
            serve(play, keep_alive=keep_alive, addresses=addresses) as server,
            fetcher(**({"clock": loop.wall} | options)) as client,
        ):
            loop.busy_while(lambda: client.under_way > loop.held)
            return await use(client, server)

    return run_fast(run, start=NOON)


def answer_to(play: Play | bytes, path: str = "/", **options: Any) -> Answer:
    """Return what one plain feed request to a server playing `play` yields."""

    async def use(client: HttpFetcher, server: Server) -> Answer:
        return await client.fetch(feed(server.url(path)))

    return playing(play, use, **options)


def feed(url: str, **wishes: Any) -> Request:
    """Return a request for a feed."""
    return Request(url=url, purpose=Purpose.FEED, **wishes)


def page(url: str) -> Request:
    """Return a request for a page."""
    return Request(url=url, purpose=Purpose.PAGE)


def reply(status: str = "200 OK", body: bytes = b"", **headers: str | bytes) -> bytes:
    """Return a well-formed answer; header names have _ for -."""
    lines = [f"HTTP/1.1 {status}".encode(), f"Content-Length: {len(body)}".encode()]
    for name, value in headers.items():
        lines.append(name.replace("_", "-").encode() + b": " + (value if isinstance(value, bytes) else value.encode()))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def failed(answer: Answer, kind: FailureKind) -> Failed:
    """Assert that an answer failed as `kind`, and return it."""
    assert isinstance(answer, Failed), answer
    assert answer.kind is kind, answer
    return answer


def good(answer: Answer) -> Response:
    """Assert that an answer is a response, and return it."""
    assert isinstance(answer, Response), answer
    return answer
