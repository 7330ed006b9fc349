import asyncio
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.adapters.http import HttpFetcher, Limits
from aggregator.domain.crawling import Budget
from aggregator.domain.fetching import Failed, FailureKind, NotModified, Response
from tests.adapters.loopback import (
    IMPATIENT,
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
    playing_fast,
    reply,
)
from tests.fasttime import fast_loop


def test_a_good_answer_brings_body_type_and_validators() -> None:
    """A 200 yields the body, the lower-case type, and the validators as they came."""
    play = reply(
        body=b"<rss/>",
        Content_Type="Text/XML; Charset=UTF-8",
        ETag='W/"a b"',
        Last_Modified="Sun, 01 Mar 2026 10:00:00 GMT",
    )

    answer = good(answer_to(play, "/feed?a=1#part"))

    assert answer.body == b"<rss/>"
    assert answer.content_type == "text/xml; charset=utf-8"
    assert answer.etag == 'W/"a b"'
    assert answer.last_modified == "Sun, 01 Mar 2026 10:00:00 GMT"
    assert answer.url.endswith("/feed?a=1")
    assert answer.moved_to is None


def test_a_bare_answer_has_no_type_and_no_validators() -> None:
    """Headers that are missing are None."""
    answer = good(answer_to(b"HTTP/1.0 200 OK\r\n\r\nhello"))

    assert (answer.body, answer.content_type, answer.etag, answer.last_modified) == (b"hello", None, None, None)


@pytest.mark.parametrize("status", ["203 Non-Authoritative Information", "226 IM Used"])
def test_other_full_answers_are_read_like_200(status: str) -> None:
    """A delta feed (226) and a proxy's answer (203) have a body for us."""
    assert good(answer_to(reply(status, b"text"))).body == b"text"


def test_validators_go_back_byte_for_byte() -> None:
    """ETag and Last-Modified are opaque: quotes, odd bytes and an absurd date are sent back as received."""
    etag = b'W/"\xe9 \\ \xff"'
    date = b"yesterday, perhaps"

    async def use(client: HttpFetcher, server: Server) -> Asked:
        first = good(await client.fetch(feed(server.url())))
        await client.fetch(feed(server.url(), etag=first.etag, last_modified=first.last_modified))
        return server.asked[1]

    asked = playing(reply(body=b"x", ETag=etag, Last_Modified=date), use)

    assert asked.headers["if-none-match"] == etag
    assert asked.headers["if-modified-since"] == date


def test_not_modified_answers_a_conditional_request_each_time() -> None:
    """304 is NotModified with the new validators, however often it comes."""

    async def use(client: HttpFetcher, server: Server) -> list[Answer]:
        return [await client.fetch(feed(server.url(), etag='"1"')) for _ in range(3)]

    answers = playing(b'HTTP/1.1 304 Not Modified\r\nETag: "2"\r\n\r\n', use, keep_alive=True)

    assert answers == [NotModified(etag='"2"', last_modified=None)] * 3


def test_not_modified_without_being_asked_is_a_failure() -> None:
    """A 304 to a request without validators leaves us with nothing, so it is no success."""
    answer = failed(answer_to(b"HTTP/1.1 304 Not Modified\r\n\r\n"), FailureKind.STATUS)

    assert answer.status == 304


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_site_that_asks_for_rest_gets_it(status: str) -> None:
    """After Retry-After nothing of the whole site is asked, until the clock has passed the time; other sites are."""

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(status, Retry_After="120") if asked.path == "/busy" else reply(body=b"x"))

    async def use(client: HttpFetcher, server: Server) -> list[Answer]:
        answers = [await client.fetch(feed(server.url("/busy", "a.site.test")))]
        answers.append(await client.fetch(page(server.url("/page", "b.site.test"))))
        answers.append(await client.fetch(page(server.url("/page", "other.test"))))
        await asyncio.sleep(119 - fast_loop().time())
        answers.append(await client.fetch(page(server.url("/page", "site.test"))))
        await asyncio.sleep(1)
        answers.append(await client.fetch(page(server.url("/page", "site.test"))))
        assert len(server.asked) == 3
        return answers

    throttled, resting, other, still, again = playing_fast(play, use)

    until = NOON + timedelta(seconds=120)
    assert failed(throttled, FailureKind.THROTTLED).retry_at == until
    assert failed(resting, FailureKind.RESTING).retry_at == until
    assert failed(still, FailureKind.RESTING).retry_at == until
    assert isinstance(other, Response)
    assert isinstance(again, Response)


def test_a_rest_of_an_earlier_run_is_kept() -> None:
    """Sites that are owed a rest are not asked."""
    owed = Budget(key="site.test", delay=timedelta(0), rest_until=NOON + timedelta(hours=1), last=NOON)

    async def use(client: HttpFetcher, server: Server) -> Answer:
        answer = await client.fetch(feed(server.url(host="www.site.test")))
        assert not server.asked
        return answer

    answer = playing(reply(), use, budgets=[owed])

    assert failed(answer, FailureKind.RESTING).retry_at == NOON + timedelta(hours=1)


def test_those_who_wait_behind_a_throttled_request_do_not_ask() -> None:
    """Fetches queued at a site when it asks for rest fail without a request."""

    async def use(client: HttpFetcher, server: Server) -> tuple[list[Answer], int]:
        answers = await asyncio.gather(*(client.fetch(feed(server.url(f"/{n}"))) for n in range(20)))
        return answers, len(server.asked)

    answers, count = playing_fast(reply("429 Too Many Requests"), use, site_delay=timedelta(seconds=20))

    assert count == 1
    kinds = [answer.kind for answer in answers if isinstance(answer, Failed)]
    assert kinds == [FailureKind.THROTTLED] + [FailureKind.RESTING] * 19


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"HTTP/1.1",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 30 + b"x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\nuryyb",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 40_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2p1\r\n",
    ],
)
def test_what_is_no_http_is_a_value(sent: bytes) -> None:
    """Broken status lines, lengths, chunks and headers of any size fail without an exception."""
    answer = answer_to(sent)

    assert isinstance(answer, Failed)
    assert answer.kind in {FailureKind.PROTOCOL, FailureKind.CONNECT, FailureKind.STATUS}


def test_a_server_that_says_nothing_or_dribbles_is_left() -> None:
    """Silence ends after the idle time, a drip of bytes at the deadline for the whole."""

    async def silent(_: Asked, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(10)

    async def dribbling(__: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(200):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async def slow_headers(__: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(200):
            writer.write(b"X-Slow: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    for play in (silent, dribbling, slow_headers):
        failed(answer_to(play, limits=IMPATIENT), FailureKind.TIMEOUT)


def test_stopping_cancels_fetches_at_once() -> None:
    """Fetches that wait for an answer or for their turn end within a second of being cancelled."""

    async def silent(_: Asked, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async def use(client: HttpFetcher, server: Server) -> float:
        tasks = [asyncio.create_task(client.fetch(feed(server.url(f"/{n}", f"{n % 3}.test")))) for n in range(30)]
        await asyncio.sleep(0.1)
        start = asyncio.get_running_loop().time()
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results)
        return asyncio.get_running_loop().time() - start

    assert playing(silent, use) < 1


def test_connections_are_used_again() -> None:
    """Requests to one site share a kept-alive connection."""

    async def use(client: HttpFetcher, server: Server) -> set[int]:
        for n in range(5):
            good(await client.fetch(page(server.url(f"/{n}"))))
        return {asked.port for asked in server.asked}

    assert len(playing(reply(body=b"x"), use, keep_alive=True)) == 1


FRAGMENTS = (
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 302 Found\r\n", b"Location: ", b"//", b"http://[", b":99999999999", b"/a", b"\xff",
    b"Content-Length: 3\r\n", b"Content-Encoding: gzip\r\n", b"Transfer-Encoding: chunked\r\n", b"Set-Cookie: a=b; Expires=x\r\n",
    b"\r\n", b"\r\n\r\n", b"abc", b"\0", b"Retry-After: 9\r\n",
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=9)), max_size=9).map(b"".join))
def test_no_answer_whatever_raises(sent: bytes) -> None:
    """Any bytes that a server may send end in one of the three values."""
    answer = answer_to(sent, limits=Limits(redirects=2))

    assert isinstance(answer, Response | Failed)
