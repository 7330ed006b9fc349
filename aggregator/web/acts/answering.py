"""How each act is answered: it leads back (303) to a page that tells what was done, or says why nothing was."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from aggregator.domain.errors import AggregatorError, StoreError
from aggregator.web.bar import Bar, Notice
from aggregator.web.forms import MOST_BYTES, Form, own_path, read_form, with_token

#: Tells on a page of ours what could not be done, and leads back to a path.
Refused = Callable[[Request, AggregatorError, str], Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an act has led to."""

    notice: Notice
    #: Where it is to be seen; None: where the form stood.
    path: str | None = None
    #: What of that page it is about.
    fragment: str = ""


Act = Callable[[Form], Awaitable[Done]]


class Answers:
    """Makes endpoints of acts."""

    def __init__(self, bar: Bar, refused: Refused) -> None:
        self._bar = bar
        self._refused = refused

    def route(self, router: APIRouter, path: str, act: Act, *, most: int = MOST_BYTES) -> None:
        """Let forms be posted to `path`, of `most` bytes."""

        async def endpoint(request: Request) -> Response:
            form = await read_form(request, most)
            back = own_path(form.one("back"))
            try:
                done = await act(form)
            except StoreError:
                raise
            except AggregatorError as error:
                return self._refused(request, error, back)
            target = f"{own_path(done.path) if done.path is not None else back}{done.fragment}"
            return RedirectResponse(with_token(target, self._bar.keep(done.notice)), HTTPStatus.SEE_OTHER)

        router.add_api_route(path, endpoint, methods=["POST"], response_model=None)
