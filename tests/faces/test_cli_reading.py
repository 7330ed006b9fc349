import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faces.installed import Outlet, Place, new_place

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
HOURLY = """\
settings:
  every: 1h
  site_delay: 0s
  workers: 1
  timezone: UTC
  allow_networks: ["127.0.0.0/8"]
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A feeds.yaml without feeds and a database that does not exist yet."""
    with new_place(tmp_path) as place:
        yield place


@pytest.fixture(scope="module")
def read() -> Iterator[Place]:
    """A place that has polled two feeds once."""
    with TemporaryDirectory() as folder, new_place(Path(folder)) as place, Outlet() as outlet:
        harbour = outlet.lists("harbour", "Bridge closed after cracks", "Ferry late again")
        place.write(harbour, outlet.lists("metro", "Tram line opens"), settings=HOURLY)
        assert place.call("update").returncode == 0
        yield place


def test_today_prints_a_story_a_line(read: Place) -> None:
    """In a pipe each story is one line: id, time, counts, headline, sources, address."""
    shown = read.call("today", "--since", "24h")

    assert shown.returncode == 0
    assert len(shown.stdout.splitlines()) == 3
    (line,) = [line for line in shown.stdout.splitlines() if "Ferry" in line]
    assert re.fullmatch(
        r" +\d+  \d{4}-\d\d-\d\dT\d\d:\d\dZ  1 article · 1 text · 1 source +  Ferry late again  \[.+\]  http://127\.\S+",
        line,
    )
    assert shown.stderr == ""


def test_today_as_json_has_the_promised_shape(read: Place) -> None:
    """Keys and their kinds are those that README promises."""
    stories = read.json("today", "--since", "24h")

    story = next(story for story in stories if "Bridge" in story["title"])
    assert list(story) == [
        *("id", "title", "url", "source", "published", "first_seen", "updated", "language", "tags", "summary"),
        *("counts", "read", "starred", "muted", "new", "articles"),
    ]
    assert story["counts"] == {"articles": 1, "texts": 1, "sources": 1}
    (article,) = story["articles"]
    assert list(article) == [
        *("id", "title", "url", "source", "feed", "published", "copy_of", "similarity", "why", "held_back"),
    ]
    assert (article["feed"], article["copy_of"], article["similarity"]) == ("harbour", None, None)
    for moment in (story["published"], story["first_seen"], story["updated"], article["published"]):
        assert re.fullmatch(STAMP, moment)


def test_today_can_be_narrowed(read: Place) -> None:
    """--limit, --source, --min-sources and --tag leave out what does not fit."""
    assert len(read.json("today", "--since", "24h", "--limit", "2")) == 2
    assert len(read.json("today", "--since", "24h", "--limit", "0")) == 3
    assert read.json("today", "--since", "24h", "--min-sources", "2") == []
    assert read.json("today", "--since", "24h", "--source", "nobody") == []
    assert read.json("today", "--since", "24h", "--tag", "none") == []


def test_another_day_is_another_day(read: Place) -> None:
    """--day takes that day's stories only; nothing fits a day long gone, and stderr says so."""
    shown = read.call("today", "--day", "2020-01-01")

    assert (shown.returncode, shown.stdout) == (0, "")
    assert "no story" in shown.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("today", "--since", "soon"),
        ("today", "--day", "2026-13-01"),
        ("today", "--day", "today", "--since", "24h"),
        ("today", "--min-sources", "0"),
        ("today", "--nonsense"),
        ("nonsense",),
        ("story", "x"),
        ("story", "99999"),
        ("search",),
    ],
)
def test_wrong_use_exits_with_2(read: Place, words: tuple[str, ...]) -> None:
    """A sentence on stderr, nothing on stdout."""
    refused = read.call(*words)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_story_is_shown_with_its_articles(read: Place) -> None:
    """`story ID` tells the counts, each article, and why it is in; --json is one element of `today --json`."""
    listed = next(story for story in read.json("today", "--since", "24h") if "Ferry" in story["title"])

    shown = read.call("story", str(listed["id"]))

    assert read.json("story", str(listed["id"])) == listed | {"lineage": None, "agencies": {}}
    assert shown.stdout.splitlines()[0] == "Ferry late again"
    assert f"1 article · 1 text · 1 source · story {listed['id']}" in shown.stdout
    assert listed["articles"][0]["why"] in shown.stdout
    assert "listed by harbour" in shown.stdout


def test_search_finds_words(read: Place) -> None:
    """Headline, source, story and the words around the hit are shown; --json has them as values."""
    shown = read.call("search", "cracks")
    (hit,) = read.json("search", "cracks")

    assert shown.stdout.splitlines()[0] == "Bridge closed after cracks"
    assert f"story {hit['story']}" in shown.stdout
    assert "cracks" in hit["snippet"]
    assert not set("\x02\x03") & set(shown.stdout)
    assert list(hit) == ["article", "story", "title", "url", "source", "dated", "snippet"]


def test_search_without_a_hit_says_so(read: Place) -> None:
    """Nothing found is no failure."""
    shown = read.call("search", "zeppelin")

    assert (shown.returncode, shown.stdout) == (0, "")
    assert "no article" in shown.stderr


def test_a_closed_pipe_is_quiet(read: Place) -> None:
    """`aggregator today | head -0` leaves no message."""
    with subprocess.Popen(
        read.command("today", "--since", "24h"), env=read.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()

        assert process.stderr.read() == b""
        assert process.wait() == 1


def test_empty_todays_are_explained(place: Place) -> None:
    """Who has no database, or no feeds, is told what to do; that is no failure."""
    nothing = place.call("today")
    place.call("update")
    no_feeds = place.call("today")
    as_json = place.call("today", "--json")

    assert [call.returncode for call in (nothing, no_feeds, as_json)] == [0, 0, 0]
    assert "aggregator start" in nothing.stderr
    assert "aggregator feeds add URL" in no_feeds.stderr
    assert json.loads(as_json.stdout) == []


def test_reading_without_a_database_fails_in_a_sentence(place: Place) -> None:
    """`story` and `search` say that nothing was polled yet."""
    for words in (("story", "1"), ("search", "bridge")):
        refused = place.call(*words)
        assert refused.returncode == 1
        assert "aggregator run" in refused.stderr
        assert "Traceback" not in refused.stderr


def test_a_failing_feed_explains_an_empty_day(place: Place) -> None:
    """When no feed could be read, that is why there is nothing."""
    with Outlet() as outlet:
        place.write(outlet.url("/broken"), settings=HOURLY)
        place.call("update")

    assert "feeds list" in place.call("today").stderr
