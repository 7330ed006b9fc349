"""The interface for programs over HTTP: what commands print as JSON, in parts, told once, and changed as commands change it."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.web.api.models import ListedStory, WholeStory
from tests.builders import article
from tests.faces.eventful import Newsroom, fill, invoke
from tests.faces.installed import Place, new_place
from tests.faces.paged import Served, paths_of, serving

API = "/api/v1"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Newsroom, Served]]:
    """The interface of a database of events, which only reads."""
    with new_place(tmp_path_factory.mktemp("told")) as place:
        place.write("{url: 'https://me:secret@harbour.example/feed?key=k', name: Harbour, tags: [local]}")
        room = fill(place.database)
        with serving(paths_of(place.folder)) as served:
            yield place, room, served
            assert served.crashes == []


@pytest.fixture
def served(told: tuple[Place, Newsroom, Served]) -> Served:
    """The interface."""
    return told[2]


@pytest.fixture
def acting(place: Place, room: Newsroom) -> Iterator[Served]:
    """The interface of a database of one's own, which also changes it."""
    assert room.ids
    with serving(paths_of(place.folder), acts=True) as served:
        yield served
        assert served.crashes == []


def got(served: Served, path: str) -> Any:
    """Return what is answered."""
    answer = served.get(f"{API}{path}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def test_shapes_are_those_of_commands(told: tuple[Place, Newsroom, Served]) -> None:
    """A story, a list, a search and the feeds have the same keys and values as with --json; no password is in any."""
    place, room, served = told

    def printed(*words: str) -> Any:
        return json.loads(invoke(place, *words, "--json").stdout)

    wire = room.stories["wire"]
    assert got(served, f"/stories/{wire}") == printed("story", str(wire))
    assert got(served, "/search?q=ferry&limit=5")["hits"] == printed("search", "ferry", "--limit", "5")
    assert got(served, "/feeds")["feeds"] == printed("feeds", "list")
    assert "secret" not in served.get(f"{API}/feeds").text
    day = printed("today", "--since", "1d")
    listed = {story["id"]: story for story in got(served, "/stories?since=24h")["stories"]}
    assert listed.keys() == {story["id"] for story in day}
    for story in day:
        common = story.keys() & listed[story["id"]].keys()
        assert common == story.keys() - {"articles"}
        assert all(listed[story["id"]][key] == story[key] for key in common)


def test_a_list_in_parts_has_each_story_once(served: Served) -> None:
    """The newest first, to the end, where the cursor is null."""
    whole = got(served, "/stories?limit=200")
    assert whole["next"] is None
    ids, cursor = [], ""
    while cursor is not None:
        part = got(served, f"/stories?limit=7{cursor and f'&cursor={cursor}'}")
        ids += [story["id"] for story in part["stories"]]
        cursor = part["next"]

    assert ids == [story["id"] for story in whole["stories"]] == sorted(ids, reverse=True)
    assert len(ids) == len(set(ids)) > 30


def test_articles_in_parts_have_each_once(served: Served, told: tuple[Place, Newsroom, Served]) -> None:
    """By their dates, the latest first; one by itself has its text."""
    ids, cursor = [], ""
    while cursor is not None:
        part = got(served, f"/articles?limit=9{cursor and f'&cursor={cursor}'}")
        ids += [article["id"] for article in part["articles"]]
        cursor = part["next"]
    assert sorted(ids) == sorted(told[1].ids.values())

    one = got(served, f"/articles/{told[1].ids['own']}")
    assert one["text"].startswith("Everyone aboard the ferry Halcyon is safe")
    assert (one["story"], one["earlier"]) == (told[1].stories["wire"], [])
    assert [found["id"] for found in got(served, "/articles?language=de")["articles"]] == [told[1].ids["german"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("language=de", {"german"}),
        ("source=hafen", {"german"}),
        ("tag=none", set()),
        ("min_sources=3", {"wire"}),
        ("until=1999-01-01T00:00:00Z", set()),
        ("day=2001-01-01", set()),
        ("day=0001-01-01", set()),
        ("since=9999-12-31T23:59:59-23:59", set()),
        ("starred=true", set()),
    ],
)
def test_stories_can_be_narrowed(told: tuple[Place, Newsroom, Served], query: str, names: set[str]) -> None:
    """By day and time, tag, language, outlet, number of outlets, and marks."""
    stories = got(told[2], f"/stories?{query}")["stories"]

    assert {story["id"] for story in stories} == {told[1].stories[name] for name in names}


def test_a_day_is_in_the_order_of_the_page(served: Served) -> None:
    """With the sum of all its stories."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    day, page = got(served, f"/days/{yesterday}"), served.get(f"/day/{yesterday}").text

    order = [int(id) for id in re.findall(r'<h2 dir="auto"><a href="/story/(\d+)"', page)]
    assert [story["id"] for story in day["stories"]] == order[:50]
    assert (day["day"], day["total"]) == (yesterday, len(order))
    assert got(served, "/days/yesterday") == day


def test_an_answer_that_did_not_change_is_not_sent_again(served: Served) -> None:
    """Each answer has an ETag."""
    for path in ("/stories", "/stories/1", "/articles/1", "/search?q=ferry", "/feeds"):
        first = served.get(f"{API}{path}")
        again = served.get(f"{API}{path}", **{"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), path
        assert first.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/stories/99999", 404, "there is no story 99999"),
        ("/articles/99999", 404, "there is no article 99999"),
        ("/nothing", 404, "nothing at this address"),
        ("/stories/a%0Ab", 422, "not understood"),
        ("/stories?since=yesterday", 422, "not understood"),
        ("/stories?since=1735689600", 422, "not understood"),
        ("/stories?cursor=x", 422, "not understood"),
        ("/search", 422, "not understood"),
    ],
)
def test_what_went_wrong_is_a_problem_with_its_cure(served: Served, path: str, status: int, word: str) -> None:
    """RFC 9457: type, title, status, detail; and what to do."""
    answer = served.get(f"{API}{path}")
    problem = answer.json()

    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert word in problem["detail"]
    assert all(problem[name] for name in ("type", "title", "cure"))
    assert bool(problem["faults"]) == (status == 422)


def test_a_search_without_a_word_finds_nothing_and_says_why(served: Served) -> None:
    """As the page does."""
    found = got(served, "/search?q=%22%22")

    assert found["hits"] == []
    assert "no word" in found["problem"]


def test_without_a_database_the_cure_is_to_start(tmp_path: Path) -> None:
    """503, and what is wrong."""
    with serving(paths_of(tmp_path)) as served:
        answer = served.get(f"{API}/stories")
        health = got(served, "/health")

    assert answer.status_code == 503
    assert "aggregator run" in answer.json()["detail"]
    assert health["status"] == "failing"


def test_who_only_reads_changes_nothing(served: Served, told: tuple[Place, Newsroom, Served]) -> None:
    """`aggregator serve` has no desk: 405 to all that would change something, and its description lists none of it."""
    wire = told[1].stories["wire"]
    assert served.client.put(f"{API}/stories/{wire}/marks/read").status_code == 405
    assert served.client.post(f"{API}/undo").status_code == 405

    methods = {method for path in got(served, "/openapi.json")["paths"].values() for method in path}
    assert methods == {"get"}


def test_marks_are_set_and_taken_away(acting: Served, room: Newsroom) -> None:
    """What was done is answered, and is what the next reader sees."""
    wire = room.stories["wire"]
    for mark in ("read", "starred"):
        for call, holds in ((acting.client.put, True), (acting.client.delete, False)):
            answer = call(f"{API}/stories/{wire}/marks/{mark}")
            assert answer.json()[mark] is holds
            assert got(acting, f"/stories/{wire}")[mark] is holds
    assert acting.client.put(f"{API}/stories/99999/marks/read").status_code == 404
    assert acting.client.put(f"{API}/stories/{wire}/marks/loved").status_code == 422


def test_stories_are_merged_split_and_put_back(acting: Served, room: Newsroom) -> None:
    """As commands do it; what cannot be done is a conflict, and nothing is half done."""
    wire, draw = room.stories["wire"], room.stories["draw"]
    taken = [member["id"] for member in got(acting, f"/stories/{draw}")["articles"]]

    merged = acting.client.post(f"{API}/merge", json={"stories": [wire, draw]}).json()["story"]
    assert got(acting, f"/stories/{draw}")["id"] == got(acting, f"/stories/{wire}")["id"] == merged
    split = acting.client.post(f"{API}/stories/{merged}/split", json={"articles": taken})
    assert len(split.json()["stories"]) == 2
    assert [acting.client.post(f"{API}/undo").json()["kind"] for _ in range(2)] == ["split", "merge"]
    assert got(acting, f"/stories/{draw}")["id"] == draw
    for path, body in (
        ("/merge", {"stories": [wire, wire]}),
        ("/merge", {"stories": [wire, 99999]}),
        (f"/stories/{wire}/split", {"articles": taken}),
    ):
        refused = acting.client.post(f"{API}{path}", json=body)
        assert refused.status_code == 409, refused.text
        assert refused.json()["detail"]


def test_another_sites_page_changes_nothing(acting: Served, room: Newsroom) -> None:
    """A browser says where a request comes from."""
    path = f"{API}/stories/{room.stories['wire']}/marks/read"

    assert acting.client.put(path, headers={"origin": "https://evil.example"}).status_code == 403
    assert got(acting, f"/stories/{room.stories['wire']}")["read"] is False


def test_the_description_names_what_is_answered(served: Served) -> None:
    """Its shapes are those that answers are checked against, and every address says what it does."""
    described = got(served, "/openapi.json")

    assert described["servers"] == [{"url": API}]
    shapes = described["components"]["schemas"]
    assert shapes["WholeStory"]["properties"].keys() == WholeStory.model_fields.keys()
    assert shapes["ListedStory"]["properties"].keys() == ListedStory.model_fields.keys()
    for operations in described["paths"].values():
        for operation in operations.values():
            assert operation["description"]
            assert list(operation["responses"]["422"]["content"]) == ["application/problem+json"]


def test_strangers_words_are_answered_whole(place: Place, room: Newsroom) -> None:
    """JSON escapes what it must; a headline of any characters breaks nothing."""
    hostile = 'Quote " \\ \x00 \u2028 </script>'
    with SqliteStore(place.database) as store, store.transaction():
        id = store.add_article(article("text", title=hostile), store.article(room.ids["wire"])[1], datetime.now(UTC))
        store._sql.write("UPDATE article SET story_id = 1 WHERE id = ?", (id,))
    with serving(paths_of(place.folder)) as served:
        assert got(served, f"/articles/{id}")["title"] == hostile
