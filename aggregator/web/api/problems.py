"""What went wrong, told to programs: RFC 9457, with the cure."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from aggregator.domain.errors import StoreError, UsageError
from aggregator.web.api.models import Fault, Problem

MEDIA_TYPE = "application/problem+json"
_CURES = {
    HTTPStatus.NOT_FOUND: "GET /api/v1/openapi.json lists what there is; lists of stories and articles have their numbers",
    HTTPStatus.METHOD_NOT_ALLOWED: "the header Allow names what can be done with this address",
    HTTPStatus.CONFLICT: "look at the stories as they are now, with GET /api/v1/stories/{id}",
    HTTPStatus.UNPROCESSABLE_ENTITY: "`faults` says what is not understood; /api/v1/openapi.json says what is",
    HTTPStatus.SERVICE_UNAVAILABLE: "try again when that is mended; GET /api/v1/health tells",
    HTTPStatus.INTERNAL_SERVER_ERROR: "what happened is in the log of aggregator; please report it",
}
_ASK = "/api/v1/openapi.json says what can be asked"


def told(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI is told of an address that answers so, besides what every address may answer."""
    every = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)
    return {int(status): {"model": Problem, "description": status.phrase} for status in (*statuses, *every)}


def tell_problems(app: FastAPI) -> None:
    """Let an application answer with problems."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _misunderstood)
    app.add_exception_handler(UsageError, _impossible)
    app.add_exception_handler(StoreError, _store_failed)
    app.add_exception_handler(Exception, _broken)


def as_problems(schema: dict[str, Any]) -> dict[str, Any]:
    """Give problems their media type, which FastAPI has no place for."""
    for operations in schema["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if int(status) >= HTTPStatus.BAD_REQUEST:
                    response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
    return schema


def _refused(_: Request, error: Any) -> JSONResponse:
    status = HTTPStatus(error.status_code)
    detail = "there is nothing at this address" if error.detail == status.phrase else error.detail
    return _problem(status, detail, headers=error.headers)


def _misunderstood(_: Request, error: Any) -> JSONResponse:
    faults = [Fault(where=" ".join(map(str, one["loc"])), problem=one["msg"]) for one in error.errors()]
    return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the request is not understood", faults=faults)


def _impossible(_: Request, error: Any) -> JSONResponse:
    return _problem(HTTPStatus.CONFLICT, str(error))


def _store_failed(_: Request, error: Any) -> JSONResponse:
    return _problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))


def _broken(_: Request, __: Any) -> JSONResponse:
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "this is a mistake in the program, not yours")


def _problem(
    status: HTTPStatus, detail: str, *, headers: dict[str, str] | None = None, faults: list[Fault] | None = None
) -> JSONResponse:
    problem = Problem(
        type="about:blank",
        title=status.phrase,
        status=status,
        detail=detail,
        cure=_CURES.get(status, _ASK),
        faults=faults or [],
    )
    fields = {"cache-control": "no-store", **(headers or {})}
    return JSONResponse(problem.model_dump(), status, fields, MEDIA_TYPE)
