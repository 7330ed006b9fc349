"""Feeds, what is known of them, and what they list."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aggregator.domain.health import Health
from aggregator.domain.ids import ArticleId, FeedId
from aggregator.domain.settings import FullText


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed to be polled."""

    id: FeedId
    url: str
    #: The name given in feeds.yaml, else the feed's own title, else its address.
    name: str
    tags: tuple[str, ...] = ()
    #: A fixed interval; None where the feed's own rhythm is learned.
    every: timedelta | None = None
    weight: float = 1.0
    full_text: FullText = FullText.AUTO
    user_agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """The last weeks of a feed by the hour; `core.crawling.rhythm` keeps and reads it."""

    #: The first hour that was observed, to the full hour.
    since: datetime | None = None
    #: How many entries came in each hour from `since` on, 255 at most.
    hours: bytes = b""
    #: When the last one came.
    last: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What the last polls of a feed taught us; kept in the store so that a restart forgets nothing."""

    #: Opaque, sent back exactly as received (RFC 9110, 8.8).
    etag: str | None = None
    last_modified: str | None = None
    #: The site that gave them, where redirects led to; None: that of the feed's address.
    validators_from: str | None = None
    #: Until when they are sent; then a whole answer is wanted, to find out servers that are stuck at 304.
    trusted_until: datetime | None = None
    #: SHA-256 of the last body that was parsed and recorded completely.
    body_digest: bytes | None = None
    next_poll: datetime | None = None
    last_poll: datetime | None = None
    last_success: datetime | None = None
    #: Failed polls in a row.
    failures: int = 0
    #: Why the last poll failed, as a sentence; None after a success.
    error: str | None = None
    #: The kind of that failure, see `fetching.FailureKind`.
    error_kind: str | None = None
    #: Set when the server asked to be left alone (429, 503 with Retry-After); no command shortens it.
    rest_until: datetime | None = None
    #: Until when the server's last answer holds by its own words (max-age, Expires, ttl, skipHours); no command shortens it.
    fresh_until: datetime | None = None
    #: When a body last came.
    last_full: datetime | None = None
    #: That body's size on the wire.
    body_bytes: int = 0
    #: What the feed's document says on when to ask (ttl, skipHours, skipDays); kept for polls that bring no document.
    ttl: timedelta | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    #: Where permanent redirects lead, since when, and in how many answers in a row they led there.
    moved_to: str | None = None
    moved_since: datetime | None = None
    moved_times: int = 0
    #: When the server was found to have said 304 although the feed had changed.
    frozen_since: datetime | None = None
    #: When it publishes, as far as it was observed.
    rhythm: Rhythm = Rhythm()
    #: Share of the recent polls that brought a whole document and nothing new in it, 0 to 1.
    waste: float = 0.0
    #: How many entries the document lists, and the earliest and the latest date that they claim.
    entries: int = 0
    earliest_entry: datetime | None = None
    latest_entry: datetime | None = None
    health: Health = Health.NEW
    #: What speaks for that, as a sentence.
    health_why: str | None = None
    health_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueFeed:
    """A feed together with its state, as a poll needs it."""

    feed: Feed
    state: FeedState


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that a feed lists."""

    #: What makes the entry itself within its feed: its guid, or its address or a digest where guids are missing or shared.
    key: str
    guid: str | None
    #: Absolute http(s) address; None where the feed gives none.
    url: str | None
    #: Whether `url` names this entry alone within its feed's document (several entries may all link to one home page).
    url_is_own: bool = True
    title: str
    #: Plain text, whitespace collapsed.
    summary: str = ""
    #: Markup as the feed has it; empty where the feed carries no content of its own.
    content: str = ""
    author: str | None = None
    #: As the feed claims; may be missing or absurd. `core.dates.dated` makes sense of it.
    published: datetime | None = None
    updated: datetime | None = None
    image: str | None = None
    #: SHA-256 over title, address, summary and content: tells whether the entry changed.
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed's document, understood."""

    #: "rss20", "atom10", "json1.1" …, as feedparser names them.
    version: str
    title: str | None
    #: The site's own address.
    link: str | None
    language: str | None
    entries: tuple[Entry, ...]
    #: RSS ttl or sy:updatePeriod as an interval, None where the feed names none.
    ttl: timedelta | None = None
    #: Hours of the day in UTC (0 to 23) and days of the week (Monday is 0) in which RSS asks not to be polled.
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    #: The feed's own address and its WebSub hub, as it names them.
    self_link: str | None = None
    hub: str | None = None
    #: What was wrong with the document although it could be read, e.g. not well-formed XML.
    warning: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryToRead:
    """An entry that the store has not seen, or has seen otherwise."""

    entry: Entry
    #: The article it became when it was first seen; None for a new entry.
    article: ArticleId | None = None
    #: Whether the address differs from the one seen before under the same key.
    url_changed: bool = field(default=False)
    #: How often its page was asked for in vain.
    tries: int = 0
