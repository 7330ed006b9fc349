"""When a permanent redirect is believed: hotels, offices and broken servers redirect for good, too, for an afternoon."""

from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.domain.feeds import FeedState

#: Identical answers in a row after which a permanent redirect is believed …
ANSWERS = 10
#: … if the first of them is so long ago.
PERIOD = timedelta(days=3)


def after_answer(state: FeedState, moved_to: str | None, now: datetime) -> FeedState:
    """Return the state after an answer that came by permanent redirects from `moved_to`, or without any."""
    if moved_to is None:
        return replace(state, moved_to=None, moved_since=None, moved_times=0)
    if moved_to != state.moved_to:
        return replace(state, moved_to=moved_to, moved_since=now, moved_times=1)
    return replace(state, moved_times=state.moved_times + 1, moved_since=state.moved_since or now)


def has_moved(state: FeedState) -> bool:
    """Tell whether the feed is believed to have moved for good."""
    if state.moved_since is None or state.last_poll is None:
        return False
    return state.moved_times >= ANSWERS and state.last_poll - state.moved_since >= PERIOD
