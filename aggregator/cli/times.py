"""What the reading commands take as a time."""

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from typing import TypeVar

from aggregator.core.days import day_span, read_day, read_since, today
from aggregator.domain.errors import UsageError

T = TypeVar("T", date, datetime)


def wanted_span(
    since: str | None, day: str | None, *, now: datetime, zone: tzinfo | None
) -> tuple[datetime, datetime | None]:
    """Return the span that --since or --day means; today when neither is given.

    Raises:
        UsageError: both are given, or one cannot be understood.
    """
    if since is not None and day is not None:
        raise UsageError("--since and --day exclude each other")
    if since is not None:
        return _read(read_since, since, now, zone), None
    return day_span(_read(read_day, day, now, zone) if day is not None else today(now, zone), zone)


def _read(reader: Callable[[str, datetime, tzinfo | None], T], text: str, now: datetime, zone: tzinfo | None) -> T:
    try:
        return reader(text, now, zone)
    except ValueError as error:
        raise UsageError(str(error)) from error
