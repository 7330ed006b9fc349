"""What a robots.txt means, by the RFC's own rules, and how long its word holds."""

import time
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.crawling.robots import (
    GIVEN_UP,
    LONGEST_DELAY,
    MAX_BYTES,
    Standing,
    judge,
    origin,
    robots_file,
    standing,
)
from aggregator.domain.crawling import RobotsFile
from aggregator.domain.fetching import Failed, FailureKind, NotModified, Response
from tests.builders import NOON, hours

SITE = "https://paper.example"


def _allowed(file: str | bytes, *paths: str, agent: str = "aggregator") -> list[bool]:
    body = file if isinstance(file, bytes) else "\n".join(line.strip() for line in file.splitlines()).encode()
    return list(judge(body, [SITE + path for path in paths], agent).allowed)


def _is_allowed(path: str, *rules: str) -> bool:
    return _allowed("\n".join(["User-agent: *", *rules]), path)[0]


@pytest.mark.parametrize(
    ("path", "rules", "allowed"),
    [
        ("/news/1", (), True),
        ("/news/1", ("Disallow:",), True),
        ("/news/1", ("Disallow: /",), False),
        ("/news/1", ("Disallow: /news",), False),
        ("/newsroom", ("Disallow: /news",), False),
        ("/newsroom", ("Disallow: /news/",), True),
        ("/News/1", ("Disallow: /news/",), True),
        # The longest match counts, whatever the order; of two that are alike the one that allows.
        ("/news/free/1", ("Allow: /news/free", "Disallow: /news"), True),
        ("/news/free/1", ("Disallow: /news", "Allow: /news/free"), True),
        ("/news/1", ("Allow: /", "Disallow: /news"), False),
        ("/news", ("Disallow: /news", "Allow: /news"), True),
        # Any characters, and the end.
        ("/2026/11/print/1", ("Disallow: /*/print/",), False),
        ("/print/1", ("Disallow: /*/print/",), True),
        ("/1.pdf", ("Disallow: /*.pdf$",), False),
        ("/1.pdf?page=2", ("Disallow: /*.pdf$",), True),
        ("/", ("Disallow: /$",), False),
        ("/news", ("Disallow: /$",), True),
        ("/news?id=7&print=1", ("Disallow: /*?*print=",), False),
        ("/a/b/c/b/d", ("Disallow: /a*b/d$",), False),
        # One page in two spellings is one page.
        ("/%E6%96%B0%E8%81%9E/1", ("Disallow: /新聞/",), False),
        ("/新聞/1", ("Disallow: /%e6%96%b0%e8%81%9e/",), False),
        ("/%6Eews/1", ("Disallow: /news/",), False),
        ("/a%2Fb", ("Disallow: /a/b",), True),
        # What the parser must bear with.
        ("/news/1", ("  disallow  :  /news  # the archive",), False),
        ("/news/1", ("Disallow /news",), False),
        ("/news/1", ("Dissallow: /news",), False),
        ("/robots.txt", ("Disallow: /",), True),
    ],
)
def test_rules_match_as_the_rfc_says(path: str, rules: tuple[str, ...], *, allowed: bool) -> None:
    """Paths are matched from their start, the most specific rule counts, * and $ and percent-encoding mean what they mean."""
    assert _is_allowed(path, *rules) == allowed


GROUPS = """
    User-agent: *
    Disallow: /all

    User-agent: Otherbot
    User-agent: AGGREGATOR
    Disallow: /ours

    User-agent: otherbot
    Disallow: /theirs

    User-agent: aggregator/1.0
    Disallow: /ours-too
"""


def test_our_groups_are_merged_and_go_before_everybodys() -> None:
    """A name is compared without case; all groups of one name are one group, and the one for everybody then says nothing."""
    assert _allowed(GROUPS, "/all", "/ours", "/theirs", "/ours-too") == [True, False, True, False]
    assert _allowed(GROUPS, "/all", "/ours", "/theirs", agent="stranger") == [False, True, True]


@pytest.mark.parametrize(
    "name", ["agg", "a", "gator", "aggregator-images", "myaggregator", "", "aggregators", "Mozilla/5.0"]
)
def test_a_name_that_merely_resembles_ours_is_another(name: str) -> None:
    """What is said to a crawler whose name is a part of ours, or has ours as a part, is not said to us."""
    file = f"User-agent: {name}\nDisallow: /\n\nUser-agent: *\nDisallow: /all"

    assert _allowed(file, "/all", "/news") == [False, True]


@pytest.mark.parametrize(
    "between", ["Sitemap: https://paper.example/map.xml", "Noindex: /x", "Clean-param: a /b", "What?", ""]
)
def test_lines_that_are_not_understood_are_as_if_they_were_not_there(between: str) -> None:
    """Neither between names nor between rules does an unknown line end a group (2.2.4)."""
    file = f"User-agent: aggregator\n{between}\nUser-agent: otherbot\n{between}\nDisallow: /a\n{between}\nDisallow: /b"

    assert _allowed(file, "/a", "/b", "/c") == [False, False, True]


def test_rules_before_any_name_are_nobodys() -> None:
    """A rule that stands outside any group says nothing."""
    assert _allowed("Disallow: /\nUser-agent: otherbot\nDisallow: /", "/news") == [True]


@pytest.mark.parametrize(
    "file",
    [
        b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /news\r\n",
        b"User-agent: *\rDisallow: /news\r",
        b"\xff\xfe\x00\nUser-agent: *\nDisallow: /caf\xe9\nDisallow: /news",
        "User-agent: *\nDisallow: /b\u2028Allow: /news\nDisallow: /news".encode(),
    ],
)
def test_a_file_is_read_whatever_editor_wrote_it(file: bytes) -> None:
    """A byte order mark, any line ends, and bytes that are no UTF-8 cost no rule; no other character ends a line."""
    assert _allowed(file, "/news/1", "/sport/1") == [False, True]


def test_a_page_in_the_place_of_the_file_forbids_nothing() -> None:
    """Sites that answer everything with their front page have no rules."""
    assert _allowed(b"<!doctype html><title>Disallow: everything</title>\n<p>User-agent: *</p>", "/news") == [True]


def test_what_stands_beyond_500_kib_is_not_read() -> None:
    """The file is cut there, and a line that is cut in two does not become a shorter rule, which would forbid more."""
    start = b"User-agent: *\nDisallow: /first\n"
    filling = b"#" * (MAX_BYTES - len(start) - len(b"\nDisallow: /")) + b"\nDisallow: /deep/down\nDisallow: /last\n"

    assert _allowed(start + filling, "/first", "/news", "/last") == [False, True, True]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("10", 10), ("0.5", 0.5), ("1e300", LONGEST_DELAY.total_seconds()), ("soon", None), ("-1", None), ("nan", None)],
)
def test_a_crawl_delay_is_ours_up_to_a_minute(said: str, seconds: float | None) -> None:
    """It is read from our group; what is no number of seconds is none."""
    permissions = judge(f"User-agent: aggregator\nCrawl-delay: {said}\nDisallow: /x".encode(), [SITE])

    assert permissions.crawl_delay == (None if seconds is None else timedelta(seconds=seconds))
    assert judge(f"User-agent: otherbot\nCrawl-delay: {said}".encode(), [SITE]).crawl_delay is None


@given(st.binary(max_size=300) | st.text(st.sampled_from("user-agent:*\n dislow/$%#\r")).map(str.encode), st.text())
def test_no_file_is_too_odd(file: bytes, path: str) -> None:
    """Whatever stands in a file, there is an answer for each page."""
    assert len(judge(file, [f"{SITE}/{path}", SITE]).allowed) == 2


def test_wildcards_do_not_explode() -> None:
    """A pattern of a thousand wildcards against an address that all but fits is judged in no time."""
    rules = "\n".join(f"Disallow: /{'*a' * 1_000}*b{number}$" for number in range(100))
    began = time.monotonic()

    assert _is_allowed("/" + "a" * 4_000, rules)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://Paper.example/news?x=1#y", "https://paper.example"),
        ("http://paper.example:80/", "http://paper.example"),
        ("https://paper.example:443", "https://paper.example"),
        ("http://paper.example:443/", "http://paper.example:443"),
        ("http://user:secret@paper.example:8080/", "http://paper.example:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, place: str) -> None:
    """A robots.txt speaks for nothing else, not even for the same host under https."""
    assert origin(url) == place


def _came(**more: Any) -> Response:
    return Response(url=f"{SITE}/robots.txt", body=b"User-agent: *", content_type=None, **more)


def _failed(kind: FailureKind, status: int | None = None, **more: Any) -> Failed:
    return Failed(kind=kind, why="no", status=status, **more)


@pytest.mark.parametrize(
    ("named", "holds"), [(None, 24), (hours(0.1), 1), (hours(6), 6), (hours(24 * 365), 24), (hours(-5), 1)]
)
def test_a_file_holds_for_a_day_or_as_its_server_says(named: Any, holds: float) -> None:
    """Within an hour and a day the server decides; a file is never trusted for longer than a day (2.4)."""
    file = robots_file(SITE, _came(fresh_until=named), None, NOON)

    assert (file.fetched, file.expires, file.status, file.body) == (NOON, hours(holds), 200, b"User-agent: *")
    assert standing(file, NOON) is Standing.BY_RULES


@pytest.mark.parametrize(
    ("answer", "stands"),
    [
        (_failed(FailureKind.NOT_FOUND, 404), Standing.ALL),
        (_failed(FailureKind.GONE, 410), Standing.ALL),
        (_failed(FailureKind.BLOCKED, 401), Standing.ALL),
        (_failed(FailureKind.BLOCKED, 403), Standing.ALL),
        (_failed(FailureKind.STATUS, 204), Standing.ALL),
        (_failed(FailureKind.REDIRECTS), Standing.ALL),
        (_failed(FailureKind.ADDRESS), Standing.ALL),
        (_failed(FailureKind.THROTTLED, 429), Standing.NOTHING),
        (_failed(FailureKind.SERVER, 500), Standing.NOTHING),
        (_failed(FailureKind.CHALLENGED, 503), Standing.NOTHING),
        (_failed(FailureKind.TIMEOUT), Standing.NOTHING),
        (_failed(FailureKind.DNS), Standing.NOTHING),
        (_failed(FailureKind.TOO_LARGE), Standing.NOTHING),
        (NotModified(), Standing.NOTHING),
    ],
)
def test_no_file_allows_everything_and_no_answer_nothing(answer: Failed | NotModified, stands: Standing) -> None:
    """4xx says that there is no file, for a day; trouble on the way to it says nothing, and is looked into within the hour."""
    file = robots_file(SITE, answer, None, NOON)

    assert standing(file, hours(0.5)) is stands
    assert file.expires == hours(24 if stands is Standing.ALL else 1)


def test_a_server_that_names_a_time_is_not_asked_before() -> None:
    """Retry-After counts for robots.txt too, for a day at the longest."""
    for wait, holds in ((0.1, 1), (5, 5), (100, 24)):
        answer = _failed(FailureKind.THROTTLED, 429, retry_at=hours(wait))
        assert robots_file(SITE, answer, None, NOON).expires == hours(holds)


def test_a_file_that_cannot_be_had_for_a_month_is_given_up() -> None:
    """The days are counted from the first failure in a row; after 30 of them everything is allowed (2.3.1.4)."""
    file: RobotsFile | None = robots_file(SITE, _came(), None, hours(-24))
    states = []
    for day in range(GIVEN_UP.days + 2):
        file = robots_file(SITE, _failed(FailureKind.SERVER, 503), file, hours(24 * day))
        states.append(standing(file, hours(24 * day)))
        assert file.fetched == NOON

    assert states == [Standing.NOTHING] * GIVEN_UP.days + [Standing.ALL] * 2
    assert robots_file(SITE, _came(), file, hours(1000)).fetched == hours(1000)
