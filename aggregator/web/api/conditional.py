"""Routes whose answers are not sent twice."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from aggregator.web.freshness import answer

JSON = "application/json"


class Conditional(APIRoute):
    """A route that reads: what it answers has an ETag, and is asked for by it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handle = super().get_route_handler()

        async def handle_once(request: Request) -> Response:
            answered = await handle(request)
            return answer(request, bytes(answered.body), media_type=JSON)

        return handle_once
