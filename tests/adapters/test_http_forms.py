"""Requests that send a form: taken or not, and where redirects may carry it."""

import httpx
import pytest

from aggregator.adapters.http.hops import Hop, first_hop
from aggregator.domain.fetching import Failed, FailureKind, Purpose, Request
from tests.adapters.loopback import answer_to, failed, feed, good, playing, reply


def sending(url: str, **form: str) -> Request:
    """Return a request that sends a form to a hub."""
    return Request(url=url, purpose=Purpose.HUB, form=form)


def hop(url: str) -> Hop:
    """Return the first hop of such a request."""
    first = first_hop(sending(url, a="1 & 2", b="ü"), 9.0)
    assert isinstance(first, Hop)
    return first


def test_a_form_is_sent_as_browsers_send_it() -> None:
    """POST, urlencoded, in UTF-8; what only reads has neither."""
    reads = first_hop(feed("https://site.test/"), 9.0)

    assert isinstance(reads, Hop)
    assert (reads.method, reads.content) == ("GET", None)
    assert (hop("https://hub.test/").method, hop("https://hub.test/").content) == ("POST", b"a=1+%26+2&b=%C3%BC")
    asked = hop("https://hub.test/").asked("aggregator", {})
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("status", ["200 OK", "202 Accepted", "204 No Content", "226 IM Used"])
def test_any_good_status_takes_a_form(status: str) -> None:
    """What else the answer says is not read, however large."""
    answer = reply(status, Content_Type="text/plain")

    assert good(playing(answer, lambda client, server: client.fetch(sending(server.url(), a="1")))).body == b""


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("301 Moved", FailureKind.STATUS),
        ("302 Found", FailureKind.STATUS),
        ("303 See Other", FailureKind.STATUS),
        ("400 Bad Request", FailureKind.STATUS),
        ("410 Gone", FailureKind.GONE),
        ("500 Error", FailureKind.SERVER),
        ("429 Too Many", FailureKind.THROTTLED),
    ],
)
def test_what_does_not_take_a_form_is_a_failure(status: str, kind: FailureKind) -> None:
    """Redirects after which a browser would ask by GET are refusals too."""
    answer = reply(status, Location="/b")

    failed(playing(answer, lambda client, server: client.fetch(sending(server.url(), a="1"))), kind)


@pytest.mark.parametrize(
    ("asked", "location", "followed"),
    [
        ("https://hub.test/", "https://hub.test/b", True),
        ("http://hub.test/", "https://hub.test/b", True),
        ("http://hub.test/", "http://hub.test/b", True),
        ("https://hub.test/", "http://hub.test/b", False),
    ],
)
def test_a_form_never_loses_its_tls(asked: str, location: str, *, followed: bool) -> None:
    """It may hold a secret: no redirect carries it from https to http."""
    reply = httpx.Response(307, headers={"Location": location})
    following = hop(asked).redirected(reply, most=9, seconds=9.0)

    assert isinstance(following, Hop if followed else Failed)
    assert hop(asked).leads_on(reply)


def test_a_question_is_not_taken_for_a_form() -> None:
    """A 204 is no answer to a poll."""
    failed(answer_to(reply("204 No Content")), FailureKind.STATUS)
