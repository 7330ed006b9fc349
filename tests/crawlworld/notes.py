"""What the servers note of who asks them: kept apart from all that the crawler keeps of itself."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.crawlworld.answers import Answer, skips
from tests.crawlworld.model import Feed, Outlet

#: Clocks that tick in floating point agree within this.
_EXACT = 1e-6


@dataclass(slots=True, kw_only=True)
class Visit:
    """One request, as its server saw it."""

    outlet: Outlet
    #: The address that it came in at.
    address: str
    path: str
    #: "feed", "page", "robots" or "other".
    kind: str
    feed: int | None
    began: float
    conditional: bool
    ended: float = 0.0
    status: int = 0
    sent: int = 0
    spared: int = 0
    #: 200 with nothing that the last 200 did not have.
    wasted: bool = False
    #: Before the time that the server had named for this address.
    early: bool = False
    #: While the domain was to be left alone.
    at_rest: bool = False
    #: Others under way at the same domain, and at the same address, when it came.
    beside_at_domain: int = 0
    beside_at_address: int = 0
    #: Seconds since the last one at the same domain, and at the same address, had ended.
    gap_at_domain: float = float("inf")
    gap_at_address: float = float("inf")


@dataclass(slots=True)
class Notes:
    """All visits, and what the servers remember to judge them."""

    visits: list[Visit] = field(default_factory=list)
    _under_way: Counter[str] = field(default_factory=Counter)
    _left: dict[str, float] = field(default_factory=dict)
    _holds_until: dict[tuple[str, str], float] = field(default_factory=dict)
    _rests_until: dict[str, float] = field(default_factory=dict)
    _lists: dict[int, object] = field(default_factory=dict)
    #: Feeds whose wishes were sent.
    _told: set[int] = field(default_factory=set)

    def arrive(self, visit: Visit, feed: Feed | None) -> None:
        """Note that a request has come."""
        host, now = visit.outlet.host, visit.began
        visit.early = now < self._holds_until.get((host, visit.path), now) - _EXACT
        if feed is not None and feed.number in self._told and skips(feed, now):
            visit.early = True
        visit.at_rest = now < self._rests_until.get(host, now) - _EXACT
        visit.beside_at_domain = self._under_way[host]
        visit.beside_at_address = self._under_way[visit.address]
        visit.gap_at_domain = now - self._left.get(host, float("-inf"))
        visit.gap_at_address = now - self._left.get(visit.address, float("-inf"))
        self._under_way.update((host, visit.address))
        self.visits.append(visit)

    def leave(self, visit: Visit, feed: Feed | None, answer: Answer | None, now: float) -> None:
        """Note how a request ended; without an answer where who asked has hung up."""
        host = visit.outlet.host
        visit.ended = now
        self._under_way.subtract((host, visit.address))
        self._left[host] = self._left[visit.address] = now
        if answer is None:
            return
        visit.status, visit.sent, visit.spared = answer.status, len(answer.body), answer.spared
        if answer.rest_until is not None:
            self._rests_until[host] = max(answer.rest_until, self._rests_until.get(host, 0.0))
        self._holds_until.pop((host, visit.path), None)
        if answer.holds_until is not None:
            self._holds_until[host, visit.path] = answer.holds_until
        if feed is not None:
            self._remember(visit, feed, answer)

    def _remember(self, visit: Visit, feed: Feed, answer: Answer) -> None:
        if answer.is_document:
            self._told.add(feed.number)
        if answer.lists is not None:
            visit.wasted = self._lists.get(feed.number) == answer.lists
            self._lists[feed.number] = answer.lists

    def polls(self) -> Iterable[Visit]:
        """Return the requests for feeds, each hop of a redirect on its own."""
        return (visit for visit in self.visits if visit.kind == "feed")
