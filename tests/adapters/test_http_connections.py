"""Connections that are kept open for a moment, told by what the server sees."""

import asyncio

from aggregator.adapters.http import HttpFetcher, Limits
from tests.adapters.loopback import Server, feed, fetcher, good, playing, reply, serve

OK = reply(body=b"text")


def test_a_site_is_asked_over_the_same_connection() -> None:
    """A handshake a request would be most of what it costs."""

    async def use(client: HttpFetcher, server: Server) -> int:
        for _ in range(3):
            good(await client.fetch(feed(server.url())))
        return len({asked.port for asked in server.asked})

    assert playing(OK, use, keep_alive=True) == 1


def test_a_connection_that_the_server_closed_is_not_used() -> None:
    """It is seen to be closed before anything is sent over it."""

    async def use(client: HttpFetcher, server: Server) -> int:
        for _ in range(3):
            good(await client.fetch(feed(server.url())))
            await asyncio.sleep(0.01)  # for the end of the connection to arrive
        return len({asked.port for asked in server.asked})

    assert playing(OK, use, keep_alive=False) == 3


def test_no_more_connections_are_kept_than_may_be_in_use() -> None:
    """Those that were idle for longest are closed; nothing is left open at the end."""

    async def run() -> list[int]:
        async with serve(OK, keep_alive=True, addresses=4) as server:
            async with fetcher(limits=Limits(requests=2), resolve=_by_last_part) as client:
                idle = []
                for number in (1, 2, 3, 4, 4):
                    good(await client.fetch(feed(server.url(host=f"a{number}.site{number}.test"))))
                    idle.append(len(client._connections))
            return [*idle, len(client._connections)]

    assert asyncio.run(run()) == [1, 2, 2, 2, 2, 0]


async def _by_last_part(host: str) -> list[str]:
    return [f"127.0.0.{host[1]}"]
