"""A week of 300 feeds on 120 domains, with faults at known rates, lived through by a fast clock: the figures of README."""

import pytest

from tests.crawlworld.figures import Figures, figures
from tests.crawlworld.making import RATES, make_world
from tests.crawlworld.model import DAY, Fault, Ill
from tests.crawlworld.promises import WORDS, Death
from tests.crawlworld.week import week


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    """Return the figures of the week, which is lived through once."""
    return figures(week(make_world(), tmp_path_factory.mktemp("week") / "news.db"))


@pytest.mark.slow
def test_a_week_disturbs_nobody(lived: Figures) -> None:
    """Nobody is asked early, twice at once, while at rest or without the pause, over a stop, a kill and updates by hand."""
    assert (lived.feeds, lived.domains) == (300, 120)
    assert lived.polls > 5_000
    assert lived.early == 0
    assert lived.parallel_at_domain == 0
    assert lived.parallel_at_address == 0
    assert lived.at_rest == 0
    assert lived.too_soon_at_domain == 0
    assert lived.too_soon_at_address == 0


@pytest.mark.slow
def test_no_feed_of_a_week_dies_in_silence(lived: Figures) -> None:
    """Each feed has a state, and each death shows in it within the time that is promised, and passes when it is over."""
    assert lived.bugs == 0
    assert lived.stateless == 0
    assert len(lived.deaths) == sum(count for ill, count in RATES.items() if ill in WORDS)
    assert not lived.broken, "\n".join(map(str, lived.broken))


@pytest.mark.slow
def test_a_week_wastes_little_and_misses_little(lived: Figures) -> None:
    """Fewer than one request in ten brings nothing new, and an entry waits for less than a learned interval."""
    assert lived.wasted < 0.10
    assert lived.delay <= 1.0
    assert lived.entries > 2_000


def test_a_world_is_the_same_for_the_same_seed() -> None:
    """A seed decides all of a world, so that a figure can be measured again."""
    assert make_world(feeds=150, domains=110) == make_world(feeds=150, domains=110)
    assert make_world(feeds=150, domains=110) != make_world(feeds=150, domains=110, seed=2)


def test_ills_come_at_their_rates() -> None:
    """Each ill befalls as many feeds as its rate says, and each feed at most one."""
    faults = [feed.fault.ill for feed in make_world().feeds if feed.fault]
    assert {ill: faults.count(ill) for ill in Ill} == dict(RATES)


def test_a_death_that_is_told_late_is_a_broken_promise() -> None:
    """The measure itself tells a death in time from one that is late, never told or never over."""
    feed = next(feed for feed in make_world(feeds=150, domains=110).feeds)
    fault = Fault(ill=Ill.GONE, onset=DAY)
    passing = Fault(ill=Ill.HTML, onset=DAY, end=2 * DAY)

    def kept(fault: Fault, *, seen: float | None, passed: float | None = None) -> bool:
        return Death(feed=feed, fault=fault, promised=1.5 * DAY, seen=seen, passed=passed).is_kept

    assert kept(fault, seen=1.2 * DAY)
    assert not kept(fault, seen=1.6 * DAY)
    assert not kept(fault, seen=None)
    assert kept(passing, seen=1.2 * DAY, passed=2.5 * DAY)
    assert not kept(passing, seen=1.2 * DAY)
