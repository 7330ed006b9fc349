"""What a week at the desk came to, in figures."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from aggregator.domain.health import Health
from tests.crawlworld.desk import DELAY, Found, Lived
from tests.crawlworld.model import DAY, HOUR
from tests.crawlworld.notes import Visit
from tests.crawlworld.promises import LONGEST, SLACK, Death, deaths

_WEEK = 7 * DAY
_EXACT = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of a week."""

    feeds: int
    domains: int
    addresses: int
    #: All requests, and those for feeds.
    requests: int
    polls: int
    #: Violations of manners.
    early: int
    parallel_at_domain: int
    parallel_at_address: int
    at_rest: int
    too_soon_at_domain: int
    too_soon_at_address: int
    #: Feeds that have no state, and polls that met a bug.
    stateless: int
    bugs: int
    deaths: tuple[Death, ...]
    #: Feeds that nothing befell and that were told to be otherwise at the end.
    false_alarms: int
    #: Shares of the requests for feeds.
    wasted: float
    conditional: float
    #: Of the bytes that feeds would have cost without conditional requests.
    saved: float
    #: From publication to storing, in learned intervals, and in minutes.
    delay: float
    delay_minutes: float
    entries: int
    #: Entries of feeds that nothing befell which were never stored: pushed out of short documents.
    lost: int
    seconds: float

    @property
    def broken(self) -> tuple[Death, ...]:
        """The deaths that were not told in time, or not told to have passed."""
        return tuple(death for death in self.deaths if not death.is_kept)

    @property
    def _told_after(self) -> float:
        return median(death.seen - death.fault.onset for death in self.deaths if death.seen is not None)

    def table(self) -> str:
        """Return the figures as a table in Markdown."""
        told = len(self.deaths) - len(self.broken)
        rows = (
            ("feeds, domains, addresses", f"{self.feeds}, {self.domains}, {self.addresses}"),
            ("requests for feeds, a feed and day", f"{self.polls:,}, {self.polls / self.feeds / 7:.1f}"),
            ("early requests", f"{self.early}"),
            ("parallel requests to a domain, to an address", f"{self.parallel_at_domain}, {self.parallel_at_address}"),
            ("requests to a resting domain", f"{self.at_rest}"),
            ("pauses shorter than the delay", f"{self.too_soon_at_domain + self.too_soon_at_address}"),
            ("feeds without a state", f"{self.stateless}"),
            ("injected deaths told in time", f"{told} of {len(self.deaths)}"),
            ("median time until a death is told", f"{self._told_after / HOUR:.1f} hours"),
            ("healthy feeds told to be ill at the end", f"{self.false_alarms}"),
            ("wasted requests (200 with nothing new)", f"{self.wasted:.1%}"),
            ("conditional requests", f"{self.conditional:.1%}"),
            ("bytes saved by 304", f"{self.saved:.1%}"),
            (
                "median delay of new entries",
                f"{self.delay:.2f} learned intervals ({self.delay_minutes:.0f} min, {self.entries:,} entries)",
            ),
            ("entries lost", f"{self.lost}"),
        )
        return "\n".join(("| a simulated week | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)))


def figures(lived: Lived) -> Figures:
    """Measure a week."""
    visits = [visit for visit in lived.web.notes.visits if visit.began >= 0]
    polls = [visit for visit in visits if visit.kind == "feed"]
    found = _timely(lived)
    states = {poll.feed: poll.state for poll in lived.diary.polls}
    world = lived.world
    healthy = {feed.number for feed in world.feeds if feed.fault is None}
    sent, spared = sum(visit.sent for visit in polls), sum(visit.spared for visit in polls)
    return Figures(
        feeds=len(world.feeds),
        domains=len(world.outlets),
        addresses=len({outlet.address for outlet in world.outlets}),
        requests=len(visits),
        polls=len(polls),
        **_manners(visits),
        stateless=sum(states.get(feed.number, Health.NEW) == Health.NEW for feed in world.feeds),
        bugs=sum(poll.bug is not None for poll in lived.diary.polls),
        deaths=tuple(deaths(lived)),
        false_alarms=sum(states.get(number) != Health.FINE for number in healthy),
        wasted=sum(visit.wasted for visit in polls) / len(polls),
        conditional=sum(visit.conditional for visit in polls) / len(polls),
        saved=spared / (sent + spared),
        delay=median((one.stored - one.published) / one.interval for one in found),
        delay_minutes=median(one.stored - one.published for one in found) / 60,
        entries=len(found),
        lost=_lost(lived, healthy),
        seconds=lived.seconds,
    )


def _manners(visits: Sequence[Visit]) -> dict[str, int]:
    short = DELAY - _EXACT
    return {
        "early": sum(visit.early for visit in visits),
        "parallel_at_domain": sum(visit.beside_at_domain > 0 for visit in visits),
        "parallel_at_address": sum(visit.beside_at_address > 0 for visit in visits),
        "at_rest": sum(visit.at_rest for visit in visits),
        "too_soon_at_domain": sum(visit.gap_at_domain < short for visit in visits),
        "too_soon_at_address": sum(visit.gap_at_address < short for visit in visits),
    }


def _timely(lived: Lived) -> list[Found]:
    """Return the entries that were published while their feed was well, and known."""
    feeds = {feed.number: feed for feed in lived.world.feeds}
    return [one for one in lived.diary.found if one.published > 0 and feeds[one.feed].ill(one.published) is None]


def _lost(lived: Lived, healthy: set[int]) -> int:
    """Count entries that were there long enough to be found, and were not."""
    found = Counter(one.feed for one in lived.diary.found if 0 < one.published < _WEEK - 2 * LONGEST)
    first = {poll.feed: poll.ended for poll in reversed(lived.diary.polls)}
    return sum(
        sum(first[feed.number] < moment < _WEEK - 2 * LONGEST - SLACK for moment in feed.moments) - found[feed.number]
        for feed in lived.world.feeds
        if feed.number in healthy
    )
