"""What stands before every page: who asks, by what method, and what a browser is told to refuse."""

from collections.abc import Callable, MutableMapping
from http import HTTPStatus
from typing import Any

from aggregator.web.entry.addresses import is_log_in
from aggregator.web.listening import Application, Receive, Scope, Send, fields
from aggregator.web.readers.addresses import is_asked_by_apps
from aggregator.web.refusing import READING, refuse
from aggregator.web.surroundings import Surroundings

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
ACTING = (*READING, "POST", "PUT", "PATCH", "DELETE")
#: What a browser says of a request that a page of ours, or a person, makes.
_OWN_FETCHES = frozenset({"same-origin", "none"})


class Guard:
    """Lets requests through to an application that are meant for this machine; those that change something, from our own pages."""

    def __init__(
        self,
        application: Application,
        *,
        surroundings: Surroundings,
        crashed: Callable[[Exception], None],
        acts: bool,
    ) -> None:
        self._application = application
        self._surroundings = surroundings
        self._crashed = crashed
        self._acts = acts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every answer has the headers."""
        guarded = _with_headers(send)
        if not await self._is_ours(scope):
            # A name of somebody else's that leads to this machine: the page that asks must learn nothing (DNS rebinding).
            await refuse(guarded, HTTPStatus.MISDIRECTED_REQUEST, "This page is not served under that name.\n")
        elif scope["method"] not in (methods := self._allowed(scope["path"])):
            allowed = ", ".join(methods)
            await refuse(guarded, HTTPStatus.METHOD_NOT_ALLOWED, "This page can only be read.\n", allow=allowed)
        elif scope["method"] not in READING and not _is_from_us(scope):
            await refuse(guarded, HTTPStatus.FORBIDDEN, "Another site's page asked for this.\n")
        else:
            try:
                await self._application(scope, receive, guarded)
            except Exception as error:  # noqa: BLE001 (one page's trouble; it was answered as such)
                self._crashed(error)

    def _allowed(self, path: str) -> tuple[str, ...]:
        # A page that only reads may still have to be logged in to; and reader apps post their password, and what they want to
        # read: where nothing may be changed they are told so.
        return ACTING if self._acts or is_log_in(path) or is_asked_by_apps(path) else READING

    async def _is_ours(self, scope: Scope) -> bool:
        given = _small(scope, b"host")
        if len(given) != 1:
            return False
        # Any port: a tunnel may begin at another one.
        host, colon, port = given[0].rpartition(":")
        if not colon or not port.isdecimal():
            host = given[0]
        return await self._surroundings.is_our_name(host, scope)


def _is_from_us(scope: Scope) -> bool:
    """Tell whether no other site's page asks. Programs that are no browsers say nothing of where they come from."""
    origins, hosts, fetches = (_small(scope, name) for name in (b"origin", b"host", b"sec-fetch-site"))
    own = {f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts}
    return set(origins) <= own and set(fetches) <= _OWN_FETCHES


def _small(scope: Scope, name: bytes) -> list[str]:
    return [value.lower() for value in fields(scope, name)]


def _with_headers(send: Send) -> Send:
    raw = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def guarded(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *raw]}
        await send(message)

    return guarded
