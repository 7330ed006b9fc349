"""What each way in which a poll can end teaches of a feed: the state before and the answer make the state after."""

from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.core.crawling import moves
from aggregator.core.crawling.health import judged
from aggregator.core.crawling.rhythm import observe
from aggregator.core.crawling.schedule import after_failure, after_success, holds_until
from aggregator.core.crawling.validators import TRUSTED, is_found_out, trusted_until
from aggregator.core.urls import site
from aggregator.domain.feeds import FeedState, ParsedFeed
from aggregator.domain.fetching import Failed, FailureKind, NotModified, Response

#: How much of the waste that is remembered each poll replaces.
_NEWEST = 0.1


def after_reading(
    state: FeedState,
    response: Response,
    parsed: ParsedFeed,
    *,
    digest: bytes,
    is_new: bool,
    conditional: bool,
    now: datetime,
) -> FeedState:
    """Return the state after a document that was read; `is_new` tells whether it listed anything that was not known."""
    dates = [date for entry in parsed.entries if (date := entry.published or entry.updated) is not None]
    is_frozen = is_found_out(state, dates, conditional=conditional)
    trusted = trusted_until(state, now, is_new=is_new, conditional=conditional)
    state = _answered(state, response, now)
    return replace(
        state,
        body_digest=digest,
        trusted_until=trusted,
        ttl=parsed.ttl,
        skip_hours=parsed.skip_hours,
        skip_days=parsed.skip_days,
        frozen_since=now if is_frozen else None if conditional else state.frozen_since,
        rhythm=observe(state.rhythm, dates, now, is_new=is_new),
        waste=_waste(state, wasted=not is_new),
        entries=len(parsed.entries),
        earliest_entry=min(dates, default=None),
        latest_entry=max(dates, default=None),
    )


def after_same_body(state: FeedState, response: Response, now: datetime) -> FeedState:
    """Return the state after a document that is the same, byte for byte, as the one before."""
    state = _answered(state, response, now)
    return replace(
        state,
        trusted_until=now + TRUSTED,
        waste=_waste(state, wasted=True),
        rhythm=observe(state.rhythm, (), now, is_new=False),
    )


def after_not_modified(state: FeedState, answer: NotModified, now: datetime) -> FeedState:
    """Return the state after a 304, which may leave out validators that still hold (RFC 9110, 15.4.5)."""
    state = moves.after_answer(state, answer.moved_to, now)
    return replace(
        state,
        etag=answer.etag or state.etag,
        last_modified=answer.last_modified or state.last_modified,
        fresh_until=answer.fresh_until,
        waste=_waste(state, wasted=False),
        rhythm=observe(state.rhythm, (), now, is_new=False),
    )


def after_failing(state: FeedState, failure: Failed) -> FeedState:
    """Return the state after a poll that failed. Being asked to wait is no sign of a dying feed."""
    is_throttled = failure.kind in {FailureKind.THROTTLED, FailureKind.RESTING}
    return replace(
        state,
        failures=state.failures + (not is_throttled),
        error=failure.why,
        error_kind=failure.kind.value,
        rest_until=failure.retry_at if is_throttled else None,
        fresh_until=None,
    )


def succeeded(state: FeedState, every: timedelta | None, now: datetime, *, jitter: float) -> FeedState:
    """Return the state of a feed that answered, with its next poll and its health."""
    state = replace(
        state,
        last_poll=now,
        last_success=now,
        failures=0,
        error=None,
        error_kind=None,
        rest_until=None,
    )
    state = replace(state, fresh_until=holds_until(state, state.fresh_until, now))
    return judged(replace(state, next_poll=after_success(state, now, every, jitter=jitter)), now)


def failed(state: FeedState, failure: Failed, every: timedelta | None, now: datetime, *, jitter: float) -> FeedState:
    """Return the state of a feed whose poll failed, with its next poll and its health."""
    asked = failure.kind is not FailureKind.RESTING
    state = after_failing(replace(state, last_poll=now if asked else state.last_poll), failure)
    return judged(replace(state, next_poll=after_failure(state, now, every, failure, jitter=jitter)), now)


def _answered(state: FeedState, response: Response, now: datetime) -> FeedState:
    return replace(
        moves.after_answer(state, response.moved_to, now),
        etag=response.etag,
        validators_from=site(response.url),
        last_modified=response.last_modified,
        fresh_until=response.fresh_until,
        last_full=now,
        body_bytes=response.wire_bytes,
    )


def _waste(state: FeedState, *, wasted: bool) -> float:
    return state.waste + _NEWEST * (wasted - state.waste)
