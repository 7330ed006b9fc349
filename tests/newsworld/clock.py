"""The world's own time: a position in hours from midnight of day 1, and where those two days lie in real time."""

import re
import threading
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

#: Two days.
END = 48.0
#: The last moment an article may carry: `anchor` puts it before the present at any hour.
LATEST = 46.0
_AT = re.compile(r"([12]) ([01]\d|2[0-3]):([0-5]\d)")
#: The local hour in which the present lies.
_HOUR = 22
#: Etc/GMT zones go no further east.
_EAST = 14


def position(at: str) -> float:
    """Return the position that `at` names, "2 09:00" being 33.0.

    Raises:
        ValueError: `at` is not a day (1 or 2) and a time (hh:mm).
    """
    match = _AT.fullmatch(at)
    if match is None:
        raise ValueError(f"{at!r} is no time of the world; write day and time as in 2 09:00")
    day, hours, minutes = (int(part) for part in match.groups())
    return ((day - 1) * 24 * 60 + hours * 60 + minutes) / 60


def anchor(now: datetime) -> tuple[str, datetime]:
    """Return a zone where it is now between 22:00 and 23:00, and midnight of day 1 there, day 2 being today.

    All that happens on day 2 until 22:00 thus lies in the past of a day that is still today.
    """
    if now.tzinfo is None:
        raise ValueError(f"naive datetime {now!r}")
    east = _HOUR - now.astimezone(UTC).hour
    if east > _EAST:
        east -= 24
    # POSIX counts westward: Etc/GMT-5 is five hours east of Greenwich.
    name = f"Etc/GMT{-east:+d}" if east else "Etc/GMT"
    today = now.astimezone(ZoneInfo(name)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return name, today - timedelta(days=1)


class WorldClock:
    """The position that the world has reached: moved by hand, or by itself once started.

    `speed` is in world seconds a real second; 0 means by hand. Safe to use from several threads.
    """

    def __init__(self, at: str = "1 00:00", *, speed: float = 0.0, now: datetime | None = None) -> None:
        self.zone, self.midnight = anchor(now or datetime.now(UTC))
        self._lock = threading.Lock()
        self._position = position(at)
        self._speed = speed
        self._started: float | None = None

    def start(self) -> None:
        """Let time run, if it runs by itself; starting it again changes nothing."""
        with self._lock:
            if self._started is None:
                self._started = time.monotonic()

    def advance_to(self, at: str) -> None:
        """Move on to `at`; time never goes back."""
        target = position(at)
        with self._lock:
            if target < self._now():
                raise ValueError(f"the world is already past {at}")
            self._position = target
            if self._started is not None:
                self._started = time.monotonic()

    @property
    def position(self) -> float:
        """Hours since midnight of day 1, 48 at most."""
        with self._lock:
            return self._now()

    def moment(self, at: float) -> datetime:
        """Return the real moment of a position, to the second."""
        return self.midnight + timedelta(seconds=round(at * 3600))

    def _now(self) -> float:
        ran = 0.0 if self._started is None else time.monotonic() - self._started
        return min(END, self._position + ran * self._speed / 3600)
