"""One request and the three ways it can end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: The server says that nothing changed since the validators.
STATUS_NOT_MODIFIED = 304
#: Too Many Requests, and Service Unavailable: the server has too much to do.
THROTTLING = frozenset({429, 503})


class Purpose(StrEnum):
    """What a fetch is for; each has limits and accepted types of its own."""

    FEED = "feed"
    PAGE = "page"
    ROBOTS = "robots"
    #: The picture of an article, for the page.
    PICTURE = "picture"
    #: A request to a WebSub hub; only whether it is taken matters.
    HUB = "hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to fetch."""

    url: str
    purpose: Purpose
    etag: str | None = None
    last_modified: str | None = None
    #: The site that gave them, as `core.urls.site` names it; None: that of `url`.
    validators_from: str | None = None
    user_agent: str | None = None
    #: The server's own word on when to come again; a request before it would be an early one, and is counted as such.
    not_before: datetime | None = None
    #: Bytes on the wire that a 304 spares: the size of the body that the validators stand for.
    known_bytes: int = 0
    #: What is sent, as browsers send a form (POST); None for a request that only reads.
    form: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """How a body is still packed as it came over the wire."""

    #: The Content-Encoding header.
    encoding: str
    #: Bytes that there may be once it is inflated.
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A body that arrived whole and within its limits."""

    #: The address that answered, after redirects.
    url: str
    body: bytes
    #: None where the body is as its author wrote it. Pages may come packed: an eighth of the bytes to hold and to hand to the
    #: process that reads them, and that unpacks them by `core.crawling.inflating`. Whether they are whole is known only then.
    packing: Packing | None = None
    #: The Content-Type header, lower case, with parameters; None when missing.
    content_type: str | None
    etag: str | None = None
    last_modified: str | None = None
    #: Where permanent redirects (301, 308) led, if every hop from the asked address on was permanent.
    moved_to: str | None = None
    #: Until when the answer holds (Cache-Control, Expires), within the bounds of `core.crawling.caching`.
    fresh_until: datetime | None = None
    #: The body's size on the wire.
    wire_bytes: int = 0
    #: The X-Robots-Tag headers, joined by commas; None when there is none.
    robots_tag: str | None = None
    #: The Link headers (RFC 8288), joined by commas; None when there is none.
    link_header: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The server says that nothing changed (304); validators it sent along replace the old ones."""

    etag: str | None = None
    last_modified: str | None = None
    moved_to: str | None = None
    fresh_until: datetime | None = None


class FailureKind(StrEnum):
    """Why a fetch, a parse or a worker did not yield what was asked for."""

    ADDRESS = "address"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too-large"
    REDIRECTS = "redirects"
    #: 404.
    NOT_FOUND = "not-found"
    #: 410.
    GONE = "gone"
    #: 401, 402, 403, 406, 451: the server knows us or our place and refuses.
    BLOCKED = "blocked"
    #: A bot wall (Cloudflare and the like) that lets browsers in only.
    CHALLENGED = "challenged"
    #: 5xx.
    SERVER = "server-error"
    #: Any other status that brings nothing to read.
    STATUS = "status"
    #: robots.txt asks us not to fetch a page.
    ROBOTS = "robots"
    THROTTLED = "throttled"
    ENCODING = "encoding"
    PROTOCOL = "protocol"
    NOT_A_FEED = "not-a-feed"
    MALFORMED = "malformed"
    WORKER = "worker"
    RESTING = "resting"
    BUG = "bug"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """An expected failure, as a value.

    `why` is a sentence a person understands and that names the cure where there is one.
    """

    kind: FailureKind
    why: str
    status: int | None = None
    #: When the server allows the next request (Retry-After), if it said so.
    retry_at: datetime | None = None
