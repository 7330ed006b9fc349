"""The addresses that machines watch."""

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from aggregator.bootstrap.paths import Paths
from aggregator.core.days import iso
from aggregator.web.monitoring.checkup import AskDaemon, check_up
from aggregator.web.monitoring.metrics import CONTENT_TYPE, exposition


class Monitoring:
    """Answers who asks whether all is well."""

    def __init__(self, paths: Paths, ask: AskDaemon | None) -> None:
        self._paths = paths
        self._ask = ask

    def router(self) -> APIRouter:
        """Return the two addresses."""
        router = APIRouter()
        for path, endpoint in {"/healthz": self.healthz, "/metrics": self.metrics}.items():
            router.add_api_route(path, endpoint, methods=["GET", "HEAD"], response_model=None)
        return router

    def healthz(self) -> Response:
        """Say that all is well, or what is not (503)."""
        found = check_up(self._paths, self._ask)
        told = {
            "status": "failing" if found.trouble else "ok",
            "trouble": list(found.trouble),
            "daemon": found.vital is not None,
            "last_poll": iso(found.figures.last_poll) if found.figures else None,
            "last_cycle": iso(found.vital.last_cycle) if found.vital else None,
        }
        status = HTTPStatus.SERVICE_UNAVAILABLE if found.trouble else HTTPStatus.OK
        return JSONResponse(told, status, {"cache-control": "no-store"})

    def metrics(self) -> Response:
        """Return what is counted."""
        text = exposition(check_up(self._paths, self._ask))
        return Response(text, headers={"cache-control": "no-store", "content-type": CONTENT_TYPE})
