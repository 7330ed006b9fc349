"""A running world moves on, saves its visitors' time, remembers them, and fails on order."""

import gzip
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from lxml import html
from ruamel.yaml import YAML

from tests.newsworld.clock import WorldClock
from tests.newsworld.model import NewsArticle
from tests.newsworld.pages import words
from tests.newsworld.running import RunningWorld
from tests.newsworld.server import serve
from tests.newsworld.world import load_world

#: Seconds; for what must not be answered.
_SOON = 0.1


@pytest.fixture
def running() -> Iterator[RunningWorld]:
    """Serve a world that has come to noon of day 1."""
    with serve(load_world(), WorldClock("1 12:00")) as served:
        yield served


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """Return a client that keeps no connection, so that no world is held up at its end."""
    with httpx.Client(timeout=5.0, limits=httpx.Limits(max_keepalive_connections=0), trust_env=False) as session:
        yield session


def _at(hours: float) -> str:
    """Return a position as the clock reads it, rounded up to the minute."""
    day, minutes = divmod(round(hours * 60), 24 * 60)
    return f"{day + 1} {minutes // 60:02}:{minutes % 60:02}"


def _first_of_day_two(running: RunningWorld) -> NewsArticle:
    return next(article for article in running.world.articles if article.at >= 24)


def test_nothing_appears_before_its_hour(running: RunningWorld, client: httpx.Client) -> None:
    """An article is neither listed nor found before its hour, and both from then on."""
    article = _first_of_day_two(running)
    page, feed = running.article_url(article.id), running.feed_url(article.outlet)
    mark = page.removeprefix(running.sites[article.outlet].root)

    running.clock.advance_to(_at(article.at - 1 / 60))
    assert client.get(page).status_code == 404
    assert mark not in client.get(feed).text

    running.clock.advance_to(_at(article.at))
    assert client.get(page).status_code == 200
    assert mark in client.get(feed).text


def test_revision_shows_on_page_and_in_feed(running: RunningWorld, client: httpx.Client) -> None:
    """A revised article says something else on its page, and its entry tells that it changed."""
    article = next(article for article in running.world.articles if article.revisions and article.revisions[0].at > 24)
    revision = article.revisions[0]
    new = next(paragraph for paragraph in revision.paragraphs if paragraph not in article.paragraphs)
    page, feed = running.article_url(article.id), running.feed_url(article.outlet)

    running.clock.advance_to(_at(revision.at - 1 / 60))
    page_before, feed_before = client.get(page).content, client.get(feed).text
    running.clock.advance_to(_at(revision.at))
    page_after, feed_after = client.get(page).content, client.get(feed).text

    assert new not in str(html.fromstring(page_before).xpath("string()"))
    assert new in str(html.fromstring(page_after).xpath("string()"))
    notice = words(article.language)["updated"].format(time=running.clock.moment(revision.at).strftime("%H:%M"))
    assert notice not in feed_before
    assert notice in feed_after


@pytest.mark.parametrize(("asks", "tells"), [("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")])
def test_unchanged_feed_is_not_sent_again(running: RunningWorld, client: httpx.Client, asks: str, tells: str) -> None:
    """Who has a feed as it stands is told so (304), until it changes."""
    article = _first_of_day_two(running)
    running.clock.advance_to(_at(article.at - 1 / 60))
    url = running.feed_url(article.outlet)
    validator = {asks: client.get(url).headers[tells]}

    again = client.get(url, headers=validator)
    assert (again.status_code, again.content) == (304, b"")

    running.clock.advance_to(_at(article.at))
    assert client.get(url, headers=validator).status_code == 200


def test_gzip_for_who_accepts_it(running: RunningWorld, client: httpx.Client) -> None:
    """A body is compressed when asked for, and otherwise plain."""
    url = running.feed_url("northern-wire")
    plain = client.get(url, headers={"Accept-Encoding": "identity"})

    assert "content-encoding" not in plain.headers
    with client.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as packed:
        assert gzip.decompress(b"".join(packed.iter_raw())) == plain.content


def test_head_and_other_methods(running: RunningWorld, client: httpx.Client) -> None:
    """HEAD tells all but the body; nothing can be sent to the world."""
    url = running.feed_url("northern-wire")
    head = client.head(url)

    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0
    assert client.post(url).status_code == 405


def test_log_remembers_who_asked_what(running: RunningWorld, client: httpx.Client) -> None:
    """Every request is remembered by outlet, kind, path, user agent, condition and status."""
    article = running.world.released("evening-courier", "front", running.clock.position)[0]
    client.get(running.feed_url("evening-courier"), headers={"User-Agent": "probe/1", "If-None-Match": '"old"'})
    client.get(running.article_url(article.id) + "?utm_source=test")
    client.get(running.outlet_url("evening-courier"))
    client.get(running.outlet_url("evening-courier") + "robots.txt")

    assert [(visit.kind, visit.status, visit.conditional) for visit in running.log] == [
        ("feed", 200, True),
        ("page", 200, False),
        ("home", 200, False),
        ("other", 404, False),
    ]
    assert running.log[0].user_agent == "probe/1"
    assert running.log[1].path.endswith("?utm_source=test")
    assert running.visits("feed", "harbour-herald") == []
    assert running.pages_fetched() == 1
    running.forget()
    assert running.log == ()


def test_redirect_is_no_page(running: RunningWorld, client: httpx.Client) -> None:
    """An address that only counts and redirects is remembered as such."""
    article = running.world.released("nordkurier-online", "front", running.clock.position)[0]
    response = client.get(running.sites["nordkurier-online"].link(article, "front"))

    assert (response.status_code, response.headers["location"]) == (302, running.article_url(article.id))
    assert [visit.kind for visit in running.log] == ["redirect"]
    assert running.pages_fetched() == 0


def test_requests_at_once_are_seen(running: RunningWorld, client: httpx.Client) -> None:
    """With some latency, two requests that overlap at one outlet show in the log; requests in turn do not."""
    url = running.feed_url("northern-wire")
    client.get(url)
    client.get(url)
    assert running.most_at_once("northern-wire") == 1

    running.latency = _SOON
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(client.get, [url, url]))
    assert running.most_at_once("northern-wire") == 2
    assert running.most_at_once("daily-ledger") == 0


def test_status_on_order(running: RunningWorld, client: httpx.Client) -> None:
    """A path fails with a status as often as ordered; others do not."""
    url = running.feed_url("northern-wire")
    running.fail("northern-wire", "/rss/", 503, retry_after=7, times=2)

    failed = client.get(url)
    assert (failed.status_code, failed.headers["retry-after"]) == (503, "7")
    assert client.get(running.outlet_url("northern-wire")).status_code == 200
    assert client.get(running.feed_url("daily-ledger")).status_code == 200
    assert [client.get(url).status_code for _ in range(2)] == [503, 200]


def test_cut_connection_on_order(running: RunningWorld, client: httpx.Client) -> None:
    """A connection can be cut without an answer, until all is healed."""
    url = running.feed_url("northern-wire")
    running.fail("northern-wire", "/", "reset")

    with pytest.raises(httpx.TransportError):
        client.get(url)
    assert running.log[-1].status == 0
    running.heal()
    assert client.get(url).status_code == 200


def test_silence_on_order(running: RunningWorld, client: httpx.Client) -> None:
    """A request can be left without an answer until its client gives up, which the log then tells."""
    running.fail("northern-wire", "/", "hang", times=1)

    with pytest.raises(httpx.ReadTimeout):
        client.get(running.feed_url("northern-wire"), timeout=_SOON)
    deadline = time.monotonic() + 5
    while not running.log and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [visit.status for visit in running.log] == [0]


def test_world_ends_with_a_request_in_hand() -> None:
    """The end of the block ends all connections, one that hangs and one that idles among them."""
    with httpx.Client(trust_env=False) as idle, ThreadPoolExecutor(1) as pool:
        with serve(load_world(), WorldClock("1 12:00")) as running:
            idle.get(running.outlet_url("northern-wire"))
            running.fail("northern-wire", "/", "hang")
            hanging = pool.submit(httpx.get, running.feed_url("northern-wire"), timeout=5.0, trust_env=False)
            time.sleep(_SOON)
        with pytest.raises(httpx.TransportError):
            hanging.result()


def test_feeds_yaml_lists_every_feed(running: RunningWorld) -> None:
    """A world's feeds.yaml has what the world needs, what was asked for, and each feed with name and tags."""
    tree = YAML(typ="safe").load(running.feeds_yaml({"every": "1s"}, outlets=["harbour-herald", "al-mina"]))

    assert tree["settings"] == {
        "site_delay": "0s",
        "timezone": running.clock.zone,
        "allow_networks": ["127.0.0.0/8"],
        "every": "1s",
    }
    assert [feed["name"] for feed in tree["feeds"]] == [
        "Harbour Herald",
        "Harbour Herald - local",
        "Harbour Herald - sport",
        "الميناء",
        "الميناء - world",
    ]
    assert tree["feeds"][1] == {
        "url": running.feed_url("harbour-herald", "local"),
        "name": "Harbour Herald - local",
        "tags": ["local", "meridia"],
    }
    assert len(YAML(typ="safe").load(running.feeds_yaml())["feeds"]) > 40


def test_command_prints_the_expected_stories() -> None:
    """`python -m tests.newsworld --expected` tells one story a line, most-carried first."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.newsworld", "--expected"], capture_output=True, text=True, check=True
    )

    lines = told.stdout.splitlines()
    assert len(lines) == len(load_world().events)
    assert [int(line.split()[0]) for line in lines] == sorted((int(line.split()[0]) for line in lines), reverse=True)


def test_time_starts_with_the_first_poll() -> None:
    """A world that runs by itself waits for its first visitor's poll."""
    clock = WorldClock("1 05:00", speed=1e6)
    with serve(load_world(), clock, on_feed=clock.start) as running, httpx.Client(trust_env=False) as client:
        client.get(running.outlet_url("northern-wire"))
        assert clock.position == 5.0
        client.get(running.feed_url("northern-wire"))
        time.sleep(0.01)
        assert clock.position > 5.0
