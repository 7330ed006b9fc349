"""Times as the tables keep them: UTC, one width, so that they sort as text."""

from datetime import datetime
from typing import overload

from aggregator.domain.ids import require_utc


@overload
def to_text(moment: datetime) -> str: ...
@overload
def to_text(moment: None) -> None: ...
@overload
def to_text(moment: datetime | None) -> str | None: ...
def to_text(moment: datetime | None) -> str | None:
    """Return a time as 2026-11-23T02:51:36.000000Z; naive ones are refused."""
    if moment is None:
        return None
    return require_utc(moment).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def to_time(text: str) -> datetime:
    """Return the time that `to_text` wrote."""
    # Its "Z" is read as UTC.
    return datetime.fromisoformat(text)


def to_time_or_none(text: str | None) -> datetime | None:
    """Return the time that `to_text` wrote, if it wrote one."""
    return None if text is None else to_time(text)


def to_seconds(moment: datetime) -> int:
    """Return whole seconds since 1970, rounded down."""
    return int(require_utc(moment).replace(microsecond=0).timestamp())
