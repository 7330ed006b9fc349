"""What a person wrote in feeds.yaml, checked and with defaults filled in."""

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

#: An interval of nought stands for one that is learned from the feed's own rhythm; feeds.yaml writes it `auto`.
LEARNED = timedelta(0)


class FullText(StrEnum):
    """Where an article's text comes from: `auto` fetches the page unless the feed already carries the whole text."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Canonical(StrEnum):
    """Which article speaks for a story; `core.stories.canonical` has the rules in full."""

    #: The agency's own article, else the earliest complete text.
    ORIGINAL = "original"
    FULLEST = "fullest"
    MY_WEIGHTS = "my-weights"


class Pictures(StrEnum):
    """Whether the page shows pictures; a browser never asks the hosts of others for them."""

    OFF = "off"
    #: Fetched by us, bounded and cached.
    PROXY = "proxy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The `settings:` of feeds.yaml."""

    #: `LEARNED` or fixed.
    every: timedelta
    site_delay: timedelta
    #: Worker processes; None means one a core.
    workers: int | None
    #: An IANA name, or "local".
    timezone: str
    allow_networks: tuple[IPv4Network | IPv6Network, ...]
    canonical: Canonical = Canonical.ORIGINAL
    #: Mean likeness from which texts tell one event, see `core.stories.rules.Rules`.
    same_event: float
    #: A page that tells the owners of sites who polls them; part of our name to servers.
    about_url: str | None = None
    #: Where the daily summary of changes goes, as Apprise's addresses; they may hold passwords, so they are never shown.
    notify: tuple[str, ...] = field(default=(), repr=False)
    #: When the day's digest is sent, by the clock of `timezone`; None: never.
    digest: time | None = None
    #: Where it goes, as Apprise's addresses; None: where `notify` goes.
    digest_to: tuple[str, ...] | None = field(default=None, repr=False)
    #: The public address under which hubs reach us; None: no WebSub.
    websub_url: str | None = None
    #: Where the daemon listens for hubs, "host:port".
    websub_listen: str = "127.0.0.1:8081"
    #: Names under which the page may be asked for, beside those of this machine's own addresses.
    host_names: tuple[str, ...] = ()
    #: Web servers before us that are believed who asks, and whether by https.
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    #: How old an article may get before it is removed; None: it stays for ever.
    keep: timedelta | None = None
    #: Bytes, inflated.
    feed_size: int = 8_000_000
    page_size: int = 3_000_000
    fetch_time: timedelta = timedelta(seconds=30)
    #: Entries of one document that are read.
    max_entries: int = 2_000
    #: How far back reader apps are told of stories; of starred ones always.
    reader_window: timedelta = timedelta(days=30)
    pictures: Pictures = Pictures.OFF

    @property
    def digest_services(self) -> tuple[str, ...]:
        """Where the digest goes."""
        return self.notify if self.digest_to is None else self.digest_to


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedConfig:
    """One feed as feeds.yaml has it."""

    url: str
    name: str | None = None
    tags: tuple[str, ...] = ()
    #: `LEARNED` or fixed; None means `Settings.every`.
    every: timedelta | None = None
    weight: float = 1.0
    full_text: FullText = FullText.AUTO
    enabled: bool = True
    user_agent: str | None = None


class MuteKind(StrEnum):
    """By what a rule mutes stories; `core.stories.muting` has what each asks."""

    WORD = "word"
    SOURCE = "source"
    TAG = "tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteRule:
    """What a reader does not want to see in lists."""

    kind: MuteKind
    #: The word or phrase, the outlet's name or site, the tag.
    what: str
    #: The last day on which it holds; None: for good.
    until: date | None = None

    @property
    def key(self) -> tuple[MuteKind, str]:
        """What makes two rules one, however they are spelled and whenever they end."""
        return self.kind, self.what.casefold()

    @property
    def short(self) -> str:
        """What it mutes, in as few words as a sum has room for."""
        return f"“{self.what}”" if self.kind is MuteKind.WORD else self.what

    def __str__(self) -> str:
        """Return what it mutes, in words."""
        return f"the {self.kind} {self.short}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A whole feeds.yaml."""

    settings: Settings
    feeds: tuple[FeedConfig, ...]
    mute: tuple[MuteRule, ...] = ()
