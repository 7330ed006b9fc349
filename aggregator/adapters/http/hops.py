"""One request of a chain of redirects: what is asked, and where an answer leads. Nothing here touches the network."""

from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import httpx

from aggregator.adapters.http.bodies import Body
from aggregator.core.crawling.caching import fresh_until
from aggregator.core.urls import site
from aggregator.domain.fetching import Failed, FailureKind, NotModified, Purpose, Request, Response

REDIRECTS = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)
#: The redirects after which a POST stays one (RFC 9110, 15.4).
_KEEPING_METHOD = frozenset({HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT})
_PERMANENT = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})
_HIGHEST_PORT = 65_535
_DEFAULT_PORTS = {"http": 80, "https": 443}

_ACCEPT = {
    Purpose.FEED: b"application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    b"application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
    Purpose.PAGE: b"text/html, application/xhtml+xml, */*;q=0.5",
    Purpose.PICTURE: b"image/avif, image/webp, image/jpeg, image/png, image/gif, */*;q=0.1",
    Purpose.HUB: b"*/*",
    Purpose.ROBOTS: b"text/plain, */*;q=0.5",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One request on the way from the asked address to the one that answers."""

    request: Request
    url: httpx.URL
    #: The site whose turn is waited for.
    site: str
    #: Seconds that connecting, asking and reading may still take, all hops together; waiting for turns is not counted.
    seconds: float
    #: The addresses asked before this one, the first one first.
    before: tuple[httpx.URL, ...] = ()
    #: Whether every redirect so far was permanent and can be trusted to be the site's own.
    moved: bool = True
    #: The user name and password of the asked address; they stand in no other place.
    login: tuple[str, str] | None = None

    @property
    def host(self) -> str:
        """The host as it is looked up."""
        return self.url.raw_host.decode("ascii")

    @property
    def port(self) -> int:
        """The port that is connected to."""
        return self.url.port or _DEFAULT_PORTS[self.url.scheme]

    @property
    def conditional(self) -> bool:
        """Whether validators are sent: to the site that gave them only, for another one could know us again by them."""
        has_validators = self.request.etag is not None or self.request.last_modified is not None
        return has_validators and self.site == (self.request.validators_from or site(self.request.url))

    @property
    def method(self) -> str:
        """How it is asked."""
        return "GET" if self.request.form is None else "POST"

    @property
    def content(self) -> bytes | None:
        """What is sent along."""
        return None if self.request.form is None else urlencode(self.request.form).encode()

    def is_taken(self, reply: httpx.Response) -> bool:
        """Tell whether a form was taken."""
        return self.request.form is not None and reply.is_success

    def taken(self) -> Response:
        """Return what the pipeline gets of a form that was taken; what the answer says beyond that is not read."""
        return Response(url=str(self.url), body=b"", content_type=None)

    def leads_on(self, reply: httpx.Response) -> bool:
        """Tell whether an answer redirects; a form is not sent where its redirect would have it asked for by GET."""
        return reply.status_code in (REDIRECTS if self.request.form is None else _KEEPING_METHOD)

    def asked(self, user_agent: str, extensions: dict[str, Any]) -> httpx.Request:
        """Return the request as it is sent; validators go back byte for byte as they came."""
        headers = {
            b"User-Agent": (self.request.user_agent or user_agent).encode(),
            b"Accept": _ACCEPT[self.request.purpose],
            b"Accept-Encoding": b"gzip",
            b"Connection": b"keep-alive",
        }
        if self.request.form is not None:
            headers[b"Content-Type"] = b"application/x-www-form-urlencoded"
        if self.login is not None and self._is_at_home:
            headers[b"Authorization"] = _basic(*self.login)
        if self.conditional and self.request.etag is not None:
            headers[b"If-None-Match"] = _sent(self.request.etag)
        if self.conditional and self.request.last_modified is not None:
            headers[b"If-Modified-Since"] = _sent(self.request.last_modified)
        return httpx.Request(self.method, self.url, headers=headers, content=self.content, extensions=extensions)

    @property
    def _is_at_home(self) -> bool:
        """Whether the server is the asked one, over TLS or as it was asked; nobody else gets to see a password."""
        first = self.before[0] if self.before else self.url
        if (self.url.host, self.url.scheme, self.url.port) == (first.host, first.scheme, first.port):
            return True
        return self.url.host == first.host and self.url.scheme == "https" and first.port is None is self.url.port

    def redirected(self, reply: httpx.Response, *, most: int, seconds: float) -> "Hop | Failed":
        """Return the next hop, if there may be one. Those from https to http are followed, but never remembered."""
        location = reply.headers.get("Location", "").strip()
        if not location:
            return _lost(f"{self.url.host} redirects without saying where to")
        if len(self.before) >= most:
            return _lost(f"it redirects more than {most} times")
        url = address(location, base=self.url)
        if isinstance(url, Failed):
            return url
        before = (*self.before, self.url)
        if url in before:
            return _lost(f"it redirects in a circle: {url} was asked already")
        weaker = self.url.scheme == "https" and url.scheme == "http"
        if weaker and self.request.form is not None:
            return _lost(f"{self.url.host} redirects what is sent there to an address without TLS")
        moved = self.moved and reply.status_code in _PERMANENT and not weaker
        return replace(self, url=url, site=site(str(url)), seconds=seconds, before=before, moved=moved)

    def response(self, reply: httpx.Response, body: Body, now: datetime) -> Response:
        """Return what the pipeline gets of a good answer."""
        content_type = reply.headers.get("Content-Type")
        return Response(
            url=str(self.url),
            body=body.content,
            packing=body.packing,
            content_type=content_type.strip().lower() if content_type else None,
            etag=_received(reply, b"etag"),
            last_modified=_received(reply, b"last-modified"),
            moved_to=self._moved_to,
            fresh_until=fresh_until(reply.headers, now),
            wire_bytes=body.wire_bytes,
            robots_tag=reply.headers.get("X-Robots-Tag"),  # several come joined by commas
            link_header=reply.headers.get("Link"),
        )

    def not_modified(self, reply: httpx.Response, now: datetime) -> NotModified:
        """Return what the pipeline gets of a 304."""
        return NotModified(
            etag=_received(reply, b"etag"),
            last_modified=_received(reply, b"last-modified"),
            moved_to=self._moved_to,
            fresh_until=fresh_until(reply.headers, now),
        )

    @property
    def _moved_to(self) -> str | None:
        # The new address of one with a password would be without it.
        return str(self.url) if self.before and self.moved and self.login is None else None


def first_hop(request: Request, seconds: float) -> Hop | Failed:
    """Return the request for the asked address itself, or why it cannot be asked. A feed's may have a user name and password."""
    bare, login = _parted(request.url) if request.purpose is Purpose.FEED else (request.url, None)
    url = address(bare)
    if isinstance(url, Failed):
        return url
    return Hop(request=request, url=url, site=site(str(url)), seconds=seconds, login=login)


def _parted(text: str) -> tuple[str, tuple[str, str] | None]:
    """Return an address without its user name and password, and these."""
    try:
        url = httpx.URL(text.strip())
    except httpx.InvalidURL:
        return text, None
    if not url.userinfo:
        return text, None
    return str(url.copy_with(username=None, password=None)), (url.username, url.password)


def _basic(name: str, password: str) -> bytes:
    """Return a login as RFC 7617 sends it."""
    return b"Basic " + b64encode(f"{name}:{password}".encode())


def address(text: str, base: httpx.URL | None = None) -> httpx.URL | Failed:
    """Read an address that can be fetched, relative to `base` if given, without its fragment."""
    try:
        url = base.join(text) if base else httpx.URL(text.strip())
        if url.fragment or "#" in text:
            url = url.copy_with(fragment=None)
        site(str(url))  # raises where there is none
    except (httpx.InvalidURL, ValueError) as faulty:
        return _refused(f"not an address that can be fetched: {faulty}")
    if url.userinfo:
        # A redirect, or a stranger's link, could make us log in anywhere.
        return _refused(f"the address of {url.host} carries a user name or password; only those of feeds are sent")
    if url.port is not None and not 1 <= url.port <= _HIGHEST_PORT:
        return _refused(f"the address of {url.host} has the impossible port {url.port}")
    return url


def _refused(why: str) -> Failed:
    return Failed(kind=FailureKind.ADDRESS, why=why)


def _lost(why: str) -> Failed:
    return Failed(kind=FailureKind.REDIRECTS, why=why)


def _received(reply: httpx.Response, name: bytes) -> str | None:
    """Return the header's very bytes as text; httpx's own text has been through a guess of the charset."""
    return next((value.decode("latin-1") for key, value in reply.headers.raw if key.lower() == name), None)


def _sent(validator: str) -> bytes:
    """Return the bytes that `_received` once read."""
    return validator.encode("latin-1", errors="replace")
