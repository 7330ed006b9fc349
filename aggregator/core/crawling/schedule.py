"""When a feed is polled next. `jitter` is a number in [0, 1) that the caller draws: chance is not core's."""

from datetime import datetime, timedelta

from aggregator.domain.fetching import Failed, FailureKind

#: Feeds of one interval drift apart by up to this share of it, so that they do not stay in step; never to an earlier poll.
SPREAD = 0.1

#: No feed is asked less often than this (unless its own interval is longer), and none is ever given up: among Media
#: Cloud's 180,000 feeds a surprising number came back from 404, lost names and pages of HTML.
LONGEST_PAUSE = timedelta(hours=24)

#: Pauses before a page that could not be had is asked for again. After the last one the feed's own text has to do.
PAGE_PAUSES = (timedelta(minutes=30), timedelta(hours=3), timedelta(hours=24))
#: What may pass by itself. A page that is refused, gone or too large is not asked for again.
PASSING = frozenset(
    {
        FailureKind.CONNECT,
        FailureKind.DNS,
        FailureKind.PROTOCOL,
        FailureKind.RESTING,
        FailureKind.THROTTLED,
        FailureKind.TIMEOUT,
    }
)
_SERVER_ERROR = 500


def page_again(now: datetime, failure: Failed, tries: int) -> datetime | None:
    """Return when to ask for a page again that failed after `tries` failures before; None when it is given up."""
    passing = failure.kind in PASSING or (failure.status or 0) >= _SERVER_ERROR
    if not passing or tries >= len(PAGE_PAUSES):
        return None
    return max(now + PAGE_PAUSES[tries], failure.retry_at or now)


def after_success(now: datetime, every: timedelta, *, jitter: float) -> datetime:
    """Return the next poll of a feed that was read or did not change."""
    return now + every * (1 + SPREAD * jitter)


def after_failure(
    now: datetime, every: timedelta, failures: int, *, retry_at: datetime | None = None, jitter: float
) -> datetime:
    """Return the next poll after `failures` failed ones in a row, this one included; never before `retry_at`.

    The pause grows by `every` each time, as Media Cloud and CommaFeed do: a day's outage at 15 minutes costs 13 polls and
    is noticed to be over within 4 hours, where doubling would wait for up to 24.
    """
    longest = max(every, LONGEST_PAUSE)
    # Compared as a quotient: every * failures may pass the largest timedelta.
    pause = longest if failures > longest / every else every * max(failures, 1)
    start = now + pause
    if retry_at is not None:
        start = max(start, retry_at)
    return start + min(pause, every) * SPREAD * jitter
