"""What the pipeline asks of the store. The adapter fits these by shape; nothing here imports it."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from aggregator.domain.articles import Article, HeldBack, Signature
from aggregator.domain.crawling import Budget, RobotsFile, Visit
from aggregator.domain.feeds import DueFeed, Entry, EntryToRead, FeedState, ParsedFeed
from aggregator.domain.health import Poll
from aggregator.domain.ids import ArticleId, FeedId, StoryId, UrlKey
from aggregator.domain.stories import (
    Candidate,
    Join,
    Member,
    Placement,
    Profile,
    Ruling,
    StoryFacts,
    Tie,
    Vocabulary,
)
from aggregator.domain.websub import Subscription
from aggregator.domain.wrappers import Wrapper
from aggregator.pipeline.archive_ports import ArchiveStore
from aggregator.pipeline.pruning_ports import PruningStore


class FeedStore(Protocol):
    """Feeds and the state of their polls."""

    def due(self, now: datetime) -> tuple[DueFeed, ...]:
        """Enabled feeds whose next poll is at or before `now`, the longest overdue first."""

    def claim(self, polls: Mapping[FeedId, datetime]) -> None:
        """Put off the next poll of each feed to the time given, in one transaction.

        Done before polling, so that a restart after a crash does not poll the same feeds at once again.
        """

    def finish_poll(
        self, feed: FeedId, state: FeedState, parsed: ParsedFeed | None, now: datetime, poll: Poll | None = None
    ) -> None:
        """Keep the state after a poll and the poll itself, and the feed's own title, site and warning if it was read."""

    def record_visits(self, visits: Iterable[Visit], budgets: Iterable[Budget]) -> None:
        """Count requests by site and hour, and keep what is owed after them."""


class SubscriptionStore(Protocol):
    """What is between hubs and us."""

    def all_feeds(self) -> tuple[DueFeed, ...]:
        """Enabled feeds, due or not."""

    def polled(self, id: FeedId) -> DueFeed | None:
        """Return a feed, due or not; None for one that is paused or was taken out."""

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Return all subscriptions, ended ones too."""

    def keep_subscriptions(self, kept: Iterable[Subscription], forgotten: Iterable[str] = ()) -> None:
        """Write subscriptions as they are now, and drop those of the tokens `forgotten`, in one transaction."""


class ArticleStore(Protocol):
    """Articles, the addresses they are known by, and the entries that list them. Writes need `transaction`."""

    def transaction(self) -> AbstractContextManager[None]:
        """All writes inside it happen together or not at all (BEGIN IMMEDIATE … COMMIT)."""

    def joined(self) -> AbstractContextManager[None]:
        """Be part of the open transaction, or hold one."""

    def unread(self, feed: FeedId, entries: Sequence[Entry]) -> tuple[EntryToRead, ...]:
        """Of `entries`, in their order, those not seen in this feed under their key, or seen with another digest.

        Those whose article was removed for its age count as seen.
        """

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

    def hold_back(self, article: ArticleId, why: HeldBack | None) -> None:
        """Keep why the text of an article's page is not used, or that nothing speaks against it any more."""

    def boilerplate(self, site: str) -> frozenset[int]:
        """Return the lines that the outlet of a site puts into many of its articles."""

    def list_entry(self, feed: FeedId, entry: Entry, article: ArticleId, now: datetime) -> None:
        """Record that `feed` lists `article` as `entry`, or that the entry now looks otherwise."""

    def add_addresses(self, article: ArticleId, keys: Sequence[UrlKey], *, claimed: bool = False) -> None:
        """Make `article` known by `keys` too.

        A key that another article has stays with that one, unless that one merely claims it and `article` does not.
        A key is never both known and claimed.
        """


class RobotsStore(Protocol):
    """The robots.txt of sites."""

    def robots(self, origin: str) -> RobotsFile | None:
        """Return what is known of an origin's robots.txt, expired or not."""

    def keep_robots(self, file: RobotsFile, now: datetime) -> None:
        """Put `file` in the place of what was known of its origin."""


class WrapperStore(Protocol):
    """What is learned of the pages of sites."""

    def wrapper(self, site: str) -> Wrapper | None:
        """Return what was learned of a site's pages."""

    def keep_wrapper(self, site: str, wrapper: Wrapper, now: datetime) -> None:
        """Put `wrapper` in the place of what was known of a site."""


class StoryStore(Protocol):
    """What placing reads and writes."""

    def candidates(
        self,
        article: ArticleId,
        keys: Iterable[int],
        *,
        middle: datetime,
        since: datetime,
        until: datetime,
        limit: int,
    ) -> tuple[Candidate, ...]:
        """Return placed articles other than `article` that share an LSH band with it and are dated in [since, until].

        `keys` are its bands. Most shared bands first, then the nearest in time to `middle`, then the lowest id; at most
        `limit`.
        """

    def comparable(self, articles: Iterable[ArticleId]) -> tuple[Candidate, ...]:
        """Return placed articles as candidates, in that order."""

    def headline_and_text(self, article: ArticleId) -> tuple[str, str]:
        """Return what an article says, at less cost than all that is known of it."""

    def profiles(self, articles: Iterable[ArticleId]) -> tuple[Profile, ...]:
        """Return the profiles of `articles` as far as they are signed, in that order."""

    def vocabularies(self) -> Mapping[str, Vocabulary]:
        """Return what the last rebuild learned, by language."""

    def near(
        self, keys: Mapping[int, float], *, middle: datetime, since: datetime, until: datetime, limit: int
    ) -> tuple[ArticleId, ...]:
        """Return articles that have some of `keys` and are dated in [since, until], at most `limit`.

        Those whose keys weigh most together come first, then the lowest id. Of a key that very many have only the articles
        nearest to `middle` are looked at.
        """

    def set_key_terms(self, article: ArticleId, dated: datetime, keys: Iterable[int], background: float | None) -> None:
        """Let `article` be found by `keys` and no others, and keep its background."""

    def rulings(self, articles: Iterable[ArticleId]) -> tuple[Ruling, ...]:
        """Return what readers said of pairs among `articles` and did not take back, by (a, b)."""

    def stories_of(self, articles: Iterable[ArticleId]) -> dict[ArticleId, StoryId]:
        """Return the story of each of `articles` that has one."""

    def copying(self, stories: Iterable[StoryId]) -> tuple[StoryId, ...]:
        """Return the stories that have an article tied as a copy to one of `stories`, by id."""

    def sizes_of(self, stories: Iterable[StoryId]) -> dict[StoryId, int]:
        """Return how many articles each of `stories` has, as far as there are such."""

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

    def apply(self, placement: Placement, now: datetime) -> None:
        """Write new ties, stories, memberships and copies; leave a forwarding from each merged story.

        Rows that would not change are not written.
        """


class Store(FeedStore, ArticleStore, PruningStore, RobotsStore, WrapperStore, StoryStore, ArchiveStore, Protocol):
    """The whole store, as one update needs it."""
