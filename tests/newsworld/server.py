"""The world served over real HTTP on loopback, one port an outlet, by one thread of its own.

What was asked for is remembered, and answers can be made to fail.
"""

import asyncio
import gzip
import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

from tests.newsworld import feeds, pages
from tests.newsworld.clock import WorldClock
from tests.newsworld.model import World
from tests.newsworld.running import Fault, RunningWorld, Visit
from tests.newsworld.sites import Site

_HOST = "127.0.0.1"
_ENDED_BY_CLIENT = (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A request, as far as it matters here."""

    method: str
    target: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """A response."""

    #: "feed", "page", "home", "redirect" or "other".
    kind: str
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@contextmanager
def serve(world: World, clock: WorldClock, *, on_feed: Callable[[], None] | None = None) -> Iterator[RunningWorld]:
    """Serve every outlet until the block ends; `on_feed` is called at each request for a feed."""
    running = RunningWorld(world=world, clock=clock)
    server = _Server(running, on_feed or (lambda: None))
    thread = threading.Thread(target=server.run, name="newsworld", daemon=True)
    thread.start()
    server.ready.wait()
    try:
        yield running
    finally:
        server.stop()
        thread.join()


class _Server:
    """The listening sockets and their loop; lives in one thread."""

    def __init__(self, running: RunningWorld, on_feed: Callable[[], None]) -> None:
        self.ready = threading.Event()
        self._running = running
        self._on_feed = on_feed
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()

    def run(self) -> None:
        """Serve until told to stop."""
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    def stop(self) -> None:
        """End the loop; connections still open are cut."""
        self._loop.call_soon_threadsafe(self._end.set)

    async def _serve(self) -> None:
        servers = [await self._open(slug) for slug in (outlet.slug for outlet in self._running.world.outlets)]
        self.ready.set()
        await self._end.wait()
        for server in servers:
            server.close()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _open(self, slug: str) -> asyncio.Server:
        """Listen on a free port for one outlet."""
        running = self._running
        outlet = next(outlet for outlet in running.world.outlets if outlet.slug == slug)

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._connections.add(task)
            try:
                await self._converse(running.sites[slug], reader, writer)
            except _ENDED_BY_CLIENT:
                pass
            except asyncio.CancelledError:
                writer.transport.abort()
            finally:
                self._connections.discard(task)
                writer.close()
                with suppress(*_ENDED_BY_CLIENT):
                    await writer.wait_closed()

        server = await asyncio.start_server(connected, _HOST, 0)
        root = "http://{}:{}".format(*server.sockets[0].getsockname())
        running.sites[slug] = Site(world=running.world, outlet=outlet, clock=running.clock, root=root)
        return server

    async def _converse(self, site: Site, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection in turn."""
        while asked := await _read(reader):
            began, arrived = time.monotonic(), self._running.arrive(site.outlet.slug)
            answer = _Answer(kind=_kind(site, asked.target), status=0)
            try:
                if answer.kind == "feed":
                    self._on_feed()
                if self._running.latency:
                    await asyncio.sleep(self._running.latency)
                fault = self._running.fault_for(site.outlet.slug, asked.target)
                answer = await _failing(fault, answer.kind, reader) if fault else _answer(site, asked)
            finally:
                self._running.leave(
                    Visit(
                        outlet=site.outlet.slug,
                        kind=answer.kind,
                        path=asked.target,
                        status=answer.status,
                        user_agent=asked.headers.get("user-agent"),
                        conditional=not asked.headers.keys().isdisjoint({"if-none-match", "if-modified-since"}),
                        began=began,
                        ended=time.monotonic(),
                        at_once=arrived,
                    )
                )
            if not answer.status:
                writer.transport.abort()
                return
            writer.write(_bytes(answer, asked))
            await writer.drain()
            if asked.headers.get("connection", "").lower() == "close":
                return


async def _read(reader: asyncio.StreamReader) -> _Asked | None:
    """Read a request's head; None where the client has no more."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return _Asked(method=method, target=target, headers=headers)


async def _failing(fault: Fault, kind: str, reader: asyncio.StreamReader) -> _Answer:
    """Fail as ordered; status 0 stands for a connection that is cut without an answer."""
    if fault.how == "hang":
        # Until the client hangs up.
        await reader.read(1)
    if isinstance(fault.how, str):
        return _Answer(kind=kind, status=0)
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return _Answer(kind=kind, status=fault.how, body=b"out of order\n", headers=headers)


def _kind(site: Site, target: str) -> str:
    """Return what a request is for."""
    if site.feed_at(target):
        return "feed"
    if target == "/":
        return "home"
    way = site.way(target)
    if way is None:
        return "other"
    return "redirect" if way.to == "redirect" else "page"


def _answer(site: Site, asked: _Asked) -> _Answer:
    """Answer as a well-behaved site does."""
    kind, position = _kind(site, asked.target), site.clock.position
    section, way = site.feed_at(asked.target), site.way(asked.target)
    if asked.method not in {"GET", "HEAD"}:
        return _Answer(kind=kind, status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET, HEAD"})
    if section is not None:
        return _feed(site, section, position, asked.headers)
    if kind == "home":
        return _Answer(kind=kind, status=HTTPStatus.OK, body=pages.home(site, position), headers=_html(site))
    if way is None or way.article.at > position:
        return _Answer(kind=kind, status=HTTPStatus.NOT_FOUND, body=b"404\n", headers={"Content-Type": "text/plain"})
    if kind == "redirect":
        return _Answer(kind=kind, status=HTTPStatus.FOUND, headers={"Location": site.url(way.article)})
    return _Answer(kind=kind, status=HTTPStatus.OK, body=pages.page(site, way, position), headers=_html(site))


def _html(site: Site) -> dict[str, str]:
    charset = f"; charset={site.outlet.page_charset}" if site.outlet.charset_in_header else ""
    return {"Content-Type": f"text/html{charset}"}


def _feed(site: Site, section: str, position: float, headers: Mapping[str, str]) -> _Answer:
    """Answer with a feed, or with 304 to who has it as it stands (RFC 9110, 13.2.2)."""
    body = feeds.feed(site, section, position)
    changed = site.moment(feeds.changed_at(site, section, position))
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    fresh = {
        "ETag": etag,
        "Last-Modified": format_datetime(changed.astimezone(UTC), usegmt=True),
        "Content-Type": feeds.content_type(site, section),
    }
    if _has_it(headers, etag, changed):
        return _Answer(kind="feed", status=HTTPStatus.NOT_MODIFIED, headers=fresh)
    return _Answer(kind="feed", status=HTTPStatus.OK, body=body, headers=fresh)


def _has_it(headers: Mapping[str, str], etag: str, changed: datetime) -> bool:
    """Tell whether who asks has what would be sent."""
    if tags := headers.get("if-none-match"):
        return etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
    since = headers.get("if-modified-since")
    return since is not None and changed <= parsedate_to_datetime(since)


def _bytes(answer: _Answer, asked: _Asked) -> bytes:
    """Write an answer down."""
    body, headers = answer.body, dict(answer.headers)
    if body and "gzip" in asked.headers.get("accept-encoding", ""):
        body = gzip.compress(body, mtime=0)
        headers["Content-Encoding"] = "gzip"
    if answer.status != HTTPStatus.NOT_MODIFIED:
        headers["Content-Length"] = str(len(body))
    headers["Vary"] = "Accept-Encoding"
    status = HTTPStatus(answer.status)
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    return head if asked.method == "HEAD" else head + body
