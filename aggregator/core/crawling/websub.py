"""WebSub (W3C Recommendation of 2018): which hub, when it is asked, what is believed of it, and how far we rely on it."""

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from aggregator.core import clock
from aggregator.core.urls import absolute
from aggregator.domain.feeds import ParsedFeed
from aggregator.domain.websub import Hub, Mode, Subscription

#: What we ask for, and the most that we take: a hub that dies is noticed when its lease ends, at the latest.
LEASE = timedelta(days=10)
LONGEST_LEASE = timedelta(days=14)
#: A lease is renewed when less than this share of it is left.
RENEWED_FROM = 1 / 5
#: Pauses before a hub is asked again that refused, did not answer, or took a request and never verified; the last one stays.
PAUSES = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
#: A feed's hub is asked so long before another one is taken up.
SETTLED = timedelta(hours=12)
#: A feed that is pushed is still asked for, so much less often …
SLOWER = 4
#: … and at least so often, for a hub may drop pushes without a word.
SAFETY = timedelta(days=1)

#: The methods that the recommendation names (5.1.1). A receiver knows all of them and takes no other.
_METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})
#: More of a header than any honest one has.
_LONGEST_HEADER = 20_000
_LONGEST_SECONDS = 12

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 (RFC 9110, 5.6.2)
_TARGET = re.compile(r"\s*<([^<>]*)>")
_PARAMETER = re.compile(rf'\s*;\s*(?:({_TOKEN})\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?)?', re.DOTALL)
_NEXT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")*,', re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)


def links(header: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the targets of Link headers (RFC 8288) that concern the document itself, each with its relations.

    What is malformed is skipped up to the next comma.
    """
    header = header[:_LONGEST_HEADER]
    at = 0
    while at < len(header):
        target = _TARGET.match(header, at)
        if target:
            at, parameters = _parameters(header, target.end())
            # With an anchor the link is one of another document.
            if "anchor" not in parameters:
                yield target[1].strip(), frozenset(parameters.get("rel", "").lower().split())
        following = _NEXT.match(header, at)
        if not following:
            return
        at = following.end()


def _parameters(header: str, at: int) -> tuple[int, dict[str, str]]:
    """Read the parameters of a link; of two with one name the first counts (RFC 8288, 3.3)."""
    parameters: dict[str, str] = {}
    while match := _PARAMETER.match(header, at):
        name, quoted, plain = match.groups()
        if name:
            parameters.setdefault(name.lower(), _QUOTED_PAIR.sub(r"\1", quoted) if quoted is not None else plain or "")
        at = match.end()
    return at, parameters


def hub_of(parsed: ParsedFeed, link_header: str | None, *, asked: str, found: str) -> Hub | None:
    """Return the hub of a feed; what the headers say is believed before what the document says.

    `asked` is the feed's address, `found` the one that answered: relative addresses are seen from there.
    """
    named: dict[str, str] = {}
    for target, relations in links(link_header or ""):
        for relation in relations & {"hub", "self"}:
            address = absolute(found, target)
            if address and target:
                named.setdefault(relation, address)
    hub = named.get("hub") or parsed.hub
    return Hub(url=hub, topic=named.get("self") or parsed.self_link or asked) if hub else None


def lease(seconds: str | None) -> timedelta:
    """Return how long a hub means to push, at most `LONGEST_LEASE`; what we asked for where it does not say."""
    text = (seconds or "").strip()
    if not (text.isascii() and text.isdigit()):
        return LEASE
    return LONGEST_LEASE if len(text) > _LONGEST_SECONDS else min(timedelta(seconds=int(text)), LONGEST_LEASE)


def confirmed(subscription: Subscription, lasting: timedelta, now: datetime) -> Subscription:
    """Return what a subscription becomes when its hub has verified it."""
    return replace(subscription, confirmed=now, expires=now + lasting, tries=0, refused=None)


def denied(subscription: Subscription, why: str, now: datetime) -> Subscription:
    """Return what a subscription becomes when its hub says no, be it amid the lease."""
    tries = max(subscription.tries, 1)
    return replace(subscription, confirmed=None, expires=None, asked=now, tries=tries, refused=why)


def is_active(subscription: Subscription, now: datetime) -> bool:
    """Tell whether the hub has promised to push."""
    return subscription.ended is None and subscription.expires is not None and subscription.expires > now


def is_due(subscription: Subscription, now: datetime) -> bool:
    """Tell whether the hub is to be asked to subscribe us, be it again."""
    if subscription.ended is not None:
        return False
    if subscription.asked is None:
        return True
    if subscription.tries:
        return now >= subscription.asked + PAUSES[min(subscription.tries, len(PAUSES)) - 1]
    if subscription.confirmed is None or subscription.expires is None:
        return True
    left, whole = subscription.expires - now, subscription.expires - subscription.confirmed
    # The pause is for hubs whose leases are absurdly short.
    return left < whole * RENEWED_FROM and now >= subscription.asked + PAUSES[0]


def may_change(subscription: Subscription, now: datetime) -> bool:
    """Tell whether another hub or topic is taken up.

    Some feeds name themselves otherwise in each answer (caches, mirrors); each time would be a new subscription.
    """
    return subscription.asked is None or now >= subscription.asked + SETTLED


def is_over(subscription: Subscription, now: datetime) -> bool:
    """Tell whether a subscription that was ended can be forgotten: no lease of its hub can still be running."""
    if subscription.ended is None:
        return False
    return subscription.asked is None or now >= subscription.ended + LONGEST_LEASE


def moved(subscription: Subscription, by: timedelta) -> Subscription:
    """Return a subscription after the clock was set by `by`: its lease ends when it would have ended."""
    times = ("asked", "confirmed", "expires", "last_push", "ended")
    after: dict[str, Any] = {name: clock.moved(at, by) for name in times if (at := getattr(subscription, name))}
    return replace(subscription, **after)


def request(mode: Mode, subscription: Subscription) -> Mapping[str, str]:
    """Return the form that asks a hub; the callback must be known."""
    assert subscription.callback is not None
    form = {
        "hub.mode": mode.value,
        "hub.topic": subscription.hub.topic,
        "hub.callback": f"{subscription.callback.rstrip('/')}/{subscription.token}",
    }
    if mode is Mode.SUBSCRIBE:
        form |= {"hub.secret": subscription.secret, "hub.lease_seconds": str(int(LEASE.total_seconds()))}
    return form


def is_signed(body: bytes, signature: str | None, secret: str) -> bool:
    """Tell whether `signature`, an X-Hub-Signature header, proves that `body` comes from who knows `secret`."""
    method, equals, digest = (signature or "").strip().partition("=")
    method = method.lower()
    if not equals or method not in _METHODS:
        return False
    right = hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()
    # As bytes: compare_digest refuses text that is not ASCII.
    return hmac.compare_digest(right.encode(), digest.strip().lower().encode(errors="replace"))


def safety_interval(learned: timedelta, subscription: Subscription | None, now: datetime) -> timedelta:
    """Return how often a feed is polled whose rhythm alone would say `learned`.

    Only pushes within the lease that runs now count: hubs that take subscriptions and never push are known from the field.
    """
    if subscription is None or not is_active(subscription, now):
        return learned
    pushed, since = subscription.last_push, subscription.confirmed
    if pushed is None or since is None or pushed < since:
        return learned
    return max(learned, min(learned * SLOWER, SAFETY))
