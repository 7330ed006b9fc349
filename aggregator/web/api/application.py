"""The interface as an application of its own, to be mounted: it has its own errors and its own description."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from aggregator import __version__
from aggregator.bootstrap.paths import Paths
from aggregator.web.api.acting import Acting
from aggregator.web.api.problems import as_problems, tell_problems
from aggregator.web.api.reading import Reading
from aggregator.web.desk import Desk
from aggregator.web.monitoring.checkup import AskDaemon

PREFIX = "/api/v1"
_TOLD = """\
Stories, articles and feeds as JSON, in the shapes of `aggregator … --json`. Times are UTC. Answers to GET have an ETag; asked for with
If-None-Match they come only if they changed. Errors are problems of RFC 9457 that say what to do."""


class Described(FastAPI):
    """An application whose description tells problems as what they are."""

    def openapi(self) -> dict[str, Any]:
        """Return the description."""
        if self.openapi_schema is None:
            as_problems(super().openapi())
        return super().openapi()


def make_api(paths: Paths, *, desk: Desk | None, ask: AskDaemon | None) -> FastAPI:
    """Make the interface; without a `desk` it only reads."""
    api = Described(
        title="aggregator",
        version=__version__,
        description=_TOLD,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_name,
    )
    api.include_router(Reading(paths, ask).router())
    if desk is not None:
        api.include_router(Acting(paths, desk).router())
    tell_problems(api)
    return api


def _name(route: APIRoute) -> str:
    return route.name
