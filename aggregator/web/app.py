"""The page as an ASGI application: one router a room, and what is answered where none of them can."""

from collections.abc import Callable

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from aggregator.bootstrap.paths import Paths
from aggregator.domain.errors import StoreError
from aggregator.web.acts import acts_router
from aggregator.web.api.application import PREFIX, make_api
from aggregator.web.bar import Bar
from aggregator.web.desk import Desk
from aggregator.web.entry.door import Door
from aggregator.web.entry.entry import Entry
from aggregator.web.entry.routes import LogIn
from aggregator.web.guard import Guard
from aggregator.web.listening import Application, Receive, Scope, Send
from aggregator.web.monitoring.checkup import AskDaemon
from aggregator.web.monitoring.routes import Monitoring
from aggregator.web.pages.routes import Pages
from aggregator.web.pictures import Proxy, pictures_router
from aggregator.web.readers.routes import Readers
from aggregator.web.surroundings import Surroundings
from aggregator.web.syndication.routes import Feeds


def make_app(
    paths: Paths,
    *,
    names: frozenset[str],
    crashed: Callable[[Exception], None],
    door: Door,
    proxy: Proxy,
    desk: Desk | None = None,
    ask: AskDaemon | None = None,
) -> Application:
    """Make the application; it reads `paths` anew for each page.

    `names` are the hosts that may be asked for; `crashed` is told of mistakes of ours; `door` knows who is let in; `proxy`
    gets pictures; `desk` does what readers ask for, without one the page only reads; `ask` asks the daemon how it is, where
    one serves the page.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    bar = Bar() if desk is not None else None
    pages = Pages(paths, bar)
    app.include_router(pages.router())
    app.include_router(LogIn(door).router())
    app.include_router(Feeds(paths).router())
    app.include_router(Monitoring(paths, ask).router())
    app.include_router(pictures_router(paths, proxy))
    if desk is not None and bar is not None:
        app.include_router(acts_router(paths, desk, bar, pages.not_done))
    app.include_router(Readers(paths, desk).router())
    app.add_exception_handler(HTTPException, pages.refused)
    app.add_exception_handler(RequestValidationError, pages.misunderstood)
    app.add_exception_handler(StoreError, pages.store_failed)
    app.add_exception_handler(Exception, pages.broken)
    surroundings = Surroundings(paths, names)
    entry = Entry(_beside(app, make_api(paths, desk=desk, ask=ask)), door=door, surroundings=surroundings)
    return Guard(entry, surroundings=surroundings, crashed=crashed, acts=desk is not None)


def _beside(app: Application, api: Application) -> Application:
    """Return an application that has `api` below `PREFIX`, whatever stands in the rest of an address.

    Starlette's own way to mount lets addresses with a line break through to `app`.
    """

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(f"{PREFIX}/"):
            await api({**scope, "root_path": PREFIX}, receive, send)
        else:
            await app(scope, receive, send)

    return choose
