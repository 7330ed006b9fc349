"""How a feed is: one word for each way in which feeds live and die."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.domain.fetching import Failed
from aggregator.domain.ids import FeedId


class Health(StrEnum):
    """The states of a feed; `core.crawling.health` says when each holds."""

    #: Never polled.
    NEW = "new"
    FINE = "fine"
    #: Answers, but is silent for longer than it has been in 99 of 100 pauses.
    QUIET = "quiet"
    #: No answer, or one that cannot be read.
    ERRORING = "erroring"
    #: The server said 304 although the feed had changed.
    FROZEN = "frozen"
    #: Redirects for good to another address.
    MOVED = "moved"
    #: 410.
    GONE = "gone"
    #: The site asked to be left alone for a while.
    THROTTLED = "throttled"
    #: The server refuses us, or a bot wall does.
    BLOCKED = "blocked"
    #: HTML or something else stands where the feed was.
    NOT_A_FEED = "not-a-feed"
    #: All that it lists is old.
    ALL_OLD = "all-old"
    #: All that it lists is dated in the future.
    ALL_FUTURE = "all-future"
    #: Switched off in feeds.yaml.
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One poll of a feed, as its history keeps it."""

    at: datetime
    #: See `outcomes.PollKind`.
    kind: str
    #: The HTTP status, where an answer came.
    status: int | None = None
    entries: int = 0
    new: int = 0
    wire_bytes: int = 0
    seconds: float = 0.0
    failure: Failed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthChange:
    """A feed's state became another."""

    feed: FeedId
    name: str
    url: str
    at: datetime
    before: Health
    after: Health
    #: As a sentence.
    why: str
