import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.crawling.websub import (
    LONGEST_LEASE,
    PAUSES,
    confirmed,
    denied,
    hub_of,
    is_active,
    is_due,
    is_over,
    is_signed,
    lease,
    links,
    may_change,
    moved,
    request,
    safety_interval,
)
from aggregator.domain.feeds import ParsedFeed
from aggregator.domain.ids import FeedId
from aggregator.domain.websub import Hub, Mode, Subscription

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FEED = "https://paper.example/feed"
HUB = "https://hub.example/"


def subscription(**changes: Any) -> Subscription:
    """Return a subscription that its hub has verified, other `changes` allowing."""
    fields: dict[str, Any] = {
        "asked": NOW,
        "confirmed": NOW,
        "expires": NOW + 10 * DAY,
        "callback": "https://n.example/",
    }
    return Subscription(
        feed=FeedId(1), hub=Hub(url=HUB, topic=FEED), token="token", secret="secret", **(fields | changes)
    )


def parsed(**changes: Any) -> ParsedFeed:
    """Return a feed that lists nothing."""
    return ParsedFeed(version="atom10", title=None, link=None, language=None, entries=(), **changes)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("<https://a.example/>; rel=hub", [("https://a.example/", {"hub"})]),
        ('<https://a.example/>; rel="hub"', [("https://a.example/", {"hub"})]),
        ('<https://a.example/>;REL="HUB Self"', [("https://a.example/", {"hub", "self"})]),
        ("<a>;rel=hub,<b>;rel=self", [("a", {"hub"}), ("b", {"self"})]),
        ('<a> ; title="x, <y>; rel=self" ; rel = hub', [("a", {"hub"})]),
        (r'<a>; title="say \"hi\", he said"; rel=hub', [("a", {"hub"})]),
        ("<a,b>; rel=hub", [("a,b", {"hub"})]),
        ("<a>; rel=hub; rel=self", [("a", {"hub"})]),
        ("<a>; rel*=UTF-8''hub", [("a", set())]),
        ('<a>; rel="hub"; anchor="https://other.example/"', []),
        ("<a>; crossorigin; rel=hub", [("a", {"hub"})]),
        ("<a>;; rel=hub;", [("a", {"hub"})]),
        (" ,, <a>; rel=hub ,", [("a", {"hub"})]),
        ("<a>", [("a", set())]),
        ("nonsense, <a>; rel=hub", [("a", {"hub"})]),
        ("<a>; rel=hub nonsense, <b>; rel=self", [("a", {"hub"}), ("b", {"self"})]),
        ("<a; rel=hub", []),
        ('<a>; rel="hub', [("a", set())]),
        ("", []),
    ],
)
def test_link_headers_are_read_as_they_are_defined(header: str, found: list[tuple[str, set[str]]]) -> None:
    """Quoting, several relations, commas and semicolons within quotes; what is malformed costs only itself."""
    assert [(target, set(relations)) for target, relations in links(header)] == found


@given(st.one_of(st.text(), st.text('<>;,="\\ relhubself'), st.text('<a>;,="\\ ', max_size=400)))
def test_no_header_is_too_strange(header: str) -> None:
    """Whatever a server sends, nothing is raised."""
    assert all(isinstance(target, str) for target, _ in links(header))
    hub_of(parsed(), header, asked=FEED, found=FEED)


@pytest.mark.parametrize("piece", ["<a>;", '<a>; x="', ",", '"', "<", '<a>; x="\\', "; x", " ", "<a>; rel=hub,"])
def test_a_header_without_end_costs_no_time(piece: str) -> None:
    """Only the beginning is read, and never twice; ten milliseconds are enough, so a second is on any machine."""
    began = time.process_time()

    assert len(list(links(piece * 200_000))) <= 20_000
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("header", "document", "expected"),
    [
        (None, {}, None),
        (None, {"hub": HUB}, Hub(url=HUB, topic=FEED)),
        (None, {"hub": HUB, "self_link": FEED + "?a"}, Hub(url=HUB, topic=FEED + "?a")),
        (None, {"self_link": FEED}, None),
        ("<https://h.example/>; rel=hub", {"hub": HUB}, Hub(url="https://h.example/", topic=FEED)),
        ("<https://h.example/>; rel=hub, <https://i.example/>; rel=hub", {}, Hub(url="https://h.example/", topic=FEED)),
        ("</all>; rel=self", {"hub": HUB, "self_link": FEED}, Hub(url=HUB, topic="https://cdn.example/all")),
        ("<mailto:a@b.example>; rel=hub", {}, None),
        ("<>; rel=hub", {}, None),
        ("<https://[::1>; rel=hub", {"hub": HUB}, Hub(url=HUB, topic=FEED)),
    ],
)
def test_headers_win_over_the_document(header: str | None, document: dict[str, str], expected: Hub | None) -> None:
    """Each of hub and topic is taken from the headers first, then from the document; the topic else is the feed."""
    assert hub_of(parsed(**document), header, asked=FEED, found="https://cdn.example/feed.xml") == expected


@given(st.one_of(st.none(), st.text(), st.integers().map(str)))
def test_no_lease_is_too_long(seconds: str | None) -> None:
    """Whatever a hub grants, it is not believed beyond two weeks."""
    assert timedelta(0) <= lease(seconds) <= LONGEST_LEASE


@pytest.mark.parametrize(
    ("days", "due"),
    [(0, False), (7.9, False), (8.1, True), (10, True), (40, True)],
)
def test_a_lease_is_renewed_when_a_fifth_is_left(days: float, due: bool) -> None:
    """Not long before, and also when it was missed."""
    assert is_due(subscription(), NOW + days * DAY) is due


def test_an_absurdly_short_lease_is_not_renewed_all_the_time() -> None:
    """Even a hub that grants seconds is left alone for an hour."""
    short = confirmed(subscription(), timedelta(0), NOW)

    assert not is_due(short, NOW + HOUR * 0.9)
    assert is_due(short, NOW + HOUR)


@pytest.mark.parametrize(
    ("tries", "pause"), [(1, PAUSES[0]), (2, PAUSES[1]), (3, PAUSES[2]), (4, PAUSES[2]), (99, PAUSES[2])]
)
def test_pauses_grow_with_requests_in_vain(tries: int, pause: timedelta) -> None:
    """One hour, six, then a day each time, whether the lease still runs or not."""
    for one in (subscription(tries=tries), subscription(tries=tries, confirmed=None, expires=None)):
        assert not is_due(one, NOW + pause - timedelta(seconds=1))
        assert is_due(one, NOW + pause)


def test_what_was_never_asked_is_due_and_what_was_ended_is_not() -> None:
    """A hub that was just named is asked at once; one that we left, never."""
    assert is_due(subscription(asked=None, confirmed=None, expires=None), NOW)
    assert not is_due(subscription(ended=NOW), NOW + 30 * DAY)


def test_a_denial_counts_as_a_request_in_vain() -> None:
    """A hub that takes back its promise has an hour of peace."""
    no = denied(subscription(), "no room", NOW + DAY)

    assert (no.refused, is_active(no, NOW + DAY)) == ("no room", False)
    assert not is_due(no, NOW + DAY + HOUR * 0.9)
    assert is_due(no, NOW + DAY + HOUR)
    assert is_active(confirmed(no, DAY, NOW + 2 * DAY), NOW + 2 * DAY)


def test_an_ended_subscription_is_remembered_while_a_lease_may_run() -> None:
    """Then it is forgotten; what no hub ever knew, at once; what goes on, never."""
    assert not is_over(subscription(), NOW + 100 * DAY)
    assert not is_over(subscription(ended=NOW), NOW + 13 * DAY)
    assert is_over(subscription(ended=NOW), NOW + LONGEST_LEASE)
    assert is_over(subscription(ended=NOW, asked=None), NOW)


def test_another_hub_is_taken_up_but_not_in_every_answer() -> None:
    """A hub that was asked is kept for half a day, one that was not can be replaced."""
    assert may_change(subscription(asked=None), NOW)
    assert not may_change(subscription(), NOW + 11 * HOUR)
    assert may_change(subscription(), NOW + 12 * HOUR)


def test_the_form_is_that_of_the_recommendation() -> None:
    """The callback ends in the token; the secret is told only to who shall sign with it."""
    asked = request(Mode.SUBSCRIBE, subscription())
    left = request(Mode.UNSUBSCRIBE, subscription(callback="https://n.example"))

    assert asked == {
        "hub.mode": "subscribe",
        "hub.topic": FEED,
        "hub.callback": "https://n.example/token",
        "hub.secret": "secret",
        "hub.lease_seconds": "864000",
    }
    assert left == {"hub.mode": "unsubscribe", "hub.topic": FEED, "hub.callback": "https://n.example/token"}


@pytest.mark.parametrize(
    ("signature", "signed"),
    [
        ("sha1=d8f92ef2ab1e9de2e27c5d1ae0d1c0b2f9a2c1e0", False),
        ("sha256=" + "0" * 64, False),
        ("", False),
        ("=", False),
        (None, False),
        ("md5=5d41402abc4b2a76b9719d911017c592", False),
        ("sha256=é", False),
        ("new=x", False),
    ],
)
def test_what_proves_nothing_is_refused(signature: str | None, signed: bool) -> None:
    """Wrong digests, unknown methods and nonsense."""
    assert is_signed(b"hello", signature, "secret") is signed


def test_signatures_are_those_of_others() -> None:
    """A digest that openssl made is accepted, in any case and with blanks around it."""
    # printf hello | openssl dgst -sha256 -hmac secret
    digest = "88aab3ede8d3adf94d26ab90d3bafd4a2083070c3bcce9c014ee04a443847c0b"

    assert is_signed(b"hello", f"sha256={digest}", "secret")
    assert is_signed(b"hello", f" SHA256={digest.upper()} ", "secret")
    assert not is_signed(b"hello!", f"sha256={digest}", "secret")
    assert not is_signed(b"hello", f"sha512={digest}", "secret")


@pytest.mark.parametrize(
    ("learned", "expected"),
    [(5 * timedelta(minutes=1), 20 * timedelta(minutes=1)), (HOUR, 4 * HOUR), (10 * HOUR, DAY), (3 * DAY, 3 * DAY)],
)
def test_polls_slow_down_for_a_feed_that_is_pushed(learned: timedelta, expected: timedelta) -> None:
    """Four times rarer, yet once a day at least, and never more often than without pushes."""
    assert safety_interval(learned, subscription(last_push=NOW + HOUR), NOW + 2 * HOUR) == expected


@pytest.mark.parametrize(
    "one",
    [
        None,
        subscription(),
        subscription(last_push=NOW - HOUR),
        subscription(last_push=NOW + HOUR, ended=NOW),
        subscription(last_push=NOW + HOUR, expires=NOW + HOUR),
        subscription(last_push=NOW + HOUR, confirmed=None, expires=None),
    ],
)
def test_a_hub_that_does_not_push_slows_nothing(one: Subscription | None) -> None:
    """No subscription, none that pushed within its lease, none whose lease runs: the feed's own rhythm."""
    assert safety_interval(HOUR, one, NOW + 2 * HOUR) == HOUR


def test_a_renewed_lease_must_prove_itself_anew() -> None:
    """What was pushed within the lease before says nothing of this one."""
    pushed = subscription(last_push=NOW + HOUR)
    renewed = confirmed(pushed, 10 * DAY, NOW + 8 * DAY)

    assert safety_interval(HOUR, renewed, NOW + 8 * DAY) == HOUR
    assert safety_interval(HOUR, replace(renewed, last_push=NOW + 8 * DAY), NOW + 9 * DAY) == 4 * HOUR


@pytest.mark.parametrize("by", [-DAY, 30 * DAY])
def test_a_lease_lasts_as_long_when_the_clock_is_set(by: timedelta) -> None:
    """It is renewed, and ends, after as many days as before."""
    after = moved(subscription(), by)

    assert (after.confirmed, after.expires) == (NOW + by, NOW + by + 10 * DAY)
    assert is_active(after, NOW + by + 9 * DAY)
    assert not is_active(after, NOW + by + 11 * DAY)
    assert after.ended is None
