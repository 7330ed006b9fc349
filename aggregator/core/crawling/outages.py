"""Telling that it is we who are cut off: a night without a line is no sign that three hundred feeds have died."""

from datetime import datetime, timedelta

from aggregator.domain.feeds import FeedState
from aggregator.domain.fetching import Failed, FailureKind

#: So many sites that cannot be reached in a row, without an answer from any other, have nothing in common but us.
SITES = 5
#: Then feeds that were well are not said to fail, but for no longer than this.
LONGEST = timedelta(days=3)
#: They are asked for again after as long as the outage has lasted, within these bounds.
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=1)
_UNREACHED = frozenset({FailureKind.CONNECT, FailureKind.DNS, FailureKind.TIMEOUT})


class Outage:
    """What was reached lately and what was not."""

    def __init__(self) -> None:
        self._missed: set[str] = set()
        self._since: datetime | None = None

    def answered(self) -> None:
        """Note that some site answered, whatever it said."""
        self._missed.clear()
        self._since = None

    def heard(self, site: str, failure: Failed, now: datetime) -> None:
        """Note a failure: of a site that could not be reached, or of one that answered."""
        if failure.kind in _UNREACHED and failure.status is None:
            self._missed.add(site)
            self._since = self._since or now
        elif failure.status is not None:
            self.answered()

    def pause(self, state: FeedState, failure: Failed, now: datetime) -> timedelta | None:
        """Return when to ask for a feed again whose failure is laid to our own line; None where it is its own."""
        if self._since is None or len(self._missed) < SITES or failure.kind not in _UNREACHED:
            return None
        lasted = now - self._since
        was_well = state.last_success is not None and not state.failures
        if not was_well or lasted > LONGEST:
            return None
        return min(max(lasted, SHORTEST_PAUSE), LONGEST_PAUSE)
