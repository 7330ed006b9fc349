"""Pictures on the page: off until they are wanted, and then from our own address, fetched within bounds."""

import asyncio
import re
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from aggregator.adapters.http import HttpFetcher
from aggregator.adapters.pictures import PictureCache
from aggregator.adapters.store import SqliteStore
from aggregator.domain.fetching import Failed, Request
from aggregator.web.pictures import MOST_AT_ONCE, Proxy
from tests.adapters.loopback import Asked, Server, by_number, playing, reply
from tests.faces.eventful import Newsroom, fill
from tests.faces.installed import SETTINGS, Place, new_place
from tests.faces.paged import Served, paths_of, serving
from tests.faces.test_web_acts import day

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100
ADDRESS = "https://paper.example/a.png"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Newsroom, Served]]:
    """The page of the events, two of which have a picture; that of the wire's was fetched before."""
    with new_place(tmp_path_factory.mktemp("pictures")) as place:
        room = fill(place.database)
        with SqliteStore(place.database) as store, store.transaction():
            for name, address in (("wire", ADDRESS), ("german", "https://blatt.example/b.png")):
                store._sql.write("UPDATE article SET image = ? WHERE id = ?", (address, room.ids[name]))
        paths = paths_of(place.folder)
        PictureCache(paths.pictures).keep(ADDRESS, PNG)
        with serving(paths) as served:
            yield place, room, served
            assert served.crashes == []


def test_pictures_are_off_by_default(home: tuple[Place, Newsroom, Served]) -> None:
    """No page has one, and no address gives one."""
    place, room, served = home
    place.write()

    assert "<img" not in served.get(day()).text
    assert "<img" not in served.get(f"/story/{room.stories['wire']}").text
    assert served.get(f"/picture/{room.ids['wire']}").status_code == 404


def test_pictures_come_from_our_own_address(home: tuple[Place, Newsroom, Served]) -> None:
    """Small, lazy, of a fixed size, and none from elsewhere; the browser keeps them and takes them for nothing else."""
    place, room, served = home
    place.write(settings=f"{SETTINGS}  pictures: proxy\n")
    for page in (served.get(day()).text, served.get(f"/story/{room.stories['wire']}").text):
        sources = re.findall(r'<img src="([^"]*)" alt="" width="\d+" height="\d+" loading="lazy"', page)
        assert f"/picture/{room.ids['wire']}" in sources
        assert page.count("<img") == len(sources)
        assert all(source.startswith("/picture/") for source in sources)

    answer = served.get(f"/picture/{room.ids['wire']}")
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, max-age=604800, immutable"


def test_the_page_alone_has_what_was_fetched_before(home: tuple[Place, Newsroom, Served]) -> None:
    """It fetches nothing; articles without a picture and numbers of none have none."""
    place, room, served = home
    place.write(settings=f"{SETTINGS}  pictures: proxy\n")
    for article in (room.ids["german"], room.ids["own"], 999_999):
        answer = served.get(f"/picture/{article}")
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
    assert served.get("/picture/https%3A%2F%2Fevil.example%2Fa.png").status_code == 404
    assert served.get("/picture/0").status_code == 400


def test_a_picture_is_asked_for_once(tmp_path: Path) -> None:
    """However many look at once, and whoever looks later."""

    async def use(client: HttpFetcher, server: Server) -> None:
        proxy = Proxy(PictureCache(tmp_path), client.fetch)
        assert set(await asyncio.gather(*(proxy.picture(server.url("/a.png")) for _ in range(5)))) == {PNG}
        assert await Proxy(PictureCache(tmp_path), client.fetch).picture(server.url("/a.png")) == PNG
        assert len(server.asked) == 1
        assert server.asked[0].headers["accept"].startswith(b"image/avif")

    playing(reply(body=PNG, Content_Type="image/png"), use)


@pytest.mark.parametrize(
    "answer",
    [
        reply(body=b'<svg xmlns="http://www.w3.org/2000/svg"/>', Content_Type="image/svg+xml"),
        reply(body=b"<!doctype html><p>Log in", Content_Type="image/png"),
        reply(status="404 Not Found", body=PNG),
        reply(body=PNG + b"\x00" * 2_000_000),
    ],
    ids=["svg", "html", "missing", "too large"],
)
def test_what_is_no_small_picture_is_refused_and_remembered(tmp_path: Path, answer: bytes) -> None:
    """Whatever its server calls it; for some hours it is not asked for again."""

    async def use(client: HttpFetcher, server: Server) -> None:
        proxy = Proxy(PictureCache(tmp_path), client.fetch)
        assert [await proxy.picture(server.url("/a.png")) for _ in range(2)] == [b"", b""]
        assert len(server.asked) == 1

    playing(answer, use)


def test_private_addresses_are_refused(tmp_path: Path) -> None:
    """Asked for themselves, or where a public host redirects to them."""

    async def use(client: HttpFetcher, server: Server) -> None:
        proxy = Proxy(PictureCache(tmp_path), client.fetch)
        # A second address of this machine, which is not allowed, stands for the network behind it.
        assert await proxy.picture(server.url("/a.png", host="a2.site.test")) == b""
        assert await proxy.picture("file:///etc/passwd") == b""
        assert server.asked == []
        assert await proxy.picture(server.url("/leads-on.png", host="a1.site.test")) == b""
        assert [asked.path for asked in server.asked] == ["/leads-on.png"]

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        inside = f"http://a2.site.test:{asked.headers['host'].rpartition(b':')[2].decode()}/a.png"
        writer.write(reply(status="302 Found", Location=inside) if "leads" in asked.path else reply(body=PNG))

    playing(play, use, addresses=2, resolve=by_number, allow_networks=(ip_network("127.0.0.1/32"),))


def test_nobody_waits_behind_too_many(tmp_path: Path) -> None:
    """What would be one too many is not there yet, and is not remembered as missing; closing ends those in hand."""

    async def run() -> None:
        all_begun, begun = asyncio.Event(), list[str]()

        async def held(request: Request) -> Failed:
            begun.append(request.url)
            if len(begun) == MOST_AT_ONCE:
                all_begun.set()
            await asyncio.Event().wait()
            raise AssertionError("nobody lets it go")

        cache = PictureCache(tmp_path)
        proxy = Proxy(cache, held)
        waiting = [asyncio.create_task(proxy.picture(str(number))) for number in range(MOST_AT_ONCE)]
        await all_begun.wait()
        assert await proxy.picture("more") == b""
        assert cache.read("more") is None
        await proxy.close()
        ends = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ends)

    asyncio.run(run())
