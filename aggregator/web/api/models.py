"""What programs are answered, for OpenAPI; the names are those of `--json`, which `core.as_json` gives."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from aggregator.domain.articles import HeldBack, TextFrom
from aggregator.domain.health import Health
from aggregator.domain.outcomes import PollKind
from aggregator.domain.stories import DecisionKind

#: UTC, whole seconds, Z.
Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]

#: The largest number that every reader of JSON has exactly (RFC 8259, 6).
LARGEST = 2**53 - 1
Number = Annotated[int, Field(ge=1, le=LARGEST)]


class Model(BaseModel):
    """What all have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Counts(Model):
    """How many articles, different texts among them, and outlets."""

    articles: int
    texts: int
    sources: int


class New(Model):
    """What came since the story was read; all of it while it was not."""

    articles: int
    texts: int


class Carrier(Model):
    """An outlet that carries a story, with the first of its articles there."""

    source: str
    title: str
    url: str


class Story(Model):
    """A story as its canonical article tells it."""

    id: int
    title: str
    url: str
    source: str
    published: Moment | None
    first_seen: Moment
    updated: Moment = Field(description="When an article last joined, left or changed")
    language: str | None
    tags: list[str]
    summary: str
    counts: Counts
    read: bool
    starred: bool
    muted: dict[Literal["word", "source", "tag"], str] | None = Field(
        description="The rule by which the owner's lists leave it out; none is left out here"
    )
    new: New
    lineage: str | None = Field(description="Whose text it is, where an agency is known")


class ListedStory(Story):
    """A story in a list."""

    carriers: list[Carrier] = Field(description="Its outlets, the earliest first")


class Member(Model):
    """An article within its story."""

    id: int
    title: str
    url: str
    source: str
    feed: str | None
    published: Moment | None
    copy_of: int | None = Field(description="The article of the same story whose text it carries")
    similarity: float | None = Field(description="With that article, 0 to 1")
    why: str = Field(description="Why it stands in this story")
    held_back: HeldBack | None = Field(description="Why its page's text is not used")


class WholeStory(Story):
    """A story with its articles, in order of time."""

    articles: list[Member]
    agencies: dict[str, str] = Field(description="By article, the agency that its text names")


class Stories(Model):
    """A part of a list of stories."""

    stories: list[ListedStory]
    next: str | None = Field(description="The cursor of the next part; null at the end")


class Day(Model):
    """A day's stories in the order of the page: by how many tell them on their own, how many carry them, and how fresh they are."""

    day: str
    counts: Counts = Field(description="Of all stories of the day that fit")
    total: int = Field(description="How many stories fit")
    languages: list[str]
    stories: list[ListedStory]


class Article(Model):
    """An article by itself."""

    id: int
    story: int
    title: str
    url: str
    source: str
    published: Moment | None = Field(description="As the outlet claims")
    dated: Moment = Field(description="`published` where that is credible, else `first_seen`")
    first_seen: Moment
    updated: Moment = Field(description="When its title or text last changed")
    author: str | None
    language: str | None
    summary: str
    image: str | None
    agency: str | None
    text_from: TextFrom
    versions: int
    copy_of: int | None
    similarity: float | None
    held_back: HeldBack | None


class Version(Model):
    """What an article said before it was changed."""

    title: str
    text: str
    seen: Moment
    replaced: Moment


class WholeArticle(Article):
    """An article with its text, and what it said before."""

    feeds: list[str]
    text: str
    earlier: list[Version]


class Articles(Model):
    """A part of a list of articles."""

    articles: list[Article]
    next: str | None = Field(description="The cursor of the next part; null at the end")


class Hit(Model):
    """An article that a search found."""

    article: int
    story: int
    title: str
    url: str
    source: str
    dated: Moment
    snippet: str


class Hits(Model):
    """What a search found, the best first."""

    hits: list[Hit]
    problem: str | None = Field(description="Why nothing could be looked for")


class Poll(Model):
    """One poll of a feed."""

    at: Moment
    kind: PollKind
    status: int | None
    entries: int
    new: int
    bytes: int
    seconds: float
    error: str | None


class Feed(Model):
    """A feed of feeds.yaml, and how it is."""

    url: str
    name: str
    tags: list[str]
    state: Health
    since: Moment | None
    why: str | None
    do: str | None = Field(description="What to do about it")
    last_success: Moment | None
    last_poll: Moment | None
    next_poll: Moment | None
    articles: int
    weekly: float = Field(description="Articles a week")
    failures: int
    error: str | None
    error_kind: str | None
    moved_to: str | None
    warning: str | None
    polls: list[Poll]


class Feeds(Model):
    """The feeds in the order of feeds.yaml."""

    feeds: list[Feed]


class Checked(Model):
    """How things are, as far as they can be told."""

    status: Literal["ok", "failing"]
    trouble: list[str]
    daemon: bool = Field(description="Whether a daemon serves this, or only a reader")
    version: str
    feeds: dict[Health, int] = Field(description="How many feeds are in each state")
    articles: int = Field(description="What the feeds list; an article that several list counts for each")
    stories: int
    due: int
    last_poll: Moment | None
    last_cycle: Moment | None


class Marked(Model):
    """How a story is marked now."""

    story: int = Field(description="Its number, which is another one where the story was merged")
    read: bool
    starred: bool


class ToMerge(Model):
    """Stories that are one."""

    stories: list[Number] = Field(min_length=2, max_length=100)


class Merged(Model):
    """The story that they are now."""

    story: int


class ToSplit(Model):
    """Articles that do not belong to a story."""

    articles: list[Number] = Field(min_length=1, max_length=1000)


class Split(Model):
    """The stories that there are now."""

    stories: list[int]


class Undone(Model):
    """What was taken back."""

    kind: DecisionKind
    made: Moment
    told: str


class Fault(Model):
    """What of a request is not understood."""

    where: str
    problem: str


class Problem(Model):
    """What went wrong, as RFC 9457 has it, and what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    cure: str
    faults: list[Fault] = []
