"""What a server's headers ask of us, decided from their text alone."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

#: A server's wish is honoured within these bounds: less than a minute is no rest, and a mistyped year must not
#: silence a site for good. Media Cloud caps at 24 h as well, Feedbin at 8 h.
SHORTEST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=24)

#: After a 429 that names no time. Media Cloud lets 0 to 60 minutes pass after one; the middle, as chance is not ours.
#: It doubles with each further one in a row, up to the longest: who still says no was asked too soon.
UNNAMED_REST = timedelta(minutes=30)

#: For so long a server's word that its answer holds is taken: feeds claim up to 16 years.
LONGEST_FRESH = timedelta(hours=24)

_MOST_DOUBLINGS = 10
_CENTURY = timedelta(days=36_525)
_LONGEST_AGE = len(str(int(_CENTURY.total_seconds())))
_LONGEST_SECONDS = len(str(int(LONGEST_REST.total_seconds())))


def rest_until(status: int, retry_after: str | None, now: datetime, *, throttles: int = 0) -> datetime | None:
    """Return until when an answer asks to be left alone; None if it does not. `throttles` such answers came just before.

    Too Many Requests always asks, Service Unavailable only when it names a time (RFC 6585, 4; RFC 9110, 15.6.4).
    """
    if status not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        return None
    wanted = _retry_after(retry_after or "", now)
    if wanted is None:
        unnamed = min(UNNAMED_REST * 2 ** min(throttles, _MOST_DOUBLINGS), LONGEST_REST)
        return now + unnamed if status == HTTPStatus.TOO_MANY_REQUESTS else None
    return min(max(wanted, now + SHORTEST_REST), now + LONGEST_REST)


def fresh_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return until when an answer holds by its own words (RFC 9111, 4.2); None if it names no time that is to come.

    `headers` are found by lower-case names. Nothing is shared here, so s-maxage does not speak to us. What cannot be
    understood counts as stale, as there.
    """
    directives = _directives(headers.get("cache-control", ""))
    if "no-cache" in directives or "no-store" in directives:
        return None
    max_age = directives.get("max-age")
    lifetime = _until_expiry(headers, now) if max_age is None else _seconds(max_age)
    age = _seconds(headers.get("age", "0"))
    if lifetime is None or age is None:
        return None
    left = min(lifetime - age, LONGEST_FRESH)
    return now + left if left > timedelta(0) else None


def _directives(cache_control: str) -> dict[str, str]:
    """Read a Cache-Control header; of a directive that stands twice the first counts (RFC 9111, 4.2.1)."""
    found: dict[str, str] = {}
    for directive in cache_control.split(","):
        name, _, value = directive.partition("=")
        found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found


def _until_expiry(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return the time from Date to Expires: both are of the server's clock, which need not be right."""
    expires = _date(headers.get("expires", ""))
    return None if expires is None else expires - (_date(headers.get("date", "")) or now)


def _seconds(text: str) -> timedelta | None:
    """Read whole seconds; a number that no clock can hold counts as a century."""
    text = text.strip()
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    return _CENTURY if len(digits) > _LONGEST_AGE else min(timedelta(seconds=int(digits)), _CENTURY)


def _retry_after(text: str, now: datetime) -> datetime | None:
    """Read a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3); None where it is neither."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        seconds = text.lstrip("0") or "0"
        return now + (LONGEST_REST if len(seconds) > _LONGEST_SECONDS else timedelta(seconds=int(seconds)))
    return _date(text)


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text.strip())
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
