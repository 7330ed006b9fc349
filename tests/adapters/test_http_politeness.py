import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import pairwise
from typing import TypeVar

import pytest

from aggregator.adapters.http import HttpFetcher, Limits
from aggregator.adapters.http.politeness import Manners, Resting
from aggregator.domain.fetching import Purpose, Request, Response
from tests.adapters.loopback import (
    NOON,
    Answer,
    Asked,
    Server,
    by_number,
    good,
    page,
    playing,
    playing_fast,
    reply,
    serve,
)
from tests.fasttime import fast_loop, run_fast

T = TypeVar("T")

SITE, ADDRESS = "site.test", "@192.0.32.8"
DELAY = timedelta(seconds=2)


def with_manners(delay: float, use: Callable[[Manners], Awaitable[T]]) -> T:
    async def run() -> T:
        return await use(Manners(site_delay=timedelta(seconds=delay), clock=fast_loop().wall))

    return run_fast(run, start=NOON)


async def visit(manners: Manners, key: str = SITE) -> float:
    """Return when the turn came."""
    async with manners.turn(key):
        return fast_loop().time()


def test_a_site_is_asked_once_at_a_time_with_a_pause_between() -> None:
    """Between the end of one request to a site and the start of the next lies `site_delay`; hosts of a site share it."""
    ended: list[float] = []

    async def play(_: Asked, writer: asyncio.StreamWriter) -> None:
        await fast_loop().hold(0.5)
        ended.append(fast_loop().time())
        writer.write(reply(body=b"x"))

    async def use(client: HttpFetcher, server: Server) -> list[float]:
        hosts = ["a1.site.test", "b2.site.test", "site.test"] * 2
        urls = [server.url(f"/{n}", host) for n, host in enumerate(hosts)]
        await asyncio.gather(*(client.fetch(page(url)) for url in urls))
        return [asked.at for asked in server.asked]

    begun = playing_fast(play, use, site_delay=DELAY, addresses=2, resolve=by_number)

    assert [start - end for end, start in zip(ended[:-1], begun[1:], strict=True)] == pytest.approx([2] * 5)


def test_an_address_is_asked_once_at_a_time_with_a_pause_between() -> None:
    """Sites that stand behind one address share its turns: the machine there is one, whatever it is called."""
    ended: list[float] = []

    async def play(_: Asked, writer: asyncio.StreamWriter) -> None:
        await fast_loop().hold(0.5)
        ended.append(fast_loop().time())
        writer.write(reply(body=b"x"))

    async def use(client: HttpFetcher, server: Server) -> list[float]:
        urls = [server.url("/", f"one.site{n}.test") for n in range(6)]
        await asyncio.gather(*(client.fetch(page(url)) for url in urls))
        return [asked.at for asked in server.asked]

    begun = playing_fast(play, use, site_delay=DELAY)

    assert [start - end for end, start in zip(ended[:-1], begun[1:], strict=True)] == pytest.approx([2] * 5)


def test_one_budget_serves_all_purposes() -> None:
    """Feeds, pages, pictures, robots.txt and hubs of a site wait for one another."""

    async def use(client: HttpFetcher, server: Server) -> list[float]:
        requests = [Request(url=server.url(f"/{purpose}"), purpose=purpose) for purpose in Purpose]
        await asyncio.gather(*(client.fetch(request) for request in requests))
        return [asked.at for asked in server.asked]

    assert playing_fast(reply(), use, site_delay=DELAY) == pytest.approx([2 * turn for turn in range(len(Purpose))])


def test_turns_are_given_in_the_order_of_asking() -> None:
    """Who came first is served first."""

    async def use(client: HttpFetcher, server: Server) -> list[str]:
        await asyncio.gather(*(client.fetch(page(server.url(f"/{n}"))) for n in range(12)))
        return [asked.path for asked in server.asked]

    assert playing_fast(reply(), use, site_delay=timedelta(seconds=30)) == [f"/{n}" for n in range(12)]


def test_different_sites_at_different_addresses_do_not_wait_for_each_other() -> None:
    """One site's pause is not another's."""

    async def use(client: HttpFetcher, server: Server) -> float:
        await asyncio.gather(*(client.fetch(page(server.url("/", f"a{n}.site{n}.test"))) for n in range(1, 10)))
        return fast_loop().time()

    assert playing_fast(reply(), use, site_delay=timedelta(seconds=30), addresses=9, resolve=by_number) == 0


def test_services_on_one_private_machine_do_not_wait_for_each_other() -> None:
    """Behind an address that is not public, each port is a service of its own."""

    async def use(client: HttpFetcher, server: Server) -> float:
        async with serve(reply()) as second:
            urls = [server.url("/", "one.test"), second.url("/", "two.test")]
            await asyncio.gather(*(client.fetch(page(url)) for url in urls))
            return fast_loop().time()

    assert playing_fast(reply(), use, site_delay=timedelta(seconds=30)) == 0


def test_waiting_for_a_turn_holds_no_slot() -> None:
    """With two slots, a crowd at a slow site leaves room for everyone else."""

    async def use(client: HttpFetcher, server: Server) -> list[str]:
        crowd = [asyncio.create_task(client.fetch(page(server.url(f"/{n}", "a1.slow.test")))) for n in range(10)]
        await asyncio.sleep(1)
        for n in range(2, 5):
            good(await client.fetch(page(server.url("/", f"a{n}.other{n}.test"))))
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        return [asked.path for asked in server.asked]

    delay, limits = timedelta(seconds=30), Limits(requests=2)
    asked = playing_fast(reply(), use, addresses=4, resolve=by_number, site_delay=delay, limits=limits)

    assert asked == ["/0", "/", "/", "/"]


def test_no_more_requests_are_under_way_than_there_are_slots() -> None:
    """The global bound holds over all sites."""
    under_way = 0
    most = 0

    async def play(_: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await fast_loop().hold(1)
        under_way -= 1
        writer.write(reply())

    async def use(client: HttpFetcher, server: Server) -> None:
        await asyncio.gather(*(client.fetch(page(server.url("/", f"a{n}.site{n}.test"))) for n in range(1, 13)))

    playing_fast(play, use, limits=Limits(requests=3), addresses=12, resolve=by_number)

    assert most == 3


def test_more_fetches_than_connections_all_succeed() -> None:
    """However many fetches are queued, none fails for want of a connection."""

    async def use(client: HttpFetcher, server: Server) -> list[Answer]:
        urls = [server.url("/", f"a{n % 80 + 1}.site{n}.test") for n in range(400)]
        return await asyncio.gather(*(client.fetch(page(url)) for url in urls))

    answers = playing(reply(body=b"x"), use, addresses=80, resolve=by_number)

    assert all(isinstance(answer, Response) for answer in answers)


def test_a_redirect_waits_for_the_turn_of_its_site() -> None:
    """The second hop is a request like any other: it comes after the site's pause."""

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(reply("302 Found", Location="/b") if asked.path == "/" else reply(body=b"x"))

    async def use(client: HttpFetcher, server: Server) -> list[float]:
        good(await client.fetch(page(server.url())))
        return [asked.at for asked in server.asked]

    assert playing_fast(play, use, site_delay=DELAY) == pytest.approx([0, 2])


def test_one_who_leaves_the_queue_gives_the_turn_on() -> None:
    """A task cancelled while it waits for its turn, or for the pause, holds nobody up."""

    async def use(manners: Manners) -> list[int]:
        served: list[int] = []

        async def stay(number: int) -> None:
            async with manners.turn(SITE):
                served.append(number)
                await asyncio.sleep(1)

        tasks = [asyncio.create_task(stay(number)) for number in range(6)]
        await asyncio.sleep(0.5)
        tasks[2].cancel()
        tasks[3].cancel()
        await asyncio.sleep(2)  # 1 is waiting for the pause
        tasks[1].cancel()
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 60)
        return served

    assert with_manners(3, use) == [0, 4, 5]


def test_a_changed_delay_holds_for_those_who_wait() -> None:
    """The pause is measured with the delay of now, not of when the last request ended."""

    async def use(manners: Manners) -> float:
        await visit(manners)
        manners.site_delay = timedelta(seconds=1)
        return await visit(manners)

    assert with_manners(60, use) == 1


def test_a_pause_that_grows_is_waited_for_to_its_end() -> None:
    """Whoever already sleeps through a pause sleeps on when it becomes longer."""

    async def use(manners: Manners) -> float:
        await visit(manners)
        waiting = asyncio.create_task(visit(manners))
        await asyncio.sleep(1)
        manners.slow_down(SITE, timedelta(seconds=10))
        return await waiting

    assert with_manners(2, use) == 10


def test_a_failing_visit_ends_the_turn() -> None:
    """An error inside a turn passes through and lets the next one in."""

    async def use(manners: Manners) -> None:
        with pytest.raises(ZeroDivisionError):
            async with manners.turn(SITE):
                raise ZeroDivisionError
        await visit(manners)

    with_manners(0, use)


def test_a_rest_is_told_with_its_end() -> None:
    """The error names the site and the time in UTC."""

    async def use(manners: Manners) -> Resting:
        manners.throttled(SITE, ADDRESS, status=429, retry_after="Sun, 01 Mar 2026 13:30:00 GMT")
        with pytest.raises(Resting) as caught:
            await visit(manners)
        return caught.value

    assert str(with_manners(0, use)) == "site.test asked to be left alone until 2026-03-01 13:30 UTC"


def test_order_holds_under_load() -> None:
    """Starts of one site never overtake each other, whatever other sites do meanwhile."""

    async def use(client: HttpFetcher, server: Server) -> list[Asked]:
        urls = [server.url(f"/{n}", f"a{n % 4 + 1}.site{n % 4}.test") for n in range(40)]
        await asyncio.gather(*(client.fetch(page(url)) for url in urls))
        return server.asked

    asked = playing_fast(reply(), use, limits=Limits(requests=4), addresses=4, resolve=by_number)

    for site in range(4):
        numbers = [int(one.path[1:]) for one in asked if int(one.path[1:]) % 4 == site]
        assert all(before < after for before, after in pairwise(numbers))
