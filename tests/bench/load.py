"""The load: outlets, each with a feed and pages as large and as laden as those of the real web.

Everything follows from the seed, but for the dates, which lie within the day before `now`.
"""

import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape
from typing import Any

from tests.bench import markup
from tests.bench.prose import Telling, name, tell

#: Articles that tell one event, on average.
_TELLERS = 4
#: Of the articles so many carry the agency's text, the others tell it in words of their own.
_COPIES = 0.4
#: The agency, as a teller.
_AGENCY = -1
_FEED, _ROBOTS = "/feed.xml", "/robots.txt"
_ROBOTS_BODY = b"User-agent: *\nDisallow: /search\nDisallow: /account\nAllow: /\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is served, and where. Each outlet has an address of its own on loopback, so that none waits for another."""

    feeds: int
    pages: int
    now: datetime
    seed: int = 6
    #: The first of the pages that feeds list; those before it are not listed any more.
    first: int = 0
    port: int = 0
    tls: bool = False
    #: Whether feeds carry whole texts, so that nobody fetches their pages.
    full_text: bool = False

    @property
    def articles(self) -> int:
        """Count the pages of all outlets."""
        return self.feeds * self.pages

    def root(self, outlet: int) -> str:
        """Return where an outlet is found."""
        return f"{'https' if self.tls else 'http'}://{host(outlet)}:{self.port}"

    def feed_url(self, outlet: int) -> str:
        """Return the address of an outlet's feed."""
        return self.root(outlet) + _FEED

    def page_url(self, outlet: int, page: int) -> str:
        """Return the address of a page."""
        return f"{self.root(outlet)}/{page}/story.html"

    def urls(self) -> Iterator[str]:
        """Yield all that a first crawl fetches, feeds and robots.txt first."""
        for outlet in range(self.feeds):
            yield self.feed_url(outlet)
        for outlet in range(self.feeds):
            yield self.root(outlet) + _ROBOTS
        for page in range(self.pages):
            for outlet in range(self.feeds):
                yield self.page_url(outlet, page)

    def telling(self, outlet: int, page: int) -> Telling:
        """Return what stands on a page."""
        chance = random.Random(f"{self.seed} {outlet}.{page}")
        events = max(self.articles // _TELLERS, 1)
        # What is listed later is news of other events.
        event = page // self.pages * events + chance.randrange(events)
        teller = _AGENCY if chance.random() < _COPIES else outlet
        return tell(self.seed, event, teller)

    def feed(self, outlet: int) -> bytes:
        """Return an outlet's feed."""
        entries = "".join(self._entry(outlet, page) for page in range(self.first, self.first + self.pages))
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" '
            'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
            f"<title>{_outlet_name(self.seed, outlet)}</title><link>{self.root(outlet)}/</link>"
            f"<description>News</description><language>en</language>\n{entries}</channel></rss>\n"
        ).encode()

    def page(self, outlet: int, page: int) -> bytes:
        """Return a page."""
        return b"".join(part.plain for part in self._parts(outlet, page))

    def gzipped_page(self, outlet: int, page: int) -> bytes:
        """Return a page compressed; what all pages of an outlet share is compressed once, for a server has no time."""
        parts = self._parts(outlet, page)
        checksum = length = 0
        for part in parts:
            checksum = zlib.crc32(part.plain, checksum)
            length += len(part.plain)
        deflated = b"".join(part.deflated for part in parts)
        end = markup.END + checksum.to_bytes(4, "little") + length.to_bytes(4, "little")
        return markup.BEGINNING + deflated + end

    def _parts(self, outlet: int, page: int) -> tuple[markup.Part, markup.Part, markup.Part]:
        design = markup.design(self.seed, outlet)
        telling, url = self.telling(outlet, page), self.page_url(outlet, page)
        article = design.article(
            telling, url=url, published=self.published(outlet, page), site=_outlet_name(self.seed, outlet)
        )
        return design.before, markup.part(article), design.after

    def published(self, outlet: int, page: int) -> datetime:
        """Return when an article was published."""
        minutes = random.Random(f"{outlet} {page}").randrange(30, 24 * 60)
        return self.now - timedelta(minutes=minutes)

    def _entry(self, outlet: int, page: int) -> str:
        telling, url = self.telling(outlet, page), self.page_url(outlet, page)
        content = ""
        if self.full_text:
            text = "".join(f"<p>{escape(line)}</p>" for line in telling.paragraphs)
            content = f"<content:encoded><![CDATA[{text}]]></content:encoded>"
        published = format_datetime(self.published(outlet, page))
        return (
            f"<item><title>{escape(telling.title)}</title><link>{url}</link><guid>{url}</guid>"
            f"<pubDate>{published}</pubDate><description>{escape(telling.lead)}</description>{content}</item>\n"
        )


def as_json(load: Load) -> dict[str, Any]:
    """Return a load as another process reads it."""
    return {
        "feeds": load.feeds,
        "pages": load.pages,
        "now": load.now.isoformat(),
        "seed": load.seed,
        "first": load.first,
        "port": load.port,
        "tls": load.tls,
        "full_text": load.full_text,
    }


def from_json(told: dict[str, Any]) -> Load:
    """Read what `as_json` returned."""
    return Load(**{**told, "now": datetime.fromisoformat(told["now"])})


def host(outlet: int) -> str:
    """Return an outlet's address."""
    return f"127.1.{outlet // 250}.{outlet % 250 + 1}"


def outlet_at(address: str) -> int:
    """Return whose address that is."""
    _, _, high, low = map(int, address.split("."))
    return high * 250 + low - 1


def this_hour() -> datetime:
    """Return a moment that stays for some time, so that all who take part serve and expect the same bytes."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def robots() -> bytes:
    """Return the robots.txt of every outlet."""
    return _ROBOTS_BODY


@cache
def _outlet_name(seed: int, outlet: int) -> str:
    chance = random.Random(f"{seed} name {outlet}")
    return f"The {name(chance)} {name(chance)}"
