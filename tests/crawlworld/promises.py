"""What is promised of feeds that die: which word `feeds list` has for each ill, and by when."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from aggregator.domain.health import Health
from tests.crawlworld.desk import Lived, Polled
from tests.crawlworld.model import DAY, HOUR, THROTTLING, Fault, Feed, Ill
from tests.crawlworld.notes import Visit

#: The longest interval with its spread: how long a feed may go unasked.
LONGEST = 1.1 * DAY
#: What waiting for turns, a restart and a slow answer may add.
SLACK = 15 * 60.0
#: A redirect is believed after so many answers over so long a time, a 304 for so long.
_ANSWERS, _PERIOD, _TRUSTED = 10, 3 * DAY, 8 * DAY
#: Beyond its longest pause and half of that, and after three days at least as all are young, a feed is called quiet.
_QUIET_FROM, _MARGIN = 3 * DAY, 1.5

_ERRORS = {Health.ERRORING}
#: The words for each ill; those that are not named here are no death.
WORDS: Mapping[Ill, set[Health]] = {
    Ill.NOT_FOUND: _ERRORS,
    Ill.GONE: {Health.GONE},
    Ill.DNS: _ERRORS,
    Ill.REFUSED: _ERRORS,
    Ill.TIMEOUT: _ERRORS,
    Ill.HTML: {Health.NOT_A_FEED},
    Ill.MALFORMED: _ERRORS,
    Ill.TOO_LARGE: _ERRORS,
    Ill.CHALLENGE: {Health.BLOCKED},
    Ill.FORBIDDEN: {Health.BLOCKED},
    **{ill: {Health.THROTTLED} for ill in THROTTLING},
    Ill.MOVED: {Health.MOVED},
    Ill.FROZEN: {Health.FROZEN},
    Ill.SILENT: {Health.QUIET},
    Ill.OLD: {Health.ALL_OLD},
    Ill.FUTURE: {Health.ALL_FUTURE},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """What became of an ill that befell a feed."""

    feed: Feed
    fault: Fault
    #: When it is to be told at the latest.
    promised: float
    #: When it was told; None if it never was.
    seen: float | None
    #: When it was no longer told, of an ill that passed.
    passed: float | None

    @property
    def is_kept(self) -> bool:
        """Tell whether the promise was kept, and the recovery seen."""
        is_seen = self.seen is not None and self.seen <= self.promised
        return is_seen and (self.passed is not None or not self.passes)

    @property
    def passes(self) -> bool:
        """Tell whether the ill passes, and early enough to be seen to pass."""
        return self.fault.end + LONGEST + SLACK < 7 * DAY

    def __str__(self) -> str:
        seen = "never" if self.seen is None else f"after {(self.seen - self.fault.onset) / HOUR:.1f} h"
        promised = f"promised after {(self.promised - self.fault.onset) / HOUR:.1f} h"
        lasts = "; it was never told that it had passed" if self.passes and self.passed is None else ""
        return (
            f"{self.fault.ill} of feed {self.feed.number} ({self.feed.rate:.2f} a day): seen {seen}, {promised}{lasts}"
        )


def deaths(lived: Lived) -> Iterator[Death]:
    """Hold each death of a world against its promise."""
    polls: dict[int, list[Polled]] = {feed.number: [] for feed in lived.world.feeds}
    for poll in lived.diary.polls:
        polls[poll.feed].append(poll)
    for feed in lived.world.feeds:
        if feed.fault is not None and feed.fault.ill in WORDS:
            yield _death(feed, feed.fault, polls[feed.number], lived.web.notes.visits)


def _death(feed: Feed, fault: Fault, polls: Sequence[Polled], visits: Iterable[Visit]) -> Death:
    words = WORDS[fault.ill]
    told = (poll.ended for poll in polls if poll.ended >= fault.onset and poll.state in words)
    passed = (poll.ended for poll in polls if poll.ended >= fault.end and poll.state not in words)
    return Death(
        feed=feed,
        fault=fault,
        promised=_promised(feed, fault, polls, visits),
        seen=next(told, None),
        passed=next((end for end in passed if end <= fault.end + LONGEST + SLACK), None),
    )


def _promised(feed: Feed, fault: Fault, polls: Sequence[Polled], visits: Iterable[Visit]) -> float:
    match fault.ill:
        case Ill.MOVED:
            answers = [poll.ended for poll in polls if poll.ended >= fault.onset]
            if len(answers) < _ANSWERS:
                return fault.onset + _PERIOD + _ANSWERS * LONGEST
            return _next(polls, max(answers[0] + _PERIOD, answers[_ANSWERS - 1]))
        case Ill.FROZEN:
            whole = [visit.ended for visit in visits if visit.feed == feed.number and visit.status == 200]
            last = max((end for end in whole if end < fault.onset), default=fault.onset)
            return _next(polls, last + _TRUSTED)
        case Ill.SILENT:
            lived = [moment for moment in feed.moments if fault.onset - 56 * DAY < moment < fault.onset]
            longest = max(later - earlier for earlier, later in pairwise(lived))
            return _next(polls, lived[-1] + max(_QUIET_FROM, _MARGIN * longest + HOUR))
        case _:
            return _next(polls, fault.onset)


def _next(polls: Sequence[Polled], moment: float) -> float:
    """Return when the first poll after a moment is to have ended, by what was planned before it."""
    planned = max((poll.next_poll for poll in polls if poll.ended <= moment), default=0.0)
    return max(planned, moment) + SLACK
