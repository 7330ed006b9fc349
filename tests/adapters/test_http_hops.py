import asyncio
from base64 import b64encode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.adapters.http import HttpFetcher
from aggregator.adapters.http.bodies import Body
from aggregator.adapters.http.hops import Hop, address, first_hop
from aggregator.domain.fetching import Failed, FailureKind, Purpose, Request
from tests.adapters.loopback import NOON, Answer, Asked, Play, Server, failed, feed, good, playing, reply


def redirects(table: dict[str, tuple[int, str]]) -> Play:
    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.path in table:
            status, location = table[asked.path]
            port = writer.get_extra_info("sockname")[1]
            writer.write(reply(f"{status} Moved", b"elsewhere", Location=location.replace("PORT", str(port))))
        else:
            writer.write(reply(body=asked.path.encode(), ETag='"new"'))

    return play


def follow(table: dict[str, tuple[int, str]], start: str = "/", **wishes: str) -> tuple[Answer, list[Asked]]:
    async def use(client: HttpFetcher, server: Server) -> tuple[Answer, list[Asked]]:
        return await client.fetch(feed(server.url(start, "www.site.test"), **wishes)), server.asked

    return playing(redirects(table), use)


@pytest.mark.parametrize(
    ("first", "second", "moved"),
    [(301, 308, True), (301, 302, False), (303, 301, False), (307, 308, False), (308, 301, True)],
)
def test_only_permanent_redirects_from_the_start_on_are_remembered(first: int, second: int, *, moved: bool) -> None:
    """`moved_to` is set when each hop from the asked address on was a 301 or 308."""
    answer, asked = follow({"/": (first, "/b/c"), "/b/c": (second, "http://feeds.site.test:PORT/d#top")})

    response = good(answer)
    assert [hop.path for hop in asked] == ["/", "/b/c", "/d"]
    assert response.body == b"/d"
    assert response.url.startswith("http://feeds.site.test:")
    assert response.url.endswith("/d")
    assert response.moved_to == (response.url if moved else None)


@pytest.mark.parametrize(
    ("asked", "location", "moved"),
    [
        ("http://site.test/", "https://site.test/", True),
        ("https://site.test/", "https://site.test/b", True),
        ("https://site.test/", "http://site.test/", False),
        ("http://site.test/", "http://feeds.site.test/", True),
        ("http://site.test/", "http://other.test/", True),
        ("http://site.test/", "https://other.test/", True),
        ("https://site.test/", "https://other.test/", True),
    ],
)
def test_a_redirect_that_gives_up_tls_is_followed_but_not_remembered(asked: str, location: str, *, moved: bool) -> None:
    """A feed asked over https never moves to http for good; whether others are believed, time will tell."""
    first = first_hop(feed(asked), 9.0)
    assert isinstance(first, Hop)

    second = first.redirected(httpx.Response(301, headers={"Location": location}), most=3, seconds=5.0)

    assert isinstance(second, Hop)
    assert str(second.url) == location
    assert second.seconds == 5.0
    wanted = location if moved else None
    assert second.response(httpx.Response(200), Body(b"", 0), NOON).moved_to == wanted
    assert second.not_modified(httpx.Response(304), NOON).moved_to == wanted


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"/": (302, "/")}, "circle"),
        ({"/": (301, "/b"), "/b": (301, "http://www.site.test:PORT/#again")}, "circle"),
        ({"/": (301, "")}, "without saying where"),
        ({"/" + "x" * n: (302, "/x" + "x" * n) for n in range(20)}, "more than 10"),
    ],
)
def test_redirects_that_lead_nowhere_are_told(table: dict[str, tuple[int, str]], named: str) -> None:
    """Circles, endless chains and redirects without an address fail as REDIRECTS."""
    answer, asked = follow(table)

    assert named in failed(answer, FailureKind.REDIRECTS).why
    assert len(asked) <= 11


@pytest.mark.parametrize(
    "location",
    [
        "ftp://site.test/feed",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://name:xyzzy@site.test/",
        "http://site.test:0/",
        "http://site.test:99999/",
        "http://[::1",
        "http://a b/",
        "http://" + "a" * 300 + ".test/",
        "//\x7f/",
    ],
)
def test_redirects_to_what_cannot_be_fetched_are_refused(location: str) -> None:
    """A redirect is held to the same rules as a feed's own address."""
    answer, asked = follow({"/": (301, location)})

    assert isinstance(answer, Failed)
    assert answer.kind in {FailureKind.ADDRESS, FailureKind.PROTOCOL}
    assert len(asked) == 1


def test_validators_are_sent_on_within_the_site_only() -> None:
    """Another site could recognise us by a validator, so a redirect off the site drops it."""
    _, within = follow({"/": (302, "http://feeds.site.test:PORT/b")}, etag='"1"')
    _, outside = follow({"/": (302, "http://other.test:PORT/b")}, etag='"1"', last_modified="then")

    assert [hop.headers.get("if-none-match") for hop in within] == [b'"1"', b'"1"']
    assert [hop.headers.get("if-none-match") for hop in outside] == [b'"1"', None]
    assert [hop.headers.get("if-modified-since") for hop in outside] == [b"then", None]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "feed.xml",
        "ftp://site.test/",
        "http:///feed",
        "http://site.test:0/",
        "http://site.test:70000/",
        "http://[::1/",
        "http://a\x00b.test/",
        "x" * 100_000,
    ],
)
def test_addresses_that_cannot_be_fetched_are_values(url: str) -> None:
    """A faulty address is a failure with a sentence, never an exception and never a request."""

    async def use(client: HttpFetcher, server: Server) -> Answer:
        answer = await client.fetch(feed(url))
        assert not server.asked
        return answer

    failed(playing(reply(), use), FailureKind.ADDRESS)


def test_a_password_is_sent_by_header_to_the_asked_server_only() -> None:
    """A feed's own login goes where it is meant for, also over TLS there, and to no other host, port or scheme."""
    first = first_hop(feed("http://n%40me:xy:zzy%C3%A9@site.test/feed"), 9.0)
    assert isinstance(first, Hop)
    assert str(first.url) == "http://site.test/feed"
    assert (
        first.asked("aggregator", {}).headers["Authorization"] == f"Basic {b64encode('n@me:xy:zzyé'.encode()).decode()}"
    )

    def has_login(location: str) -> bool:
        hop = first.redirected(httpx.Response(301, headers={"Location": location}), most=3, seconds=5.0)
        assert isinstance(hop, Hop)
        assert hop._moved_to is None
        return "Authorization" in hop.asked("aggregator", {}).headers

    assert all(map(has_login, ("/other", "http://site.test/", "https://site.test/feed")))
    assert not any(map(has_login, ("http://other.test/", "http://www.site.test/", "http://site.test:8080/")))


@pytest.mark.parametrize("purpose", [Purpose.PAGE, Purpose.HUB, Purpose.ROBOTS])
def test_a_password_that_a_stranger_wrote_is_not_sent(purpose: Purpose) -> None:
    """An entry's link or a hub's address with a login is refused, without repeating it."""
    refused = first_hop(Request(url="http://name:xyzzy@site.test/", purpose=purpose), 9.0)

    assert isinstance(refused, Failed)
    assert refused.kind is FailureKind.ADDRESS
    assert "xyzzy" not in refused.why


@given(
    st.one_of(
        st.text(), st.text(alphabet="htps:/[]@%.a1é\u2100?# \\"), st.from_regex(r"https?://[^ ]+", fullmatch=True)
    ),
    st.sampled_from([None, httpx.URL("http://site.test/a/b?c")]),
)
def test_reading_an_address_never_raises(text: str, base: httpx.URL | None) -> None:
    """Every text is an http(s) address with a host and a usable port, or a failure."""
    url = address(text, base)

    if isinstance(url, Failed):
        assert url.kind is FailureKind.ADDRESS
    else:
        assert url.scheme in {"http", "https"}
        assert url.host
        assert not url.userinfo
        assert not url.fragment


def test_validators_go_to_the_site_that_gave_them() -> None:
    """Of a feed that redirects to another site the target gets back what it gave, and the asked site gets nothing."""
    request = feed("https://site.test/feed", etag='"7"', validators_from="other.test")
    first = first_hop(request, 9.0)
    assert isinstance(first, Hop)
    second = first.redirected(httpx.Response(301, headers={"Location": "https://other.test/"}), most=3, seconds=5.0)
    assert isinstance(second, Hop)

    assert ["If-None-Match" in hop.asked("aggregator", {}).headers for hop in (first, second)] == [False, True]
    assert [hop.conditional for hop in (first, second)] == [False, True]
