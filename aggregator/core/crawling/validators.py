"""When a request is conditional, and how servers are found out that say 304 for ever."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from aggregator.domain.feeds import FeedState

#: Validators are left out so long after the last whole answer: a server stuck at 304 is found out then (NetNewsWire does
#: the same, after eight days).
TRUSTED = timedelta(days=8)
#: … and so long after one that brought news which the 304s before may have hidden: nothing dated before them is left in a
#: short document, so that it proves nothing.
DOUBTED = timedelta(days=1)
#: A server that was found out is given another chance after this.
CHANCE_AFTER = timedelta(days=30)
#: An entry dated so long before the last 304 was there when the server said that nothing had changed.
_CERTAIN = timedelta(hours=1)


def are_sent(state: FeedState, now: datetime) -> bool:
    """Tell whether the next request for the feed is conditional."""
    if state.etag is None and state.last_modified is None:
        return False
    if state.frozen_since is not None and now - state.frozen_since < CHANCE_AFTER:
        return False
    return state.trusted_until is not None and now < state.trusted_until


def trusted_until(state: FeedState, now: datetime, *, is_new: bool, conditional: bool) -> datetime:
    """Return until when validators are sent after a whole answer; `state` is that before it."""
    had_validators = state.etag is not None or state.last_modified is not None
    is_doubtful = is_new and had_validators and not conditional and state.last_full != state.last_success
    return now + (DOUBTED if is_doubtful else TRUSTED)


def is_found_out(state: FeedState, dates: Iterable[datetime], *, conditional: bool) -> bool:
    """Tell whether a whole answer shows that the last 304 was wrong; `dates` are those of its entries.

    It does where an entry is dated after all that was known and well before that 304.
    """
    if conditional or state.last_success is None or state.last_full is None or state.last_full >= state.last_success:
        return False
    if state.latest_entry is None:
        return False
    return any(state.latest_entry < date < state.last_success - _CERTAIN for date in dates)
