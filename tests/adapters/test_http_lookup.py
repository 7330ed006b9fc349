"""Where hosts are: looked up once a minute, and for as long as somebody holds on to it once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address, ip_network
from typing import TypeVar

import pytest

from aggregator.adapters.http import HttpFetcher
from aggregator.adapters.http.lookup import Places, UnknownHost
from aggregator.domain.fetching import FailureKind
from tests.adapters.loopback import Server, failed, feed, good, playing, playing_fast, reply
from tests.fasttime import fast_loop, run_fast

T = TypeVar("T")

HOST = "news.test"


class Names:
    """A resolver that gives another address each time."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        return [f"192.0.32.{len(self.asked) % 250}", "192.0.33.1"]


def with_places(use: Callable[[Places, Names], Awaitable[T]]) -> T:
    async def run() -> T:
        names = Names()
        return await use(Places(names), names)

    return run_fast(run)


def test_a_host_is_looked_up_once_a_minute() -> None:
    """Within the minute the first answer holds; after it the next one does."""

    async def use(places: Places, names: Names) -> list[str]:
        found = []
        for _ in range(5):
            found.append(str((await places.find(HOST))[0]))
            await asyncio.sleep(25)
        assert len(names.asked) == 2
        return found

    assert with_places(use) == ["192.0.32.1"] * 3 + ["192.0.32.2"] * 2


def test_what_is_held_stays_where_it_is() -> None:
    """However long a turn is waited for, the address whose turn it was is the one that is connected to."""

    async def use(places: Places, _: Names) -> list[str]:
        async with places.held(HOST, 5) as addresses:
            await asyncio.sleep(3_600)
            inside = await places.find(HOST)
        await asyncio.sleep(4)  # a connection may still be open
        after = await places.find(HOST)
        await asyncio.sleep(2)
        later = await places.find(HOST)
        return [str(found[0]) for found in (addresses, inside, after, later)]

    assert with_places(use) == ["192.0.32.1"] * 3 + ["192.0.32.2"]


def test_the_address_that_answers_comes_first() -> None:
    """A preferred address is at the front until the host is looked up anew; a foreign one is not taken up."""

    async def use(places: Places, _: Names) -> list[list[str]]:
        await places.find(HOST)
        places.prefer(HOST, ip_address("192.0.33.1"))
        places.prefer(HOST, ip_address("127.0.0.1"))
        places.prefer("other.test", ip_address("127.0.0.1"))
        preferred = await places.find(HOST)
        places.forget(HOST)
        places.forget(HOST)
        return [[str(address) for address in found] for found in (preferred, await places.find(HOST))]

    assert with_places(use) == [["192.0.33.1", "192.0.32.1"], ["192.0.32.2", "192.0.33.1"]]


def test_hosts_do_not_pile_up() -> None:
    """Those whose minute is over are forgotten."""

    async def use(places: Places, _: Names) -> int:
        for number in range(3_000):
            await places.find(f"{number}.test")
            await asyncio.sleep(1)
        return len(places)

    assert with_places(use) <= 1_000


def test_a_look_up_that_hangs_or_fails_is_not_remembered() -> None:
    """The next request asks again."""
    answers: list[Sequence[str] | None] = [None, [], ["192.0.32.1"]]

    async def resolve(_: str) -> Sequence[str]:
        answer = answers.pop(0)
        if answer is None:
            await asyncio.sleep(60)
        return answer or []

    async def run() -> float:
        places = Places(resolve)
        with pytest.raises(TimeoutError):
            async with places.held(HOST, 5):
                pass
        with pytest.raises(UnknownHost):
            await places.find(HOST)
        await places.find(HOST)
        return fast_loop().time()

    assert run_fast(run) == 5


def test_the_checked_address_is_connected_to_however_long_the_wait() -> None:
    """A name that turns to an address of the inside while we wait for a turn (rebinding) is still checked, and gains nothing."""
    answers = [["127.0.0.1"], ["10.0.0.1"]]

    async def resolve(_: str) -> Sequence[str]:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def use(client: HttpFetcher, server: Server) -> int:
        good(await client.fetch(feed(server.url("/", HOST))))
        await asyncio.sleep(90)
        failed(await client.fetch(feed(server.url("/", HOST))), FailureKind.ADDRESS)
        return len(server.asked)

    assert playing_fast(reply(), use, resolve=resolve, allow_networks=[ip_network("127.0.0.1/32")]) == 1


def test_a_dead_address_is_waited_for_once() -> None:
    """After the living one of two addresses was found, the next request has its budget."""

    async def resolve(_: str) -> Sequence[str]:
        return ["127.0.0.9", "127.0.0.1"]

    async def use(client: HttpFetcher, server: Server) -> list[list[str]]:
        found = []
        for _ in range(2):
            good(await client.fetch(feed(server.url("/", HOST))))
            keys = (budget.key for budget in client.drain()[1])
            found.append([key.partition(":")[0] for key in keys if key.startswith("@")])
        return found

    assert playing(reply(body=b"x"), use, resolve=resolve) == [["@127.0.0.9"], ["@127.0.0.1"]]
