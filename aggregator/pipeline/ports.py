"""What the pipeline asks of the world. The adapters fit these by shape; nothing here imports them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar

from aggregator.domain.articles import Article, Signature
from aggregator.domain.feeds import DueFeed, Entry, EntryToRead, FeedState, ParsedFeed
from aggregator.domain.fetching import Failed, NotModified, Request, Response
from aggregator.domain.ids import ArticleId, FeedId, StoryId, UrlKey
from aggregator.domain.stories import Candidate, Join, Member, Placement, StoryFacts, Tie

P = ParamSpec("P")
T = TypeVar("T")

Clock = Callable[[], datetime]


class InWriter(Protocol):
    """Runs store calls in the writer's thread."""

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `function` returns."""


class Fetcher(Protocol):
    """Fetches over HTTP, politely and within bounds. Never raises for what a server does."""

    async def fetch(self, request: Request) -> Response | NotModified | Failed:
        """Fetch once; wait for the site's turn first. `NotModified` only answers a request with validators."""


class Workers(Protocol):
    """Runs pure functions in processes that can be killed."""

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T | Failed:
        """Return what `function` returns, or `Failed(WORKER)` when it raised, died or passed its deadline."""


class FeedStore(Protocol):
    """Feeds and the state of their polls."""

    def due(self, now: datetime) -> tuple[DueFeed, ...]:
        """Enabled feeds whose next poll is at or before `now`, the longest overdue first."""

    def claim(self, polls: Mapping[FeedId, datetime]) -> None:
        """Put off the next poll of each feed to the time given, in one transaction.

        Done before polling, so that a restart after a crash does not poll the same feeds at once again.
        """

    def finish_poll(self, feed: FeedId, state: FeedState, parsed: ParsedFeed | None, now: datetime) -> None:
        """Keep the state after a poll, and the feed's own title, site and warning if it was read."""


class ArticleStore(Protocol):
    """Articles, the addresses they are known by, and the entries that list them. Writes need `transaction`."""

    def transaction(self) -> AbstractContextManager[None]:
        """All writes inside it happen together or not at all (BEGIN IMMEDIATE … COMMIT)."""

    def unread(self, feed: FeedId, entries: Sequence[Entry]) -> tuple[EntryToRead, ...]:
        """Of `entries`, in their order, those not seen in this feed under their key, or seen with another digest."""

    def article_at(self, keys: Sequence[UrlKey], *, claimed: bool = False) -> ArticleId | None:
        """Return the article known by any of `keys`, the first key that is known deciding.

        With `claimed`, return the article that merely claims one of them.
        """

    def article(self, article: ArticleId) -> tuple[Article, Signature]:
        """Return an article's current version as it was recorded (without `claimed_keys`), and its signature."""

    def add_article(self, article: Article, signature: Signature, now: datetime) -> ArticleId:
        """Record a new article with its addresses (claims too), text, signature and bands; it has no story yet."""

    def revise_article(
        self, id: ArticleId, article: Article, signature: Signature, now: datetime, *, keep: bool = True
    ) -> None:
        """Make `article` the current version; the one before is kept, unless it was merely incomplete (`keep` False).

        Its ties go, for they spoke of the old text. `dated`, `first_seen` and addresses of before stay, new addresses
        are added.
        """

    def missing_pages(self, feed: FeedId, now: datetime, *, limit: int) -> tuple[EntryToRead, ...]:
        """Return entries whose page is due to be asked for again, as far as the store remembers them; oldest first."""

    def miss_page(self, feed: FeedId, key: str, due: datetime | None, tries: int) -> None:
        """Ask for the page of an entry again at `due`, after so many failures; with None, not again."""

    def list_entry(self, feed: FeedId, entry: Entry, article: ArticleId, now: datetime) -> None:
        """Record that `feed` lists `article` as `entry`, or that the entry now looks otherwise."""

    def add_addresses(self, article: ArticleId, keys: Sequence[UrlKey], *, claimed: bool = False) -> None:
        """Make `article` known by `keys` too.

        A key that another article has stays with that one, unless that one merely claims it and `article` does not.
        A key is never both known and claimed.
        """


class StoryStore(Protocol):
    """What placing reads and writes."""

    def candidates(self, article: ArticleId, *, since: datetime, until: datetime, limit: int) -> tuple[Candidate, ...]:
        """Return placed articles that share an LSH band with `article` and are dated in [since, until].

        Most shared bands first, then the nearest in time, then the lowest id; at most `limit`.
        """

    def story_of(self, article: ArticleId) -> StoryId | None:
        """The story `article` stands in."""

    def members(self, stories: Iterable[StoryId]) -> tuple[Member, ...]:
        """All articles of `stories`, by id."""

    def member(self, article: ArticleId) -> Member:
        """One article as a member, placed or not."""

    def ties(self, stories: Iterable[StoryId]) -> tuple[Tie, ...]:
        """All ties between articles of `stories`, by (a, b)."""

    def story_facts(self, story: StoryId) -> StoryFacts:
        """Return what of a story tells whether a copy can simply join it."""

    def join(self, join: Join, now: datetime) -> None:
        """Write that an article joins a story as a copy, with its ties; the story's counts and dates follow."""

    def placed(self) -> Iterator[tuple[ArticleId, StoryId, ArticleId | None]]:
        """Every article with its story and the article it copies, by id."""

    def apply(self, placement: Placement, now: datetime) -> None:
        """Write new ties, stories, memberships and copies; leave a forwarding from each merged story.

        Rows that would not change are not written.
        """


class Store(FeedStore, ArticleStore, StoryStore, Protocol):
    """The whole store, as one update needs it."""
