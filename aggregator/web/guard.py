"""What stands before every page: who asks, by what method, and what a browser is told to refuse."""

from collections.abc import Callable, MutableMapping
from http import HTTPStatus
from typing import Any

from aggregator.web.listening import Application, Receive, Scope, Send
from aggregator.web.readers.addresses import is_asked_by_apps

#: Nothing but our own style sheet, script and pictures; nothing in frames, nothing sent elsewhere.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Nobody else learns where a link was followed. With `no-referrer` browsers would send forms with `Origin: null`.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
}
READING, ACTING = ("GET", "HEAD"), ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
#: What a browser says of a request that a page of ours, or a person, makes.
_OWN_FETCHES = frozenset({"same-origin", "none"})


class Guard:
    """Lets requests through to an application that are meant for this machine; those that change something, from our own pages."""

    def __init__(
        self, application: Application, *, names: frozenset[str], crashed: Callable[[Exception], None], acts: bool
    ) -> None:
        self._application = application
        self._names = names
        self._crashed = crashed
        self._acts = acts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every answer has the headers."""
        guarded = _with_headers(send)
        if not self._is_ours(scope):
            # A name of somebody else's that leads to this machine: the page that asks must learn nothing (DNS rebinding).
            await _refuse(guarded, HTTPStatus.MISDIRECTED_REQUEST, "This page is not served under that name.\n")
        elif scope["method"] not in (methods := self._allowed(scope["path"])):
            allowed = ", ".join(methods)
            await _refuse(guarded, HTTPStatus.METHOD_NOT_ALLOWED, "This page can only be read.\n", allow=allowed)
        elif scope["method"] not in READING and not _is_from_us(scope):
            await _refuse(guarded, HTTPStatus.FORBIDDEN, "Another site's page asked for this.\n")
        else:
            try:
                await self._application(scope, receive, guarded)
            except Exception as error:  # noqa: BLE001 (one page's trouble; it was answered as such)
                self._crashed(error)

    def _allowed(self, path: str) -> tuple[str, ...]:
        # Reader apps post their password, and what they want to read; where nothing may be changed they are told so.
        return ACTING if self._acts or is_asked_by_apps(path) else READING

    def _is_ours(self, scope: Scope) -> bool:
        given = _fields(scope, b"host")
        if len(given) != 1:
            return False
        # Any port: a tunnel may begin at another one.
        host, colon, port = given[0].rpartition(":")
        if not colon or not port.isdecimal():
            host = given[0]
        return host in self._names


def _is_from_us(scope: Scope) -> bool:
    """Tell whether no other site's page asks. Programs that are no browsers say nothing of where they come from."""
    origins, hosts, fetches = (_fields(scope, name) for name in (b"origin", b"host", b"sec-fetch-site"))
    own = {f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts}
    return set(origins) <= own and set(fetches) <= _OWN_FETCHES


def _fields(scope: Scope, wanted: bytes) -> list[str]:
    return [value.decode("latin-1").lower() for name, value in scope["headers"] if name == wanted]


def _with_headers(send: Send) -> Send:
    raw = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def guarded(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *raw]}
        await send(message)

    return guarded


async def _refuse(send: Send, status: HTTPStatus, text: str, **headers: str) -> None:
    body = text.encode()
    fields = {
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(body)),
        "cache-control": "no-store",
    }
    raw = [(name.encode(), value.encode()) for name, value in (fields | headers).items()]
    await send({"type": "http.response.start", "status": int(status), "headers": raw})
    await send({"type": "http.response.body", "body": body})
