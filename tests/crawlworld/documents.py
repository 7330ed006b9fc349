"""Writes what the outlets serve: RSS, pages, and what stands there when something went wrong."""

import gzip
from functools import cache, lru_cache
from random import Random
from xml.sax.saxutils import escape

from tests.crawlworld.model import Feed, date_at

_SYLLABLES = ("ka", "lo", "mer", "tin", "sol", "ra", "ven", "do", "pil", "as", "gor", "el", "un", "shi", "bra", "tem")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WORDS = 9
#: Words of a text that tells an event; the names of the event, and how often one of them stands in the text.
_TELLING, _NAMES, _NAMED = 220, 14, 0.25
#: More than a reader takes of a feed.
_HUGE = 9_000_000

HTML = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body><p>Our new home is ready.</p></body></html>"
BROKEN = b'<?xml version="1.0"?><rss version="2.0"><channel><title>The feed</title><item><tit'
CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking.</body></html>"
ROBOTS = b"User-agent: *\nDisallow: /admin/\n"


@cache
def huge() -> bytes:
    """Return a document that is too large once inflated, as it goes over the wire."""
    return gzip.compress(b"<rss><channel><title>Long</title>" + b" " * _HUGE, mtime=0)


def document(feed: Feed, moment: float) -> bytes:
    """Write a feed as it stands at a moment."""
    shift = feed.shift(moment)
    items = "".join(_item(feed, number, shift) for number in reversed(feed.listed(moment)))
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
        f"<channel><title>Section {feed.number}</title><link>/{feed.number}</link><language>en</language>"
        f"{_wishes(feed)}{items}</channel></rss>"
    ).encode()


def _wishes(feed: Feed) -> str:
    """Write when the feed asks to be polled."""
    temper = feed.temper
    hours = "".join(f"<hour>{hour}</hour>" for hour in temper.skip_hours)
    days = "".join(f"<day>{_DAYS[day]}</day>" for day in temper.skip_days)
    return "".join(
        (
            f"<ttl>{temper.ttl_minutes}</ttl>" if temper.ttl_minutes else "",
            f"<sy:updatePeriod>{temper.update_period}</sy:updatePeriod>" if temper.update_period else "",
            f"<skipHours>{hours}</skipHours>" if hours else "",
            f"<skipDays>{days}</skipDays>" if days else "",
        )
    )


@lru_cache(maxsize=20_000)
def _item(feed: Feed, number: int, shift: float) -> str:
    date = date_at(feed.moments[number] + shift)
    text = telling(*feed.tells[number]) if feed.tells else words(f"{feed.number}/{number}", _WORDS)
    body = (
        f"<description>{text[:30]}…</description>"
        if feed.teasers
        else f"<content:encoded>{escape(f'<p>{text}</p>')}</content:encoded>"
    )
    return (
        f"<item><title>{_title(feed, number)}</title><link>/a/{feed.number}/{number}</link>"
        f'<guid isPermaLink="false">{key(feed, number)}</guid>'
        f"<pubDate>{date:%a, %d %b %Y %H:%M:%S} GMT</pubDate>{body}</item>"
    )


def key(feed: Feed, number: int) -> str:
    """Return the guid of an entry."""
    return f"tag:{feed.outlet.host},{feed.number}:{number}"


def _title(feed: Feed, number: int) -> str:
    return telling(*feed.tells[number])[:60] if feed.tells else words(f"{feed.number}:{number}", 6)


def page(feed: Feed, number: int) -> bytes:
    """Write an entry's page."""
    text = telling(*feed.tells[number]) if feed.tells else words(f"/a/{feed.number}/{number}", 12 * _WORDS)
    title = _title(feed, number)
    return f"<html><head><title>{title}</title></head><body><article><p>{text}</p></article></body></html>".encode()


@lru_cache(maxsize=200)
def telling(event: int, wording: int) -> str:
    """Return the text of an event in one of its wordings: they have its names in common, and little else."""
    names = words(f"event {event}", _NAMES).removesuffix(".").split()
    chance = Random(f"{event}/{wording}")
    others = words(f"{event}/{wording}", _TELLING).removesuffix(".").split()
    return " ".join(chance.choice(names).title() if chance.random() < _NAMED else other for other in others) + "."


def forget() -> None:
    """Drop what was kept to write faster, for who measures memory."""
    _item.cache_clear()
    telling.cache_clear()


def words(seed: str, count: int) -> str:
    """Return words that mean nothing, the same for the same seed."""
    chance = Random(seed)
    return " ".join("".join(chance.choices(_SYLLABLES, k=3)) for _ in range(count)).capitalize() + "."
