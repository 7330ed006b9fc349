"""What a server's headers ask of us, decided from their text alone."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

#: A server's wish is honoured within these bounds: less than a minute is no rest, and a mistyped year must not
#: silence a site for good. Media Cloud caps at 24 h as well, Feedbin at 8 h.
SHORTEST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=24)

#: After a 429 that names no time. Media Cloud lets 0 to 60 minutes pass after one; the middle, as chance is not ours.
UNNAMED_REST = timedelta(minutes=30)

_LONGEST_SECONDS = len(str(int(LONGEST_REST.total_seconds())))


def rest_until(status: int, retry_after: str | None, now: datetime) -> datetime | None:
    """Return until when an answer asks to be left alone; None if it does not.

    Too Many Requests always asks, Service Unavailable only when it names a time (RFC 6585, 4; RFC 9110, 15.6.4).
    """
    if status not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        return None
    wanted = _retry_after(retry_after or "", now)
    if wanted is None:
        return now + UNNAMED_REST if status == HTTPStatus.TOO_MANY_REQUESTS else None
    return min(max(wanted, now + SHORTEST_REST), now + LONGEST_REST)


def _retry_after(text: str, now: datetime) -> datetime | None:
    """Read a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3); None where it is neither."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        seconds = text.lstrip("0") or "0"
        return now + (LONGEST_REST if len(seconds) > _LONGEST_SECONDS else timedelta(seconds=int(seconds)))
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
