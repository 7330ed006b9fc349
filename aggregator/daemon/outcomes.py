"""Outcomes of polls as plain values: one shape for the log, the control socket and `update --json`."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.core.days import iso
from aggregator.core.secrecy import without_secrets
from aggregator.daemon.logs import tell, tell_crash
from aggregator.domain.fetching import Failed
from aggregator.domain.outcomes import PollKind, PollOutcome

if TYPE_CHECKING:
    # It brings numpy, which `show`, who only wants the form of a time, should not load.
    from aggregator.pipeline.settling import Settled

#: In the log always where a feed was read; elsewhere only what is not nought, such as a missing page that came after all.
_COUNTS = ("entries", "new", "revised", "also_listed", "pages_fetched", "pages_failed")


def as_json(outcome: PollOutcome) -> dict[str, object]:
    """Return `outcome` with every key, whatever became of the poll."""
    failure = outcome.failure
    return {
        "feed": outcome.feed.name,
        "url": without_secrets(outcome.feed.url),
        "kind": str(outcome.kind),
        **{name: getattr(outcome, name) for name in _COUNTS},
        "seconds": round(outcome.seconds, 3),
        "error": failure and failure.why,
        "error_kind": failure and str(failure.kind),
        "retry_at": iso(failure.retry_at) if failure else None,
        "fresh_until": iso(outcome.fresh_until),
        "warning": outcome.warning,
    }


def log_outcome(outcome: PollOutcome, event: str = "polled") -> None:
    """Write the one line that a poll gets, or a push."""
    fields = as_json(outcome)
    if outcome.bug is not None:
        tell_crash("poll broke off", outcome.bug, feed=outcome.feed.name, url=outcome.feed.url)
    if outcome.kind is not PollKind.READ:
        fields = {key: value for key, value in fields.items() if key not in _COUNTS or value}
    # The address helps where something is wrong; the name says enough elsewhere.
    failed = outcome.kind is PollKind.FAILED
    fields["url"] = outcome.feed.url if failed else None
    tell(logging.WARNING if failed else logging.INFO, event, **fields)


def log_settled(settled: Settled | Failed | None) -> None:
    """Write the one line that settling gets; none when nothing was to be done."""
    match settled:
        case None:
            pass
        case Failed(why=why):
            tell(logging.ERROR, "settling failed", problem=why, retry="tomorrow")
        case _:
            left = settled.left or None
            tell(
                logging.INFO,
                "rebuilt",
                articles=settled.articles,
                stories=settled.stories,
                moved=settled.moved,
                left_alone=left,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleReport:
    """What one cycle did."""

    ended: datetime
    feeds: int
    new: int
    revised: int
    failed: int
    seconds: float

    def as_json(self) -> dict[str, object]:
        """Return the report for `status`."""
        return {"ended": iso(self.ended), **self.counts()}

    def counts(self) -> dict[str, object]:
        """Return the report for the log, whose lines have their own time."""
        return {
            "feeds": self.feeds,
            "new": self.new,
            "revised": self.revised,
            "failed": self.failed,
            "seconds": round(self.seconds, 3),
        }


def report(outcomes: list[PollOutcome], *, ended: datetime, seconds: float) -> CycleReport:
    """Sum up a cycle."""
    return CycleReport(
        ended=ended,
        feeds=len(outcomes),
        new=sum(outcome.new for outcome in outcomes),
        revised=sum(outcome.revised for outcome in outcomes),
        failed=sum(outcome.kind is PollKind.FAILED for outcome in outcomes),
        seconds=seconds,
    )
