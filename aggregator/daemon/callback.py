"""The door for hubs: an HTTP server in the daemon's loop that knows one path a subscription, and answers nothing else.

It is meant to stand behind a web server that speaks TLS, and trusts nobody who gets through to it.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Protocol, Self
from urllib.parse import parse_qsl

from aggregator.core.days import iso
from aggregator.daemon.logs import tell, tell_crash
from aggregator.domain.errors import StoreError
from aggregator.domain.websub import Heard, Mode, Push
from aggregator.pipeline.websub import Subscriber
from aggregator.web.listening import Connection, Listener, Receive, Scope, Send

Headers = Mapping[str, str]

_MOST_PARAMETERS = 20


class TooLarge(Exception):
    """A body passes its limit."""


class Gone(Exception):
    """Whoever asked left."""


class Inbox(Protocol):
    """Takes what was pushed, to be read by and by."""

    @property
    def most_bytes(self) -> int:
        """How large a push may be: as large as a feed that is polled."""

    @property
    def is_full(self) -> bool:
        """Whether nothing more can be held."""

    def put(self, push: Push) -> None:
        """Take a push."""


class Callback:
    """Answers hubs; an ASGI application. Every answer is constant, but for the challenge of a request that was ours."""

    def __init__(self, subscriber: Subscriber, inbox: Inbox) -> None:
        self._subscriber = subscriber
        self._inbox = inbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        # What stands before the token is for the web server before us, which may have cut it off.
        token = scope["path"].rpartition("/")[2]
        try:
            match scope["method"]:
                case "GET":
                    await self._verify(token, scope["query_string"], send)
                case "POST":
                    await self._take(token, _headers(scope), receive, send)
                case _:
                    await _answer(send, HTTPStatus.METHOD_NOT_ALLOWED, allow="GET, POST")
            await self._subscriber.save()
        except StoreError as error:
            tell(logging.ERROR, "subscriptions not kept", problem=error)
        except Gone:
            pass
        except Exception as error:  # noqa: BLE001 (one request's trouble; uvicorn would only log it its own way)
            tell_crash("callback failed", error)

    async def _verify(self, token: str, query: bytes, send: Send) -> None:
        try:
            pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
        except ValueError:
            pairs = []
        heard = self._subscriber.verify(token, dict(pairs))
        if heard is None:
            await _answer(send, HTTPStatus.NOT_FOUND)
            return
        _log_heard(heard)
        await _answer(send, HTTPStatus.OK, heard.echo.encode())

    async def _take(self, token: str, headers: Headers, receive: Receive, send: Send) -> None:
        known = self._subscriber.known(token)
        if known is None or known.confirmed is None:
            await _answer(send, HTTPStatus.NOT_FOUND)
        elif known.ended is not None:
            # The recommendation's way to tell a hub that nobody wants it any more.
            await _answer(send, HTTPStatus.GONE)
        elif self._inbox.is_full:
            await _answer(send, HTTPStatus.SERVICE_UNAVAILABLE, retry_after="60")
        else:
            await self._read(token, headers, receive, send)

    async def _read(self, token: str, headers: Headers, receive: Receive, send: Send) -> None:
        try:
            body = await _body(headers, receive, self._inbox.most_bytes)
        except TooLarge:
            tell(logging.WARNING, "push too large", most_bytes=self._inbox.most_bytes)
            await _answer(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        signature, content_type = headers.get("x-hub-signature"), headers.get("content-type")
        push = self._subscriber.accept(token, body, signature=signature, content_type=content_type)
        # Whoever signs wrongly hears nothing else than the hub; the hub hears it before the reading, or it would give up.
        await _answer(send, HTTPStatus.ACCEPTED)
        if push is None:
            tell(logging.WARNING, "push thrown away", why="it is not signed as it should be", bytes=len(body))
        else:
            self._inbox.put(push)


class Door:
    """Where hubs are listened to."""

    def __init__(self, listener: Listener, listen: str) -> None:
        self.listen = listen
        self.port = listener.port
        self._listener = listener

    @classmethod
    async def open(cls, listen: str, callback: Callback, *, connection: type[Connection] = Connection) -> Self:
        """Listen at `listen` ("host:port").

        Raises:
            OSError: the address cannot be had.
        """
        host, _, port = listen.rpartition(":")
        return cls(await Listener.open(callback, host.strip("[]"), int(port), connection=connection), listen)

    async def close(self) -> None:
        """Listen no more; what is in hand has a moment to end."""
        await self._listener.close()


def _headers(scope: Scope) -> Headers:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def _body(headers: Headers, receive: Receive, most: int) -> bytes:
    # Digits: h11 has checked them.
    if int(headers.get("content-length", 0)) > most:
        raise TooLarge
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > most:
            raise TooLarge
    return bytes(body)


async def _answer(send: Send, status: HTTPStatus, body: bytes = b"", **headers: str) -> None:
    # The challenge comes from outside; nobody shall take it for a page.
    fields = {"content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff", "connection": "close"}
    fields |= {"content-length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode()) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": int(status), "headers": raw})
    await send({"type": "http.response.body", "body": body})


def _log_heard(heard: Heard) -> None:
    subscription = heard.subscription
    told = {"topic": subscription.hub.topic, "hub": subscription.hub.url}
    match heard.mode:
        case Mode.SUBSCRIBE:
            tell(logging.INFO, "subscribed", **told, until=iso(subscription.expires))
        case Mode.UNSUBSCRIBE:
            tell(logging.INFO, "unsubscribed", **told)
        case Mode.DENIED:
            tell(logging.WARNING, "subscription denied", **told, why=subscription.refused)
