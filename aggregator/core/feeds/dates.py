"""When an article was published: reading what feeds and pages write, and deciding whether to believe it."""

import contextlib
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: Clocks of servers run ahead by minutes, and an hour is what a zone given wrongly by one step makes (summer time);
#: what claims to be further in the future is an event's date or an embargo, not a publication.
MAX_AHEAD = timedelta(hours=1)
#: There was no web before; such dates are empty fields (1970-01-01, 0001-01-01).
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)

#: Names of zones that feeds use beyond those of RFC 822, as offsets. Of several meanings the one of most readers.
_ZONES = {
    "WET": "+0000",
    "UTC": "+0000",
    "Z": "+0000",
    **dict.fromkeys(("BST", "WEST", "CET", "MET", "MEZ", "WAT"), "+0100"),
    **dict.fromkeys(("CEST", "MEST", "MESZ", "EET", "CAT", "SAST", "IDT"), "+0200"),
    **dict.fromkeys(("EEST", "MSK", "EAT", "TRT"), "+0300"),
    "GST": "+0400",
    "PKT": "+0500",
    "IST": "+0530",
    "NPT": "+0545",
    **dict.fromkeys(("ICT", "WIB"), "+0700"),
    **dict.fromkeys(("HKT", "SGT", "MYT", "PHT", "AWST", "WITA"), "+0800"),
    **dict.fromkeys(("JST", "KST", "WIT"), "+0900"),
    "ACST": "+0930",
    "AEST": "+1000",
    "ACDT": "+1030",
    "AEDT": "+1100",
    "NZST": "+1200",
    "NZDT": "+1300",
    "BRT": "-0300",
    "ART": "-0300",
}
_ZONE_NAME = re.compile(r"\s(?:Etc/)?([A-Za-z]{1,4})$")
_ZONE_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+-]\d{2}):(\d{2})$")
#: ISO 8601 with a blank before the time or the zone, as databases print it.
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]+(\d{2}:\d{2}(?::\d{2})?(?:[.,]\d+)?) ?(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)


def read_date(text: str) -> datetime | None:
    """Read a date as feeds and pages write it (RFC 822 and its dialects, ISO 8601), None where that fails.

    A time without a zone is taken as UTC.
    """
    text = " ".join(text.split())[:100]
    for reader in (_read_iso, _read_mail):
        # all that the readers of the standard library raise for odd text, years and offsets
        with contextlib.suppress(ValueError, OverflowError, IndexError, TypeError):
            moment = reader(text)
            if moment:
                return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    return None


def dated(published: datetime | None, first_seen: datetime) -> datetime:
    """Return the time an article stands under: `published` where that is credible, else `first_seen`."""
    if published is None or not EARLIEST <= published <= first_seen + MAX_AHEAD:
        return first_seen
    return published


def _read_iso(text: str) -> datetime | None:
    match = _ISO.fullmatch(text)
    if match:
        day, time, zone = match.groups(default="")
        text = f"{day}T{time.replace(',', '.')}{zone.upper()}"
    elif not re.match(r"\d{4}-?\d{2}-?\d{2}", text):
        return None
    return datetime.fromisoformat(text)


def _read_mail(text: str) -> datetime | None:
    text = _ZONE_OFFSET.sub(r" \1\2", text)
    name = _ZONE_NAME.search(text)
    if name and name[1].upper() in _ZONES:
        text = f"{text[: name.start()]} {_ZONES[name[1].upper()]}"
    return parsedate_to_datetime(text)
