"""The page over HTTP: what each address shows, and what it does where there is nothing to show."""

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.domain.settings import FeedConfig
from tests.faces.eventful import Newsroom, fill, invoke
from tests.faces.installed import SETTINGS, Place, new_place
from tests.faces.paged import Served, paths_of, serving

FEEDS = (
    FeedConfig(url="https://harbour.example/feed", name="Harbour", tags=("local",)),
    FeedConfig(url="https://metro.example/feed", name="Metro", tags=("local", "world")),
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Newsroom, Served]]:
    """The page of a database of events, with two feeds that were never polled."""
    with new_place(tmp_path_factory.mktemp("told")) as place:
        place.write(*(f"{{url: '{feed.url}', name: {feed.name}, tags: {list(feed.tags)}}}" for feed in FEEDS))
        room = fill(place.database)
        with SqliteStore(place.database) as store:
            store.sync_feeds(FEEDS, timedelta(hours=1), datetime.now(UTC))
            with store.transaction():
                store._sql.write("UPDATE feed SET last_success = added WHERE name = 'Metro'")
        with serving(paths_of(place.folder)) as served:
            yield place, room, served


@pytest.fixture
def room(told: tuple[Place, Newsroom, Served]) -> Newsroom:
    """The events."""
    return told[1]


@pytest.fixture
def served(told: tuple[Place, Newsroom, Served]) -> Iterator[Served]:
    """Their page; nothing may go wrong in it."""
    yield told[2]
    assert told[2].crashes == []


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Served]:
    """The page before anything was polled."""
    (tmp_path / "feeds.yaml").write_text(f"{SETTINGS}feeds: []\n")
    with serving(paths_of(tmp_path)) as served:
        yield served


def shown(page: str) -> str:
    """Return what a person reads on a page, on one line."""
    body = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def test_days_have_the_stories_that_the_command_line_has(told: tuple[Place, Newsroom, Served]) -> None:
    """Each story of a day stands on its page, with its headline and the same counts in the same words."""
    place, _, served = told
    for back in range(3):
        day = (datetime.now(UTC) - timedelta(days=back)).date().isoformat()
        listed = json.loads(invoke(place, "today", "--day", day, "--limit", "0", "--json").stdout)
        page = served.get(f"/day/{day}").text
        links = set(re.findall(r'<h2 dir="auto"><a href="/story/(\d+)"', page))

        assert links == {str(story["id"]) for story in listed}
        for story in listed:
            counts = story["counts"]
            assert html.escape(story["title"]) in page
            assert f"{counts['articles']} article" in shown(page)
        total = sum(story["counts"]["articles"] for story in listed)
        assert not listed or f"{total} article" in shown(page)


def test_a_story_has_a_text_once_with_its_copies_beneath(served: Served, room: Newsroom) -> None:
    """Copies are folded under the text that they reprint, with what they changed; texts of others stand beside it."""
    page = served.get(f"/story/{room.stories['wire']}").text

    folded = page.partition(f'id="a{room.ids["wire"]}"')[2].partition("</ol>")[0]
    assert f'id="a{room.ids["reprint"]}"' in folded
    assert "1 copy: 1 extended" in shown(page)
    assert "<ins>Our reporter spoke with families who waited at the quay all morning.</ins>" in folded
    assert page.count('<li class="telling"') == 3
    assert f'id="a{room.ids["own"]}"' in page


def test_a_story_says_why_each_article_is_in_it(served: Served, room: Newsroom) -> None:
    """The evidence is told as a sentence in which outlets stand for numbers, each a link to its article."""
    page = served.get(f"/story/{room.stories['wire']}").text

    assert "tells the same event as" in shown(page)
    assert f'<a href="#a{room.ids["wire"]}">Northern-Wire’s</a>' in page
    assert "speaks for the story" in shown(page)


def test_the_number_of_a_merged_story_leads_on(tmp_path: Path) -> None:
    """301, so that what was noted down stays good."""
    with new_place(tmp_path) as place:
        room = fill(place.database, learn=False)
        one, other = sorted((room.stories["weather"], room.stories["rate"]))
        invoke(place, "merge", str(one), str(other))
        with serving(paths_of(tmp_path)) as served:
            gone = {served.get(f"/story/{id}").status_code: id for id in (one, other)}
            answer = served.get(f"/story/{gone[301]}")

            assert answer.headers["location"] == f"/story/{gone[200]}"


def test_searches_mark_what_they_found(served: Served) -> None:
    """A hit shows the words around what was looked for, with the spaces between them."""
    page = served.get("/search?q=sandbank").text

    assert " <mark>sandbank</mark> " in page
    assert "best first" in shown(page)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "Words that an article must have"),
        ("?q=", "Words that an article must have"),
        ("?q=zzzunknown", "No article has all these words"),
        ("?q=%22%22", "word"),
        ("?q=%00", "word"),
    ],
)
def test_searches_that_find_nothing_say_so(served: Served, query: str, sentence: str) -> None:
    """Also those with no word in them."""
    answer = served.get(f"/search{query}")

    assert answer.status_code == 200
    assert sentence in shown(answer.text)


@pytest.mark.parametrize(
    ("query", "stories"),
    [("?lang=de", {"german"}), ("?source=hafen", {"german"}), ("?source=nobody", set()), ("?tag=none", set())],
)
def test_a_day_can_be_narrowed(served: Served, room: Newsroom, query: str, stories: set[str]) -> None:
    """By language, source and tag; where nothing fits the page offers the whole day."""
    day = (datetime.now(UTC) - timedelta(hours=28)).date().isoformat()
    page = served.get(f"/day/{day}{query}").text

    links = set(re.findall(r'<h2 dir="auto"><a href="/story/(\d+)"', page))
    assert links == {str(room.stories[name]) for name in stories}
    assert ("No story fits" in shown(page)) == (not stories)


def test_a_day_can_be_narrowed_to_what_several_carry(served: Served) -> None:
    """The least number of sources is asked for, and stays in the form."""
    day = (datetime.now(UTC) - timedelta(hours=28)).date().isoformat()
    page = served.get(f"/day/{day}?min=2").text

    assert 'name="min" type="number" min="1" max="10000" value="2"' in page
    assert not re.search(r"\b1 source\b", shown(page).partition("That was")[0])


def test_feeds_are_listed_with_their_state(served: Served) -> None:
    """Each feed of feeds.yaml is there, polled or not."""
    page = served.get("/feeds").text

    assert "2 feeds" in shown(page)
    assert "Harbour" in page
    assert '<span class="state new">new</span>' in page


def test_before_the_first_poll_the_page_says_how_to_begin(bare: Served) -> None:
    """Without a database every page has an answer; the first fills itself."""
    page = bare.get("/")

    assert page.status_code == 200
    assert "data-fills" in page.text
    assert "aggregator run" in shown(page.text)
    assert bare.get("/feeds").status_code == 200
    for path in ("/search?q=a", "/story/1", "/day/yesterday"):
        assert "Nothing was polled yet" in shown(bare.get(path).text)


def test_a_database_without_feeds_says_how_to_add_one(bare: Served, tmp_path: Path) -> None:
    """An empty database is no fault."""
    with SqliteStore(tmp_path / "news.db") as store:
        empty = shown(bare.get("/").text)
        store.sync_feeds(FEEDS, timedelta(hours=1), datetime.now(UTC))

    assert "No feeds yet" in empty
    assert "The first feeds are being fetched" in shown(bare.get("/").text)


def test_a_database_that_cannot_be_used_is_told(bare: Served, tmp_path: Path) -> None:
    """The page says in the words of the command line what is wrong, and that it is not there now (503)."""
    (tmp_path / "news.db").write_bytes(b"no database at all" * 100)

    answer = bare.get("/")

    assert answer.status_code == 503
    assert "The database cannot be read" in shown(answer.text)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/story/99999999", 404),
        ("/story/0", 400),
        ("/story/x", 400),
        (f"/story/{10**30}", 400),
        ("/day/never", 404),
        ("/day/2026-02-31", 404),
        ("/day/0001-01-02", 404),
        ("/day/9999-12-30", 404),
        ("/nothing", 404),
        ("/static/app.py", 404),
        ("/static/..%2fapp.py", 404),
        ("/?min=x", 400),
        ("/?min=0", 400),
        (f"/?tag={'x' * 300}", 400),
    ],
)
def test_what_is_not_there_is_told_kindly(served: Served, path: str, status: int) -> None:
    """A page of ours with the way back, never a trace or JSON."""
    answer = served.get(path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "To today’s stories" in shown(answer.text)


def test_a_page_that_did_not_change_is_not_sent_again(served: Served, room: Newsroom) -> None:
    """A browser that has it is told so; nobody between may keep it."""
    first = served.get(f"/story/{room.stories['rate']}")
    again = served.get(f"/story/{room.stories['rate']}", **{"if-none-match": first.headers["etag"]})

    assert again.status_code == 304 or again.text != first.text  # the minute may have turned
    assert first.headers["cache-control"] == "private, no-cache"


def test_what_a_page_loads_is_kept_for_good(served: Served) -> None:
    """The style sheet and the script have addresses that change with them."""
    page = served.get("/").text
    loaded = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)

    assert len(loaded) == 3
    for path in loaded:
        assert "immutable" in served.get(path).headers["cache-control"]


def test_pages_are_light(served: Served, room: Newsroom) -> None:
    """A page stays under 100 KB, the style sheet under 15 KB and the script under 6 KB."""
    assert len(served.get(f"/story/{room.stories['wire']}").content) < 100_000
    assert len(served.get("/static/style.css").content) < 15_000
    assert len(served.get("/static/page.js").content) < 6_000
