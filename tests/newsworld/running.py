"""A served world, as tests see it: its addresses, what was asked of it, and how to make it fail."""

import io
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ruamel.yaml import YAML

from tests.newsworld.clock import WorldClock
from tests.newsworld.model import NewsArticle, World
from tests.newsworld.sites import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request that came to its end."""

    outlet: str
    #: "feed", "page", "home", "redirect" or "other".
    kind: str
    #: With its query.
    path: str
    #: 0 where no answer was given.
    status: int
    user_agent: str | None
    #: Whether it came with If-None-Match or If-Modified-Since.
    conditional: bool
    #: On time.monotonic's clock.
    began: float
    ended: float
    #: Requests in flight at this outlet when it arrived, itself among them.
    at_once: int


@dataclass(slots=True, kw_only=True)
class Fault:
    """A failure that was ordered."""

    outlet: str
    path_prefix: str
    how: int | Literal["hang", "reset"]
    retry_after: int | None = None
    #: How often it will still happen; None for always.
    times: int | None = None


@dataclass(kw_only=True)
class RunningWorld:
    """A world that answers. Safe to use from any thread."""

    world: World
    clock: WorldClock
    sites: dict[str, Site] = field(default_factory=dict)
    #: Seconds before each answer.
    latency: float = 0.0
    _faults: list[Fault] = field(default_factory=list)
    _log: list[Visit] = field(default_factory=list)
    _in_flight: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def outlet_url(self, slug: str) -> str:
        """Return the address of an outlet's home page."""
        return f"{self.sites[slug].root}/"

    def feed_url(self, slug: str, section: str = "front") -> str:
        """Return the address of a feed."""
        return self.sites[slug].feed_url(section)

    def article_url(self, id: str) -> str:
        """Return the address that its outlet holds for an article's own."""
        article = self.world.by_id[id]
        return self.sites[article.outlet].url(article)

    def article_at(self, url: str) -> NewsArticle | None:
        """Return the article that an address leads to, in whatever spelling."""
        for site in self.sites.values():
            if url.startswith(f"{site.root}/"):
                way = site.way(url.removeprefix(site.root))
                return way.article if way else None
        return None

    def feeds_yaml(self, settings: Mapping[str, Any] | None = None, outlets: Iterable[str] | None = None) -> str:
        """Return a feeds.yaml with every feed of `outlets` (of all by default).

        `settings` come on top of those that the world needs: its time zone, loopback allowed, no pause on a site.
        """
        needed = {"site_delay": "0s", "timezone": self.clock.zone, "allow_networks": ["127.0.0.0/8"]}
        listed = [
            {
                "url": self.feed_url(slug, section),
                "name": site.outlet.name if section == "front" else f"{site.outlet.name} - {section}",
                "tags": [*([] if section == "front" else [section]), site.outlet.country],
            }
            for slug, site in self.sites.items()
            if outlets is None or slug in outlets
            for section in site.outlet.feed_sections()
        ]
        stream = io.StringIO()
        YAML().dump({"settings": needed | dict(settings or {}), "feeds": listed}, stream)
        return stream.getvalue()

    def fail(
        self,
        outlet: str,
        path_prefix: str,
        how: int | Literal["hang", "reset"],
        *,
        retry_after: int | None = None,
        times: int | None = None,
    ) -> None:
        """Let requests whose path begins with `path_prefix` fail: by a status, by silence or by a cut connection."""
        with self._lock:
            self._faults.append(
                Fault(outlet=outlet, path_prefix=path_prefix, how=how, retry_after=retry_after, times=times)
            )

    def heal(self) -> None:
        """Let nothing fail any more; what hangs already goes on hanging."""
        with self._lock:
            self._faults.clear()

    @property
    def log(self) -> tuple[Visit, ...]:
        """Every request that came to its end, in this order."""
        with self._lock:
            return tuple(self._log)

    def visits(self, kind: str | None = None, outlet: str | None = None) -> list[Visit]:
        """Return the requests of a kind, to an outlet."""
        return [visit for visit in self.log if kind in {None, visit.kind} and outlet in {None, visit.outlet}]

    def pages_fetched(self) -> int:
        """Return how many article pages were handed out."""
        return sum(visit.status == 200 for visit in self.visits("page"))

    def most_at_once(self, outlet: str) -> int:
        """Return how many requests were in flight at an outlet at the busiest moment."""
        return max((visit.at_once for visit in self.visits(outlet=outlet)), default=0)

    def forget(self) -> None:
        """Empty the log."""
        with self._lock:
            self._log.clear()

    def arrive(self, outlet: str) -> int:
        """Count a request in; for the server."""
        with self._lock:
            self._in_flight[outlet] = self._in_flight.get(outlet, 0) + 1
            return self._in_flight[outlet]

    def leave(self, visit: Visit) -> None:
        """Count a request out and remember it; for the server."""
        with self._lock:
            self._in_flight[visit.outlet] -= 1
            self._log.append(visit)

    def fault_for(self, outlet: str, target: str) -> Fault | None:
        """Return the failure that a request meets, using it up; for the server."""
        with self._lock:
            for fault in self._faults:
                if fault.outlet == outlet and target.startswith(fault.path_prefix) and fault.times != 0:
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None
