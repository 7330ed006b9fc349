import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

import pytest

from aggregator.adapters.http import HttpFetcher, Limits
from aggregator.adapters.http.politeness import Manners, Resting
from aggregator.domain.fetching import Response
from tests.adapters.loopback import NOON, Answer, Asked, Server, good, page, playing, reply

T = TypeVar("T")


def with_manners(
    delay: float, use: Callable[[Manners], Awaitable[T]], *, now: Callable[[], datetime] = lambda: NOON
) -> T:
    async def run() -> T:
        return await use(Manners(site_delay=timedelta(seconds=delay), clock=now))

    return asyncio.run(run())


def test_a_site_is_asked_once_at_a_time_with_a_pause_between() -> None:
    """Between the end of one request to a site and the start of the next lies `site_delay`; hosts of a site share it."""
    ended: list[float] = []

    async def play(_: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.02)
        ended.append(asyncio.get_running_loop().time())
        writer.write(reply(body=b"x"))

    async def use(client: HttpFetcher, server: Server) -> list[float]:
        urls = [server.url(f"/{n}", host) for n, host in enumerate(["a.site.test", "b.site.test", "site.test"] * 2)]
        await asyncio.gather(*(client.fetch(page(url)) for url in urls))
        return [asked.at for asked in server.asked]

    begun = playing(play, use, site_delay=timedelta(milliseconds=40))

    assert all(start - end >= 0.04 for end, start in zip(ended[:-1], begun[1:], strict=True))


def test_turns_are_given_in_the_order_of_asking() -> None:
    """Who came first is served first."""

    async def use(client: HttpFetcher, server: Server) -> list[str]:
        await asyncio.gather(*(client.fetch(page(server.url(f"/{n}"))) for n in range(12)))
        return [asked.path for asked in server.asked]

    assert playing(reply(), use, site_delay=timedelta(milliseconds=1)) == [f"/{n}" for n in range(12)]


def test_different_sites_do_not_wait_for_each_other() -> None:
    """One site's pause is not another's."""

    async def use(client: HttpFetcher, server: Server) -> float:
        start = asyncio.get_running_loop().time()
        await asyncio.gather(*(client.fetch(page(server.url("/", f"site{n}.test"))) for n in range(10)))
        return asyncio.get_running_loop().time() - start

    assert playing(reply(), use, site_delay=timedelta(seconds=30)) < 2


def test_waiting_for_a_turn_holds_no_slot() -> None:
    """With two slots, a crowd at a slow site leaves room for everyone else."""

    async def use(client: HttpFetcher, server: Server) -> list[str]:
        crowd = [asyncio.create_task(client.fetch(page(server.url(f"/{n}", "slow.test")))) for n in range(10)]
        await asyncio.sleep(0.05)
        for n in range(3):
            good(await client.fetch(page(server.url("/", f"other{n}.test"))))
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        return [asked.path for asked in server.asked]

    asked = playing(reply(), use, site_delay=timedelta(seconds=30), limits=Limits(requests=2))

    assert asked == ["/0", "/", "/", "/"]


def test_no_more_requests_are_under_way_than_there_are_slots() -> None:
    """The global bound holds over all sites."""
    under_way = 0
    most = 0

    async def play(_: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        writer.write(reply())

    async def use(client: HttpFetcher, server: Server) -> None:
        await asyncio.gather(*(client.fetch(page(server.url("/", f"site{n}.test"))) for n in range(20)))

    playing(play, use, limits=Limits(requests=3))

    assert most == 3


def test_more_fetches_than_connections_all_succeed() -> None:
    """However many fetches are queued, none fails for want of a connection."""

    async def use(client: HttpFetcher, server: Server) -> list[Answer]:
        return await asyncio.gather(*(client.fetch(page(server.url("/", f"site{n}.test"))) for n in range(400)))

    answers = playing(reply(body=b"x"), use)

    assert all(isinstance(answer, Response) for answer in answers)


def test_a_redirect_waits_for_the_turn_of_its_site() -> None:
    """The second hop is a request like any other: it comes after the site's pause."""

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(reply("302 Found", Location="/b") if asked.path == "/" else reply(body=b"x"))

    async def use(client: HttpFetcher, server: Server) -> list[float]:
        good(await client.fetch(page(server.url())))
        return [asked.at for asked in server.asked]

    first, second = playing(play, use, site_delay=timedelta(milliseconds=60))

    assert second - first >= 0.06


def test_one_who_leaves_the_queue_gives_the_turn_on() -> None:
    """A task cancelled while it waits for its turn, or for the pause, holds nobody up."""

    async def use(manners: Manners) -> list[int]:
        served: list[int] = []

        async def visit(number: int) -> None:
            async with manners.turn("site.test"):
                served.append(number)
                await asyncio.sleep(0.01)

        tasks = [asyncio.create_task(visit(number)) for number in range(6)]
        await asyncio.sleep(0.005)
        tasks[2].cancel()
        tasks[3].cancel()
        await asyncio.sleep(0.02)  # 1 is waiting for the pause
        tasks[1].cancel()
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 2)
        return served

    assert with_manners(0.03, use) == [0, 4, 5]


def test_a_changed_delay_holds_for_those_who_wait() -> None:
    """The pause is measured with the delay of now, not of when the last request ended."""

    async def use(manners: Manners) -> None:
        async with manners.turn("site.test"):
            pass
        manners.site_delay = timedelta(0)
        async with asyncio.timeout(1), manners.turn("site.test"):
            pass

    with_manners(60, use)


def test_a_failing_visit_ends_the_turn() -> None:
    """An error inside a turn passes through and lets the next one in."""

    async def use(manners: Manners) -> None:
        with pytest.raises(ZeroDivisionError):
            async with manners.turn("site.test"):
                raise ZeroDivisionError
        async with asyncio.timeout(1), manners.turn("site.test"):
            pass

    with_manners(0, use)


def test_idle_sites_are_forgotten() -> None:
    """When its pause is over and nobody waits, a site takes no memory."""

    async def use(manners: Manners) -> tuple[int, int]:
        for number in range(50):
            async with manners.turn(f"site{number}.test"):
                pass
        during = len(manners)
        await asyncio.sleep(0.08)
        return during, len(manners)

    assert with_manners(0.05, use) == (50, 0)


def test_rests_that_are_over_are_forgotten() -> None:
    """A thousand remembered rests do not grow further once they are over."""
    now = [NOON]

    async def use(manners: Manners) -> int:
        for number in range(1_500):
            manners.rest(f"site{number}.test", now[0] + timedelta(minutes=1))
            now[0] += timedelta(minutes=2)
        return len(manners._rests)

    assert with_manners(0, use, now=lambda: now[0]) <= 1_000


def test_a_rest_is_told_with_its_end() -> None:
    """The error names the site and the time in UTC."""

    async def use(manners: Manners) -> Resting:
        manners.rest("site.test", datetime(2026, 3, 1, 13, 30, tzinfo=UTC))
        with pytest.raises(Resting) as caught:
            async with manners.turn("site.test"):
                pass
        return caught.value

    assert str(with_manners(0, use)) == "site.test asked to be left alone until 2026-03-01 13:30 UTC"


def test_order_holds_under_load() -> None:
    """Starts of one site never overtake each other, whatever other sites do meanwhile."""

    async def use(client: HttpFetcher, server: Server) -> list[Asked]:
        urls = [server.url(f"/{n}", f"site{n % 4}.test") for n in range(40)]
        await asyncio.gather(*(client.fetch(page(url)) for url in urls))
        return server.asked

    asked = playing(reply(), use, limits=Limits(requests=4))

    for site in range(4):
        numbers = [int(one.path[1:]) for one in asked if int(one.path[1:]) % 4 == site]
        assert all(before < after for before, after in pairwise(numbers))
