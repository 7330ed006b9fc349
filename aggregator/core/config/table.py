"""The one table of settings: defaults, checks, help and documentation are all read from here."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Generic, TypeVar

from aggregator.core.config.kinds import (
    HEADER,
    SWITCH,
    TAGS,
    TEXT,
    Kind,
    choice,
    count,
    duration,
    interval,
    lifetime,
    number,
    size,
    worker_count,
)
from aggregator.core.config.places import HOSTS, LISTEN, NETWORKS, NOTICES, TIME_OF_DAY, TIMEZONE, URL, Network
from aggregator.core.stories.rules import DEFAULT_RULES
from aggregator.domain.settings import LEARNED, Canonical, FullText, Pictures

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Generic[T_co]):
    """One key of feeds.yaml."""

    name: str
    kind: Kind[T_co]
    #: The default as a person reads it.
    default: str
    #: The default itself.
    value: T_co
    #: One sentence.
    help: str

    @property
    def bounds(self) -> tuple[str, str] | None:
        """Least and greatest value, as text."""
        return self.kind.bounds


#: A second is for tests and demonstrations; five minutes and more is polite. After a week a feed may have dropped entries.
INTERVAL = interval("1s", "7d")

EVERY = Setting(
    name="every",
    kind=INTERVAL,
    default="auto",
    value=LEARNED,
    help="How often a feed is polled; auto learns its rhythm, between 5 minutes and a day. Servers' own wishes come first.",
)
SITE_DELAY = Setting(
    name="site_delay",
    kind=duration("0s", "60s"),
    default="1s",
    value=timedelta(seconds=1),
    help="The pause between two requests to one site.",
)
WORKERS: Setting[int | None] = Setting(
    name="workers",
    kind=worker_count(64),
    default="auto",
    value=None,
    help="Worker processes for parsing and extraction; auto is one a core.",
)
TIMEZONE_NAME = Setting(
    name="timezone",
    kind=TIMEZONE,
    default="local",
    value="local",
    help='What "today" means: the machine\'s own time zone or a named one.',
)
ALLOW_NETWORKS: Setting[tuple[Network, ...]] = Setting(
    name="allow_networks",
    kind=NETWORKS,
    default="[]",
    value=(),
    help="Networks that are not public but may be fetched from.",
)
CANONICAL = Setting(
    name="canonical",
    kind=choice(Canonical),
    default="original",
    value=Canonical.ORIGINAL,
    help="Which article speaks for a story: original, fullest or my-weights; see below.",
)
SAME_EVENT = Setting(
    name="same_event",
    kind=number("0.2", "0.9"),
    default=str(DEFAULT_RULES.same_event),
    value=DEFAULT_RULES.same_event,
    help="How alike texts must be on average to make one story; less joins more. Try it with rebuild --dry-run.",
)

ABOUT_URL: Setting[str | None] = Setting(
    name="about_url",
    kind=URL,
    default="none",
    value=None,
    help="A page that tells the owners of sites who you are; servers see aggregator/VERSION (+about_url).",
)
NOTIFY: Setting[tuple[str, ...]] = Setting(
    name="notify",
    kind=NOTICES,
    default="[]",
    value=(),
    help="Where the daily summary of feeds whose state changed is sent: addresses as Apprise knows them.",
)
DIGEST: Setting[time | None] = Setting(
    name="digest",
    kind=TIME_OF_DAY,
    default="off",
    value=None,
    help='When the daemon sends the day\'s stories, such as "07:30" by the clock of timezone; off: never.',
)
DIGEST_TO: Setting[tuple[str, ...] | None] = Setting(
    name="digest_to",
    kind=NOTICES,
    default="notify",
    value=None,
    help="Where the digest is sent: addresses as Apprise knows them; those of notify where it is not given.",
)
WEBSUB_URL: Setting[str | None] = Setting(
    name="websub_url",
    kind=URL,
    default="none",
    value=None,
    help="The public address of websub_listen, by which hubs push feeds to us; none: no WebSub.",
)
WEBSUB_LISTEN = Setting(
    name="websub_listen",
    kind=LISTEN,
    default="127.0.0.1:8081",
    value="127.0.0.1:8081",
    help="Where the daemon listens for hubs if there is a websub_url.",
)
HOST_NAMES: Setting[tuple[str, ...]] = Setting(
    name="host_names",
    kind=HOSTS,
    default="[]",
    value=(),
    help="Names under which the page may be asked for, as by a web server before it; this machine's addresses always.",
)
TRUSTED_PROXIES: Setting[tuple[Network, ...]] = Setting(
    name="trusted_proxies",
    kind=NETWORKS,
    default="[]",
    value=(),
    help="Web servers before the page that are believed who asks (X-Forwarded-For) and whether by https (X-Forwarded-Proto).",
)

KEEP: Setting[timedelta | None] = Setting(
    name="keep",
    # What is younger than a week is still read; and what is dated so is still listed by its feed.
    kind=lifetime("7d", "3650d"),
    default="forever",
    value=None,
    help="How long articles are kept, by their dates: forever, or older ones are removed every night; see below.",
)
FEED_SIZE = Setting(
    name="feed_size",
    kind=size("100KB", "50MB"),
    default="8MB",
    value=8_000_000,
    help="The largest feed that is read, inflated.",
)
PAGE_SIZE = Setting(
    name="page_size",
    kind=size("100KB", "20MB"),
    default="3MB",
    value=3_000_000,
    help="The largest page that is read, inflated.",
)
FETCH_TIME = Setting(
    name="fetch_time",
    kind=duration("1s", "5m"),
    default="30s",
    value=timedelta(seconds=30),
    help="How long a fetch may take, redirects included.",
)
MAX_ENTRIES = Setting(
    name="max_entries",
    kind=count(10, 20_000),
    default="2000",
    value=2_000,
    help="How many entries of a feed's document are read, the first ones.",
)
READER_WINDOW = Setting(
    name="reader_window",
    # Apps hold the numbers of all of them.
    kind=duration("1d", "365d"),
    default="30d",
    value=timedelta(days=30),
    help="How far back reader apps are told of stories, by their articles' dates; of starred ones always.",
)

PICTURES = Setting(
    name="pictures",
    kind=choice(Pictures),
    default="off",
    value=Pictures.OFF,
    help="Whether the page shows articles' pictures: off, or by proxy, fetched by the daemon when they are first looked at.",
)

URL_KEY = Setting(
    name="url", kind=URL, default="required", value="", help="The address of the feed itself, not of its site."
)
NAME: Setting[str | None] = Setting(
    name="name",
    kind=TEXT,
    default="the feed's own title",
    value=None,
    help="What the feed is called in every list.",
)
TAGS_KEY: Setting[tuple[str, ...]] = Setting(
    name="tags", kind=TAGS, default="[]", value=(), help="Words to choose feeds and stories by; OPML's folders."
)
FEED_EVERY: Setting[timedelta | None] = Setting(
    name="every",
    kind=INTERVAL,
    default="settings.every",
    value=None,
    help="How often this feed is polled.",
)
WEIGHT = Setting(
    name="weight",
    # A factor of ten either way orders feeds; it only breaks ties, so more range would promise more than it does.
    kind=number("0.1", "10"),
    default="1",
    value=1.0,
    help="How much the feed is preferred where two articles might speak for one story.",
)
FULL_TEXT = Setting(
    name="full_text",
    kind=choice(FullText),
    default="auto",
    value=FullText.AUTO,
    help="Whether an article's page is fetched: auto does it unless the feed carries the whole text.",
)
ENABLED = Setting(name="enabled", kind=SWITCH, default="true", value=True, help="Whether the feed is polled at all.")
USER_AGENT: Setting[str | None] = Setting(
    name="user_agent",
    kind=HEADER,
    default="aggregator's own",
    value=None,
    help="What the program calls itself to this feed's server.",
)

#: The keys under `settings:`, in the order of `domain.settings.Settings`.
SETTINGS: tuple[Setting[object], ...] = (
    EVERY,
    SITE_DELAY,
    WORKERS,
    TIMEZONE_NAME,
    ALLOW_NETWORKS,
    CANONICAL,
    SAME_EVENT,
    ABOUT_URL,
    NOTIFY,
    DIGEST,
    DIGEST_TO,
    WEBSUB_URL,
    WEBSUB_LISTEN,
    HOST_NAMES,
    TRUSTED_PROXIES,
    KEEP,
    FEED_SIZE,
    PAGE_SIZE,
    FETCH_TIME,
    MAX_ENTRIES,
    READER_WINDOW,
    PICTURES,
)
#: The keys of one feed, in the order of `domain.settings.FeedConfig`.
FEED_KEYS: tuple[Setting[object], ...] = (URL_KEY, NAME, TAGS_KEY, FEED_EVERY, WEIGHT, FULL_TEXT, ENABLED, USER_AGENT)
