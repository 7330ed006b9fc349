"""What the tools answer: the shapes that assistants see as schemas. Times are UTC; each list has a bound and says what it leaves out."""

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Part of an answer; what stands under a field describes it in the schema."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Counted(Answer):
    """How widely a story is carried."""

    articles: int
    """Articles in all, copies too."""
    texts: int
    """Different texts among them."""
    sources: int
    """Outlets that carry them."""


class Brief(Answer):
    """A story in a list: its earliest or fullest article speaks for it."""

    number: int
    """What the tool `story` takes."""
    title: str
    url: str
    source: str
    summary: str
    counts: Counted
    sources: list[str]
    """The first outlets, earliest first."""
    more_sources: int
    language: str | None
    tags: list[str]
    first_dated: str
    updated: str
    lineage: str | None
    """Which agency's text it is and what outlets made of it."""
    read: bool
    starred: bool
    new: str | None
    """What came since the reader read it."""


class Stories(Answer):
    """Stories of a span, weightiest first."""

    since: str
    until: str
    total: int
    """How many fit; the list may have fewer."""
    stories: list[Brief]
    note: str | None


class Copy(Answer):
    """An article that carries another's text."""

    article: int
    title: str
    url: str
    source: str
    dated: str
    similarity: float | None
    """From 0 to 1; null where it was not measured."""
    why: str


class Earlier(Answer):
    """What an article was before it was changed."""

    title: str
    seen: str
    replaced: str


class Telling(Answer):
    """A text of the story, by the article that brought it, with the articles that copied it and its earlier versions."""

    article: int
    title: str
    url: str
    source: str
    author: str | None
    agency: str | None
    """The news agency that the text names as its origin."""
    dated: str
    why: str
    excerpt: str
    """The beginning of the text; the rest is at `url`."""
    versions: list[Earlier]
    """Earlier versions, the latest last."""
    copies: list[Copy]
    more_copies: int


class WholeStory(Answer):
    """A story: what speaks for it, and its texts in order of time."""

    story: Brief
    texts: list[Telling]
    more_texts: int


class Hit(Answer):
    """An article that a search found."""

    article: int
    story: int
    """The number of its story."""
    title: str
    url: str
    source: str
    dated: str
    snippet: str
    """Words around the hit."""


class Hits(Answer):
    """Articles, the best first."""

    hits: list[Hit]
    note: str | None


class Feed(Answer):
    """A feed and how it is."""

    name: str
    url: str
    tags: list[str]
    state: str
    """How it is, in a word: fine, quiet, erroring, gone …"""
    since: str | None
    why: str | None
    cure: str | None
    """What its owner can do."""
    articles: int
    articles_a_week: float
    last_success: str | None


class Feeds(Answer):
    """The feeds, those that are not well first."""

    total: int
    states: dict[str, int]
    feeds: list[Feed]
    more_feeds: int
    note: str | None
