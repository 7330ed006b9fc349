"""What can be told of how things are: by the database, and by the daemon where one serves the page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.bootstrap import open_reader, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.domain.errors import StoreError
from aggregator.domain.listing import Figures
from aggregator.domain.outcomes import PollKind

#: The daemon looks for due feeds every 30 s, but waits while the stories of a large archive are arranged anew.
PATIENCE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vital:
    """What a running daemon knows of itself; all counts are since it started."""

    started: datetime
    #: Since it last looked for feeds that are due.
    silent: timedelta
    polls_in_hand: int
    last_cycle: datetime | None
    polls: Mapping[PollKind, int]
    new: int
    revised: int
    pages_fetched: int
    pages_failed: int
    #: Why the database could not be written the last time.
    fault: str | None


#: Asks the daemon that serves the page.
AskDaemon = Callable[[], Vital]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """How things are."""

    #: What is wrong, as sentences; nothing where all is well.
    trouble: tuple[str, ...]
    #: None where the database cannot be read.
    figures: Figures | None
    #: None where no daemon serves the page.
    vital: Vital | None
    at: datetime


def check_up(paths: Paths, ask: AskDaemon | None) -> Checkup:
    """Look how things are; what is wrong is told, not raised."""
    now, vital = utc_now(), ask and ask()
    trouble = list(_of_daemon(vital)) if vital else []
    figures = None
    try:
        with open_reader(paths) as reader:
            figures = reader.figures(now)
    except StoreError as error:
        trouble.append(str(error))
    return Checkup(trouble=tuple(trouble), figures=figures, vital=vital, at=now)


def _of_daemon(vital: Vital) -> tuple[str, ...]:
    silent = vital.silent > PATIENCE
    asleep = f"no feed was looked for in {vital.silent / timedelta(minutes=1):.0f} minutes; restart aggregator, its log says why"
    return tuple(filter(None, (vital.fault, asleep if silent else None)))
