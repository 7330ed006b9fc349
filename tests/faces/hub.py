"""A WebSub hub on loopback, with the feed that names it: takes subscriptions, asks back, pushes signed documents."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

CHALLENGE = "a challenge of 1"
_STATUS = {200: "200 OK", 202: "202 Accepted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a callback answered."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Hub:
    """A running hub. Whoever reaches the public address of a callback reaches `door`, as through a web server before it."""

    #: The port on which callbacks are really listened to.
    door: Callable[[], int | None]
    #: What it answers to a request, and what it then asks or tells the callback; None where it says nothing.
    answer: str = "202 Accepted"
    then: str | None = "as asked"
    lease: str | None = "864000"
    port: int = 0
    entries: list[str] = field(default_factory=list)
    #: The Link header of the feed; the document itself names hub and topic unless `silent`.
    link: str | None = None
    silent: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)
    content_types: list[str] = field(default_factory=list)
    verified: list[Answered] = field(default_factory=list)
    polled: int = 0
    #: Polls are answered once this is set.
    open: asyncio.Event = field(default_factory=asyncio.Event)
    _errands: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Its own address."""
        return f"http://127.0.0.1:{self.port}/hub"

    @property
    def topic(self) -> str:
        """The address of the feed."""
        return f"http://127.0.0.1:{self.port}/feed"

    @property
    def callback(self) -> str:
        """The callback that it was told last."""
        return self.asked[-1]["hub.callback"]

    def document(self, *titles: str) -> bytes:
        """Return the feed with these entries."""
        links = "" if self.silent else f"<link rel='hub' href='{self.url}'/><link rel='self' href='{self.topic}'/>"
        entries = "".join(
            f"<entry><id>{title}</id><title>{title}</title><link href='{self.topic}/{title}'/>"
            f"<summary>{title}. The council met on Monday and spoke of it at length.</summary></entry>"
            for title in titles
        )
        return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>F</title>{links}{entries}</feed>".encode()

    async def verify(self, form: dict[str, str], **changes: str | None) -> Answered:
        """Ask a callback whether a request was its; `changes` have _ for the dot after hub."""
        query: dict[str, str | None] = {
            "hub.mode": form["hub.mode"],
            "hub.topic": form["hub.topic"],
            "hub.challenge": CHALLENGE,
            "hub.lease_seconds": self.lease,
        }
        query |= {name.replace("_", ".", 1): value for name, value in changes.items()}
        said = urlencode({name: value for name, value in query.items() if value is not None})
        answered = await self.call("GET", f"{urlsplit(form['hub.callback']).path}?{said}")
        self.verified.append(answered)
        return answered

    async def push(self, *titles: str, method: str = "sha256", secret: str | None = None) -> int:
        """Push the feed with these entries, signed as asked for; return the status of the answer."""
        body = self.document(*titles)
        secret = self.asked[-1]["hub.secret"] if secret is None else secret
        signature = f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"
        return await self.send(body, **{"X-Hub-Signature": signature})

    async def send(self, body: bytes, callback: str | None = None, **headers: str) -> int:
        """Send bytes to the callback; return the status of the answer."""
        path = urlsplit(callback or self.callback).path
        headers = {"Content-Type": "application/atom+xml", "Content-Length": str(len(body))} | headers
        return (await self.call("POST", path, body, **headers)).status

    async def call(self, method: str, target: str, body: bytes = b"", **headers: str) -> Answered:
        """Send a request to the door."""
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return await self.say(f"{method} {target} HTTP/1.1\r\nHost: news.example\r\n{head}\r\n".encode() + body)

    async def say(self, request: bytes) -> Answered:
        """Send bytes to the door, be they a request or not; a status of 0 stands for no answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.door())
        writer.write(request)
        try:
            return _parsed(await reader.read())
        finally:
            writer.close()

    async def errands(self) -> None:
        """Return when everything that was to be said to callbacks has been said."""
        while self._errands:
            await asyncio.gather(*self._errands)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        head, headers = _head(await reader.readuntil(b"\r\n\r\n"))
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if head.startswith("POST"):
            writer.write(self._take(head.split()[1], headers, body))
        else:
            self.polled += 1
            await self.open.wait()
            link = f"Link: {self.link}\r\n" if self.link else ""
            feed = self.document(*self.entries)
            writer.write(f"HTTP/1.1 200 OK\r\n{link}Content-Length: {len(feed)}\r\n\r\n".encode() + feed)
        writer.close()

    def _take(self, path: str, headers: dict[str, str], body: bytes) -> bytes:
        if path == "/hub" and self.answer.startswith("3"):
            return f"HTTP/1.1 {self.answer}\r\nLocation: /moved\r\nContent-Length: 0\r\n\r\n".encode()
        form = dict(parse_qsl(body.decode()))
        self.asked.append(form)
        self.content_types.append(headers.get("content-type", ""))
        if self.then is not None:
            mode = form["hub.mode"] if self.then == "as asked" else self.then
            task = asyncio.create_task(self._ask_back(form, mode))
            self._errands.add(task)
            task.add_done_callback(self._errands.discard)
        answer = "202 Accepted" if self.answer.startswith("3") else self.answer
        return f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n".encode()

    async def _ask_back(self, form: dict[str, str], mode: str) -> None:
        await self.verify(form, hub_mode=mode, hub_reason="no such feed" if mode == "denied" else None)


@asynccontextmanager
async def hub_on_loopback(door: Callable[[], int | None], port: int = 0) -> AsyncIterator[Hub]:
    """Run a hub whose callbacks are really listened to on the port that `door` tells."""
    hub = Hub(door)
    server = await asyncio.start_server(hub.converse, "127.0.0.1", port)
    hub.port = server.sockets[0].getsockname()[1]
    hub.open.set()
    try:
        yield hub
    finally:
        server.close()
        await hub.errands()


def _head(raw: bytes) -> tuple[str, dict[str, str]]:
    first, *lines = raw.decode().split("\r\n")
    pairs = (line.split(": ", 1) for line in lines if line)
    return first, {name.lower(): value for name, value in pairs}


def _parsed(raw: bytes) -> Answered:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, headers = _head(head)
    return Answered(status=int(first.split()[1]) if first else 0, headers=headers, body=body)
