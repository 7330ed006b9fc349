"""Ties between articles, and the stories they make."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.domain.ids import ArticleId, SourceId, StoryId


class Relation(StrEnum):
    """What two tied articles are to each other."""

    #: They carry one text, whole, cut, built upon or lightly edited.
    COPY = "copy"
    #: Much of the shorter text stands in the longer one, too little for a copy.
    PART = "part"
    #: The same words about other facts, such as two lottery draws: what speaks against their being one story.
    TEMPLATE = "template"
    #: Two texts that tell one event.
    EVENT = "event"


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
    #: See `articles.Signature.facts`.
    facts: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """Evidence of what two articles are to each other. `a` < `b`; a tie has no direction."""

    a: ArticleId
    b: ArticleId
    relation: Relation
    #: |A and B| / |A or B| over the shingles, exact; None for an event, whose texts are not compared word for word.
    jaccard: float | None = None
    #: |A and B| / min(|A|, |B|): how much of the shorter text stands in the longer one.
    containment: float | None = None
    #: How much the texts tell of one event, see `core.events.likeness`; None where words alone decided.
    likeness: float | None = None
    #: The terms that make an event, weightiest first, as the texts spell them.
    shared: tuple[str, ...] = ()
    #: Between the two articles' `dated`, never negative.
    hours_apart: float
    #: The version of the rule that made the tie.
    rule: int

    def other(self, article: ArticleId) -> ArticleId:
        """Return the article at the other end."""
        return self.b if self.a == article else self.a


class Verdict(StrEnum):
    """What a reader said of two articles; it stands above everything that is found."""

    TOGETHER = "together"
    APART = "apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A reader's word on two articles. `a` < `b`."""

    a: ArticleId
    b: ArticleId
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vocabulary:
    """How common the terms of one language are: those that more than one article has. Each is equal to itself alone."""

    #: How many articles it was learned from.
    articles: int
    #: 32-bit hashes, distinct and ascending, as little-endian uint32.
    terms: bytes
    #: In how many articles each of `terms` stands, as little-endian uint32.
    counts: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is compared of an article's words: see `core.words.terms`."""

    id: ArticleId
    #: The outlet.
    source: SourceId
    #: None where nobody knows: then it may be near to any other.
    dated: datetime | None
    #: As `core.events.languages.compared_as` has it. Only articles of one language are compared.
    language: str
    headline: str
    #: As `core.words.terms.Terms` packs them.
    terms: bytes
    #: See `core.events.likeness`; None until it was measured.
    background: float | None = None


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
    #: Characters of the longest article that carries the canonical one's text.
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
    #: For each text of a story of several, what ties it to the one most alike; all there are of the stories' members.
    events: tuple[Tie, ...] = ()
    #: (story that is no more, story that took its articles in).
    merged: tuple[tuple[StoryId, StoryId], ...] = ()


class DecisionKind(StrEnum):
    """What moves articles between stories beside their own words."""

    MERGE = "merge"
    SPLIT = "split"
    REBUILD = "rebuild"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a reader, or a rebuild, did to the stories."""

    id: int
    kind: DecisionKind
    made: datetime
    #: What was done, as a sentence.
    told: str
    #: The story that each article it moved stood in before.
    before: tuple[tuple[ArticleId, StoryId], ...]
