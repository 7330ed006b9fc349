"""Turns what went wrong into `Failed`: the library's errors, and answers that are none."""

import os
import ssl
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus

import httpcore
import httpx

from aggregator.adapters.http.bodies import BrokenBody, TooLarge, UnknownEncoding
from aggregator.adapters.http.guard import RefusedAddress, UnknownHost
from aggregator.adapters.http.politeness import Resting
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
    ValueError: FailureKind.PROTOCOL,  # httpx reads Location before we do, with urllib and idna, which raise this
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

_CLOUDFLARE = "Cloudflare stands before it and lets browsers in only; another user_agent for this feed may help"
_REFUSED = "the server refuses us; another user_agent for this feed may help"
_SENTENCES: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "it wants a name and a password",
    HTTPStatus.PAYMENT_REQUIRED: "it wants to be paid",
    HTTPStatus.FORBIDDEN: _REFUSED,
    HTTPStatus.NOT_FOUND: "nothing is at this address; it may have moved",
    HTTPStatus.NOT_ACCEPTABLE: _REFUSED,
    HTTPStatus.GONE: "it is gone for good, says the server; remove the feed or find its new address",
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: "it may not be shown where you are",
    HTTPStatus.NOT_MODIFIED: "the server says that nothing changed, though it was not asked whether it did",
}
_SERVER_ERRORS = 500


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
    kind = FailureKind.GONE if status == HTTPStatus.GONE else FailureKind.STATUS
    return Failed(kind=kind, why=f"{named}: {_advice(status, headers)}", status=status)


def _advice(status: int, headers: Mapping[str, str]) -> str:
    challenged = headers.get("cf-mitigated", "").strip().lower() == "challenge"
    refused = status in (HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE)
    if challenged or (refused and headers.get("server", "").strip().lower() == "cloudflare"):
        return _CLOUDFLARE
    if status >= _SERVER_ERRORS:
        return "the server has trouble of its own; it is asked again later"
    return _SENTENCES.get(status, "that is no answer to read")


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
