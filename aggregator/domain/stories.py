"""Ties between articles, and the stories they make."""

from dataclasses import dataclass
from datetime import datetime

from aggregator.domain.ids import ArticleId, SourceId, StoryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A stored article that may be a copy of another: what the exact check needs."""

    id: ArticleId
    story: StoryId
    #: The article whose text it carries, itself if it is no copy.
    text: ArticleId
    dated: datetime
    #: See `articles.Signature.shingles`.
    shingles: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """Evidence that two articles carry one text. `a` < `b`; a tie has no direction."""

    a: ArticleId
    b: ArticleId
    #: |A and B| / |A or B| over the shingles, exact.
    jaccard: float
    #: |A and B| / min(|A|, |B|): how much of the shorter text stands in the longer one.
    containment: float
    #: Between the two articles' `dated`, never negative.
    hours_apart: float
    #: The version of the rule that made the tie.
    rule: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An article as a part of a story: what grouping and the choice of the canonical article look at."""

    id: ArticleId
    #: The story it stands in so far; None for one not placed yet.
    story: StoryId | None
    url: str
    source: SourceId
    dated: datetime
    #: Characters of text.
    length: int
    #: Whether the article stands at the news agency that its text names as its origin.
    is_original: bool = False
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """Says that an article carries the text of another."""

    article: ArticleId
    of: ArticleId
    #: Exact Jaccard with that article, 0 to 1; None where the two were never compared, for each is compared with a bounded
    #: number of others.
    similarity: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story as grouping decides it: who is in, who copies whom, who speaks for it."""

    #: The stored story that it continues; None for a new one.
    id: StoryId | None
    members: tuple[ArticleId, ...]
    canonical: ArticleId
    copies: tuple[Copy, ...]
    texts: int
    sources: int
    first_dated: datetime
    last_dated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFacts:
    """What of a story tells whether a copy can join it without a second look at all the others."""

    id: StoryId
    canonical: Member
    #: Characters of its longest text.
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """An article joins a story as a copy; nothing else in the story changes."""

    story: StoryId
    copy: Copy
    ties: tuple[Tie, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The outcome of placing an article: the stories as they stand afterwards, and where merged ones went."""

    ties: tuple[Tie, ...]
    stories: tuple[Story, ...]
    #: (story that is no more, story that took its articles in).
    merged: tuple[tuple[StoryId, StoryId], ...] = ()
