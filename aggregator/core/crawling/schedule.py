"""When a feed is polled next, and when a page is asked for again.

A feed's own rhythm or a fixed interval says when it would be of use; the server's wishes say when it may be at the earliest.
`jitter` is a number in [0, 1) that the caller draws: chance is not core's.
"""

from datetime import datetime, timedelta

from aggregator.core.crawling.backoff import pause_after
from aggregator.core.crawling.rhythm import HOUR, until_expected
from aggregator.domain.feeds import FeedState
from aggregator.domain.fetching import Failed, FailureKind

#: The bounds of a learned interval.
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=24)
#: A feed is polled again when so many new entries are to be expected: half of the polls of a feed with a steady rhythm then
#: find something, and an entry waits for less than the mean pause between two …
_EXPECTED = 0.5
#: … and up to so many more the more of its polls bring a whole document with nothing new: a 304 costs a server little, a
#: document costs it much.
_EXPECTED_FOR_WASTE = 3.0

#: … but never more than this share of what the document lists.
_OF_DOCUMENT = 0.25

#: Polls are put off by up to this share of the interval, so that feeds of one rhythm do not stay in step; never brought
#: forward.
SPREAD = 0.1

#: An answer holds for no longer than this, whatever the server says (some say 16 years). The document's ttl neither.
LONGEST_FRESH = timedelta(hours=24)
#: A feed whose server cannot be trusted with conditional requests is asked without them, at most so often.
SHORTEST_UNCONDITIONAL = timedelta(hours=1)

#: Pauses before a page that could not be had is asked for again. After the last one the feed's own text has to do.
PAGE_PAUSES = (timedelta(minutes=30), timedelta(hours=3), timedelta(hours=24))
#: What may pass by itself. A page that is refused, gone or too large is not asked for again.
PASSING = frozenset(
    {
        FailureKind.CONNECT,
        FailureKind.DNS,
        FailureKind.PROTOCOL,
        FailureKind.RESTING,
        FailureKind.ROBOTS,
        FailureKind.SERVER,
        FailureKind.THROTTLED,
        FailureKind.TIMEOUT,
    }
)


def page_again(now: datetime, failure: Failed, tries: int) -> datetime | None:
    """Return when to ask for a page again that failed after `tries` failures before; None when it is given up."""
    if failure.kind not in PASSING or tries >= len(PAGE_PAUSES):
        return None
    return max(now + PAGE_PAUSES[tries], failure.retry_at or now)


def learned_interval(state: FeedState, now: datetime) -> timedelta:
    """Return how long to wait from `now` by the feed's own rhythm."""
    expected = _EXPECTED + _EXPECTED_FOR_WASTE * state.waste
    if state.entries:
        # What has left a short document before it was polled is lost.
        expected = min(expected, state.entries * _OF_DOCUMENT)
    shortest = SHORTEST if state.frozen_since is None else SHORTEST_UNCONDITIONAL
    return max(until_expected(state.rhythm, now, expected, longest=LONGEST), shortest)


def after_success(state: FeedState, now: datetime, every: timedelta | None, *, jitter: float) -> datetime:
    """Return the next poll of a feed that was read or did not change; `every` is None where its rhythm is learned."""
    interval = every or learned_interval(state, now)
    return allowed_from(state, now + interval * (1 + SPREAD * jitter))


def after_failure(
    state: FeedState, now: datetime, every: timedelta | None, failure: Failed, *, jitter: float
) -> datetime:
    """Return the next poll after `state.failures` failed ones in a row; never before the server allows it."""
    interval = every or learned_interval(state, now)
    pause = max(pause_after(failure.kind, state.failures), interval)
    later = now + pause * (1 + SPREAD * jitter)
    if failure.retry_at is not None:
        # Whoever was told the same time must not come at the same moment.
        later = max(later, failure.retry_at + min(interval, HOUR) * SPREAD * jitter)
    return allowed_from(state, later)


def claimed_until(state: FeedState, now: datetime, every: timedelta | None) -> datetime:
    """Return when a feed whose poll begins now is due again should that poll never end.

    As what it brings is not known then, it is taken to hold as long as the answer before.
    """
    pause = min(every or learned_interval(state, now), HOUR)
    if state.fresh_until is not None and state.last_success is not None:
        pause = max(pause, state.fresh_until - state.last_success)
    return allowed_from(state, now + pause)


def allowed_from(state: FeedState, moment: datetime) -> datetime:
    """Return the earliest time from `moment` on at which a feed may be asked by its server's own words."""
    for limit in (state.rest_until, state.fresh_until):
        # Neither is given for longer; more is left of a clock that was set back.
        moment = max(moment, min(limit or moment, moment + LONGEST_FRESH))
    return _after_skipped(state, moment)


def holds_until(state: FeedState, answered: datetime | None, now: datetime) -> datetime | None:
    """Return until when an answer of now holds: by its headers (`answered`) and the document's ttl, a day at most."""
    by_document = now + state.ttl if state.ttl else None
    named = [moment for moment in (answered, by_document) if moment is not None]
    return min(max(named), now + LONGEST_FRESH) if named else None


def _after_skipped(state: FeedState, moment: datetime) -> datetime:
    """Pass over the hours and days (UTC) in which the feed asks not to be polled; it never names all of them."""
    if not state.skip_hours and not state.skip_days:
        return moment
    for _ in range(8 * 24):
        if moment.hour not in state.skip_hours and moment.weekday() not in state.skip_days:
            return moment
        moment = moment.replace(minute=0, second=0, microsecond=0) + HOUR
    return moment
