"""Reader apps over the Google Reader API: the calls that NetNewsWire, Reeder, FeedMe and NewsFlash make, in their order."""

import hashlib
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.adapters.store.times import to_text
from aggregator.domain.marks import Mark
from aggregator.web.desk import Desk
from tests.faces.eventful import EVENTS, Newsroom
from tests.faces.paged import paths_of
from tests.faces.shelved import (
    ALL,
    FEEDS,
    KEPT,
    NEW_TEXT,
    READ,
    STARRED,
    App,
    Shelved,
    comes,
    put_back,
    reprint,
    shelved,
)

LABEL = "user/-/label/"


@pytest.fixture(scope="module")
def looked_at(filled: tuple[Path, Newsroom], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelved]:
    """An app on a page that nothing is changed in."""
    with shelved(filled, tmp_path_factory.mktemp("looked"), acts=False) as ready:
        yield ready


@pytest.fixture(scope="module")
def served(filled: tuple[Path, Newsroom], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelved]:
    """An app on a page that acts."""
    with shelved(filled, tmp_path_factory.mktemp("acting")) as ready:
        yield ready


@pytest.fixture
def ready(served: Shelved) -> Shelved:
    """The app on the page that acts, with everything as it was first."""
    put_back(served)
    return served


def feed_of(app: App, name: str) -> str:
    """Return the stream of a feed."""
    feeds = app.ask("subscription/list", output="json").json()["subscriptions"]
    return next(str(feed["id"]) for feed in feeds if feed["title"] == name)


def test_feeds_are_subscriptions_and_their_tags_are_labels(looked_at: Shelved) -> None:
    """A feed stands under all of its tags."""
    app = looked_at.app
    feeds = app.ask("subscription/list", output="json").json()["subscriptions"]
    tags = [tag["id"] for tag in app.ask("tag/list", output="json").json()["tags"]]

    assert [(feed["title"], feed["url"]) for feed in feeds] == [(feed.name, feed.url) for feed in FEEDS.values()]
    assert [category["label"] for category in feeds[0]["categories"]] == ["agencies", "world"]
    assert tags == [STARRED, f"{LABEL}agencies", f"{LABEL}local", f"{LABEL}world"]
    assert app.ask("user-info").json()["userName"] == "aggregator"


def test_what_an_app_lists_are_stories(looked_at: Shelved) -> None:
    """Each event once: its canonical article speaks, and the other outlets stand beneath with what they say."""
    app, room = looked_at.app, looked_at.room
    numbers = app.numbers()
    (told,) = app.contents([room.stories["wire"]])

    assert numbers == sorted({*room.stories.values()} - {*old_stories(room)}, reverse=True)
    assert told["title"] == EVENTS["wire"].title
    assert told["alternate"][0]["href"] == told["canonical"][0]["href"] == room.urls["wire"]
    text = told["summary"]["content"]
    assert "hidden the buoys that mark the sandbank" in text
    assert "4 articles · 3 texts · 4 sources" in text
    assert f'<a href="{room.urls["own"]}" rel="noopener noreferrer nofollow">Metro-Pulse: Halcyon stuck' in text
    assert told["origin"] == {"streamId": feed_of(app, "Northern Wire"), "title": "Northern Wire"}
    assert set(told["categories"]) == {ALL, f"{LABEL}agencies", f"{LABEL}world", f"{LABEL}local"}
    assert told["timestampUsec"][:-3] == told["crawlTimeMsec"]


def old_stories(room: Newsroom) -> set[int]:
    """Return those that are beyond the window of a month."""
    return {room.stories["old"]} if EVENTS["old"].ago > 30 * 24 else set()


def test_a_story_stands_in_each_stream_of_its_articles(looked_at: Shelved) -> None:
    """Feeds and labels list all stories with an article from there; altogether each counts once."""
    app, room = looked_at.app, looked_at.room
    wire, weather = room.stories["wire"], room.stories["weather"]
    of = {name: app.numbers(feed_of(app, name)) for name in ("Northern Wire", "Metro Pulse", "Others")}

    assert all(wire in numbers for numbers in of.values())
    assert [weather in numbers for numbers in of.values()] == [False, True, False]
    assert app.numbers(f"{LABEL}world") == of["Northern Wire"]
    assert app.numbers("user/1000/label/local") == of["Metro Pulse"]
    assert app.numbers(FEEDS["metro-pulse"].url.join(("feed/", ""))) == of["Metro Pulse"]
    assert app.numbers(f"{LABEL}no such") == app.numbers("feed/999") == app.numbers("splice/of-streams") == []
    counts = {one["id"]: one["count"] for one in app.ask("unread-count", output="json").json()["unreadcounts"]}
    assert counts == {
        **{feed_of(app, name): len(numbers) for name, numbers in of.items()},
        **{f"{LABEL}{tag}": len(of["Northern Wire"]) for tag in ("agencies", "world")},
        f"{LABEL}local": len(of["Metro Pulse"]),
        ALL: len(app.numbers()),
    }
    assert sum(map(len, of.values())) > counts[ALL]


def test_an_app_comes_to_the_end_of_a_list(looked_at: Shelved) -> None:
    """Continuations are texts; followed, they bring each story once, in either order; then there is none."""
    app = looked_at.app
    whole = app.numbers()
    for order, expected in (("n", whole), ("o", whole[::-1])):
        found, more = [], ""
        for _ in range(20):
            answer = app.ask("stream/items/ids", s=ALL, n=7, r=order, **({"c": more} if more else {})).json()
            found += [int(ref["id"]) for ref in answer["itemRefs"]]
            more = answer.get("continuation", "")
            if not more:
                break
            assert isinstance(more, str)
        assert found == expected


def test_contents_of_a_stream_come_with_continuations_too(looked_at: Shelved) -> None:
    """FeedReader reads streams page by page; the name of the stream is in the address or beside it."""
    app = looked_at.app
    first = app.ask(f"stream/contents/{ALL}", n=5).json()
    second = app.ask("stream/contents/", s=ALL, n=5, c=first["continuation"]).json()
    told = [int(one["id"].rpartition("/")[2], 16) for one in (*first["items"], *second["items"])]

    assert told == app.numbers()[:10]
    feed = app.ask(f"stream/contents/{feed_of(app, 'Metro Pulse').replace('/', '%2F')}", n=50).json()
    assert len(feed["items"]) == len(app.numbers(feed_of(app, "Metro Pulse")))
    assert "continuation" not in feed


@pytest.mark.parametrize(
    "form", ["{0}", "{0:016x}", "tag:google.com,2005:reader/item/{0:016x}", "tag:google.com,2005:reader/item/{0:x}"]
)
def test_a_story_is_known_by_all_forms_of_its_number(looked_at: Shelved, form: str) -> None:
    """Decimal, sixteen hexadecimal digits, and the long form with and without noughts; by POST (FeedMe) and by GET."""
    app, wire = looked_at.app, looked_at.room.stories["wire"]
    named = {"i": [form.format(wire), "nonsense", "-1", "f" * 16, "0"]}
    posted = app.post("stream/items/contents", named).json()["items"]
    got = app.ask("stream/items/contents", **named).json()["items"]

    assert [one["id"] for one in posted] == [f"tag:google.com,2005:reader/item/{wire:016x}"]
    assert posted == got


def test_what_is_read_and_starred_is_told_and_kept(ready: Shelved) -> None:
    """Both ways: what an app marks the next reader sees, and the other way round."""
    app, wire, rate = ready.app, ready.room.stories["wire"], ready.room.stories["rate"]
    app.mark([wire], f"a={READ}")
    app.mark([wire, rate], f"a={STARRED}")
    app.mark([rate, 999_999], f"r={STARRED}")

    assert wire not in app.unread()
    assert app.numbers(STARRED) == app.numbers(it=STARRED) == [wire]
    assert app.numbers(READ) == app.numbers(it=READ) == app.numbers(xt=KEPT) == [wire]
    assert app.numbers(STARRED, xt=READ) == app.numbers(READ, xt=READ) == app.numbers(xt=ALL) == []
    assert wire not in app.numbers(xt=STARRED)
    assert wire not in app.numbers(xt=feed_of(app, "Northern Wire"))
    assert {READ, STARRED} <= set(app.contents([wire])[0]["categories"])
    app.mark([wire], f"a={KEPT}&r={STARRED}")
    assert wire in app.unread()
    assert app.numbers(STARRED) == []
    Desk(paths_of(ready.place.folder)).mark([rate], Mark.READ)
    assert rate not in app.unread()


def test_copies_join_a_read_story_quietly_and_a_new_text_brings_it_back(ready: Shelved) -> None:
    """The number stands among the unread again, with contents that tell of the new text."""
    app, wire = ready.app, ready.room.stories["wire"]
    with SqliteStore(ready.place.database) as store, store.transaction():
        # All were made a moment ago, perhaps in the same second.
        store._sql.write("UPDATE story SET updated = ?", (to_text(datetime.now(UTC) - timedelta(hours=1)),))
    app.mark([wire], f"a={READ}")

    assert reprint(ready.place) == wire
    assert wire not in app.unread()
    assert "5 articles · 3 texts" in app.contents([wire])[0]["summary"]["content"]
    began = datetime.now(UTC)
    assert comes(ready.place, "Ferry Halcyon aground: coastguard hears the captain", NEW_TEXT) == wire
    assert wire in app.unread()
    assert app.numbers(xt=READ, ot=began.timestamp()) == [wire]
    assert wire not in app.numbers(nt=began.timestamp())
    (told,) = app.contents([wire])
    assert "6 articles · 4 texts" in told["summary"]["content"]
    assert READ not in told["categories"]


def test_a_story_that_was_merged_answers_as_the_one_that_lives(ready: Shelved) -> None:
    """Under its old number too, which is listed no more; what is marked by it is what it went into."""
    app, room = ready.app, ready.room
    both = {room.stories["weather"], room.stories["rate"]}
    into = Desk(paths_of(ready.place.folder)).merge(sorted(both))
    (gone,) = both - {into}

    assert gone not in app.numbers()
    assert [one["id"] for one in app.contents([gone, into])] == [f"tag:google.com,2005:reader/item/{into:016x}"]
    app.mark([gone], f"a={READ}")
    assert into not in app.unread()


def test_all_is_marked_as_read_up_to_a_moment(ready: Shelved) -> None:
    """What came after an app last looked stays unread, also where it joined a story that the app had."""
    app, wire = ready.app, ready.room.stories["wire"]
    newest = max(int(one["timestampUsec"]) for one in app.contents(app.numbers()))
    brief = comes(
        ready.place, "Quite another thing", "Bakers of Larkhaven count their loaves and find one too many of them."
    )
    comes(ready.place, "Ferry Halcyon aground: coastguard hears the captain", NEW_TEXT)
    answer = app.post("mark-all-as-read", {"T": app.token, "s": ALL, "ts": newest})

    assert answer.text == "OK"
    assert app.unread() == sorted((brief, wire), reverse=True)
    app.post("mark-all-as-read", {"s": f"{LABEL}local", "ts": ""})
    assert app.unread() == [brief]
    app.post("mark-all-as-read", {"s": ALL, "ts": int(datetime.now(UTC).timestamp()) + 1})
    assert app.unread() == []
    assert app.ask("unread-count").json() == {"max": 0, "unreadcounts": []}


def test_marks_of_one_feed_leave_other_stories_alone(ready: Shelved) -> None:
    """A story that several feeds tell is read wherever it stands."""
    app = ready.app
    metro = feed_of(app, "Metro Pulse")
    expected = set(app.numbers()) - set(app.numbers(metro))
    app.post("mark-all-as-read", {"s": metro, "T": "x"})

    assert set(app.unread()) == expected
    assert app.numbers(metro, xt=READ) == []


def test_what_strangers_wrote_is_words(ready: Shelved) -> None:
    """Headlines read the same as text and as markup; texts and names of outlets are escaped; no link runs anything."""
    hostile = '<img src=x onerror=alert(1)> &lt;script&gt; AT&T "quoted"'
    story = comes(
        ready.place,
        hostile,
        f"{hostile} tells a tale. <script>alert(2)</script> of Larkhaven's bakers.",
        url="javascript:alert(1)",
    )
    comes(
        ready.place,
        hostile,
        f"{hostile} tells a tale. <script>alert(2)</script> of Larkhaven's bakers.",
        outlet="metro-pulse",
    )
    (told,) = ready.app.contents([story])

    assert told["title"] == '＜img src=x onerror=alert(1)＞ ＆lt;script＆gt; AT&T "quoted"'
    assert html.unescape(told["title"]) == told["title"]
    text = told["summary"]["content"]
    assert set(re.findall(r"<(\w+)", text)) <= {"p", "a", "em", "ul", "li", "br"}
    assert "javascript:" not in re.sub(r"&[^;]*;", "", "".join(re.findall(r"<a [^>]*>", text)))
    assert "javascript" not in told["alternate"][0]["href"]


def test_stories_beyond_the_window_are_told_of_only_where_starred(ready: Shelved) -> None:
    """So that lists are bounded however large the archive is."""
    app, old = ready.app, ready.room.stories["old"]
    config = ready.place.config
    config.write_text(config.read_text().replace("settings:\n", "settings:\n  reader_window: 10d\n"))

    assert old not in app.numbers()
    app.mark([old], f"a={STARRED}")
    assert old in app.numbers()
    assert old in app.numbers(STARRED)


def test_stories_of_feeds_that_were_taken_out_are_not_listed(ready: Shelved) -> None:
    """An app could show them nowhere; one that another feed tells too speaks through that feed."""
    app, room = ready.app, ready.room
    metro = feed_of(app, "Metro Pulse")
    answer = app.post("subscription/edit", f"T={app.token}&s={metro}&ac=unsubscribe")

    assert answer.text == "OK"
    assert "metro-pulse" not in ready.place.config.read_text()
    assert room.stories["weather"] not in app.numbers()
    assert room.stories["wire"] in app.numbers()
    assert app.numbers(metro) == []


def test_an_app_adds_feeds(ready: Shelved) -> None:
    """As NetNewsWire does it: with a folder, which becomes a tag, and then looks for it; by address; from OPML."""
    app = ready.app
    url = "https://new.example/feed.xml"
    assert (
        app.post("subscription/edit", f"T={app.token}&ac=subscribe&s=feed/{url}&a={LABEL}Fresh news&t=New one").text
        == "OK"
    )
    listed = {feed["url"]: feed for feed in app.ask("subscription/list").json()["subscriptions"]}
    assert listed[url]["title"] == "New one"
    assert [one["label"] for one in listed[url]["categories"]] == ["Fresh news"]
    added = app.post("subscription/quickadd", {"T": app.token, "quickadd": "quick.example/rss"}).json()
    assert (added["numResults"], added["streamId"]) == (1, feed_of(app, "https://quick.example/rss"))
    opml = app.ask("subscription/export").text
    assert url in opml
    one = opml.replace(url, "https://third.example/feed").encode()
    answer = app.served.client.post(
        f"{app.base}/reader/api/0/subscription/import", content=one, headers={**app.auth, "content-type": "text/xml"}
    )
    assert answer.text == "OK: 1"
    text = ready.place.config.read_text()
    assert all(name in text for name in (url, "https://quick.example/rss", "https://third.example/feed", "Fresh news"))


#: What an app asks, and what it is told.
IMPOSSIBLE: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("subscription/edit", {"ac": "subscribe", "s": "feed/https://northern-wire.example/feed"}, "there already"),
    ("subscription/edit", {"ac": "subscribe", "s": "feed/file:///etc/passwd"}, "http"),
    ("subscription/edit", {"ac": "unsubscribe", "s": "feed/999"}, "no feed 999"),
    ("subscription/edit", {"ac": "edit", "s": "feed/1", "t": "Another name"}, "feeds.yaml"),
    ("subscription/edit", {"ac": "dance", "s": "feed/1"}, "subscribe, unsubscribe or edit"),
    ("subscription/quickadd", {"quickadd": ""}, "address"),
    ("subscription/import", {"no": "opml"}, ""),
    ("rename-tag", {"s": f"{LABEL}local", "dest": f"{LABEL}near"}, "tags of its feeds"),
    ("disable-tag", {"s": f"{LABEL}local"}, "tags of its feeds"),
    ("edit-tag", {"i": "1", "a": f"{LABEL}mine"}, "tags of its feeds"),
    ("stream/items/contents", {"i": [str(number) for number in range(1, 1_002)]}, "1,000"),
    ("stream/items/ids", {"n": "many"}, "n is to be a number"),
)


def test_what_cannot_be_done_is_told(ready: Shelved) -> None:
    """In one sentence, and nothing is changed."""
    before = ready.place.config.read_text()
    for call, form, told in IMPOSSIBLE:
        answer = ready.app.post(call, form)

        assert answer.status_code in {400, 404}
        assert told in answer.text
    assert ready.place.config.read_text() == before


def test_a_page_that_only_reads_says_so(looked_at: Shelved) -> None:
    """`aggregator serve` lets apps read; whatever would change something is refused in words."""
    app, room = looked_at.app, looked_at.room
    for call in (
        "edit-tag",
        "mark-all-as-read",
        "subscription/edit",
        "subscription/quickadd",
        "rename-tag",
        "disable-tag",
    ):
        answer = app.post(call, {"T": app.token, "i": str(room.stories["wire"]), "a": READ})
        assert (answer.status_code, "only reads" in answer.text) == (403, True)
    assert app.served.client.post("/").status_code == 405


@pytest.mark.parametrize("base", ["", "/api/greader", "/api/greader.php"])
def test_apps_know_several_addresses(looked_at: Shelved, base: str) -> None:
    """The root, and what FreshRSS and others have."""
    app = App(served=looked_at.app.served, password=looked_at.app.password, base=base, auth=looked_at.app.auth)

    assert app.numbers() == looked_at.app.numbers()
    assert app.ask("no/such/call").status_code == 404


def test_dates_are_those_that_outlets_claim(looked_at: Shelved) -> None:
    """An app sorts by them; when a story last changed is told beside it."""
    (told,) = looked_at.app.contents([looked_at.room.stories["wire"]])
    claimed = datetime.fromtimestamp(told["published"], UTC)

    assert (
        timedelta(hours=EVENTS["wire"].ago - 1) < datetime.now(UTC) - claimed < timedelta(hours=EVENTS["wire"].ago + 1)
    )
    assert told["updated"] > told["published"]


def test_times_are_read_in_any_unit(looked_at: Shelved) -> None:
    """Seconds with a fraction (NetNewsWire), thousandths and millionths; nonsense is none."""
    app = looked_at.app
    with SqliteStore(looked_at.place.database) as store:
        last = store._sql.value("SELECT max(updated) FROM story")
    stamp = datetime.fromisoformat(last).timestamp() + 1
    for unit in (stamp, int(stamp * 1_000), int(stamp * 1_000_000)):
        assert app.numbers(ot=unit) == []
        assert app.numbers(nt=unit) == app.numbers()
    assert app.numbers(ot=-5) == app.numbers(ot="9" * 19) == app.numbers()


#: What no app sends.
NONSENSE = (
    "",
    "0",
    "-1",
    "9" * 20,
    "9" * 400,
    "1e9",
    "nan",
    ".",
    "1.5",
    "inf",
    "\0",
    "\ud83d".encode(errors="replace").decode(),
    "feed/",
    LABEL,
    "user/-/",
)


def test_nonsense_breaks_nothing(ready: Shelved) -> None:
    """Whatever stands in the place of numbers, times and names, an answer comes, and it is no mistake of ours."""
    app, config = ready.app, ready.place.config.read_text()
    names = (
        "s",
        "n",
        "c",
        "ot",
        "nt",
        "xt",
        "it",
        "r",
        "i",
        "a",
        "ts",
        "ac",
        "since_id",
        "max_id",
        "with_ids",
        "id",
        "before",
    )
    calls = (
        "stream/items/ids",
        "stream/items/contents",
        "stream/contents/",
        "edit-tag",
        "mark-all-as-read",
        "subscription/edit",
    )
    key = hashlib.md5(f"aggregator:{app.password}".encode()).hexdigest()
    for word in NONSENSE:
        form = dict.fromkeys(names, word)
        answers = [app.post(call, form) for call in calls]
        answers += [
            app.served.client.post("/fever/?items&unread_item_ids", data={"api_key": key, **form, **more})
            for more in (
                {},
                {"mark": "item", "as": "read"},
                {"mark": "feed", "as": "read"},
                {"mark": "group", "as": "read"},
            )
        ]
        assert all(answer.status_code < 500 for answer in answers), word
    assert ready.place.config.read_text() == config
