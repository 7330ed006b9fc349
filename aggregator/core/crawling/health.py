"""How a feed is: decided from its state alone, after each poll."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.core.crawling.moves import has_moved
from aggregator.core.crawling.rhythm import CHANCE, longest_silence, silence
from aggregator.domain.feeds import FeedState
from aggregator.domain.fetching import FailureKind
from aggregator.domain.health import Health

#: A feed that lists nothing younger is one that its outlet has left.
OLD = timedelta(days=180)
#: Entries whose dates tell something of the pauses between them, and the mean pause of a feed for which they count.
_TELLING, SLOW = 3, timedelta(days=3)
#: Clocks and zones are wrong by hours, not by more.
FUTURE = timedelta(days=1)

_OF_FAILURE: Mapping[str, Health] = {
    FailureKind.GONE: Health.GONE,
    FailureKind.BLOCKED: Health.BLOCKED,
    FailureKind.CHALLENGED: Health.BLOCKED,
    FailureKind.NOT_A_FEED: Health.NOT_A_FEED,
    FailureKind.THROTTLED: Health.THROTTLED,
    FailureKind.RESTING: Health.THROTTLED,
}


def judged(state: FeedState, now: datetime) -> FeedState:
    """Return `state` with the health that follows from the rest of it, and since when that holds."""
    health, why = judge(state, now)
    since = state.health_since if health is state.health else now
    return replace(state, health=health, health_why=why, health_since=since)


def judge(state: FeedState, now: datetime) -> tuple[Health, str | None]:
    """Say how a feed is and, unless it is fine or new, why, as a sentence."""
    if state.error is not None:
        return _OF_FAILURE.get(state.error_kind or "", Health.ERRORING), state.error
    if state.last_success is None:
        return Health.NEW, None
    return _of_working(state, now)


def _of_working(state: FeedState, now: datetime) -> tuple[Health, str | None]:
    """Judge a feed that answers; the most telling word wins."""
    if has_moved(state):
        return Health.MOVED, f"it redirects for good to {state.moved_to}, in {state.moved_times} answers in a row"
    if state.frozen_since is not None:
        return Health.FROZEN, "the server said that nothing changed although it had; it is asked for the whole feed now"
    if state.earliest_entry is not None and state.earliest_entry > now + FUTURE:
        return Health.ALL_FUTURE, f"all that it lists is dated after today, from {state.earliest_entry:%Y-%m-%d} on"
    if state.latest_entry is not None and state.latest_entry < now - OLD:
        return Health.ALL_OLD, f"the youngest that it lists is of {state.latest_entry:%Y-%m-%d}"
    silent, usual = silence(state.rhythm, now), _usual_silence(state)
    if silent > usual:
        return Health.QUIET, f"nothing new for {_days(silent)}; {_days(usual)} is the most that is usual for it"
    return Health.FINE, None


def _usual_silence(state: FeedState) -> timedelta:
    """Return the longest silence that is usual, for a feed of a few entries a year by the dates in its document."""
    usual = longest_silence(state.rhythm)
    if state.earliest_entry is None or state.latest_entry is None or state.entries < _TELLING:
        return usual
    mean_pause = (state.latest_entry - state.earliest_entry) / (state.entries - 1)
    return max(usual, mean_pause * CHANCE) if mean_pause > SLOW else usual


def _days(span: timedelta) -> str:
    days = span / timedelta(days=1)
    return f"{days:.1f} days" if days < 10 else f"{days:.0f} days"  # noqa: PLR2004 -- where a tenth is no news
