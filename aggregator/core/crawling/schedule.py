"""When a feed is polled next. `jitter` is a number in [0, 1) that the caller draws: chance is not core's."""

from datetime import datetime, timedelta

#: Feeds of one interval drift apart by up to this share of it, so that they do not stay in step; never to an earlier poll.
SPREAD = 0.1

#: No feed is asked less often than this (unless its own interval is longer), and none is ever given up: among Media
#: Cloud's 180,000 feeds a surprising number came back from 404, lost names and pages of HTML.
LONGEST_PAUSE = timedelta(hours=24)


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
