"""The clock on the wall may be wrong, and be set: what is to be thought of times that it gave, and of dates against it.

Times of our own (the next poll, until when a site rests) keep their distance from now when the clock is set. Dates of
outlets stay as they are: they are the witnesses when the clock itself is in doubt.
"""

from datetime import UTC, datetime, timedelta

#: Less is a clock that drifts and is kept right.
TOLERANCE = timedelta(minutes=1)
#: News that are younger come every day; where the newest that is known is older, the clock has leapt, or nobody polled.
DOUBT = timedelta(days=7)
#: So far ahead of now and of all outlets' dates no article can be dated but by a clock that was wrong.
AHEAD = timedelta(days=1)

_DAY = timedelta(days=1)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def was_set(by_clock: timedelta, truly: timedelta) -> timedelta | None:
    """Return by how much the clock was set while `truly` passed and `by_clock` passed by it; None where it was not."""
    by = by_clock - truly
    return by if abs(by) > TOLERANCE else None


def was_set_back(latest: datetime | None, now: datetime) -> timedelta | None:
    """Return by how much the clock was set back at least, by the latest time that it gave; None where it was not."""
    return None if latest is None or latest <= now + TOLERANCE else now - latest


def moved(moment: datetime, by: timedelta) -> datetime:
    """Return a time after the clock was set, as far away as it was before."""
    try:
        return moment + by
    except OverflowError:
        return _FIRST if by < timedelta(0) else _LAST


def whole_days(by: timedelta) -> timedelta:
    """Return about `by`: what is known by the hour of the day is not to be turned with the clock."""
    return round(by / _DAY) * _DAY


def kept_from(keep: timedelta, now: datetime, newest: datetime | None) -> datetime:
    """Return from which date on articles are kept; `newest` is about the latest date that outlets gave.

    A clock that leapt to 2099 makes no article old: where it is in doubt, age is counted from the newest one.
    """
    return (now if newest is None or now - newest <= DOUBT else newest) - keep


def credible_until(now: datetime, newest: datetime | None) -> datetime | None:
    """Return after which date no article can be dated rightly; None where there is no outlet's date to tell."""
    return None if newest is None else max(now, newest) + AHEAD
