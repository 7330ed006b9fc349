"""Days and ages: what "today", "24h" and "2026-11-23" mean, in a zone; a zone of None is the machine's own."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_AGE = re.compile(r"(\d{1,6})\s*([mhdw])", re.IGNORECASE)
_NAMED = {"today": 0, "yesterday": 1}


def moment(day: date, at: time, zone: tzinfo | None) -> datetime:
    """Return the moment of `day` when the clock in `zone` shows `at`, in UTC."""
    # Without a zone, astimezone() takes the machine's rules for that very day, summer time included.
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def midnight(day: date, zone: tzinfo | None) -> datetime:
    """Return the moment `day` begins in `zone`, in UTC."""
    return moment(day, time.min, zone)


def day_span(day: date, zone: tzinfo | None) -> tuple[datetime, datetime]:
    """Return the moments `day` begins and ends in `zone`; where clocks change it has 23 or 25 hours."""
    return midnight(day, zone), midnight(day + timedelta(days=1), zone)


def today(now: datetime, zone: tzinfo | None) -> date:
    """Return the date that `now` falls on in `zone`."""
    return now.astimezone(zone).date()


def day_until(at: time, now: datetime, zone: tzinfo | None) -> tuple[datetime, datetime]:
    """Return the last day whose end, when the clock in `zone` showed `at`, has passed: from that hour of the day before on."""
    day = today(now, zone)
    if moment(day, at, zone) > now:
        day -= timedelta(days=1)
    return moment(day - timedelta(days=1), at, zone), moment(day, at, zone)


def day_name(day: date, now: datetime) -> str:
    """Return a day as a newspaper's head has it: "Sunday 22 November", with its year where that is another than now."""
    return f"{day:%A} {day.day} {day:%B}" + (f" {day.year}" if day.year != now.year else "")


def read_day(text: str, now: datetime, zone: tzinfo | None) -> date:
    """Read "today", "yesterday" or a date such as 2026-11-23.

    Raises:
        ValueError: it is neither.
    """
    word = text.strip().lower()
    if word in _NAMED:
        return today(now, zone) - timedelta(days=_NAMED[word])
    try:
        day = date.fromisoformat(word)
        day_span(day, zone)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no day; write today, yesterday or a date such as 2026-11-23") from None
    return day


def read_since(text: str, now: datetime, zone: tzinfo | None) -> datetime:
    """Read an age such as 90m, 24h, 3d or 1w, counted back from `now`, or the beginning of a day.

    Raises:
        ValueError: it is neither.
    """
    try:
        if age := _AGE.fullmatch(text.strip()):
            return now - int(age[1]) * _UNITS[age[2].lower()]
        return midnight(read_day(text, now, zone), zone)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is no time; write an age such as 90m, 24h, 3d or a date such as 2026-11-23"
        ) from None


def age(moment: datetime, now: datetime) -> str:
    """Say in few characters how long ago `moment` was: "now", "5m", "3h", "2d"."""
    minutes = int((now - moment) / timedelta(minutes=1))
    if minutes < 1:
        return "now"
    steps = ((60, 1, "m"), (48 * 60, 60, "h"), (14 * 24 * 60, 24 * 60, "d"))
    for bound, size, unit in steps:
        if minutes < bound:
            return f"{minutes // size}{unit}"
    return f"{minutes // (7 * 24 * 60)}w"


def iso(moment: datetime | None) -> str | None:
    """Return a time as all our JSON has it: UTC, whole seconds, Z."""
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
