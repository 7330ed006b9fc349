"""Turns what went wrong into `Failed`: the library's errors, and answers that are none."""

import os
import ssl
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus

import httpcore
import httpx

from aggregator.adapters.http.guard import RefusedAddress
from aggregator.adapters.http.lookup import UnknownHost
from aggregator.adapters.http.politeness import Resting
from aggregator.core.crawling.inflating import BrokenBody, TooLarge, UnknownEncoding
from aggregator.domain.fetching import Failed, FailureKind

#: The nearest ancestor of an error that stands here says what it is.
KINDS: Mapping[type[Exception], FailureKind] = {
    RefusedAddress: FailureKind.ADDRESS,
    UnknownHost: FailureKind.DNS,
    TooLarge: FailureKind.TOO_LARGE,
    UnknownEncoding: FailureKind.ENCODING,
    BrokenBody: FailureKind.PROTOCOL,
    Resting: FailureKind.RESTING,
    TimeoutError: FailureKind.TIMEOUT,
    ssl.SSLError: FailureKind.TLS,
    OSError: FailureKind.CONNECT,
    ValueError: FailureKind.PROTOCOL,  # what h11, idna and urllib raise where an answer is beyond them
    httpx.HTTPError: FailureKind.PROTOCOL,
    httpx.TimeoutException: FailureKind.TIMEOUT,
    httpx.NetworkError: FailureKind.CONNECT,
    httpx.ProxyError: FailureKind.CONNECT,
    httpx.UnsupportedProtocol: FailureKind.ADDRESS,
    httpx.TooManyRedirects: FailureKind.REDIRECTS,
    httpx.DecodingError: FailureKind.ENCODING,
    httpx.HTTPStatusError: FailureKind.STATUS,
    httpx.InvalidURL: FailureKind.ADDRESS,
    httpx.StreamError: FailureKind.PROTOCOL,
    httpx.CookieConflict: FailureKind.PROTOCOL,
    httpcore.ProtocolError: FailureKind.PROTOCOL,
    httpcore.ProxyError: FailureKind.CONNECT,
    httpcore.UnsupportedProtocol: FailureKind.ADDRESS,
    httpcore.TimeoutException: FailureKind.TIMEOUT,
    httpcore.NetworkError: FailureKind.CONNECT,
    httpcore.ConnectionNotAvailable: FailureKind.CONNECT,
}
EXPECTED = tuple(KINDS)

#: Errors of ours whose text already is the sentence.
_SPEAK_FOR_THEMSELVES = (RefusedAddress, UnknownHost, TooLarge, UnknownEncoding, BrokenBody, Resting)

_CLOUDFLARE = "Cloudflare"
_WALLED = (
    "{wall} stands before it and lets browsers in only; "
    "ask the site to let feed readers in, or try another user_agent for this feed"
)
_REFUSED = "the server refuses us; another user_agent for this feed may help"
_SENTENCES: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "it wants a name and a password, or others than it got; a feed's stand in its address before the host (name:password@)",
    HTTPStatus.PAYMENT_REQUIRED: "it wants to be paid; look for another address of the feed",
    HTTPStatus.FORBIDDEN: _REFUSED,
    HTTPStatus.NOT_FOUND: "nothing is at this address; it may have moved, so look for its new one on the site",
    HTTPStatus.NOT_ACCEPTABLE: _REFUSED,
    HTTPStatus.GONE: "it is gone for good, says the server; remove the feed or find its new address",
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: "it may not be shown where you are; remove the feed, or ask the site",
    HTTPStatus.NOT_MODIFIED: "the server says that nothing changed, though it was not asked whether it did",
}
_SERVER_ERRORS = 500
_KINDS: Mapping[int, FailureKind] = {
    HTTPStatus.UNAUTHORIZED: FailureKind.BLOCKED,
    HTTPStatus.PAYMENT_REQUIRED: FailureKind.BLOCKED,
    HTTPStatus.FORBIDDEN: FailureKind.BLOCKED,
    HTTPStatus.NOT_FOUND: FailureKind.NOT_FOUND,
    HTTPStatus.NOT_ACCEPTABLE: FailureKind.BLOCKED,
    HTTPStatus.GONE: FailureKind.GONE,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: FailureKind.BLOCKED,
}


def failure_of_error(error: Exception, host: str) -> Failed:
    """Say in a sentence what `error` means for a fetch from `host`. Only for EXPECTED errors."""
    kind = next(KINDS[ancestor] for ancestor in type(error).__mro__ if ancestor in KINDS)
    causes = tuple(_causes(error))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        kind = FailureKind.TLS
    why = str(error) if isinstance(error, _SPEAK_FOR_THEMSELVES) else _sentence(kind, error, causes, host)
    return Failed(kind=kind, why=why, retry_at=error.until if isinstance(error, Resting) else None)


def failure_of_status(status: int, headers: Mapping[str, str], *, host: str, retry_at: datetime | None) -> Failed:
    """Say in a sentence what an answer without a body for us means; `retry_at` is when the server lets us come again."""
    named = f"{host} answers {status}{_phrase(status)}"
    if retry_at is not None:
        why = f"{named}: too many requests; left alone until {retry_at:%Y-%m-%d %H:%M} UTC"
        return Failed(kind=FailureKind.THROTTLED, why=why, status=status, retry_at=retry_at)
    wall = _bot_wall(status, headers)
    if wall is not None:
        why = f"{named}: {_WALLED.format(wall=wall)}"
        return Failed(kind=FailureKind.CHALLENGED, why=why, status=status)
    if status >= _SERVER_ERRORS:
        why = f"{named}: the server has trouble of its own; it is asked again later"
        return Failed(kind=FailureKind.SERVER, why=why, status=status)
    why = f"{named}: {_SENTENCES.get(status, 'that is no answer to read')}"
    return Failed(kind=_KINDS.get(status, FailureKind.STATUS), why=why, status=status)


def _bot_wall(status: int, headers: Mapping[str, str]) -> str | None:
    """Name the wall that answers in the site's place with a riddle for browsers; None where the site itself answers."""
    if _header(headers, "cf-mitigated") == "challenge":
        return _CLOUDFLARE
    if _header(headers, "x-amzn-waf-action") in {"challenge", "captcha"}:  # with a 202 or a 405
        return "the AWS web application firewall"
    refused = status == HTTPStatus.FORBIDDEN
    # Behind Cloudflare every answer names it; a refusal in HTML of a feed is likely to be its own.
    if (refused or status == HTTPStatus.SERVICE_UNAVAILABLE) and _header(headers, "server") == "cloudflare":
        return _CLOUDFLARE if _header(headers, "content-type").startswith("text/html") else None
    if refused and "x-datadome" in headers:
        return "DataDome"
    return "Sucuri" if refused and "x-sucuri-id" in headers else None


def _header(headers: Mapping[str, str], name: str) -> str:
    return headers.get(name, "").strip().lower()


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


def _sentence(kind: FailureKind, error: Exception, causes: tuple[BaseException, ...], host: str) -> str:
    if kind is FailureKind.TIMEOUT:
        return f"{host} does not answer in time"
    if kind is FailureKind.TLS:
        return f"no safe connection to {host}: {_tls_reason(causes)}"
    if kind is FailureKind.CONNECT:
        return f"no connection to {host}: {_system_reason(causes) or str(error) or 'it broke off'}"
    if kind is FailureKind.ADDRESS:
        return f"not an address that can be fetched: {error}"
    return f"{host} does not speak proper HTTP: {error}"


def _tls_reason(causes: tuple[BaseException, ...]) -> str:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not valid ({cause.verify_message})"
        reason = getattr(cause, "reason", None)  # only errors from OpenSSL itself have one
        if isinstance(cause, ssl.SSLError) and reason:
            return str(reason).replace("_", " ").lower()
    return "the TLS handshake failed"


def _system_reason(causes: tuple[BaseException, ...]) -> str:
    """Return what the operating system said, without asyncio's numbers and addresses; empty if it said nothing."""
    numbers = [cause.errno for cause in causes if isinstance(cause, OSError) and cause.errno]
    return os.strerror(numbers[-1]) if numbers else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and what led to it, the outermost first; a chain that bites its tail ends."""
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or at.__context__
