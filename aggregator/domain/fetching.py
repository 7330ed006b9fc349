"""One request and the three ways it can end."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    """What a fetch is for; feeds and pages have other limits and accept other types."""

    FEED = "feed"
    PAGE = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to fetch."""

    url: str
    purpose: Purpose
    etag: str | None = None
    last_modified: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A body that arrived whole, inflated and within its limits."""

    #: The address that answered, after redirects.
    url: str
    body: bytes
    #: The Content-Type header, lower case, with parameters; None when missing.
    content_type: str | None
    etag: str | None = None
    last_modified: str | None = None
    #: Where permanent redirects (301, 308) led, if every hop from the asked address on was permanent.
    moved_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The server says that nothing changed (304); validators it sent along replace the old ones."""

    etag: str | None = None
    last_modified: str | None = None


class FailureKind(StrEnum):
    """Why a fetch, a parse or a worker did not yield what was asked for."""

    ADDRESS = "address"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too-large"
    REDIRECTS = "redirects"
    STATUS = "status"
    GONE = "gone"
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
