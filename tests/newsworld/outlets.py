"""The outlets of the world: who they are, and the habits of their feeds and addresses."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Format(StrEnum):
    """The format of a feed."""

    RSS_091 = "rss 0.91"
    RSS_092 = "rss 0.92"
    RSS_10 = "rss 1.0"
    RSS_20 = "rss 2.0"
    ATOM_03 = "atom 0.3"
    ATOM_10 = "atom 1.0"
    JSON_10 = "json 1.0"
    JSON_11 = "json 1.1"


class Links(StrEnum):
    """How a feed spells the addresses of its articles."""

    PLAIN = "plain"
    #: With utm_ parameters.
    TRACKED = "tracked"
    SLASH = "trailing slash"
    FRAGMENT = "#ref=rss"
    #: Relative to xml:base.
    RELATIVE = "relative"
    #: Through a counter that redirects (302) to the page.
    COUNTED = "counted"
    #: To the variant for telephones.
    AMP = "amp"
    #: To the variant for printers, tracked as well.
    PRINT = "print"


class Guids(StrEnum):
    """What a feed's entries are known by."""

    PERMALINK = "permalink"
    OPAQUE = "opaque"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHabit:
    """How an outlet writes a feed. None names a ttl: two days pass in seconds here, and a ttl is in real minutes."""

    format: Format
    links: Links = Links.PLAIN
    guids: Guids = Guids.PERMALINK
    dates: bool = True
    full_text: bool = False
    #: Names authors as dc:creator.
    creators: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Someone who publishes. The page design is the file `designs/SLUG.html`."""

    slug: str
    name: str
    language: str
    country: str
    sections: tuple[str, ...]
    feed: FeedHabit
    #: Sections whose feed has habits of its own.
    section_feeds: Mapping[str, FeedHabit] = field(default_factory=dict)
    #: With {section}.
    feed_path: str = "/{section}.xml"
    #: With {section}, {id} or {number}, {date}.
    page_path: str = "/{section}/{id}"
    #: With {}: how a paragraph of the body is marked up.
    paragraph: str = "<p>{}</p>"
    feed_charset: str = "utf-8"
    page_charset: str = "utf-8"
    #: Whether Content-Type names the charset, or the page alone does.
    charset_in_header: bool = True
    #: The lead stands above the text, as part of it.
    shows_lead: bool = False
    #: Feeds that the home page names by <link rel=alternate>.
    announces: tuple[str, ...] = ("front",)

    def habit(self, section: str) -> FeedHabit:
        """Return how the feed of `section` ("front" for all) is written."""
        return self.section_feeds.get(section, self.feed)

    def feed_sections(self) -> tuple[str, ...]:
        """Return the sections that have a feed, front first."""
        return ("front", *self.sections)

    def feed_address(self, section: str) -> str:
        """Return the path of a feed."""
        if section not in self.feed_sections():
            raise KeyError(f"{self.slug} has no section {section!r}")
        return self.feed_path.format(section=section)

    def page_address(self, id: str, *, section: str, date: str) -> str:
        """Return the path (with query) of an article's page; `date` as 2026/11/23."""
        return self.page_path.format(id=id, section=section, date=date, number=number(id))


def number(id: str) -> int:
    """Return the number under which a content system knows an article, the same on every run."""
    return 100_000 + zlib.crc32(id.encode()) % 9_000_000


_ALL = (
    Outlet(
        slug="northern-wire",
        name="Northern Wire",
        language="en",
        country="meridia",
        sections=("world", "politics", "business", "local", "sport", "tech"),
        feed=FeedHabit(format=Format.RSS_20, creators=True),
        feed_path="/rss/{section}.xml",
        page_path="/article/{id}-idNW{number}",
    ),
    Outlet(
        slug="evening-courier",
        name="The Evening Courier",
        language="en",
        country="meridia",
        sections=("world", "local", "business", "sport"),
        feed=FeedHabit(format=Format.RSS_20, links=Links.TRACKED, guids=Guids.OPAQUE),
        feed_path="/feeds/{section}/rss.xml",
        page_path="/{section}/{number}.{id}",
        paragraph='<p class="ec-article__par">{}</p>',
        shows_lead=True,
    ),
    Outlet(
        slug="daily-ledger",
        name="The Daily Ledger",
        language="en",
        country="meridia",
        sections=("world", "politics", "business"),
        feed=FeedHabit(format=Format.ATOM_10, links=Links.RELATIVE),
        feed_path="/{section}/atom.xml",
        page_path="/{section}/{date}/{id}",
        paragraph='<p class="dl-p" data-component="text">{}</p>',
    ),
    Outlet(
        slug="harbour-herald",
        name="Harbour Herald",
        language="en",
        country="meridia",
        sections=("local", "sport"),
        feed=FeedHabit(format=Format.RSS_091, links=Links.SLASH, guids=Guids.NONE, dates=False),
        section_feeds=MappingProxyType(
            {
                "sport": FeedHabit(format=Format.RSS_091, guids=Guids.NONE, dates=False),
            }
        ),
        feed_path="/{section}.rss",
        page_path="/news/{id}",
        paragraph="<p align=justify>{}",
    ),
    Outlet(
        slug="metro-pulse",
        name="Metro Pulse",
        language="en",
        country="meridia",
        sections=("news", "showbiz", "sport"),
        feed=FeedHabit(format=Format.RSS_092, links=Links.FRAGMENT, guids=Guids.NONE),
        section_feeds=MappingProxyType(
            {
                "sport": FeedHabit(format=Format.RSS_20, links=Links.AMP),
            }
        ),
        feed_path="/feed/{section}/",
        page_path="/{date}/{id}-{number}/",
        paragraph='<p class="mp-body-par">{}</p>',
    ),
    Outlet(
        slug="the-signal",
        name="The Signal",
        language="en",
        country="meridia",
        sections=("tech", "business"),
        feed=FeedHabit(format=Format.RSS_20, full_text=True, creators=True),
        section_feeds=MappingProxyType({"business": FeedHabit(format=Format.JSON_11, full_text=True)}),
        feed_path="/feed/{section}",
        page_path="/{date}/{id}.html",
        announces=("front", "business"),
    ),
    Outlet(
        slug="morgenbote",
        name="Der Morgenbote",
        language="de",
        country="germany",
        sections=("politik", "lokales", "wirtschaft"),
        feed=FeedHabit(format=Format.RSS_20),
        feed_path="/rss/{section}.rss",
        page_path="/{section}/article{number}/{id}.html",
        paragraph='<p class="text">{}</p>',
        feed_charset="iso-8859-1",
        page_charset="iso-8859-1",
        shows_lead=True,
    ),
    Outlet(
        slug="nordkurier-online",
        name="Küstenblatt Online",
        language="de",
        country="germany",
        sections=("lokales", "politik"),
        feed=FeedHabit(format=Format.ATOM_03, links=Links.COUNTED),
        feed_path="/service/feeds/{section}.xml",
        page_path="/{section}/{id},{number}.html",
        paragraph='<p class="css-9k2v1e">{}</p>',
    ),
    Outlet(
        slug="la-gazette",
        name="La Gazette du Littoral",
        language="fr",
        country="france",
        sections=("monde", "region"),
        feed=FeedHabit(format=Format.RSS_20, guids=Guids.OPAQUE),
        feed_path="/flux/{section}.xml",
        page_path="/{section}/article/{date}/{id}_{number}.html",
        paragraph='<p class="article__paragraph">{}</p>',
        feed_charset="windows-1252",
        shows_lead=True,
    ),
    Outlet(
        slug="el-faro",
        name="El Faro de Levante",
        language="es",
        country="spain",
        sections=("mundo", "economia"),
        feed=FeedHabit(format=Format.JSON_10),
        section_feeds=MappingProxyType({"economia": FeedHabit(format=Format.RSS_20, links=Links.PRINT)}),
        feed_path="/{section}/feed.json",
        page_path="/noticia.php?id={number}",
    ),
    Outlet(
        slug="asa-shimbun",
        name="朝凪新聞",
        language="ja",
        country="japan",
        sections=("world", "local"),
        feed=FeedHabit(format=Format.RSS_10),
        feed_path="/rdf/{section}.rdf",
        page_path="/articles/AS{number}.html",
    ),
    Outlet(
        slug="tidningen-kusten",
        name="Kusten i dag",
        language="sv",
        country="sweden",
        sections=("nyheter", "sport"),
        feed=FeedHabit(format=Format.ATOM_10, full_text=True),
        feed_path="/atom/{section}",
        page_path="/{section}/a/{number}/{id}",
    ),
    Outlet(
        slug="al-mina",
        name="الميناء",
        language="ar",
        country="lebanon",
        sections=("world",),
        feed=FeedHabit(format=Format.JSON_11),
        feed_path="/{section}.json",
        page_path="/news/{number}",
        announces=(),
    ),
    Outlet(
        slug="vostok-vestnik",
        name="Восточный вестник",
        language="ru",
        country="russia",
        sections=("mir", "ekonomika"),
        feed=FeedHabit(format=Format.RSS_092),
        feed_path="/export/{section}.xml",
        page_path="/{section}/{number}/",
        paragraph="<p>{}",
        feed_charset="windows-1251",
        page_charset="windows-1251",
        charset_in_header=False,
    ),
)

#: Every outlet by its slug.
OUTLETS: Mapping[str, Outlet] = MappingProxyType({outlet.slug: outlet for outlet in _ALL})
