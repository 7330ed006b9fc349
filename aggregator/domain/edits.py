"""What may be changed in feeds.yaml about a feed that stands there."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

#: The keys of a feed that an edit may set.
FeedKey = Literal["url", "enabled", "user_agent", "every", "tags"]
FeedValue = str | bool | timedelta | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEdit:
    """One key of one feed becomes another value."""

    #: The feed, by its address in any spelling.
    feed: str
    key: FeedKey
    value: FeedValue
    #: A remark to stand behind a key that is new; for whoever reads the file and asks why.
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """One feed goes."""

    #: By its address in any spelling.
    feed: str
