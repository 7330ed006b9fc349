"""What keeping a database asks and tells: what may go for its age, what a copy holds, what is not sound."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Prunable:
    """What is older than a person wants to keep."""

    #: Articles that go.
    articles: int
    #: Stories that go with the last of their articles.
    stories: int
    #: Articles that are as old and stay, for a person merged, split or starred their story.
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What went."""

    articles: int = 0
    stories: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy of a database that was opened and found sound."""

    size: int
    feeds: int
    articles: int
    stories: int


class FlawKind(StrEnum):
    """What may be wrong in a database, in the order in which it is looked for."""

    PAGES = "pages"
    INDEX = "index"
    NO_SOURCE = "no-source"
    NO_TEXT = "no-text"
    NO_SIGNATURE = "no-signature"
    ORPHANS = "orphans"
    NO_STORY = "no-story"
    EMPTY_STORIES = "empty-stories"
    COUNTS = "counts"
    COPIES = "copies"
    MERGED = "merged"
    FEED_COUNTS = "feed-counts"
    BANDS = "bands"
    KEY_TERMS = "key-terms"
    SEARCH = "search"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One kind of thing that is wrong."""

    kind: FlawKind
    count: int
    #: A sentence.
    what: str
    #: Some of what is concerned: numbers of articles or stories, or SQLite's own words.
    examples: tuple[str, ...] = ()
    #: What to do where it cannot be repaired from what is stored; None where it can.
    cure: str | None = None
