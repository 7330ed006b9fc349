"""An article: an entry with its page's main text, and what is compared of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.domain.ids import UrlKey


class TextFrom(StrEnum):
    """Where an article's text was read."""

    PAGE = "page"
    FEED = "feed"
    NOWHERE = "nowhere"


class HeldBack(StrEnum):
    """Why the text of an article's page is not used although there is a page."""

    #: robots.txt does not let us fetch it.
    ROBOTS = "robots"
    #: It asks not to be indexed.
    NOINDEX = "noindex"
    #: Its text is for those who pay.
    PAYWALL = "paywall"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who published an article: the outlet, not the feed. Section feeds of one outlet share one source."""

    #: The registrable domain of the article's address, or host:port where there is none (an IP address).
    site: str
    #: What a person calls it.
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says of itself, read by `core.extract`."""

    #: The main text, paragraphs parted by newlines; empty where none was found.
    text: str
    title: str | None = None
    #: rel=canonical, else og:url, as an absolute address; a claim, not yet believed.
    canonical_url: str | None = None
    site_name: str | None = None
    language: str | None = None
    author: str | None = None
    published: datetime | None = None
    image: str | None = None
    #: What the page itself wants, as `core.pages.wishes` reads it; the text is here all the same.
    held_back: HeldBack | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article as it was read, before the store gives it a number."""

    #: The address a person opens.
    url: str
    #: Every address it is known by, the article's own first; empty where no address names it alone.
    url_keys: tuple[UrlKey, ...]
    #: Addresses that a redirect ended at or that the page names as its own: claims, believed only where the texts agree,
    #: for some sites send every page to one consent form or name their front page as canonical.
    claimed_keys: tuple[UrlKey, ...] = ()
    title: str
    text: str
    text_from: TextFrom
    summary: str
    author: str | None = None
    source: Source
    #: The news agency that the text names as its origin, as it is shown; None where it names none.
    agency: str | None = None
    #: Whether the outlet is that agency.
    is_original: bool = False
    #: Two letters (ISO 639-1), None where unknown.
    language: str | None = None
    #: As claimed, None where nobody says.
    published: datetime | None = None
    #: The time the article stands under: `published` where that is credible, else when it was first seen.
    dated: datetime
    image: str | None = None
    #: Why its page's text is not used; None where it is, or where no page was wanted or could be had.
    held_back: HeldBack | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What is compared of a text; made by `core.signature.sign`."""

    #: 32-bit hashes of the text's shingles, distinct and ascending, as little-endian uint32; empty for a tiny text.
    shingles: bytes = b""
    #: One signed 64-bit key for each LSH band; empty for a tiny text, which is never compared.
    bands: tuple[int, ...] = ()
    #: 32-bit hashes of its numbers and names, distinct and ascending, as little-endian uint32; see `core.words.facts`.
    facts: bytes = b""
    #: Its words and how often they occur, packed by `core.words.terms`; of a tiny text too.
    terms: bytes = b""
