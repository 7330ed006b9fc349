"""Reader apps over Fever: the calls that Reeder, Unread and Fluent Reader make, in their order."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aggregator.domain.marks import Mark
from aggregator.web.desk import Desk
from aggregator.web.readers.fever import tag_number
from tests.faces.eventful import EVENTS, Newsroom
from tests.faces.paged import paths_of
from tests.faces.shelved import NEW_TEXT, READ, Shelved, comes, put_back, reprint, shelved


@pytest.fixture(scope="module")
def served(filled: tuple[Path, Newsroom], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelved]:
    """An app on a page that acts."""
    with shelved(filled, tmp_path_factory.mktemp("fever")) as ready:
        yield ready


@pytest.fixture
def ready(served: Shelved) -> Shelved:
    """The same with everything as it was first."""
    put_back(served)
    return served


def ask(ready: Shelved, query: str, form: Mapping[str, Any] | None = None, *, path: str = "/fever/") -> Any:
    """Ask as apps do: what is wanted in the query, the key and what is to be marked in the body."""
    key = hashlib.md5(f"aggregator:{ready.app.password}".encode()).hexdigest()
    answer = ready.app.served.client.post(f"{path}?api&{query}", data={"api_key": key, **(form or {})})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["auth"], told["api_version"]) == (1, 3)
    return told


def numbers(text: str) -> list[int]:
    """Read a list of numbers."""
    return [int(number) for number in text.split(",") if number]


def test_feeds_stand_in_groups_by_their_tags(ready: Shelved) -> None:
    """A feed is in as many as it has tags; a tag has the same number wherever it is asked for."""
    told = ask(ready, "groups&feeds&favicons&links")
    titles = {feed["title"]: feed["id"] for feed in told["feeds"]}
    wire, metro = (str(titles[name]) for name in ("Northern Wire", "Metro Pulse"))

    assert [group["title"] for group in told["groups"]] == ["agencies", "local", "world"]
    assert {one["group_id"]: one["feed_ids"] for one in told["feeds_groups"]} == {
        tag_number("agencies"): wire,
        tag_number("local"): metro,
        tag_number("world"): wire,
    }
    assert told["favicons"] == told["links"] == []
    assert all(0 < group["id"] < 2**31 for group in told["groups"])


@pytest.mark.parametrize("path", ["/fever/", "/fever", "/api/fever.php", "/fever.php"])
def test_an_app_comes_to_the_end_of_the_stories(ready: Shelved, path: str) -> None:
    """Upwards from the last one it has, downwards from the first; fifty at a time, each once, with what they say."""
    expected = sorted(ready.app.numbers())
    for begin, name, edge in ((0, "since_id", -1), (2**31, "max_id", -1)):
        found: list[int] = []
        while page := ask(ready, f"items&{name}={found[edge] if found else begin}", path=path)["items"]:
            found += [one["id"] for one in page]
            assert len(page) <= 50
        assert sorted(found) == expected
    newest = ask(ready, "items", path=path)
    assert newest["total_items"] == len(expected)
    assert newest["items"][0]["id"] == expected[-1]


def test_what_a_story_says(ready: Shelved) -> None:
    """The article that speaks for it, the feed of that article, and the others beneath."""
    wire = ready.room.stories["wire"]
    told = ask(ready, f"items&with_ids={wire},999999,nonsense")
    (story,) = told["items"]
    feeds = {feed["title"]: feed["id"] for feed in ask(ready, "feeds")["feeds"]}

    assert (story["id"], story["feed_id"], story["title"]) == (wire, feeds["Northern Wire"], EVENTS["wire"].title)
    assert (story["url"], story["is_read"], story["is_saved"]) == (ready.room.urls["wire"], 0, 0)
    assert "4 articles · 3 texts · 4 sources" in story["html"]


def test_marks_go_both_ways(ready: Shelved) -> None:
    """Read, unread, saved, unsaved; what is asked twice holds once."""
    wire, rate = ready.room.stories["wire"], ready.room.stories["rate"]
    for word in ("read", "saved", "saved"):
        ask(ready, "", {"mark": "item", "as": word, "id": wire})
    told = ask(ready, f"unread_item_ids&saved_item_ids&items&with_ids={wire}")

    assert wire not in numbers(told["unread_item_ids"])
    assert numbers(told["saved_item_ids"]) == [wire]
    assert (told["items"][0]["is_read"], told["items"][0]["is_saved"]) == (1, 1)
    for word in ("unread", "unsaved"):
        ask(ready, "", {"mark": "item", "as": word, "id": wire})
    Desk(paths_of(ready.place.folder)).mark([rate], Mark.READ)
    told = ask(ready, "unread_item_ids&saved_item_ids")
    assert wire in numbers(told["unread_item_ids"])
    assert rate not in numbers(told["unread_item_ids"])
    assert told["saved_item_ids"] == ""


def test_a_new_text_brings_a_story_back(ready: Shelved) -> None:
    """A copy does not."""
    wire = ready.room.stories["wire"]
    ask(ready, "", {"mark": "item", "as": "read", "id": wire})

    assert reprint(ready.place) == wire
    assert wire not in numbers(ask(ready, "unread_item_ids")["unread_item_ids"])
    assert comes(ready.place, "Ferry Halcyon aground: coastguard hears the captain", NEW_TEXT) == wire
    assert wire in numbers(ask(ready, "unread_item_ids")["unread_item_ids"])


def test_a_feed_a_tag_and_all_are_marked_as_read_up_to_a_moment(ready: Shelved) -> None:
    """What came later stays unread."""
    app = ready.app
    feeds = {feed["title"]: feed["id"] for feed in ask(ready, "feeds")["feeds"]}
    metro, wire = (f"feed/{feeds[name]}" for name in ("Metro Pulse", "Northern Wire"))
    before = int(datetime.now(UTC).timestamp()) + 1

    ask(ready, "", {"mark": "feed", "as": "read", "id": feeds["Metro Pulse"], "before": before - 7_200})
    assert app.numbers(metro, xt=READ) == app.numbers(metro)
    ask(ready, "", {"mark": "feed", "as": "read", "id": feeds["Metro Pulse"], "before": before})
    assert app.numbers(metro, xt=READ) == []
    assert app.numbers(wire, xt=READ)
    ask(ready, "", {"mark": "group", "as": "read", "id": tag_number("world"), "before": before})
    assert app.numbers(wire, xt=READ) == []
    assert app.unread()
    ask(ready, "", {"mark": "group", "as": "read", "id": 0, "before": before})
    assert app.unread() == []


def test_nothing_is_marked_by_a_link_or_by_nonsense(ready: Shelved) -> None:
    """What changes something is posted; what nobody knows is passed over."""
    wire = ready.room.stories["wire"]
    key = hashlib.md5(f"aggregator:{ready.app.password}".encode()).hexdigest()
    told = ready.app.served.get(f"/fever/?api&api_key={key}&mark=item&as=read&id={wire}").json()

    assert told["auth"] == 1
    for form in ({"as": "eaten", "id": wire}, {"as": "read", "id": 0}, {"as": "read"}, {"as": "read", "id": 10**18}):
        ask(ready, "", {"mark": "item", **form})
    ask(ready, "", {"mark": "moon", "as": "read", "id": 1})
    ask(ready, "", {"mark": "group", "as": "read", "id": -1})
    assert wire in ready.app.unread()


def test_a_wrong_key_learns_nothing(ready: Shelved) -> None:
    """HTTP says 200 and the answer 0, as Fever has it."""
    for form in ({}, {"api_key": ""}, {"api_key": "0" * 32}):
        answer = ready.app.served.client.post("/fever/?api&groups", data=form)
        assert (answer.status_code, answer.json()) == (200, {"api_version": 3, "auth": 0})
