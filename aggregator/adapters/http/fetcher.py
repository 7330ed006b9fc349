"""The one HTTP client. `fetch` goes down a stair: follow redirects, wait for the turns, exchange, read."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from ssl import SSLContext
from types import TracebackType
from typing import Self

import httpx

from aggregator import __version__
from aggregator.adapters.http.bodies import Body, read_body, read_packed
from aggregator.adapters.http.connections import Connections
from aggregator.adapters.http.failures import EXPECTED, failure_of_error, failure_of_status
from aggregator.adapters.http.guard import GuardedBackend
from aggregator.adapters.http.hops import Hop, first_hop
from aggregator.adapters.http.ledger import Ledger
from aggregator.adapters.http.lookup import Resolver, look_up
from aggregator.adapters.http.politeness import Manners
from aggregator.core.crawling.addresses import Network
from aggregator.domain.crawling import Budget, Visit
from aggregator.domain.fetching import THROTTLING, Failed, NotModified, Purpose, Request, Response

#: 226 answers a delta request (RFC 3229), 203 comes from a proxy that changed the body; both are read like 200.
_GOOD = frozenset({HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION, HTTPStatus.IM_USED})

#: Seconds an idle connection is kept. Less than the 5 after which Apache and Node close it, as a request that meets the
#: closing would fail.
_KEEP_ALIVE = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one fetch may cost. Headers are bounded by h11, at 100 KB."""

    #: On the wire and inflated. Feeds past 5 MB exist (danluu.com, ploeh.dk: CommaFeed 1580), but feedparser ran over 15 s
    #: on a malformed one of 10 MB.
    feed_bytes: int = 8_000_000
    #: trafilatura needed over 20 s for hostile pages of 5 MB; real ones stay below 3.
    page_bytes: int = 3_000_000
    #: Of a robots.txt what comes after this is not read; 500 KiB are the least that RFC 9309 (2.5) asks for.
    robots_bytes: int = 512 * 1024
    #: What is larger is a poster, not the small picture beside a headline.
    picture_bytes: int = 2_000_000
    #: For connecting, asking and reading, redirects included; waiting for turns is not counted. Miniflux allows 20.
    seconds: float = 30.0
    #: Without a byte coming or going, and for connecting.
    idle_seconds: float = 10.0
    #: Browsers follow 20; a feed behind more than half of that is broken.
    redirects: int = 10
    #: Requests under way at once, all sites together; throughput grew by a quarter only from 100 to 200.
    requests: int = 64


def user_agent(about_url: str | None) -> str:
    """Return our name as servers see it, with a page on who polls them if there is one."""
    return f"aggregator/{__version__} ({f'+{about_url}' if about_url else 'news feed reader'})"


#: Our name where nothing is known of who polls.
USER_AGENT = user_agent(None)


class HttpFetcher:
    """Fetches politely and within bounds, from public addresses and `allow_networks` only. Use as a context manager."""

    def __init__(
        self,
        *,
        site_delay: timedelta,
        allow_networks: Iterable[Network],
        clock: Callable[[], datetime],
        user_agent: str = USER_AGENT,
        budgets: Iterable[Budget] = (),
        limits: Limits | None = None,
        resolve: Resolver = look_up,
        ssl_context: SSLContext | None = None,
    ) -> None:
        self._clock = clock
        self._limits = limits = limits or Limits()
        self._manners = Manners(site_delay=site_delay, clock=clock, budgets=budgets)
        self._ledger = Ledger(clock)
        self._slots = asyncio.Semaphore(limits.requests)
        self._guard = GuardedBackend(allow_networks=allow_networks, resolve=resolve)
        self._user_agent = user_agent
        self._timeouts = {"timeout": httpx.Timeout(limits.idle_seconds).as_dict()}
        self._connections = Connections(
            self._guard,
            # One for all connections: making it takes 22 ms.
            ssl_context=ssl_context or httpx.create_ssl_context(trust_env=False),
            most_idle=limits.requests,
            keep_alive=_KEEP_ALIVE,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._connections.aclose()

    def reconfigure(
        self,
        *,
        site_delay: timedelta,
        allow_networks: Iterable[Network],
        user_agent: str,
        limits: Limits | None = None,
    ) -> None:
        """Take up changed settings; turns that are being waited for heed them too.

        Of the limits those of one fetch: how many may be under way at once is the client's, for as long as it lives.
        """
        self._limits = limits or self._limits
        self._manners.site_delay = site_delay
        self._guard.allow_networks = tuple(allow_networks)
        self._user_agent = user_agent

    @property
    def under_way(self) -> int:
        """Count the requests on the wire; those that wait for a turn are not."""
        return self._ledger.open_lines

    def slow_down(self, site: str, delay: timedelta) -> None:
        """Leave at least `delay` between two requests to `site` (as `core.urls.site` names it), as its robots.txt asks."""
        self._manners.slow_down(site, delay)

    def move_times(self, by: timedelta, now: datetime, *, since: datetime) -> None:
        """Let rests and pauses last as long as before the clock was set by `by`, at some time after `since`."""
        self._manners.move_times(by, now, since=since)

    def drain(self) -> tuple[tuple[Visit, ...], tuple[Budget, ...]]:
        """Return the requests since the last call, and the budgets that changed by them."""
        return self._ledger.drain(), self._manners.drain()

    async def fetch(self, request: Request) -> Response | NotModified | Failed:
        """Fetch once, through redirects. Whatever the server does is a value; only cancelling raises."""
        answer: Hop | Response | NotModified | Failed = first_hop(request, self._limits.seconds)
        while isinstance(answer, Hop):
            answer = await self._take(answer)
        return answer

    async def _take(self, hop: Hop) -> Hop | Response | NotModified | Failed:
        """Make one hop when the turns of its site and its address have come; no slot is held while waiting for them."""
        try:
            async with (
                self._manners.turn(hop.site),
                self._guard.located(hop.host, hop.port, seconds=self._limits.idle_seconds) as address,
                self._manners.turn(address),
                self._slots,
            ):
                return await self._exchange(hop, address)
        except EXPECTED as error:
            return failure_of_error(error, hop.url.host)

    async def _exchange(self, hop: Hop, address: str) -> Hop | Response | NotModified | Failed:
        loop = asyncio.get_running_loop()
        end = loop.time() + hop.seconds
        with self._ledger.line(hop) as line:
            async with (
                asyncio.timeout_at(end),
                self._connections.asked(hop.asked(self._user_agent, self._timeouts)) as reply,
            ):
                line.reply = reply
                if reply.status_code in THROTTLING:
                    return self._throttled(hop, address, reply)
                self._manners.answered(hop.site, address)
                if hop.leads_on(reply):
                    return hop.redirected(reply, most=self._limits.redirects, seconds=end - loop.time())
                return await self._read(hop, reply)

    async def _read(self, hop: Hop, reply: httpx.Response) -> Response | NotModified | Failed:
        now = self._clock()
        if hop.is_taken(reply):
            return hop.taken()
        if reply.status_code in _GOOD:
            return hop.response(reply, await self._body(hop.request.purpose, reply), now)
        if reply.status_code == HTTPStatus.NOT_MODIFIED and hop.conditional:
            return hop.not_modified(reply, now)
        return failure_of_status(reply.status_code, reply.headers, host=hop.url.host, retry_at=None)

    async def _body(self, purpose: Purpose, reply: httpx.Response) -> Body:
        limit = self._most_bytes(purpose)
        # Inflating the pages of a crawl would keep the loop busy for a millisecond each.
        if purpose is Purpose.PAGE:
            return await read_packed(reply, limit)
        return await read_body(reply, limit, cut=purpose is Purpose.ROBOTS)

    def _throttled(self, hop: Hop, address: str, reply: httpx.Response) -> Failed:
        """Leave the site alone if it asks for that, be slower from now on, and say so."""
        status, retry_after = reply.status_code, reply.headers.get("Retry-After")
        retry_at = self._manners.throttled(hop.site, address, status=status, retry_after=retry_after)
        return failure_of_status(status, reply.headers, host=hop.url.host, retry_at=retry_at)

    def _most_bytes(self, purpose: Purpose) -> int:
        match purpose:
            case Purpose.FEED:
                return self._limits.feed_bytes
            case Purpose.PAGE | Purpose.HUB:
                return self._limits.page_bytes
            case Purpose.ROBOTS:
                return self._limits.robots_bytes
            case Purpose.PICTURE:
                return self._limits.picture_bytes
