"""What stands behind the guard: lets requests through of those who have logged in, or who show the password."""

import base64
import binascii
import json
from collections import deque
from collections.abc import MutableMapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from aggregator.domain.access import Access
from aggregator.web.entry.addresses import API, is_for_programs, is_open
from aggregator.web.entry.cookies import token_in
from aggregator.web.entry.door import Door, TooOften
from aggregator.web.listening import Application, Receive, Scope, Send, fields
from aggregator.web.proof import HEADER, WITHIN, in_form, proves, set_proof
from aggregator.web.refusing import READING, refuse
from aggregator.web.surroundings import Surroundings

#: Characters of an address that a log-in leads back to.
_LONGEST_BACK = 1_000
_ASKED = {"www-authenticate": 'Basic realm="aggregator", charset="UTF-8"'}


class Entry:
    """Lets requests through to an application.

    Without a password, which is on this machine only, there are no sessions, and so no proof in forms: the guard's check of where
    a request comes from stands alone there. Every browser of today tells it, names of others that lead here are refused, and any
    program on this machine could fetch a proof as well as use it.
    """

    def __init__(self, application: Application, *, door: Door, surroundings: Surroundings) -> None:
        self._application = application
        self._door = door
        self._surroundings = surroundings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope = await self._surroundings.seen_through(scope)
        access, path = self._door.access(), scope["path"]
        if access is None or is_open(path):
            await self._application(scope, receive, send)
        elif (token := token_in(scope)) and await self._door.is_known(access, token):
            await self._in_session(token, scope, receive, send)
        elif is_for_programs(path):
            await self._from_program(access, scope, receive, send)
        else:
            await refuse(send, HTTPStatus.SEE_OTHER, "Log in first.\n", location=_log_in(scope))

    async def _in_session(self, token: str, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in READING:
            given, receive = await _proof_in(scope, receive)
            if not proves(token, given):
                told = "The page with this form is older than the last log-in, or it is not ours. Load the page anew.\n"
                await refuse(send, HTTPStatus.FORBIDDEN, told)
                return
        set_proof(token)
        await self._application(scope, receive, _unkept(send))

    async def _from_program(self, access: Access, scope: Scope, receive: Receive, send: Send) -> None:
        password = _shown_password(scope)
        sender = scope["client"][0] if scope.get("client") else ""
        try:
            if password is not None and await self._door.fits(access, password, sender):
                await self._application(scope, receive, send)
                return
        except TooOften as error:
            told = f"Wrong passwords were given too often; wait {error.wait} seconds."
            headers = {"retry-after": str(error.wait)}
            await _refuse_program(scope, send, HTTPStatus.TOO_MANY_REQUESTS, told, headers)
            return
        told = "The page has a password; show it by HTTP Basic, with any user name."
        await _refuse_program(scope, send, HTTPStatus.UNAUTHORIZED, told, _ASKED)


def _log_in(scope: Scope) -> str:
    """Return where to log in, and what that leads back to."""
    query = scope["query_string"].decode("latin-1")
    back = quote(scope["path"]) + (f"?{query}" if query else "")
    if scope["method"] not in READING or back == "/" or len(back) > _LONGEST_BACK:
        return "/login"
    return f"/login?to={quote(back, safe='')}"


def _shown_password(scope: Scope) -> str | None:
    """Return the password that a program shows, None where it shows none; the user name is any."""
    given = fields(scope, b"authorization")
    kind, _, shown = given[0].strip().partition(" ") if len(given) == 1 else ("", "", "")
    if kind.lower() != "basic":
        return None
    try:
        _, colon, password = base64.b64decode(shown.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return password if colon else None


async def _proof_in(scope: Scope, receive: Receive) -> tuple[bytes, Receive]:
    """Return the proof that a request has in its header or at the beginning of its form, and what receives the whole of it."""
    given = fields(scope, HEADER)
    if given:
        return given[0].encode("latin-1"), receive
    kept: deque[MutableMapping[str, Any]] = deque()
    beginning = b""
    while len(beginning) < WITHIN:
        message = await receive()
        kept.append(message)
        beginning += message.get("body", b"")
        if not message.get("more_body", False):
            break

    async def again() -> MutableMapping[str, Any]:
        return kept.popleft() if kept else await receive()

    return in_form(beginning), again


def _unkept(send: Send) -> Send:
    """Have browsers keep nothing, so that after the log-out nobody finds it by going back."""

    async def unkept(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = [(name, value) for name, value in message["headers"] if name.lower() != b"cache-control"]
            message = {**message, "headers": [*headers, (b"cache-control", b"no-store")]}
        await send(message)

    return unkept


async def _refuse_program(scope: Scope, send: Send, status: HTTPStatus, told: str, headers: dict[str, str]) -> None:
    if not scope["path"].startswith(API):
        await refuse(send, status, f"{told}\n", **headers)
        return
    detail, _, cure = told.partition("; ")
    problem = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail, "cure": cure}
    kind = {"content-type": "application/problem+json"}
    await refuse(send, status, json.dumps(problem), **kind, **headers)
