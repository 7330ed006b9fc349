"""What became of one poll; the pipeline yields these and the faces tell them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.domain.feeds import Feed
from aggregator.domain.fetching import Failed


class PollKind(StrEnum):
    """How a poll ended."""

    #: The feed was read; it may still have held nothing new.
    READ = "read"
    #: 304, or the same bytes as last time.
    UNCHANGED = "unchanged"
    FAILED = "failed"
    #: Not polled: its site asked to be left alone until later.
    RESTING = "resting"
    #: Not polled: by the server's own word its last answer still holds.
    FRESH = "fresh"
    #: Broken off by a stop; what was not recorded is found again by the next poll.
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """What one poll of one feed did."""

    feed: Feed
    kind: PollKind
    #: Entries in the document.
    entries: int = 0
    #: Articles recorded for the first time.
    new: int = 0
    #: Articles whose title or text changed.
    revised: int = 0
    #: Entries that turned out to be articles already known from another feed or address.
    also_listed: int = 0
    pages_fetched: int = 0
    #: Articles kept with the feed's own text, because their page could not be had.
    pages_failed: int = 0
    #: The document's size on the wire; a 304 has none.
    wire_bytes: int = 0
    seconds: float = 0.0
    failure: Failed | None = None
    #: Of a feed that was not asked: until when the server's last answer holds by its own words.
    fresh_until: datetime | None = None
    warning: str | None = None
    #: An exception that nobody expected: it failed this poll only, and is to be logged with its traceback.
    bug: Exception | None = None
