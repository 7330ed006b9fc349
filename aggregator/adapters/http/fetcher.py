"""The one HTTP client. `fetch` goes down a stair: follow redirects, wait for the turn, exchange, read."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ssl import SSLContext
from types import TracebackType
from typing import Self

import httpx

from aggregator import __version__
from aggregator.adapters.http.bodies import read_body
from aggregator.adapters.http.failures import EXPECTED, failure_of_error, failure_of_status
from aggregator.adapters.http.guard import GuardedBackend, GuardedTransport, Resolver, look_up
from aggregator.adapters.http.hops import REDIRECTS, Hop, first_hop, not_modified
from aggregator.adapters.http.politeness import Manners
from aggregator.core.crawling.addresses import Network
from aggregator.core.crawling.caching import rest_until
from aggregator.domain.fetching import Failed, NotModified, Purpose, Request, Response

USER_AGENT = f"aggregator/{__version__} (news feed reader)"

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
    #: For connecting, asking and reading, redirects included; waiting for turns is not counted. Miniflux allows 20.
    seconds: float = 30.0
    #: Without a byte coming or going, and for connecting.
    idle_seconds: float = 10.0
    #: Browsers follow 20; a feed behind more than half of that is broken.
    redirects: int = 10
    #: Requests under way at once, all sites together. Throughput grew by a quarter only from 100 to 200, and past the
    #: connections of its pool httpx fails instead of waiting.
    requests: int = 64


class HttpFetcher:
    """Fetches politely and within bounds, from public addresses and `allow_networks` only. Use as a context manager."""

    def __init__(
        self,
        *,
        site_delay: timedelta,
        allow_networks: Iterable[Network],
        clock: Callable[[], datetime],
        user_agent: str = USER_AGENT,
        limits: Limits | None = None,
        resolve: Resolver = look_up,
        ssl_context: SSLContext | None = None,
    ) -> None:
        self._clock = clock
        self._limits = limits = limits or Limits()
        self._manners = Manners(site_delay=site_delay, clock=clock)
        self._slots = asyncio.Semaphore(limits.requests)
        self._guard = GuardedBackend(allow_networks=allow_networks, resolve=resolve)
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(
                self._guard,
                # One for all connections: making it takes 22 ms.
                ssl_context=ssl_context or httpx.create_ssl_context(trust_env=False),
                limits=httpx.Limits(
                    max_connections=limits.requests,
                    max_keepalive_connections=limits.requests,
                    keepalive_expiry=_KEEP_ALIVE,
                ),
            ),
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            timeout=limits.idle_seconds,
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    def reconfigure(self, *, site_delay: timedelta, allow_networks: Iterable[Network]) -> None:
        """Take up changed settings; turns that are being waited for heed them too."""
        self._manners.site_delay = site_delay
        self._guard.allow_networks = tuple(allow_networks)

    def rest(self, site: str, until: datetime) -> None:
        """Send nothing to `site` (as `core.urls.site` names it) before `until`, as it asked in an earlier run."""
        self._manners.rest(site, until)

    async def fetch(self, request: Request) -> Response | NotModified | Failed:
        """Fetch once, through redirects. Whatever the server does is a value; only cancelling raises."""
        answer: Hop | Response | NotModified | Failed = first_hop(request, self._limits.seconds)
        while isinstance(answer, Hop):
            answer = await self._take(answer)
        return answer

    async def _take(self, hop: Hop) -> Hop | Response | NotModified | Failed:
        """Make one hop when its site's turn has come; no slot is held while waiting for it."""
        try:
            async with self._manners.turn(hop.site), self._slots:
                return await self._exchange(hop)
        except EXPECTED as error:
            return failure_of_error(error, hop.url.host)

    async def _exchange(self, hop: Hop) -> Hop | Response | NotModified | Failed:
        loop = asyncio.get_running_loop()
        end = loop.time() + hop.seconds
        async with (
            asyncio.timeout_at(end),
            self._client.stream("GET", hop.url, headers=hop.headers()) as reply,
        ):
            if reply.status_code in _GOOD:
                return hop.response(reply, await read_body(reply, self._most_bytes(hop.request.purpose)))
            if reply.status_code in REDIRECTS:
                return hop.redirected(reply, most=self._limits.redirects, seconds=end - loop.time())
            if reply.status_code == HTTPStatus.NOT_MODIFIED and hop.conditional:
                return not_modified(reply)
            return self._refusal(hop, reply)

    def _most_bytes(self, purpose: Purpose) -> int:
        return self._limits.feed_bytes if purpose is Purpose.FEED else self._limits.page_bytes

    def _refusal(self, hop: Hop, reply: httpx.Response) -> Failed:
        """Say why there is nothing to read, and leave the site alone if it asks for that."""
        retry_at = rest_until(reply.status_code, reply.headers.get("Retry-After"), self._clock())
        if retry_at is not None:
            self._manners.rest(hop.site, retry_at)
        return failure_of_status(reply.status_code, reply.headers, host=hop.url.host, retry_at=retry_at)
