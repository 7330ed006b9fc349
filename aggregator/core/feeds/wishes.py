"""When a feed's document asks to be polled: RSS's ttl, skipHours and skipDays, and the syndication module of RSS 1.0."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

#: An interval beyond a week says nothing about news.
_MAX_TTL = timedelta(days=7)
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = 24
_SKIP_HOURS = re.compile(r"<skipHours>([^&]{0,2000}?)</skipHours>", re.IGNORECASE)
_SKIP_DAYS = re.compile(r"<skipDays>([^&]{0,1000}?)</skipDays>", re.IGNORECASE)
_HOUR = re.compile(r"<hour>\s*([0-9]{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(r"<day>\s*([A-Za-z]{6,9})\s*</day>", re.IGNORECASE)


def ttl(feed: Mapping[str, Any]) -> timedelta | None:
    """Return RSS's ttl (minutes), else the interval of the syndication module: so many times a period."""
    minutes = _string(feed, "ttl").strip()
    if minutes.isdecimal() and len(minutes) <= len("10080"):
        interval = timedelta(minutes=int(minutes))
    else:
        times = _string(feed, "sy_updatefrequency").strip()
        period = _PERIODS.get(_string(feed, "sy_updateperiod").strip().lower(), timedelta())
        interval = period / (int(times) if times.isdecimal() and int(times[:6]) else 1)
    return interval if timedelta() < interval <= _MAX_TTL else None


def skip_hours(document: str) -> tuple[int, ...]:
    """Return the hours in UTC in which an RSS document asks not to be polled; none where it names all 24.

    From the text itself, as feedparser keeps the last of several only. RSS 0.91 counts to 24, meaning 0.
    """
    hours = {int(hour) % _HOURS for hour in _listed(document, _SKIP_HOURS, _HOUR) if int(hour) <= _HOURS}
    return tuple(sorted(hours)) if len(hours) < _HOURS else ()


def skip_days(document: str) -> tuple[int, ...]:
    """Return the days of the week (Monday is 0) on which an RSS document asks not to be polled; none where it names all."""
    named = {day.lower() for day in _listed(document, _SKIP_DAYS, _DAY)}
    days = tuple(number for number, day in enumerate(_DAYS) if day in named)
    return days if len(days) < len(_DAYS) else ()


def _listed(document: str, whole: re.Pattern[str], part: re.Pattern[str]) -> list[str]:
    match = whole.search(document)
    return part.findall(match[1]) if match else []


def _string(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""
