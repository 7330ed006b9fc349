"""What is said to servers, and what of their answers is understood."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from aggregator import __version__
from aggregator.adapters.http import USER_AGENT, HttpFetcher, Limits, user_agent
from aggregator.domain.fetching import FailureKind, NotModified, Purpose, Request
from tests.adapters.loopback import (
    LOOPBACK,
    NOON,
    Answer,
    Asked,
    Server,
    answer_to,
    failed,
    feed,
    good,
    page,
    playing,
    reply,
)


def robots(url: str) -> Request:
    """Return a request for a robots.txt."""
    return Request(url=url, purpose=Purpose.ROBOTS)


def test_requests_say_who_asks_and_nothing_more() -> None:
    """We name ourselves, accept gzip and the type in question, and send no cookie and no referrer, not even when told to."""

    async def use(client: HttpFetcher, server: Server) -> list[Asked]:
        await client.fetch(feed(server.url()))
        await client.fetch(page(server.url("/page")))
        await client.fetch(robots(server.url("/robots.txt")))
        await client.fetch(feed(server.url("/own"), user_agent="Özil/1"))
        return server.asked

    play = reply(body=b"x", Set_Cookie="id=1; Path=/", Link="</style>; rel=preload")
    atom, html, rules, own = playing(play, use)

    assert b"atom+xml" in atom.headers["accept"]
    assert b"text/html" in html.headers["accept"]
    assert rules.headers["accept"] == b"text/plain, */*;q=0.5"
    assert own.headers["user-agent"] == "Özil/1".encode()
    for asked in (atom, html, rules, own):
        assert set(asked.headers) == {"host", "accept", "accept-encoding", "connection", "user-agent"}


def test_the_very_bytes_of_a_request_hold_no_surprise() -> None:
    """Gzip is the only encoding asked for; the request line and five headers are all that arrives."""

    async def use(client: HttpFetcher, server: Server) -> list[str]:
        await client.fetch(robots(server.url("/robots.txt")))
        return server.asked[0].head.decode().split("\r\n")

    line, *headers = playing(reply(), use)

    assert line == "GET /robots.txt HTTP/1.1"
    assert sorted(header.partition(":")[0].lower() for header in headers if header) == [
        "accept", "accept-encoding", "connection", "host", "user-agent",
    ]  # fmt: skip
    assert "Accept-Encoding: gzip" in headers
    assert f"User-Agent: aggregator/{__version__} (news feed reader)" in headers


def test_a_redirect_takes_no_cookie_and_no_referrer_along() -> None:
    """The next hop does not learn where we come from, nor what the first one wanted us to keep."""

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        there = reply("302 Found", Location="/b", Set_Cookie="id=1; Path=/")
        writer.write(there if asked.path == "/" else reply(body=b"x"))

    async def use(client: HttpFetcher, server: Server) -> bytes:
        good(await client.fetch(feed(server.url())))
        return server.asked[1].head.lower()

    head = playing(play, use)

    assert b"referer" not in head
    assert b"cookie" not in head


def test_our_name_tells_where_to_read_about_us() -> None:
    """With `about_url` the name carries it in the way of robots; without, it says what we are."""
    assert user_agent("https://me.example/bot") == f"aggregator/{__version__} (+https://me.example/bot)"
    assert user_agent(None) == USER_AGENT == f"aggregator/{__version__} (news feed reader)"


def test_a_changed_name_takes_effect() -> None:
    """After `reconfigure` the next request carries the new name."""

    async def use(client: HttpFetcher, server: Server) -> bytes:
        new = user_agent("https://me.example/")
        client.reconfigure(site_delay=timedelta(0), allow_networks=LOOPBACK, user_agent=new)
        await client.fetch(feed(server.url()))
        return server.asked[0].headers["user-agent"]

    assert playing(reply(), use).endswith(b"(+https://me.example/)")


def test_robots_txt_is_cut_at_its_limit() -> None:
    """What comes after the limit is not read, announced or not; the beginning holds (RFC 9309, 2.5)."""
    limits = Limits(robots_bytes=1_000)

    async def use(client: HttpFetcher, server: Server) -> Answer:
        return await client.fetch(robots(server.url()))

    body = bytes(range(250)) * 40
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + body
    for play in (reply(body=body), endless):
        assert good(playing(play, use, limits=limits)).body == body[:1_000]
    assert good(playing(reply(body=body[:1_000]), use, limits=limits)).body == body[:1_000]
    assert Limits().robots_bytes == 512 * 1024


def test_an_answer_tells_how_long_it_holds_and_what_it_asks() -> None:
    """Freshness, X-Robots-Tag and Link come along, the latter joined where there are several."""
    lines = b"X-Robots-Tag: noindex\r\nX-Robots-Tag: nosnippet\r\nLink: <a>; rel=hub\r\nCache-Control: max-age=600\r\n"
    answer = good(answer_to(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n" + lines + b"\r\nx"))

    assert answer.fresh_until == NOON + timedelta(minutes=10)
    assert answer.robots_tag == "noindex, nosnippet"
    assert answer.link_header == "<a>; rel=hub"
    assert answer.wire_bytes == 1
    bare = good(answer_to(reply(body=b"x")))
    assert (bare.fresh_until, bare.robots_tag, bare.link_header) == (None, None, None)


def test_not_modified_tells_how_long_it_holds_and_where_it_came_from() -> None:
    """A 304 at the end of permanent redirects within the site is a move like any other."""

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        there = reply("301 Moved Permanently", Location="/b")
        writer.write(there if asked.path == "/" else b"HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=60\r\n\r\n")

    async def use(client: HttpFetcher, server: Server) -> tuple[Answer, str]:
        return await client.fetch(feed(server.url(), etag='"1"')), server.url("/b")

    answer, there = playing(play, use)

    assert answer == NotModified(moved_to=there, fresh_until=NOON + timedelta(minutes=1))


HTML = "text/html; charset=UTF-8"
CLOUDFLARE = {"Server": "cloudflare", "Content_Type": HTML}


@pytest.mark.parametrize(
    ("status", "headers", "kind", "named"),
    [
        ("404 Not Found", {}, FailureKind.NOT_FOUND, "moved"),
        ("410 Gone", {}, FailureKind.GONE, "for good"),
        ("401 Unauthorized", {}, FailureKind.BLOCKED, "password"),
        ("402 Payment Required", {}, FailureKind.BLOCKED, "paid"),
        ("403 Forbidden", {}, FailureKind.BLOCKED, "user_agent"),
        ("406 Not Acceptable", {}, FailureKind.BLOCKED, "user_agent"),
        ("451 Unavailable For Legal Reasons", {}, FailureKind.BLOCKED, "where you are"),
        ("403 Forbidden", {"cf_mitigated": "challenge"}, FailureKind.CHALLENGED, "Cloudflare"),
        ("403 Forbidden", CLOUDFLARE, FailureKind.CHALLENGED, "Cloudflare"),
        ("503 Service Unavailable", CLOUDFLARE, FailureKind.CHALLENGED, "Cloudflare"),
        ("503 Service Unavailable", {"Server": "cloudflare"}, FailureKind.SERVER, "trouble"),
        ("404 Not Found", CLOUDFLARE, FailureKind.NOT_FOUND, "moved"),
        ("522 Odd", CLOUDFLARE, FailureKind.SERVER, "trouble"),
        ("403 Forbidden", {"X_DataDome": "protected"}, FailureKind.CHALLENGED, "DataDome"),
        ("403 Forbidden", {"X_Sucuri_ID": "19015"}, FailureKind.CHALLENGED, "Sucuri"),
        ("404 Not Found", {"X_Sucuri_ID": "19015"}, FailureKind.NOT_FOUND, "moved"),
        ("202 Accepted", {"x_amzn_waf_action": "challenge"}, FailureKind.CHALLENGED, "AWS"),
        ("405 Not Allowed", {"x_amzn_waf_action": "captcha"}, FailureKind.CHALLENGED, "AWS"),
        ("500 Internal Server Error", {}, FailureKind.SERVER, "trouble"),
        ("503 Service Unavailable", {}, FailureKind.SERVER, "trouble"),
        ("599 Odd", {}, FailureKind.SERVER, "599"),
        ("204 No Content", {}, FailureKind.STATUS, "No Content"),
        ("206 Partial Content", {}, FailureKind.STATUS, "Partial"),
        ("300 Multiple Choices", {}, FailureKind.STATUS, "Multiple"),
        ("418 Odd", {}, FailureKind.STATUS, "no answer"),
    ],
)
def test_answers_without_a_body_for_us_fail_with_advice(
    status: str, headers: dict[str, Any], kind: FailureKind, named: str
) -> None:
    """Each refusal is a failure of its kind that carries its status and a sentence that helps."""
    answer = failed(answer_to(reply(status, **headers)), kind)

    assert named in answer.why
    assert answer.status == int(status[:3])
    assert answer.retry_at is None


def test_a_wall_that_names_a_time_is_a_throttle() -> None:
    """A 429 rests the site, whoever says it."""
    answer = failed(answer_to(reply("429 Too Many Requests", cf_mitigated="challenge")), FailureKind.THROTTLED)

    assert answer.retry_at == NOON + timedelta(minutes=30)
