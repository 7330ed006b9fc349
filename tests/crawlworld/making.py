"""Makes a world of a seed: who publishes how, whose server does what, and what befalls whom at which rate."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random

from tests.crawlworld.model import (
    DAY,
    HOUR,
    OF_DOMAINS,
    THROTTLING,
    Fault,
    Feed,
    Ill,
    Outlet,
    Temper,
    Validators,
    World,
)

#: Entries a day: one a month to 15 an hour, most of them few.
SLOWEST, FASTEST = 1 / 30, 360.0
_MEDIAN, _SPREAD = 1.0, 1.5
#: The one feed of an agency, the fastest of all.
_AGENCY = 150
#: How much of a day's news each hour of an outlet's day brings.
_HOURS = (0.2,) * 5 + (0.5, 0.9, 1.5, 1.7, 1.7, 1.6, 1.5, 1.4, 1.5, 1.6, 1.6, 1.5, 1.3, 1.1, 1.0, 0.8, 0.6, 0.4, 0.3)
_WEEKENDS = (1.0, 0.7, 0.5, 0.15)
_ZONES = (-8, -5, -3, 0, 0, 1, 1, 2, 3, 5, 8, 9)
#: One hour in a hundred brings so many times what is usual for it.
_BURST, _BURSTS = 6.0, 0.01
#: Until when the world goes on.
_END = 12 * DAY

#: Of 300 feeds, so many are befallen by each ill, and of those that can pass one in three does.
RATES: Mapping[Ill, int] = {
    Ill.NOT_FOUND: 5,
    Ill.GONE: 3,
    Ill.DNS: 4,
    Ill.REFUSED: 4,
    Ill.TIMEOUT: 4,
    Ill.HTML: 5,
    Ill.MALFORMED: 3,
    Ill.TOO_LARGE: 2,
    Ill.CHALLENGE: 4,
    Ill.FORBIDDEN: 4,
    Ill.BUSY_SECONDS: 3,
    Ill.BUSY_DATE: 3,
    Ill.BUSY: 3,
    Ill.UNAVAILABLE: 3,
    Ill.ERRORS: 8,
    Ill.MOVED: 5,
    Ill.FOUND: 4,
    Ill.FROZEN: 4,
    Ill.SILENT: 6,
    Ill.OLD: 3,
    Ill.FUTURE: 2,
}
_PASSING = frozenset(
    {Ill.NOT_FOUND, Ill.DNS, Ill.REFUSED, Ill.TIMEOUT, Ill.HTML, Ill.MALFORMED, Ill.CHALLENGE, Ill.FORBIDDEN, Ill.OLD}
)


def make_world(*, feeds: int = 300, domains: int = 120, addresses: int = 90, seed: int = 1) -> World:
    """Make a world; faults come at `RATES`."""
    chance = Random(seed)
    outlets = tuple(
        Outlet(
            host=f"paper{number:03}.example",
            address=f"127.1.{number % addresses // 30}.{number % addresses % 30 + 1}",
            zone=chance.choice(_ZONES),
        )
        for number in range(domains)
    )
    # Each outlet has a feed, and the more the earlier it was founded.
    more = chance.choices(outlets, [1 / (rank + 3) for rank in range(domains)], k=feeds - domains)
    made = [_feed(number, outlet, chance) for number, outlet in enumerate([*outlets, *more])]
    alone = {outlet.host for outlet in outlets if outlet not in more}
    faults = dict(_faults(made, alone, chance))
    # Who moves, moves to a house that stands.
    ill = {feed.outlet.host for feed in made if feed.number in faults}
    standing = [outlet for outlet in outlets if outlet.host not in ill]
    return World(
        outlets=outlets,
        feeds=tuple(
            replace(feed, fault=fault, other=standing[feed.number % len(standing)])
            if (fault := faults.get(feed.number))
            else feed
            for feed in made
        ),
    )


def _feed(number: int, outlet: Outlet, chance: Random) -> Feed:
    drawn = min(max(chance.lognormvariate(math.log(_MEDIAN), _SPREAD), SLOWEST), FASTEST)
    rate = FASTEST if number == _AGENCY else drawn
    weekend = chance.choice(_WEEKENDS)
    return Feed(
        number=number,
        outlet=outlet,
        rate=rate,
        moments=moments(rate, zone=outlet.zone, weekend=weekend, chance=chance),
        temper=temper(chance, rate=rate),
        teasers=chance.random() < 0.03 and rate < 20,
    )


def moments(rate: float, *, zone: int, weekend: float, chance: Random) -> tuple[float, ...]:
    """Draw when a feed publishes: by the hour of its outlet's day, less on weekends, now and then a lot at once."""
    days = min(max(40 / rate, 10), 400)
    usual = rate / 24 / (sum(_HOURS) / 24) / ((5 + 2 * weekend) / 7)
    found: list[float] = []
    for number in range(-int(days * 24), int(_END / HOUR)):
        local = number + zone
        expected = usual * _HOURS[local % 24] * (weekend if local // 24 % 7 > 4 else 1.0)
        if chance.random() < _BURSTS:
            expected *= _BURST
        found.extend((number + chance.random()) * HOUR for _ in range(_drawn(expected, chance)))
    return tuple(sorted(found))


def _drawn(expected: float, chance: Random) -> int:
    """Draw a number of events of which so many are to be expected (Poisson, by Knuth's way)."""
    limit, product, count = math.exp(-expected), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count


def temper(chance: Random, *, rate: float) -> Temper:
    """Draw a server's temperament; nobody asks to be read so rarely that his short document loses entries."""
    (validators,) = chance.choices(tuple(Validators), (70, 5, 10, 12, 3))
    drawn = chance.random()
    max_age = chance.choice((300, 600, 900, 1_800, 3_600, 7_200)) if drawn < 0.25 else None
    if drawn > 0.99:
        max_age = 16 * 365 * 86_400
    wishes = chance.random()
    return Temper(
        validators=validators,
        max_age=max_age,
        expires=chance.choice((300, 1_800, 3_600)) if 0.25 < drawn < 0.32 else None,
        ttl_minutes=chance.choice((5, 15, 30, 60)) if 0.1 < wishes < 0.25 else None,
        update_period=chance.choice(("hourly", "hourly", "hourly" if rate > 1 else "daily"))
        if 0.25 < wishes < 0.3
        else None,
        skip_hours=(0, 1, 2, 3, 4) if wishes < 0.03 else (),
        skip_days=(5, 6) if wishes < 0.015 else (),
        gzip=chance.random() < 0.8,
    )


def _faults(feeds: Sequence[Feed], alone: Iterable[str], chance: Random) -> Iterator[tuple[int, Fault]]:
    """Choose whom each ill befalls, and when."""
    sole = set(alone)
    free = {feed.number: feed for feed in chance.sample(feeds, len(feeds))}
    # The pickiest first.
    order = sorted(RATES, key=lambda ill: -_pickiness(ill))
    for ill in order:
        for place in range(RATES[ill]):
            feed = next(feed for feed in free.values() if _suits(ill, feed, is_alone=feed.outlet.host in sole))
            del free[feed.number]
            yield feed.number, _fault(ill, chance, passes=ill in _PASSING and place % 3 == 0)


def _pickiness(ill: Ill) -> int:
    return 2 if ill in (Ill.FROZEN, Ill.SILENT, Ill.MOVED) else 1 if ill in OF_DOMAINS | THROTTLING else 0


def _suits(ill: Ill, feed: Feed, *, is_alone: bool) -> bool:
    """Tell whether an ill can befall a feed and be told from what befalls its neighbours."""
    if ill in OF_DOMAINS | THROTTLING:
        return is_alone
    if ill is Ill.FROZEN:
        is_plain = feed.temper.validators is Validators.BOTH and not feed.temper.max_age
        # What its document lists must reach back over the pause between two polls, else nothing can be proved.
        return 1 <= feed.rate <= 4 and is_plain
    return {Ill.SILENT: 8 <= feed.rate <= 60, Ill.MOVED: feed.rate >= 6}.get(ill, True)


def _fault(ill: Ill, chance: Random, *, passes: bool) -> Fault:
    onset = chance.uniform(0.5, 3.5) * DAY
    if ill is Ill.ERRORS:
        return Fault(ill=ill, onset=onset, end=onset + chance.uniform(0.3, 3) * HOUR)
    if ill in THROTTLING:
        retry_after = 0 if ill is Ill.BUSY else chance.choice((600, 3_600, 3 * 3_600))
        return Fault(ill=ill, onset=onset, end=onset + 40 * HOUR, retry_after=retry_after)
    early = {Ill.FROZEN: -4.9 * DAY, Ill.MOVED: chance.uniform(0.2, 1) * DAY, Ill.SILENT: chance.uniform(1, 2.5) * DAY}
    return Fault(ill=ill, onset=early.get(ill, onset), end=onset + 48 * HOUR if passes else math.inf)
