import asyncio
import socket
import ssl
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_network

import pytest
import trustme

from aggregator.adapters.http import USER_AGENT, HttpFetcher, Limits
from aggregator.adapters.http.lookup import Resolver, look_up
from aggregator.domain.fetching import FailureKind
from tests.adapters.loopback import (
    IMPATIENT,
    LOOPBACK,
    Answer,
    Asked,
    Server,
    answer_to,
    failed,
    feed,
    fetcher,
    good,
    playing,
    reply,
    serve,
)


def names(*answers: Sequence[str]) -> Resolver:
    """Return a resolver that gives these answers one after the other, the last one for ever."""
    left = list(answers)

    async def resolve(_host: str) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


def visit(
    host: str, *, resolve: Resolver = look_up, allow: str | None = None, limits: Limits | None = None
) -> tuple[Answer, int]:
    """Fetch from a loopback server under some name; return the answer and how often the server was asked."""

    async def use(client: HttpFetcher, server: Server) -> tuple[Answer, int]:
        return await client.fetch(feed(server.url(host=host))), len(server.asked)

    networks = (ip_network(allow),) if allow else ()
    return playing(reply(body=b"secret"), use, allow_networks=networks, resolve=resolve, limits=limits)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
    ],
)
def test_this_machine_is_refused_under_every_name(host: str) -> None:
    """No spelling of a loopback address is connected to."""
    answer, asked = visit(host)

    failed(answer, FailureKind.ADDRESS)
    assert asked == 0


def test_a_refusal_names_the_address_and_the_cure() -> None:
    """The sentence tells what the address is and which line of feeds.yaml would allow it."""
    answer, _ = visit("router.test", resolve=names(["192.168.1.1"]))

    why = failed(answer, FailureKind.ADDRESS).why
    assert "router.test is at 192.168.1.1, a private address" in why
    assert 'add "192.168.1.1/32" to allow_networks' in why


def test_an_allowed_network_is_fetched_from_and_its_neighbour_is_not() -> None:
    """`allow_networks` opens what it names and nothing else."""
    assert good(visit("127.0.0.1", allow="127.0.0.1/32")[0]).body == b"secret"
    failed(visit("127.0.0.1", allow="127.0.0.2/31")[0], FailureKind.ADDRESS)


def test_changed_networks_take_effect() -> None:
    """After `reconfigure` the new networks are the ones that are allowed."""

    async def use(client: HttpFetcher, server: Server) -> tuple[Answer, Answer]:
        before = await client.fetch(feed(server.url()))
        client.reconfigure(site_delay=timedelta(0), allow_networks=LOOPBACK, user_agent=USER_AGENT)
        return before, await client.fetch(feed(server.url()))

    before, after = playing(reply(body=b"x"), use, allow_networks=())

    failed(before, FailureKind.ADDRESS)
    good(after)


def test_a_redirect_to_a_private_address_is_refused() -> None:
    """Each hop is guarded: a public server cannot send us to an address of the inside."""

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("sockname")[1]
        writer.write(reply("302 Found", Location=f"http://127.0.0.2:{port}/admin") if asked.path == "/" else reply())

    answer = answer_to(play, allow_networks=(ip_network("127.0.0.1/32"),), resolve=look_up)

    assert "127.0.0.2, a loopback address" in failed(answer, FailureKind.ADDRESS).why


def test_a_name_is_looked_up_once_a_connection() -> None:
    """A name that is public when checked and private a moment later (rebinding) is never connected to unchecked."""
    answer, asked = visit("rebind.test", resolve=names(["10.0.0.1"], ["127.0.0.1"]), allow="127.0.0.1/32")
    failed(answer, FailureKind.ADDRESS)
    assert asked == 0

    answer, asked = visit("rebind.test", resolve=names(["127.0.0.1"], ["10.0.0.1"]), allow="127.0.0.1/32")
    assert good(answer).body == b"secret"
    assert asked == 1


def test_of_several_addresses_only_permitted_ones_are_tried() -> None:
    """Every address is checked: a permitted one is used, a refused one beside it is not."""
    answer, asked = visit("two.test", resolve=names(["10.0.0.1", "127.0.0.1"]), allow="127.0.0.1/32")

    assert good(answer).body == b"secret"
    assert asked == 1


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    """A dead address before a living one costs nothing but a moment."""
    answer, _ = visit("two.test", resolve=names(["127.0.0.9", "127.0.0.1"]), allow="127.0.0.0/8")

    assert good(answer).body == b"secret"


@pytest.mark.parametrize("addresses", [[], ["nonsense"]])
def test_a_name_without_addresses_is_a_dns_failure(addresses: list[str]) -> None:
    """No address, or none that is one, is told as a failed look-up."""
    answer, _ = visit("empty.test", resolve=names(addresses))

    assert "empty.test" in failed(answer, FailureKind.DNS).why


def test_an_unknown_name_is_a_dns_failure() -> None:
    """What the system's resolver cannot find is told with what it says."""
    answer, _ = visit("no-such-host.invalid")

    assert "no-such-host.invalid cannot be looked up" in failed(answer, FailureKind.DNS).why


def test_a_resolver_that_hangs_is_a_timeout() -> None:
    """Looking up is bounded like connecting."""

    async def hang(_host: str) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    failed(visit("slow.test", resolve=hang, limits=IMPATIENT)[0], FailureKind.TIMEOUT)


def test_a_closed_port_is_a_connect_failure() -> None:
    """A refused connection is told in the system's words, without an errno."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

        async def run() -> Answer:
            async with fetcher() as client:
                return await client.fetch(feed(f"http://site.test:{port}/"))

        why = failed(asyncio.run(run()), FailureKind.CONNECT).why

    assert why == "no connection to site.test: Connection refused"


def over_tls(host: str, *, trusted: bool) -> Answer:
    """Fetch over TLS from a server whose certificate is for news.test."""
    authority = trustme.CA()
    server_side, trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("news.test").configure_cert(server_side)
    if trusted:
        authority.configure_trust(trust)

    async def run() -> Answer:
        async with serve(reply(body=b"safe"), tls=server_side) as server, fetcher(ssl_context=trust) as client:
            return await client.fetch(feed(server.url(host=host, scheme="https")))

    return asyncio.run(run())


def test_the_tls_name_is_the_hosts_and_not_the_addresss() -> None:
    """Connecting to the checked address keeps the host's name in the handshake."""
    assert good(over_tls("news.test", trusted=True)).body == b"safe"


@pytest.mark.parametrize(
    ("host", "trusted"), [("news.test", False), ("other.test", True)], ids=["unknown authority", "other name"]
)
def test_a_certificate_that_is_not_valid_is_a_tls_failure(host: str, *, trusted: bool) -> None:
    """A certificate of an unknown authority and one for another name are refused, and the sentence says why."""
    why = failed(over_tls(host, trusted=trusted), FailureKind.TLS).why

    assert "its certificate is not valid" in why


def test_a_server_without_tls_is_a_tls_failure() -> None:
    """Https to a server that speaks plain http fails as TLS."""

    async def run() -> Answer:
        async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(reply())
            await writer.drain()
            writer.close()

        listening = await asyncio.start_server(plain, "127.0.0.1", 0)
        async with listening, fetcher() as client:
            port = listening.sockets[0].getsockname()[1]
            return await client.fetch(feed(f"https://site.test:{port}/"))

    failed(asyncio.run(run()), FailureKind.TLS)


def test_the_systems_resolver_does_not_block_the_loop() -> None:
    """Look-ups run beside the loop, many at once, and give addresses in the resolver's order."""

    async def run() -> list[Sequence[str]]:
        return await asyncio.gather(*(look_up("127.0.0.1") for _ in range(20)))

    assert asyncio.run(run()) == [["127.0.0.1"]] * 20
