"""What readers do with stories on the page, by forms as a browser without JavaScript sends them."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.bootstrap import open_reader
from aggregator.core.words.signature import sign
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.pipeline.placing import place as place_article
from aggregator.web.bar import MOST, Bar, Notice
from aggregator.web.forms import own_path
from tests.builders import article
from tests.faces.eventful import EVENTS, Newsroom, invoke
from tests.faces.installed import Place, new_place
from tests.faces.paged import Served, paths_of, serving
from tests.faces.test_web_pages import shown

Fields = dict[str, str | list[str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Served]]:
    """A place and its page, with a desk; each test gets a database of its own there."""
    with new_place(tmp_path_factory.mktemp("acts")) as place, serving(paths_of(place.folder), acts=True) as served:
        yield place, served


@pytest.fixture
def place(home: tuple[Place, Served]) -> Place:
    """The place."""
    return home[0]


@pytest.fixture
def served(home: tuple[Place, Served], room: Newsroom) -> Iterator[Served]:
    """The page of the events; nothing may go wrong in it."""
    assert room.stories
    yield home[1]
    assert home[1].crashes == []


def post(served: Served, path: str, **fields: str | list[str]) -> httpx.Response:
    """Send a form, and go where it leads."""
    answer = served.client.post(path, data=fields)
    assert answer.status_code != 303 or answer.headers["location"].startswith("/")
    return served.client.get(answer.headers["location"]) if answer.status_code == 303 else answer


def told(page: str) -> str:
    """Return what the bar says."""
    bar = page.partition('id="bar"')[2].partition("</div>")[0].partition(">")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", bar)).split())


def undo(served: Served, page: str) -> httpx.Response:
    """Press the bar's button."""
    (token,) = re.findall(r'name="done" value="([^"]+)"', page)
    return post(served, "/do/undo", done=token, back="/")


def articles(place: Place, story: StoryId) -> set[ArticleId]:
    """Return what a story has."""
    with open_reader(paths_of(place.folder)) as reader:
        found = reader.story(story)
    return {one.id for one in found.articles} if found else set()


def day(hours: float = 30) -> str:
    """Return the path of the day so many hours ago; that of the ferry's grounding is the default."""
    return f"/day/{(datetime.now(UTC) - timedelta(hours=hours)).date()}"


def test_a_story_is_read_and_fades(served: Served, room: Newsroom) -> None:
    """The list is where it was, at the story; the button offers the opposite; the bar takes it back."""
    story, back = room.stories["wire"], day()
    answer = served.client.post("/do/stories", data={"read": str(story), "back": back})
    assert answer.status_code == 303
    assert re.fullmatch(rf"{back}\?done=[\w-]+#s{story}", answer.headers["location"])

    page = served.get(answer.headers["location"]).text
    assert re.search(rf'<article class="story read[^"]*" id="s{story}"', page)
    assert f'name="unread" value="{story}"' in page
    assert told(page) == f"Read: {EVENTS['wire'].title} Undo"
    assert "Taken back" in told(undo(served, page).text)
    assert f'name="read" value="{story}"' in served.get(back).text


def test_a_story_is_starred_and_found_again(served: Served, room: Newsroom) -> None:
    """A filter shows those that are starred; taking the star away can be taken back as well."""
    story, back = room.stories["rate"], f"/story/{room.stories['rate']}"
    page = post(served, "/do/stories", star=str(story), back=back).text
    assert 'aria-label="starred"' in page
    assert set(re.findall(r'id="s(\d+)"', served.get(f"{day(20)}?show=starred").text)) == {str(story)}

    page = post(served, "/do/stories", unstar=str(story), back=back).text
    assert 'aria-label="starred"' not in page
    undo(served, page)
    assert 'aria-label="starred"' in served.get(back).text


def test_a_page_is_read_at_once_and_unread_as_it_was(served: Served, room: Newsroom) -> None:
    """What was read before stays read when the rest is taken back."""
    wire, back = str(room.stories["wire"]), day()
    post(served, "/do/stories", read=wire, back=back)
    before = served.get(back).text
    (those,) = re.findall(r'name="all" value="([\d ]+)"', before)
    assert wire not in those.split()

    page = post(served, "/do/stories", all=those, back=back).text
    assert told(page) == f"{len(those.split())} {'story' if ' ' not in those else 'stories'} marked as read Undo"
    assert 'name="all"' not in page
    assert "No stories" in shown(served.get(f"{back}?show=unread").text)
    undo(served, page)
    assert re.findall(r'class="story read[^"]*" id="s(\d+)"', served.get(back).text) == [wire]


def test_a_read_story_with_a_new_text_comes_back(served: Served, room: Newsroom, place: Place) -> None:
    """It says what came; a mere copy would have joined it quietly."""
    story, now = room.stories["weathers"], datetime.now(UTC)
    post(served, "/do/stories", read=str(story), back="/")
    made = article("Something else was told of it.", title="New", outlet="late-paper", dated=now, published=now)
    with SqliteStore(place.database) as store, store.transaction():
        signature = sign(made.title, made.text)
        id = store.add_article(made, signature, now)
        place_article(store, id, signature, dated=now, now=now)
        new = store.stories_of([id])[id]
    into = invoke(place, "merge", str(story), str(new))
    assert into.exit_code == 0

    page = served.client.get(f"/story/{story}", follow_redirects=True).text
    assert '<span class="grown" title="since you read it">+1 text</span>' in page


def test_selected_stories_are_merged_and_parted_again(served: Served, room: Newsroom, place: Place) -> None:
    """The bar names the story that they are now, and takes back this merge."""
    one, other = room.stories["rate"], room.stories["weather"]
    each = articles(place, one), articles(place, other)
    page = post(served, "/do/stories", merge="1", story=[str(one), str(other)], back="/").text

    assert told(page).startswith("2 stories are one now: ")
    (into,) = re.findall(r'<a href="/story/(\d+)" dir="auto">', page.partition('id="bar"')[2])
    assert articles(place, StoryId(int(into))) == each[0] | each[1]
    assert "Taken back: merged stories" in told(undo(served, page).text)
    assert (articles(place, one), articles(place, other)) == each


@pytest.mark.parametrize("named", ["number", "hash", "page", "address"])
def test_a_story_is_merged_with_one_that_is_named(served: Served, room: Newsroom, place: Place, named: str) -> None:
    """By its number, its page, or the address of an article; the page leads to what they are now."""
    one, other = room.stories["rate"], room.stories["weather"]
    names = {
        "number": f" {other} ",
        "hash": f"#{other}",
        "page": f"{served.url}story/{other}?done=x#a1",
        "address": room.urls["weather"],
    }
    both = articles(place, one) | articles(place, other)
    answer = served.client.post("/do/merge", data={"story": str(one), "with": names[named], "back": f"/story/{one}"})

    assert re.fullmatch(r"/story/\d+\?done=[\w-]+", answer.headers["location"])
    assert articles(place, one) == both


def test_articles_are_split_off_and_put_back(served: Served, room: Newsroom, place: Place) -> None:
    """The page stays with the story that is left, and the bar leads to the other."""
    story, taken = room.stories["wire"], room.ids["later"]
    before = articles(place, story)
    assert f'name="article" value="{taken}"' in served.get(f"/story/{story}").text

    page = post(served, "/do/split", story=str(story), article=str(taken), back=f"/story/{story}").text
    assert told(page) == f"1 article stands apart now: {EVENTS['later'].title} Undo"
    assert f'id="a{taken}"' not in page
    undo(served, page)
    assert articles(place, story) == before


def test_only_what_the_bar_tells_is_taken_back(served: Served, room: Newsroom, place: Place) -> None:
    """Something decided since, by whatever face, stands in the way, and is not undone in its place."""
    first = post(served, "/do/stories", merge="1", story=[str(room.stories["rate"]), str(room.stories["weather"])]).text
    invoke(place, "merge", str(room.stories["draw"]), str(room.stories["draws"]))
    both = articles(place, room.stories["draw"])

    answer = undo(served, first)
    assert answer.status_code == 400
    assert "something came after it: merged stories" in shown(answer.text)
    assert articles(place, room.stories["draw"]) == both


def test_what_was_taken_back_is_not_taken_back_twice(served: Served, room: Newsroom) -> None:
    """A token is good once; one that nobody gave is good for nothing."""
    page = post(served, "/do/stories", star=str(room.stories["rate"]), back="/").text
    undo(served, page)

    for token in (re.findall(r'name="done" value="([^"]+)"', page)[0], "x", ""):
        answer = post(served, "/do/undo", done=token)
        assert answer.status_code == 400
        assert "cannot be taken back here any more" in shown(answer.text)


@pytest.mark.parametrize(
    ("path", "fields", "sentence"),
    [
        ("/do/stories", {}, "no button was pressed"),
        ("/do/stories", {"read": "x"}, "no number"),
        ("/do/stories", {"read": str(10**19)}, "no number"),
        ("/do/stories", {"read": "99999"}, "there is no story 99999"),
        ("/do/stories", {"merge": "1"}, "name two different stories"),
        ("/do/stories", {"merge": "1", "story": "1"}, "name two different stories"),
        ("/do/merge", {"story": "1", "with": ""}, "name the other story"),
        ("/do/merge", {"story": "1", "with": "<b>nothing</b>"}, '"<b>nothing</b>" names nothing'),
        ("/do/merge", {"story": "1", "with": "1"}, "name two different stories"),
        ("/do/split", {"story": "1"}, "tick the articles"),
        ("/do/split", {"story": "1", "article": "99999"}, "has no article 99999"),
    ],
)
def test_what_cannot_be_done_is_told_with_the_way_back(
    served: Served, path: str, fields: Fields, sentence: str
) -> None:
    """A page of ours (4xx) with the sentence and its cure, escaped; nothing was done."""
    answer = served.client.post(path, data=fields | {"back": "/day/2026-01-02?tag=a"})

    assert answer.status_code == 400
    assert sentence in shown(answer.text)
    assert '<a href="/day/2026-01-02?tag=a">Back</a>' in answer.text


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "javascript:alert(1)", "", "/a\r\nx: y", "/%0a", "evil", "/\t/evil.example", "/ä", f"/{'x' * 2000}"],
)  # fmt: skip
def test_nobody_is_led_away(served: Served, room: Newsroom, path: str) -> None:
    """What a form calls the way back is followed within this page only."""
    answer = served.client.post("/do/stories", data={"star": str(room.stories["rate"]), "back": path})

    assert re.fullmatch(r"/(%0[aA])?\?done=[\w-]+#s\d+", answer.headers["location"])


def test_a_way_back_tells_nothing_twice() -> None:
    """What was told there before is left out; the rest of the address stays."""
    assert own_path("/day/today?tag=a%20b&done=abc&show=unread") == "/day/today?tag=a+b&show=unread"
    assert own_path("/?done=abc") == "/"


def test_old_notices_give_way() -> None:
    """Memory is bounded."""
    bar = Bar()
    tokens = [bar.keep(Notice(told=str(number))) for number in range(MOST + 1)]

    assert bar.shown(tokens[0]) is None
    assert bar.shown(tokens[1]) == Notice(told="1")
    assert bar.taken(tokens[1]) == Notice(told="1")
    assert bar.taken(tokens[1]) is None


def test_only_forms_of_a_bounded_size_are_read(served: Served) -> None:
    """Anything else is refused before it is looked at."""
    form = "application/x-www-form-urlencoded"
    large = served.client.post("/do/stories", content=b"read=" + b"1" * 70_000, headers={"content-type": form})
    other = served.client.post("/do/stories", json={"read": 1})
    many = served.client.post("/do/stories", content=b"a=&" * 2_000, headers={"content-type": form})

    assert [answer.status_code for answer in (large, other, many)] == [413, 415, 400]


def test_pages_change_nothing_when_they_are_asked_for(served: Served, room: Newsroom, place: Place) -> None:
    """GET reads; an act cannot be asked for by an address."""
    wire = room.stories["wire"]
    for path in (f"/story/{wire}", day(), f"/?done=x&read={wire}"):
        assert served.get(path).status_code == 200
    assert served.get(f"/do/stories?read={wire}").status_code == 405
    with open_reader(paths_of(place.folder)) as reader:
        (story,) = reader.listed([wire])
    assert not story.marks.was_read


def test_other_sites_forms_change_nothing(served: Served, room: Newsroom) -> None:
    """Refused before the form is read."""
    answer = served.client.post(
        "/do/stories", data={"star": str(room.stories["wire"])}, headers={"origin": "https://evil.example"}
    )

    assert answer.status_code == 403


def test_without_a_desk_there_are_no_buttons(place: Place, room: Newsroom) -> None:
    """`aggregator serve` reads; marks show all the same."""
    invoke(place, "mark", "read", str(room.stories["wire"]))
    with serving(paths_of(place.folder)) as served:
        for path in (day(), f"/story/{room.stories['wire']}", "/feeds"):
            assert 'method="post"' not in served.get(path).text
            assert '<input type="checkbox"' not in served.get(path).text
        assert 'class="story read' in served.get(day()).text
        assert served.client.post("/do/stories", data={"star": "1"}).status_code == 405
        assert served.get("/feeds.opml").status_code == 404
