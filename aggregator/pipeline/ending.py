"""How polls end: what is told of them, and what is kept."""

from dataclasses import dataclass
from datetime import datetime

from aggregator.domain.feeds import DueFeed, FeedState, ParsedFeed
from aggregator.domain.fetching import Failed, FailureKind
from aggregator.domain.health import Poll
from aggregator.domain.outcomes import PollKind, PollOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a poll ended, and what is to be kept of it."""

    outcome: PollOutcome
    #: None where nothing was asked.
    state: FeedState | None = None
    parsed: ParsedFeed | None = None
    status: int | None = None

    @property
    def is_urgent(self) -> bool:
        """Whether to keep it at once: a crash must not make us forget that a site asked to be left alone."""
        return self.outcome.failure is not None and self.outcome.failure.kind is FailureKind.THROTTLED

    def as_poll(self, began: datetime) -> Poll | None:
        """Return what the feed's history keeps; nothing of a poll that asked nothing, or was broken off."""
        if self.outcome.kind in (PollKind.RESTING, PollKind.FRESH, PollKind.STOPPED):
            return None
        return Poll(
            at=began,
            kind=self.outcome.kind.value,
            status=self.status,
            entries=self.outcome.entries,
            new=self.outcome.new + self.outcome.also_listed,
            wire_bytes=self.outcome.wire_bytes,
            seconds=self.outcome.seconds,
            failure=self.outcome.failure,
        )


def not_asked(due: DueFeed, allowed: datetime) -> PollOutcome:
    """Say why a feed is not asked before `allowed`, whoever wishes it."""
    rest = due.state.rest_until
    if rest is not None and rest >= allowed:
        why = f"the site asked to be left alone until {rest:%Y-%m-%d %H:%M} UTC"
        failure = Failed(kind=FailureKind.RESTING, why=why, retry_at=rest)
        return PollOutcome(feed=due.feed, kind=PollKind.RESTING, failure=failure)
    return PollOutcome(feed=due.feed, kind=PollKind.FRESH, fresh_until=allowed)
