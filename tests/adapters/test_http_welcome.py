"""A crowd of requests, as the servers that get them see it: they say who broke the rules, not the fetcher."""

import asyncio
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import pytest

from aggregator.adapters.http import HttpFetcher
from aggregator.domain.crawling import Budget
from aggregator.domain.fetching import Failed, FailureKind, Purpose, Request
from tests.adapters.loopback import NOON, Asked, Server, by_number, fetcher, reply, serve
from tests.fasttime import fast_loop, run_fast

SITES, ADDRESSES = 40, 6
DELAY = 2.0
HOUR = 3_600.0
#: Budgets keep microseconds.
GRAIN = 1e-4


@dataclass(slots=True)
class Owner:
    """Whoever watches over a site or an address, and counts in a way of his own what is owed to it."""

    #: The bound of the doubled pause.
    longest: float
    busy: bool = False
    left: float = float("-inf")
    slow: float = 0.0
    slowed: float = 0.0
    refused: int = 0
    rest_until: float = float("-inf")
    faults: list[str] = field(default_factory=list)
    served: int = 0

    def pause(self, now: float) -> float:
        """Return the least gap before a request at `now`."""
        return max(DELAY, self.slow / 2 ** ((now - self.slowed) // HOUR))

    def come(self, now: float) -> None:
        """Let a request in, and note what is wrong with it."""
        if self.busy:
            self.faults.append(f"two at once at {now}")
        if now - self.left < self.pause(now) - GRAIN:
            self.faults.append(f"{now - self.left} after the last at {now}, not {self.pause(now)}")
        if now < self.rest_until - GRAIN:
            self.faults.append(f"at {now} during the rest until {self.rest_until}")
        self.busy = True
        self.served += 1

    def leave(self, now: float) -> None:
        """See a request out."""
        if self.busy:
            self.busy, self.left = False, now

    def refuse(self, now: float, rest: float | None) -> None:
        """Slow down; the site's owner also asks for a rest of so many seconds, or of a length that he leaves open."""
        self.slow, self.slowed = min(2 * max(self.pause(now), 1), self.longest), now
        unnamed = min(HOUR / 2 * 2**self.refused, 24 * HOUR)
        self.rest_until = now + (unnamed if rest is None else rest)
        self.refused += 1

    def please(self) -> None:
        """Answer well; a row of refusals ends."""
        self.refused = 0


@dataclass(slots=True)
class World:
    """All sites and addresses."""

    chance: random.Random
    #: How often the program ended, and the requests of this run that wait for their answer.
    runs: int = 0
    held: int = 0
    sites: dict[str, Owner] = field(default_factory=lambda: defaultdict(lambda: Owner(60)))
    addresses: dict[str, Owner] = field(default_factory=lambda: defaultdict(lambda: Owner(10)))

    def host(self) -> str:
        """Choose a host: each site has two, at different addresses, and each address has a dozen of sites."""
        number = self.chance.randrange(SITES)
        return f"a{(number + self.chance.randrange(2)) % ADDRESSES + 1}.site{number}.test"

    async def play(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        """Answer well, elsewhere or not at all, after some time."""
        name, _, port = asked.headers["host"].decode().partition(":")
        site, address = self.sites[name.split(".", 1)[1]], self.addresses[asked.address]
        site.come(asked.at)
        address.come(asked.at)
        run = self.runs
        self.held += 1
        await asyncio.sleep(self.chance.choice((0, 0.1, 3)))
        if self.runs > run:
            return  # nobody waits for it any more
        self.held -= 1
        writer.write(self._answer(site, address, port))
        site.leave(fast_loop().time())
        address.leave(fast_loop().time())

    def _answer(self, site: Owner, address: Owner, port: str) -> bytes:
        now = fast_loop().time()
        match self.chance.randrange(12):
            case 0:
                site.refuse(now, None)
                address.refuse(now, -1)
                return reply("429 Too Many Requests")
            case 1:
                site.refuse(now, 600)
                address.refuse(now, -1)
                return reply("503 Service Unavailable", Retry_After="600")
            case 2:
                site.refuse(now, -1)
                address.refuse(now, -1)
                return reply("503 Service Unavailable")
            case 3:
                site.please()
                return reply("302 Found", Location=f"http://{self.host()}:{port}/{self.chance.random()}")
        site.please()
        return reply(body=b"x" * self.chance.randrange(9_000))

    def is_busy(self, client: HttpFetcher) -> bool:
        """Tell whether a request is on the wire whose answer is not held back."""
        return client.under_way > self.held

    def stop(self) -> None:
        """See out all requests: the program that made them ends."""
        self.runs += 1
        self.held = 0
        for owner in (*self.sites.values(), *self.addresses.values()):
            owner.leave(fast_loop().time())

    def faults(self) -> list[str]:
        """Return all that was wrong."""
        owners = {**self.sites, **self.addresses}
        return [f"{name}: {fault}" for name, owner in owners.items() for fault in owner.faults]


async def crowd(client: HttpFetcher, server: Server, world: World, *, seconds: float) -> list[FailureKind | None]:
    """Let thirty readers ask for whatever comes to their minds, and stop them all in the middle of it."""
    ends: list[FailureKind | None] = []

    async def reader() -> None:
        while True:
            purpose = world.chance.choice(tuple(Purpose))
            answer = await client.fetch(Request(url=server.url(f"/{purpose}", world.host()), purpose=purpose))
            ends.append(answer.kind if isinstance(answer, Failed) else None)
            await asyncio.sleep(world.chance.choice((0, 1, 600)))

    readers = [asyncio.create_task(reader()) for _ in range(30)]
    await asyncio.sleep(seconds)
    for task in readers:
        task.cancel()
    world.stop()
    await asyncio.gather(*readers, return_exceptions=True)
    return ends


@pytest.mark.parametrize("seed", range(3))
def test_a_crowd_is_welcome_everywhere_also_after_a_restart(seed: int) -> None:
    """Never two at once at a site or an address, never a gap below the pause, and nothing during a rest."""
    world = World(random.Random(seed))

    async def run() -> tuple[list[FailureKind | None], int]:
        loop = fast_loop()
        budgets: dict[str, Budget] = {}
        ends: list[FailureKind | None] = []
        visits = 0
        async with serve(world.play, addresses=ADDRESSES) as server:
            for seconds in (600.03, 1.04, 900, 3 * HOUR):  # never at the moment of an answer
                async with fetcher(
                    site_delay=timedelta(seconds=DELAY), clock=loop.wall, resolve=by_number, budgets=budgets.values()
                ) as client:
                    loop.busy_while(partial(world.is_busy, client))
                    ends += await crowd(client, server, world, seconds=seconds)
                    seen, changed = client.drain()
                    visits += len(seen)
                    budgets |= {budget.key: budget for budget in changed}
        return ends, visits

    ends, visits = run_fast(run, start=NOON)

    assert world.faults() == []
    # The rules are not kept by asking for nothing.
    assert visits == sum(site.served for site in world.sites.values()) > 300
    assert len(world.sites) == SITES
    assert len(world.addresses) == ADDRESSES
    assert set(ends) == {None, FailureKind.THROTTLED, FailureKind.SERVER, FailureKind.RESTING}
