"""A made-up press: 300 feeds of 120 outlets, each with a rhythm, a server's temperament and perhaps a fault of known onset.

All times are seconds from `BEGIN`, a Monday; a seed decides everything else.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = 3_600.0
DAY = 24 * HOUR
#: Entries that a document lists, the newest ones.
LISTED = 8
#: How far the dates of a document are off that lists old or future entries only.
FAR_PAST, FAR_FUTURE = -400 * DAY, 60 * DAY


def date_at(moment: float) -> datetime:
    """Return the date of a moment of the world."""
    return BEGIN + timedelta(seconds=moment)


def moment_of(date: datetime) -> float:
    """Return the moment of a date."""
    return (date - BEGIN).total_seconds()


class Validators(StrEnum):
    """How a server makes conditional requests possible."""

    BOTH = "etag and last-modified"
    #: Unquoted, and with bytes that are no ASCII.
    ODD = "odd etag"
    MODIFIED = "last-modified"
    NONE = "none"
    #: A new ETag with each answer, so never a 304.
    CHANGING = "changing etag"


class Ill(StrEnum):
    """What can befall a feed."""

    NOT_FOUND = "404"
    GONE = "410"
    DNS = "no such name"
    REFUSED = "connection refused"
    TIMEOUT = "no answer"
    HTML = "HTML instead"
    MALFORMED = "broken XML"
    TOO_LARGE = "too large"
    CHALLENGE = "bot wall"
    FORBIDDEN = "403"
    BUSY_SECONDS = "429, seconds"
    BUSY_DATE = "429, a date"
    BUSY = "429, no time"
    UNAVAILABLE = "503, seconds"
    ERRORS = "a burst of 500s"
    MOVED = "301"
    FOUND = "302"
    FROZEN = "304 for ever"
    SILENT = "silence"
    OLD = "old entries only"
    FUTURE = "future entries only"


#: What befalls a whole domain, as its name or address is gone.
OF_DOMAINS = frozenset({Ill.DNS, Ill.REFUSED})
THROTTLING = frozenset({Ill.BUSY_SECONDS, Ill.BUSY_DATE, Ill.BUSY, Ill.UNAVAILABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that befalls a feed from `onset` until before `end`."""

    ill: Ill
    onset: float
    end: float = float("inf")
    #: What Retry-After names, where it does.
    retry_after: int = 0

    def holds(self, moment: float) -> bool:
        """Tell whether it holds at a moment."""
        return self.onset <= moment < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """How a server treats who asks for a feed."""

    validators: Validators = Validators.BOTH
    #: Seconds, in Cache-Control.
    max_age: int | None = None
    #: Seconds until the date that Expires names.
    expires: int | None = None
    ttl_minutes: int | None = None
    #: Of the syndication module: "hourly" or "daily".
    update_period: str | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    gzip: bool = True
    #: Whether a 304 leaves out the validators, as it may.
    is_terse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A domain and where it is."""

    host: str
    address: str
    #: Hours east of Greenwich.
    zone: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as its outlet makes it."""

    number: int
    outlet: Outlet
    #: Entries a day, in the long run.
    rate: float
    #: When its entries are published, ascending; an entry's number is its place here.
    moments: tuple[float, ...]
    temper: Temper = Temper()
    fault: Fault | None = None
    #: Whether it carries teasers, so that the pages must be fetched.
    teasers: bool = False
    #: Which event each of its entries tells, and in which wording; those of one wording carry one text. Without it each
    #: entry has a short text of its own.
    tells: tuple[tuple[int, int], ...] = ()
    #: The outlet to which it moves, if it does.
    other: Outlet | None = None

    @property
    def path(self) -> str:
        """The path of its address."""
        return f"/feed/{self.number}.xml"

    def ill(self, moment: float) -> Ill | None:
        """Return what befalls it at a moment."""
        return self.fault.ill if self.fault and self.fault.holds(moment) else None

    def published(self, moment: float) -> int:
        """Return how many entries there are by a moment."""
        if self.fault and self.ill(moment) is Ill.SILENT:
            moment = self.fault.onset
        return bisect_right(self.moments, moment)

    def listed(self, moment: float) -> range:
        """Return the numbers of the entries that its document lists at a moment."""
        count = self.published(moment)
        return range(max(0, count - LISTED), count)

    def shift(self, moment: float) -> float:
        """Return how far the dates in its document are off."""
        return {Ill.OLD: FAR_PAST, Ill.FUTURE: FAR_FUTURE}.get(self.ill(moment) or Ill.FOUND, 0.0)

    def changed(self, moment: float) -> float:
        """Return when its document last changed."""
        listed = self.listed(moment)
        times = [self.moments[listed[-1]] if listed else -400 * DAY]
        if self.fault and self.fault.ill in (Ill.OLD, Ill.FUTURE):
            times += [time for time in (self.fault.onset, self.fault.end) if time <= moment]
        return max(times)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All feeds, and the outlets that they stand at."""

    feeds: tuple[Feed, ...]
    outlets: tuple[Outlet, ...]
