"""The list of feeds: each as feeds.yaml has it, with what the database knows of it."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.core.crawling.doctor import Advice, diagnose, remedy, without_doubles
from aggregator.core.days import iso
from aggregator.core.secrecy import without_secrets
from aggregator.core.urls import url_key
from aggregator.domain.feeds import FeedState
from aggregator.domain.health import Health, Poll
from aggregator.domain.reading import FeedHealth
from aggregator.domain.settings import FeedConfig

#: States that are no trouble, the one that asks most for a look first; all others come before them.
_AT_EASE = (Health.THROTTLED, Health.QUIET, Health.NEW, Health.FINE, Health.PAUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFeed:
    """A feed as it is written, and as the database knows it if it does."""

    feed: FeedConfig
    health: FeedHealth | None

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.feed.name or (self.health.name if self.health else "") or self.address

    @property
    def address(self) -> str:
        """Its address, without what is nobody else's to know."""
        return without_secrets(self.feed.url)

    @property
    def state(self) -> Health:
        """How it is, in one word; what feeds.yaml says goes before what the database still believes."""
        if not self.feed.enabled:
            return Health.PAUSED
        return Health.NEW if self.health is None or self.health.state is Health.PAUSED else self.health.state

    @property
    def known(self) -> FeedState:
        """What polls taught."""
        return self.health.known if self.health else FeedState()

    @property
    def trouble(self) -> str:
        """What is wrong with it; empty where nothing is."""
        return without_secrets(self.health.why or self.health.warning or "") if self.health else ""

    @property
    def cure(self) -> str | None:
        """What to do about it, None where there is nothing to do."""
        cure = remedy(self.state, self.known)
        return cure and without_secrets(cure)

    @property
    def marks(self) -> str:
        """The last polls, a character each, the latest last."""
        return self.health.marks if self.health else ""


def listed(feeds: Iterable[FeedConfig], healths: Iterable[FeedHealth]) -> list[ListedFeed]:
    """Return the feeds in the order of feeds.yaml."""
    known = {url_key(health.url): health for health in healths}
    return [ListedFeed(feed=feed, health=known.get(url_key(feed.url))) for feed in feeds]


def handle(url: str) -> str:
    """Return what stands for a feed in the page's addresses: it tells nothing of a feed's own, which may be a secret."""
    return hashlib.sha256(url_key(url).encode()).hexdigest()[:16]


def advised(feeds: Sequence[ListedFeed], now: datetime) -> dict[str, Advice]:
    """Return what to do about those feeds that are not well, by their handles."""
    known = [(feed.feed, diagnose(feed.feed, feed.known, now)) for feed in feeds if feed.health is not None]
    cases = [(feed, advice) for feed, advice in known if advice is not None]
    settled = without_doubles(cases, [feed.feed for feed in feeds])
    return {handle(feed.url): advice for (feed, _), advice in zip(cases, settled, strict=True)}


def trouble_first(feeds: Iterable[ListedFeed]) -> list[ListedFeed]:
    """Return the feeds that are not well first, then by their names."""

    def order(feed: ListedFeed) -> tuple[int, str]:
        ease = _AT_EASE.index(feed.state) + 1 if feed.state in _AT_EASE else 0
        return ease, feed.name.casefold()

    return sorted(feeds, key=order)


def feed_json(row: ListedFeed, polls: Iterable[Poll]) -> dict[str, object]:
    """Return a feed as `feeds list --json` has it; nothing in it opens a door."""
    health, known = row.health, row.known
    return {
        "url": row.address,
        "name": row.name,
        "tags": list(row.feed.tags),
        "state": row.state,
        "since": iso(health.since) if health else None,
        "why": _hidden(health.why) if health else None,
        "do": row.cure,
        "last_success": iso(known.last_success),
        "last_poll": iso(known.last_poll),
        "next_poll": iso(known.next_poll),
        "articles": health.articles if health else 0,
        "weekly": round(health.weekly, 1) if health else 0.0,
        "failures": known.failures,
        "error": _hidden(known.error),
        "error_kind": known.error_kind,
        "moved_to": _hidden(known.moved_to),
        "warning": health.warning if health else None,
        "polls": [_poll_json(poll) for poll in polls],
    }


def _hidden(text: str | None) -> str | None:
    return text and without_secrets(text)


def _poll_json(poll: Poll) -> dict[str, object]:
    return {
        "at": iso(poll.at),
        "kind": poll.kind,
        "status": poll.status,
        "entries": poll.entries,
        "new": poll.new,
        "bytes": poll.wire_bytes,
        "seconds": poll.seconds,
        "error": poll.failure.why if poll.failure else None,
    }
