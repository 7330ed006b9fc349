"""What is remembered of sites and addresses: within a run only what is owed, over its end all of that."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from aggregator.adapters.http import HttpFetcher
from aggregator.adapters.http.politeness import Manners, Resting
from aggregator.domain.crawling import Budget
from aggregator.domain.fetching import FailureKind, Response
from tests.adapters.loopback import NOON, Answer, Asked, Server, failed, feed, playing_fast, reply
from tests.fasttime import fast_loop, run_fast

T = TypeVar("T")

SITE, ADDRESS = "site.test", "@192.0.32.8"
DELAY = timedelta(seconds=2)
HOUR = 3_600.0


def with_manners(delay: float, use: Callable[[Manners], Awaitable[T]], budgets: Iterable[Budget] = ()) -> T:
    """Run `use` with manners on the clock of the fast loop."""

    async def run() -> T:
        return await use(Manners(site_delay=timedelta(seconds=delay), clock=fast_loop().wall, budgets=budgets))

    return run_fast(run, start=NOON)


async def visit(manners: Manners, key: str = SITE) -> float:
    """Return when the turn came."""
    async with manners.turn(key):
        return fast_loop().time()


def test_idle_sites_are_forgotten() -> None:
    """When its pause is over and nobody waits, a site takes no memory."""

    async def use(manners: Manners) -> tuple[int, int, int]:
        for number in range(50):
            await visit(manners, f"site{number}.test")
        during = len(manners)
        await asyncio.sleep(6)
        return during, len(manners), len(manners._budgets)

    assert with_manners(5, use) == (50, 0, 0)


def test_a_door_that_is_used_again_is_not_forgotten_meanwhile() -> None:
    """The pause after the last visit counts, not that after an earlier one."""

    async def use(manners: Manners) -> tuple[int, int]:
        await visit(manners)
        await visit(manners)
        await asyncio.sleep(4)
        during = len(manners)
        await asyncio.sleep(2)
        return during, len(manners)

    assert with_manners(5, use) == (1, 0)


def test_budgets_of_which_nothing_is_owed_are_forgotten() -> None:
    """Thousands of rests do not pile up once they are over and their pauses have eased."""

    async def use(manners: Manners) -> int:
        for number in range(2_500):
            manners.throttled(f"site{number}.test", ADDRESS, status=429, retry_after="60")
            await asyncio.sleep(8 * 86_400)
        return len(manners._budgets)

    assert with_manners(2, use) <= 1_000


def test_a_slow_pause_is_not_forgotten_with_its_door() -> None:
    """A site that nobody visited for half an hour is still asked slowly."""

    async def use(manners: Manners) -> tuple[int, float]:
        async with manners.turn(SITE):
            manners.throttled(SITE, ADDRESS, status=503, retry_after=None)
        await asyncio.sleep(HOUR / 2)
        doors = len(manners)
        await visit(manners)
        return doors, manners.pause(SITE).total_seconds()

    assert with_manners(2, use) == (0, 4)


def test_a_restart_forgets_neither_pause_nor_rest() -> None:
    """What `drain` gave, a later run goes on with: the last visit counts, the pause is as slow, the rest is kept."""

    async def first(client: HttpFetcher, server: Server) -> tuple[Budget, ...]:
        await client.fetch(feed(server.url("/", "one.test")))
        await client.fetch(feed(server.url("/", "two.test")))
        await asyncio.sleep(61)
        await client.fetch(feed(server.url("/", "one.test")))
        return client.drain()[1]

    async def second(client: HttpFetcher, server: Server) -> tuple[Answer, list[float]]:
        resting = await client.fetch(feed(server.url("/", "two.test")))
        await client.fetch(feed(server.url("/", "one.test")))
        return resting, [asked.at for asked in server.asked]

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        two = asked.headers["host"].startswith(b"two")
        writer.write(reply("503 Busy", Retry_After="3600" if two else "60"))

    budgets = playing_fast(play, first, site_delay=DELAY)
    # The new run's clock begins at noon again: the last visit then lies in its future, which blocks no longer than a pause.
    resting, begun = playing_fast(reply(), second, site_delay=DELAY, budgets=[_without_rest(b, "one") for b in budgets])

    assert {budget.key for budget in budgets if not budget.key.startswith("@")} == {"one.test", "two.test"}
    assert failed(resting, FailureKind.RESTING).retry_at == NOON + timedelta(seconds=3_604)
    assert begun == pytest.approx([8])


def _without_rest(budget: Budget, key: str) -> Budget:
    return replace(budget, rest_until=None) if budget.key.startswith(key) else budget


@pytest.mark.parametrize(("ago", "waits"), [(0.5, 1.5), (2, 0), (1e6, 0), (-1, 2), (-1e7, 2)])
def test_the_last_visit_of_an_earlier_run_counts(ago: float, waits: float) -> None:
    """What is left of the pause is waited for; where the clock was set back since, one pause and no more."""
    last = NOON - timedelta(seconds=ago)
    budget = Budget(key=SITE, delay=timedelta(0), rest_until=None, last=last)

    assert with_manners(2, visit, [budget]) == pytest.approx(waits)


def test_a_clock_set_back_makes_no_rest_longer_than_the_longest() -> None:
    """A rest of an earlier run ends within a day of the start, whatever the clock was then."""
    far = Budget(key=SITE, delay=DELAY, rest_until=NOON + timedelta(days=900), last=NOON + timedelta(days=899))

    async def use(manners: Manners) -> datetime:
        with pytest.raises(Resting) as caught:
            await visit(manners)
        return caught.value.until

    assert with_manners(2, use, [far]) == NOON + timedelta(days=1)


def test_only_what_changed_is_drained_and_once() -> None:
    """`drain` gives each change of a budget to its caller one time; a visit changes site and address."""

    async def use(client: HttpFetcher, server: Server) -> list[set[str]]:
        found = []
        for _ in range(2):
            await client.fetch(feed(server.url("/", SITE)))
            found.append({budget.key.split(":")[0] for budget in client.drain()[1]})
        return [*found, {budget.key for budget in client.drain()[1]}]

    assert playing_fast(reply(), use) == [{SITE, "@127.0.0.1"}, {SITE, "@127.0.0.1"}, set()]


def test_a_request_under_way_is_drained_as_well() -> None:
    """Should the program die before the answer, the next run still knows that the site was just asked."""

    async def play(_: Asked, writer: asyncio.StreamWriter) -> None:
        await fast_loop().hold(5)
        writer.write(reply(body=b"x"))

    async def use(client: HttpFetcher, server: Server) -> tuple[datetime, Answer]:
        fetching = asyncio.create_task(client.fetch(feed(server.url("/", SITE))))
        await asyncio.sleep(3)
        budgets = {budget.key: budget for budget in client.drain()[1]}
        return budgets[SITE].last, await fetching

    last, answer = playing_fast(play, use)

    assert last == NOON
    assert isinstance(answer, Response)


def test_a_site_rests_as_long_when_the_clock_is_set() -> None:
    """Put forth by a month, it is still not asked; what is written down of it next is by the new clock."""
    by = timedelta(days=30)
    budget = Budget(key=SITE, delay=DELAY, rest_until=NOON + timedelta(hours=1), last=NOON)

    async def run() -> tuple[datetime, Budget]:
        off = timedelta(0)
        manners = Manners(site_delay=DELAY, clock=lambda: fast_loop().wall() + off, budgets=[budget])
        manners.slow_down(SITE, DELAY)
        off = by
        await asyncio.sleep(60)
        manners.move_times(by, NOON + by + timedelta(seconds=60), since=NOON + by)
        with pytest.raises(Resting) as resting:
            await visit(manners)
        return resting.value.until, manners.drain()[0]

    until, written = run_fast(run, start=NOON)
    assert until == NOON + by + timedelta(hours=1)
    assert written.rest_until == until
