"""The page as an ASGI application: one router a room, and what is answered where none of them can."""

from collections.abc import Callable

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from aggregator.bootstrap import Paths
from aggregator.domain.errors import StoreError
from aggregator.web.desk import Desk
from aggregator.web.guard import Guard
from aggregator.web.listening import Application
from aggregator.web.pages.routes import Pages


def make_app(
    paths: Paths, *, names: frozenset[str], crashed: Callable[[Exception], None], desk: Desk | None = None
) -> Application:
    """Make the application; it reads `paths` anew for each page.

    `names` are the hosts that may be asked for; `crashed` is told of mistakes of ours; `desk` does what readers ask for,
    without one the page only reads.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    pages = Pages(paths)
    app.include_router(pages.router())
    app.add_exception_handler(HTTPException, pages.refused)
    app.add_exception_handler(RequestValidationError, pages.misunderstood)
    app.add_exception_handler(StoreError, pages.store_failed)
    app.add_exception_handler(Exception, pages.broken)
    return Guard(app, names=names, crashed=crashed, acts=desk is not None)
