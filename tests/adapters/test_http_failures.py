import ssl
from collections.abc import Iterator

import httpcore
import httpx
import pytest

from aggregator.adapters.http.failures import EXPECTED, KINDS, failure_of_error
from aggregator.domain.fetching import FailureKind


def errors_of(library: object) -> Iterator[type[Exception]]:
    """Yield every exception class that a library shows."""
    for thing in vars(library).values():
        if isinstance(thing, type) and issubclass(thing, Exception):
            yield thing


LIBRARY_ERRORS = sorted({*errors_of(httpx), *errors_of(httpcore)}, key=lambda kind: (kind.__module__, kind.__name__))


@pytest.mark.parametrize("error", LIBRARY_ERRORS, ids=lambda error: f"{error.__module__}.{error.__name__}")
def test_every_error_of_the_libraries_is_mapped(error: type[Exception]) -> None:
    """No exception that httpx or httpcore shows can slip through the border, and each becomes a failure with a sentence."""
    assert issubclass(error, EXPECTED)

    raised = error.__new__(error)
    Exception.__init__(raised, "told by the library")
    failed = failure_of_error(raised, "site.test")

    assert failed.kind in FailureKind
    assert failed.why


def test_the_walk_sees_the_errors() -> None:
    """The list above is not empty by mistake."""
    assert {httpx.ReadTimeout, httpx.InvalidURL, httpcore.RemoteProtocolError, httpx.StreamClosed} <= set(
        LIBRARY_ERRORS
    )


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ReadTimeout(""), FailureKind.TIMEOUT),
        (httpx.PoolTimeout(""), FailureKind.TIMEOUT),
        (httpx.ConnectError(""), FailureKind.CONNECT),
        (httpx.ReadError(""), FailureKind.CONNECT),
        (httpx.RemoteProtocolError("odd"), FailureKind.PROTOCOL),
        (httpx.UnsupportedProtocol(""), FailureKind.ADDRESS),
        (httpx.InvalidURL(""), FailureKind.ADDRESS),
        (TimeoutError(), FailureKind.TIMEOUT),
        (ConnectionResetError(104, "reset"), FailureKind.CONNECT),
        (ssl.SSLError(1, "odd"), FailureKind.TLS),
        (UnicodeError("odd"), FailureKind.PROTOCOL),
    ],
)
def test_errors_are_told_apart(error: Exception, kind: FailureKind) -> None:
    """The nearest mapped ancestor decides."""
    assert failure_of_error(error, "site.test").kind is kind


def test_a_tls_error_deep_in_the_chain_is_found() -> None:
    """A failed handshake comes as a failed connection; its cause tells the truth."""
    outer = httpx.ConnectError("failed")
    outer.__cause__ = httpcore.ConnectError("failed")
    outer.__cause__.__cause__ = ssl.SSLError(1, "wrong version")
    outer.__cause__.__cause__.__context__ = outer  # a chain that bites its tail

    assert failure_of_error(outer, "site.test").kind is FailureKind.TLS


def test_every_kind_here_is_one_a_fetch_can_have() -> None:
    """Parsing and workers have kinds of their own."""
    assert not {FailureKind.WORKER, FailureKind.MALFORMED, FailureKind.NOT_A_FEED} & set(KINDS.values())
