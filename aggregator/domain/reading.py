"""What the faces show: stories, articles and feeds as the store hands them out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.domain.articles import HeldBack, Signature
from aggregator.domain.feeds import FeedState
from aggregator.domain.health import Health
from aggregator.domain.ids import ArticleId, FeedId, StoryId, UrlKey
from aggregator.domain.marks import Marks
from aggregator.domain.settings import MuteRule
from aggregator.domain.stories import Member, Profile, Ruling, Tie, Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryQuery:
    """Which stories are wanted: those with an article dated in [since, until)."""

    #: None asks for all there ever were.
    since: datetime | None = None
    until: datetime | None = None
    tag: str | None = None
    language: str | None = None
    #: Part of a source's name or site, compared without case.
    source: str | None = None
    min_sources: int = 1
    #: Only those that have something to read, only those that are starred.
    unread: bool = False
    starred: bool = False
    #: Only those with a smaller number.
    before: StoryId | None = None
    #: Only those with an article, one of the latest few hundred, that has all these words.
    words: str | None = None
    #: Rules whose stories are left out, or with `muted` are all that is asked for.
    mute: tuple[MuteRule, ...] = ()
    muted: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The signature of a story: "37 articles · 9 texts · 31 sources"."""

    articles: int
    texts: int
    sources: int

    def __str__(self) -> str:
        """Return the three counts in words, the same everywhere."""
        parts = ((self.articles, "article"), (self.texts, "text"), (self.sources, "source"))
        return " · ".join(f"{count:,} {noun}{'' if count == 1 else 's'}" for count, noun in parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """How widely and until when a story is carried: what its place on a page follows from."""

    id: StoryId
    counts: Counts
    #: When its latest article is dated.
    last_dated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The stories that were asked for, before any is laid out."""

    #: Those of the most sources first.
    stories: tuple[Carried, ...]
    #: Of all of them together; an outlet that carries several counts once.
    counts: Counts
    #: Of their articles, the most frequent first.
    languages: tuple[str, ...]
    #: Stories that fit but for a rule that mutes them; they are not counted, unless they were asked for.
    muted: Mapping[StoryId, MuteRule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What an article said before it was changed."""

    title: str
    text: str
    seen: datetime
    #: When it was seen otherwise.
    replaced: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What the articles of a story say, and said before."""

    current: Mapping[ArticleId, str]
    #: Of the articles that changed, the earliest first.
    earlier: Mapping[ArticleId, tuple[Version, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryArticle:
    """An article within its story, ready to be shown."""

    id: ArticleId
    title: str
    url: str
    source: str
    #: Names of the feeds that list it, the first to do so first.
    feeds: tuple[str, ...]
    published: datetime | None
    dated: datetime
    first_seen: datetime
    author: str | None
    language: str | None
    text_from: str
    #: How often its title or text changed since it was first seen.
    versions: int
    copy_of: ArticleId | None
    similarity: float | None
    #: Why it stands in this story, as a sentence.
    why: str
    #: The news agency that its text names as its origin.
    agency: str | None = None
    #: Why it has the feed's own text although there is a page.
    held_back: HeldBack | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """An outlet that carries a story, with the first of its articles there."""

    source: str
    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedStory:
    """A story as a list shows it: its canonical article speaks for it."""

    id: StoryId
    title: str
    url: str
    source: str
    published: datetime | None
    #: When the earliest of its articles was dated, and when it was first seen by us.
    first_dated: datetime
    first_seen: datetime
    #: When its articles last changed: one joined, left or got a new version.
    updated: datetime
    language: str | None
    tags: tuple[str, ...]
    summary: str
    counts: Counts
    #: Its outlets, earliest first.
    carriers: tuple[Carrier, ...]
    #: When its articles are dated, in order of time.
    arrivals: tuple[datetime, ...]
    marks: Marks
    #: Which agency's text it is and what outlets made of it, in a few words; None where no agency is known.
    lineage: str | None = None
    #: Its canonical article, where that has a picture.
    picture: ArticleId | None = None
    #: The rule that mutes it; None where none does, and where no rules were asked.
    muted: MuteRule | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of its sources, earliest first."""
        return tuple(carrier.source for carrier in self.carriers)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView(ListedStory):
    """A story with all that is known of its articles."""

    #: In order of time.
    articles: tuple[StoryArticle, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a person names, by one of the three."""

    story: StoryId | None = None
    article: ArticleId | None = None
    address: UrlKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a name led to: a story that lives, or an article in it."""

    story: StoryId
    #: None where the story as a whole was named.
    article: ArticleId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An article with all that it is held against others by."""

    member: Member
    copy_of: ArticleId | None
    title: str
    text: str
    #: The outlet's name.
    source: str
    signature: Signature
    #: None where an older version signed it.
    profile: Profile | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything that decides how the articles of some stories stand to each other."""

    articles: Mapping[ArticleId, Held]
    #: All ties among them.
    ties: tuple[Tie, ...]
    rulings: tuple[Ruling, ...]
    vocabularies: Mapping[str, Vocabulary]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """An article that a search found; best first."""

    article: ArticleId
    story: StoryId
    title: str
    url: str
    source: str
    dated: datetime
    #: Words around the hit; the hits stand between \x02 and \x03 for the face to mark.
    snippet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """A feed as `feeds list` shows it."""

    id: FeedId
    url: str
    name: str
    tags: tuple[str, ...]
    #: How it is, since when, and what speaks for it.
    state: Health
    since: datetime | None
    why: str | None
    #: All that polls taught.
    known: FeedState
    #: The last polls, a character each, the latest last: + new articles, - none, . unchanged, x failed.
    marks: str
    articles: int
    #: Articles a week, over the last four weeks or as long as the feed is known, one week at least.
    weekly: float
    #: What is odd although the feed works, e.g. not well-formed XML.
    warning: str | None
