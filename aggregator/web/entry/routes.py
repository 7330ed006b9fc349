"""Logging in and out: two forms."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from aggregator.bootstrap import utc_now
from aggregator.domain.errors import AggregatorError
from aggregator.web.entry.cookies import cookie, token_in
from aggregator.web.entry.door import Door, TooOften
from aggregator.web.forms import own_path, read_form
from aggregator.web.pages.rendering import Renderer, Static

#: Bytes of a form; a password of a thousand characters that are four bytes each, escaped, has 12,000.
_MOST = 16_000
_UNKEPT = {"cache-control": "no-store"}


class LogIn:
    """Answers what is asked for at the door."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._renderer = Renderer(Static())

    def router(self) -> APIRouter:
        """Return the two addresses."""
        router = APIRouter()
        router.add_api_route("/login", self.show, methods=["GET", "HEAD"], response_model=None)
        router.add_api_route("/login", self.log_in, methods=["POST"], response_model=None)
        router.add_api_route("/logout", self.log_out, methods=["POST"], response_model=None)
        return router

    async def show(self, request: Request, to: str = "") -> Response:
        """Show the form, unless it is not needed."""
        access = self._door.access()
        if access is None or await self._door.is_known(access, token_in(request.scope)):
            return _led(own_path(to))
        return self._form(to)

    async def log_in(self, request: Request) -> Response:
        """Look at the password; the right one begins a session, also where there is one: it takes its place."""
        form = await read_form(request, _MOST)
        to, access = form.one("to"), self._door.access()
        if access is None:
            return _led(own_path(to))
        sender = request.client.host if request.client else ""
        try:
            token = await self._door.log_in(access, form.whole("password"), sender)
        except TooOften as error:
            told = f"Wrong passwords were given too often. Wait {_span(error.wait)}."
            status, headers = HTTPStatus.TOO_MANY_REQUESTS, {"retry-after": str(error.wait)}
            return self._form(to, told, status, headers)
        except AggregatorError as error:
            return self._form(to, f"Nobody can log in: {error}", HTTPStatus.SERVICE_UNAVAILABLE)
        if token is None:
            return self._form(to, "That is not the password.", HTTPStatus.FORBIDDEN)
        return _led(own_path(to), **{"set-cookie": cookie(request.scope, token)})

    async def log_out(self, request: Request) -> Response:
        """End the session."""
        access = self._door.access()
        try:
            if access is not None:
                await self._door.log_out(access, token_in(request.scope))
        except AggregatorError as error:
            return self._form("", f"You are still logged in: {error}", HTTPStatus.SERVICE_UNAVAILABLE)
        return _led("/login", **{"set-cookie": cookie(request.scope, "")})

    def _form(
        self,
        to: str,
        told: str = "",
        status: HTTPStatus = HTTPStatus.OK,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        text = self._renderer.render("login.html", now=utc_now(), zone=None, to=own_path(to), told=told)
        kind = "text/html; charset=utf-8"
        return Response(text.encode(errors="replace"), status, {**_UNKEPT, **(headers or {})}, media_type=kind)


def _led(path: str, **headers: str) -> Response:
    return RedirectResponse(path, HTTPStatus.SEE_OTHER, {**_UNKEPT, **headers})


def _span(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return f"{seconds} seconds" if seconds <= 90 else f"{minutes} minutes"  # noqa: PLR2004 (as people say it)
