"""How sites that say no, or ask for slowness, are treated."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from aggregator.adapters.http import HttpFetcher
from aggregator.adapters.http.politeness import Manners
from aggregator.core.crawling.budgets import LONGEST_PAUSE, LONGEST_SHARED_PAUSE
from aggregator.domain.fetching import Failed, FailureKind
from tests.adapters.loopback import Answer, Asked, Play, Server, failed, feed, page, playing_fast, reply
from tests.fasttime import fast_loop, run_fast

SITE, ADDRESS = "site.test", "@192.0.32.8"
DELAY = timedelta(seconds=2)
HOUR = 3_600.0


def manners() -> Manners:
    """Return manners on the clock of the fast loop."""
    return Manners(site_delay=DELAY, clock=fast_loop().wall)


def saying(*statuses: str, retry_after: str | None = None) -> Play:
    """Return a play that gives these answers one after the other, then good ones."""
    left = list(statuses)
    times: dict[str, Any] = {} if retry_after is None else {"Retry_After": retry_after}

    async def play(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(left.pop(0), **times) if left else reply(body=b"x"))

    return play


def pauses(said: Manners) -> tuple[float, float]:
    """Return the pauses of the site and of the address."""
    return said.pause(SITE).total_seconds(), said.pause(ADDRESS).total_seconds()


def test_each_429_doubles_the_pause_up_to_a_bound() -> None:
    """Site and address get slower with each refusal; the address less, as strangers may share it."""

    async def run() -> list[tuple[float, float]]:
        said = manners()
        found = []
        for _ in range(7):
            said.throttled(SITE, ADDRESS, status=429, retry_after="60")
            found.append(pauses(said))
        return found

    assert run_fast(run) == [(4, 4), (8, 8), (16, 10), (32, 10), (60, 10), (60, 10), (60, 10)]
    assert (LONGEST_PAUSE.total_seconds(), LONGEST_SHARED_PAUSE.total_seconds()) == (60, 10)


def test_a_slower_pause_eases_with_time_alone() -> None:
    """It halves with each hour without a refusal, down to `site_delay`; good answers do not hurry that."""

    async def run() -> list[float]:
        said = manners()
        for _ in range(3):
            said.throttled(SITE, ADDRESS, status=503, retry_after=None)
        found = []
        for _ in range(5):
            async with said.turn(SITE):
                said.answered(SITE, ADDRESS)
            found.append(pauses(said)[0])
            await asyncio.sleep(HOUR)
        return found

    assert run_fast(run) == [16, 8, 4, 2, 2]


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_refused_site_is_asked_more_slowly(status: str) -> None:
    """After a refusal and its rest the site's requests lie further apart than before."""

    async def use(client: HttpFetcher, server: Server) -> list[float]:
        await client.fetch(feed(server.url()))
        await asyncio.sleep(90)
        await asyncio.gather(*(client.fetch(page(server.url())) for _ in range(3)))
        return [asked.at for asked in server.asked]

    begun = playing_fast(saying(status, retry_after="60"), use, site_delay=DELAY)

    assert begun == pytest.approx([0, 90, 94, 98])


def test_a_503_without_a_time_slows_down_and_asks_for_no_rest() -> None:
    """The server has too much to do: the next request comes, but later."""

    async def use(client: HttpFetcher, server: Server) -> tuple[Answer, list[float]]:
        answer = await client.fetch(feed(server.url()))
        await client.fetch(feed(server.url()))
        return answer, [asked.at for asked in server.asked]

    answer, begun = playing_fast(saying("503 Service Unavailable"), use, site_delay=DELAY)

    assert failed(answer, FailureKind.SERVER).retry_at is None
    assert begun == pytest.approx([0, 4])


def test_who_still_says_no_is_left_alone_for_longer() -> None:
    """Each 429 without a time, right after another, doubles the rest up to a day; a good answer begins anew."""
    no = "429 Too Many Requests"

    async def use(client: HttpFetcher, server: Server) -> list[float]:
        rests = []
        for _ in range(9):
            answer = await client.fetch(feed(server.url()))
            if isinstance(answer, Failed):
                assert answer.retry_at is not None
                rests.append((answer.retry_at - fast_loop().wall()).total_seconds() / HOUR)
                await asyncio.sleep(rests[-1] * HOUR + 1)
        return rests

    # One budget for all: the answers are seven times no, once yes, and no again.
    answers = [no] * 7 + ["200 OK", no]

    assert playing_fast(saying(*answers), use, site_delay=DELAY) == pytest.approx([0.5, 1, 2, 4, 8, 16, 24, 0.5])


def test_robots_txt_can_only_slow_down() -> None:
    """A Crawl-delay holds where it is longer than `site_delay`, and for a minute at most."""

    async def run() -> list[float]:
        said = manners()
        found = []
        for wanted in (1, 5, 3, 1e6, -4):
            said.slow_down(SITE, timedelta(seconds=wanted))
            found.append(pauses(said)[0])
        return found

    assert run_fast(run) == [2, 5, 5, 60, 60]


def test_a_crawl_delay_that_is_no_longer_asked_for_ends() -> None:
    """robots.txt is read anew each day; when it has stopped asking, the usual pause is back."""

    async def use(client: HttpFetcher, server: Server) -> list[float]:
        client.slow_down(SITE, timedelta(seconds=20))
        for _ in range(2):
            await client.fetch(page(server.url("/", SITE)))
        await asyncio.sleep(26 * HOUR)
        start = fast_loop().time()
        for _ in range(2):
            await client.fetch(page(server.url("/", SITE)))
        return [asked.at - (0 if asked.at < HOUR else start) for asked in server.asked]

    assert playing_fast(reply(), use, site_delay=DELAY) == pytest.approx([0, 20, 0, 2])
