"""Whether the daemon lives, and what it has done since it started: for the page, whose visitors may be machines."""

import time
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from aggregator.daemon.outcomes import CycleReport
from aggregator.domain.errors import StoreError
from aggregator.domain.outcomes import PollKind, PollOutcome
from aggregator.pipeline.ports import Clock
from aggregator.web.monitoring.checkup import Vital

_COUNTED = ("new", "revised", "pages_fetched", "pages_failed")


class Heart:
    """Beats with each look for due feeds, and counts polls."""

    def __init__(self, clock: Clock) -> None:
        self.since = clock()
        self.last_cycle: CycleReport | None = None
        #: What is wrong with the store.
        self.trouble: StoreError | None = None
        self._polls = Counter[PollKind]()
        self._counts = Counter[str]()
        # By a clock that nobody sets, and that stops while the machine sleeps.
        self._beat = time.monotonic()

    def beat(self) -> None:
        """Note that due feeds were looked for."""
        self._beat = time.monotonic()

    def count(self, outcomes: Iterable[PollOutcome]) -> None:
        """Add what polls did."""
        for outcome in outcomes:
            self._polls[outcome.kind] += 1
            self._counts.update({name: getattr(outcome, name) for name in _COUNTED})

    def vital(self, polls_in_hand: int) -> Vital:
        """Tell how the daemon is; for any thread."""
        return Vital(
            started=self.since,
            silent=timedelta(seconds=time.monotonic() - self._beat),
            polls_in_hand=polls_in_hand,
            last_cycle=self.last_cycle.ended if self.last_cycle else None,
            polls=dict(self._polls),
            **{name: self._counts[name] for name in _COUNTED},
            fault=str(self.trouble) if self.trouble else None,
        )
