"""The addresses of reader apps."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from aggregator.adapters.reader_password import Proof
from aggregator.bootstrap import utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.core.config.opml import write_opml
from aggregator.domain.errors import AggregatorError, StoreError
from aggregator.web.desk import Desk
from aggregator.web.readers.addresses import BASES, CALLS, FEVER, LOGIN
from aggregator.web.readers.asking import Asked, Refused, as_json, plainly, read
from aggregator.web.readers.changing import Changing
from aggregator.web.readers.door import Door
from aggregator.web.readers.fever import VERSION, Fever
from aggregator.web.readers.google import Reading
from aggregator.web.readers.shelf import Shelf

_METHODS = ("GET", "HEAD", "POST")
_CONTENTS = "stream/contents/"


class Readers:
    """Answers reader apps. Reading and writing happen in threads."""

    def __init__(self, paths: Paths, desk: Desk | None, door: Door | None = None) -> None:
        self._door = door or Door(paths)
        self._shelf = Shelf(paths, desk)
        self._reading, self._changing, self.fever = Reading(self._shelf), Changing(self._shelf), Fever(self._shelf)
        #: All ends of addresses behind `CALLS`.
        self.calls = ("token", "subscription/export", *self._reading.answers, *self._changing.answers)

    def router(self) -> APIRouter:
        """Return the addresses of reader apps."""
        router = APIRouter()
        for base in BASES:
            router.add_api_route(f"{base}{LOGIN}", self._endpoint(self._log_in), methods=list(_METHODS))
            router.add_api_route(f"{base}{CALLS}{{call:path}}", self._endpoint(self._call), methods=list(_METHODS))
        for path in FEVER:
            router.add_api_route(path, self._endpoint(self._ask_fever), methods=list(_METHODS))
        return router

    def _endpoint(self, answer: Callable[[Proof, Asked, str], Response]) -> Callable[..., Any]:
        async def endpoint(request: Request) -> Response:
            proof = self._door.proof()
            if proof is None:
                # As if there were no such addresses.
                raise HTTPException(HTTPStatus.NOT_FOUND)
            try:
                asked = await read(request)
                return await run_in_threadpool(answer, proof, asked, request.path_params.get("call", ""))
            except Refused as refused:
                return plainly(refused.told, refused.status, **refused.headers)
            except StoreError as error:
                return plainly(f"{error}\n", HTTPStatus.SERVICE_UNAVAILABLE)
            except AggregatorError as error:
                return plainly(f"{error}\n", HTTPStatus.BAD_REQUEST)

        return endpoint

    def _log_in(self, proof: Proof, asked: Asked, _: str) -> Response:
        if not asked.is_post:
            raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "Passwords are posted.\n", allow="POST")
        shown = self._door.log_in(proof, asked)
        fields = {"SID": shown, "LSID": shown, "Auth": shown}
        if asked.one("output") == "json":
            return as_json(fields)
        return plainly("".join(f"{name}={value}\n" for name, value in fields.items()))

    def _call(self, proof: Proof, asked: Asked, call: str) -> Response:
        token = self._door.admit(proof, asked)
        if call == "token":
            return plainly(self._door.writing_token(token))
        if call == "subscription/export":
            return self._export()
        if call.startswith(_CONTENTS):
            return self._reading.stream_contents(asked, call.removeprefix(_CONTENTS))
        if call in self._reading.answers:
            return self._reading.answers[call](asked)
        if call not in self._changing.answers:
            raise Refused(HTTPStatus.NOT_FOUND, "There is no such call.\n")
        self._shelf.desk()
        if not asked.is_post:
            raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "What changes something is posted.\n", allow="POST")
        self._door.require_writing_token(token, asked)
        return self._changing.answers[call](asked)

    def _export(self) -> Response:
        config = self._shelf.config.read()
        opml = write_opml(config.feeds if config else (), "aggregator feeds", utc_now())
        return Response(opml, media_type="text/x-opml; charset=utf-8", headers={"cache-control": "no-store"})

    def _ask_fever(self, proof: Proof, asked: Asked, _: str) -> Response:
        if not self._door.admit_fever(proof, asked):
            return as_json({"api_version": VERSION, "auth": 0})
        return as_json(self.fever.answer(asked))
