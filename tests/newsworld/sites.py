"""An outlet's site: where its articles and feeds are found, under all the addresses that lead to them."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import parse_qs, urlsplit

from tests.newsworld.clock import WorldClock
from tests.newsworld.model import NewsArticle, World
from tests.newsworld.outlets import Links, Outlet, number

_TRACKING = "utm_source=rss&utm_medium=feed&utm_campaign={section}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where an address leads: to an article's "page", its variants "amp" and "print", or by "redirect" to its page."""

    article: NewsArticle
    to: str


@dataclass(frozen=True, kw_only=True)
class Site:
    """An outlet on its own port."""

    world: World
    outlet: Outlet
    clock: WorldClock
    #: Scheme, host and port.
    root: str

    def path(self, article: NewsArticle) -> str:
        """Return the path, with a query where the outlet uses one, of an article's page."""
        date = self.clock.moment(article.at).strftime("%Y/%m/%d")
        return self.outlet.page_address(article.id, section=article.sections[0], date=date)

    def url(self, article: NewsArticle) -> str:
        """Return the address that the outlet itself holds for the article's own (rel=canonical)."""
        return self.root + self.path(article)

    def link(self, article: NewsArticle, section: str) -> str:
        """Return the address under which the feed of `section` lists an article."""
        path = self.path(article)
        tracking = ("&" if "?" in path else "?") + _TRACKING.format(section=section)
        spellings = {
            Links.PLAIN: self.root + path,
            Links.TRACKED: self.root + path + tracking,
            Links.SLASH: f"{self.root}{path}/",
            Links.FRAGMENT: f"{self.root}{path}#ref=rss",
            Links.RELATIVE: path.removeprefix("/"),
            Links.COUNTED: f"{self.root}/r/{number(article.id)}",
            Links.AMP: f"{self.root}/amp{path}",
            Links.PRINT: f"{self.root}/print{path}{tracking}",
        }
        return spellings[self.outlet.habit(section).links]

    def feed_url(self, section: str) -> str:
        """Return the address of a feed."""
        return self.root + self.outlet.feed_address(section)

    def released(self, section: str, position: float) -> list[NewsArticle]:
        """Return what the section's feed could list, newest first."""
        return self.world.released(self.outlet.slug, section, position)

    def moment(self, at: float) -> datetime:
        """Return when a position is, in real time."""
        return self.clock.moment(at)

    def feed_at(self, target: str) -> str | None:
        """Return the section whose feed a request target names."""
        path = urlsplit(target).path
        sections = (section for section in self.outlet.feed_sections() if self.outlet.feed_address(section) == path)
        return next(sections, None)

    def way(self, target: str) -> Way | None:
        """Return where a request target leads, whether or not the article has appeared yet."""
        return self.ways.get(_plain(target))

    @cached_property
    def ways(self) -> dict[str, Way]:
        """Return every address of an article that was or will be, as path with query, and where it leads."""
        ways: dict[str, Way] = {}
        links = {self.outlet.habit(section).links for section in self.outlet.feed_sections()}
        for article in self.released("front", float("inf")):
            path = self.path(article)
            ways[_plain(path)] = Way(article=article, to="page")
            if Links.AMP in links:
                ways[_plain(f"/amp{path}")] = Way(article=article, to="amp")
            if Links.PRINT in links:
                ways[_plain(f"/print{path}")] = Way(article=article, to="print")
            if Links.COUNTED in links:
                ways[f"/r/{number(article.id)}"] = Way(article=article, to="redirect")
        return ways


def _plain(target: str) -> str:
    """Return what matters of a request target: the path without a trailing slash, and the query's `id`."""
    parts = urlsplit(target)
    wanted = parse_qs(parts.query).get("id")
    return parts.path.rstrip("/") + (f"?id={wanted[0]}" if wanted else "")
