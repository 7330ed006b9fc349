"""What the pipeline asks of the world. The adapters fit these by shape; nothing here imports them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from aggregator.domain.crawling import Budget, Visit
from aggregator.domain.feeds import Feed, ParsedFeed
from aggregator.domain.fetching import Failed, NotModified, Request, Response
from aggregator.domain.ids import FeedId
from aggregator.pipeline.store_ports import Store

P = ParamSpec("P")
T = TypeVar("T")

Clock = Callable[[], datetime]


class InWriter(Protocol):
    """Runs store calls in the writer's thread."""

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `function` returns."""


class Fetcher(Protocol):
    """Fetches over HTTP, politely and within bounds. Never raises for what a server does."""

    async def fetch(self, request: Request) -> Response | NotModified | Failed:
        """Fetch once; wait for the site's turn first. `NotModified` only answers a request with validators."""

    def slow_down(self, site: str, delay: timedelta) -> None:
        """Let at least `delay` pass between two requests to a site (as `core.urls.site` names it): its robots.txt asks so."""

    def drain(self) -> tuple[tuple[Visit, ...], tuple[Budget, ...]]:
        """Return the requests since the last call, and what of the budgets changed by them."""


class Workers(Protocol):
    """Runs pure functions in processes that can be killed."""

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T | Failed:
        """Return what `function` returns, or `Failed(WORKER)` when it raised, died or passed its deadline."""


class Snapshots(Protocol):
    """Has the store read as it is at one moment, beside the writer."""

    async def call(
        self, function: Callable[Concatenate[Store, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T | Failed:
        """Return what `function`, which writes nothing, returns of the store, or `Failed(WORKER)` when it raised or died."""

    async def each(
        self, function: Callable[Concatenate[Store, P], Iterable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Iterator[T] | Failed:
        """Return the values that `function` returns one after the other, so that nobody holds them all."""


class Pushes(Protocol):
    """Has feeds pushed to us where they name a hub."""

    async def heard(self, feed: Feed, response: Response, parsed: ParsedFeed) -> None:
        """Take up the hub that a feed's document names, if it names one."""

    def interval(self, feed: FeedId, learned: timedelta) -> timedelta:
        """Return how often to poll a feed whose rhythm alone would say `learned`."""
