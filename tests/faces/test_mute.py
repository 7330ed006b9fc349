"""Muted stories: left out of lists, never without a trace, and found by who looks for them."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.bootstrap import utc_now
from aggregator.domain.errors import UsageError
from aggregator.domain.feeds import Entry
from aggregator.domain.settings import FeedConfig
from tests.faces.eventful import EVENTS, Newsroom, invoke
from tests.faces.installed import SETTINGS, Place, new_place
from tests.faces.paged import Served, paths_of, serving
from tests.faces.test_web_acts import day, post, told, undo
from tests.faces.test_web_pages import shown

SINCE = ("--since", "72h", "--limit", "0")
FERRY = EVENTS["wire"].title


@pytest.fixture
def place(home: tuple[Place, Served]) -> Place:
    """A place without rules."""
    home[0].write()
    return home[0]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Served]]:
    """A place and its page."""
    with new_place(tmp_path_factory.mktemp("mute")) as place, serving(paths_of(place.folder), acts=True) as served:
        yield place, served


@pytest.fixture
def served(home: tuple[Place, Served], room: Newsroom) -> Iterator[Served]:
    """The page of the events; nothing may go wrong in it."""
    assert room.stories
    yield home[1]
    assert home[1].crashes == []


def rules(place: Place, *written: str) -> None:
    """Write feeds.yaml with rules."""
    listed = "".join(f"  - {rule}\n" for rule in written)
    place.write(settings=f"{SETTINGS}mute:\n{listed}")


def listed(place: Place, *words: str) -> list[dict[str, object]]:
    """Return what `today` lists."""
    found: list[dict[str, object]] = json.loads(invoke(place, "today", *SINCE, "--json", *words).stdout)
    return found


def test_a_muted_story_is_left_out_with_a_word_and_shown_on_demand(place: Place, room: Newsroom) -> None:
    """It is told on stderr how many and why; --muted shows them with their rules; the others are as they were."""
    before = listed(place)
    rules(place, "word: runs aground", "source: hafenblatt")
    ferry, german = room.stories["wire"], room.stories["german"]
    answer = invoke(place, "today", *SINCE)

    assert answer.stderr == "2 stories muted: 1 by “runs aground”, 1 by hafenblatt; --muted shows them\n"
    assert FERRY not in answer.stdout
    assert [story["id"] for story in listed(place)] == [s["id"] for s in before if s["id"] not in {ferry, german}]
    assert all(story["muted"] is None for story in listed(place))
    assert {story["id"]: story["muted"] for story in listed(place, "--muted")} == {
        ferry: {"word": "runs aground"},
        german: {"source": "hafenblatt"},
    }
    assert "muted by the word “runs aground”" in invoke(place, "today", *SINCE, "--muted").stdout


def test_a_muted_story_leaves_no_gap_in_a_list_of_so_many(place: Place, room: Newsroom) -> None:
    """A limit counts what is shown."""
    rules(place, "word: ferry")

    assert room.stories
    assert len(json.loads(invoke(place, "today", "--since", "72h", "--limit", "3", "--json").stdout)) == 3


def test_search_and_the_story_itself_know_muted_stories(place: Place, room: Newsroom) -> None:
    """Nothing is deleted, and the story says by which rule it is muted."""
    rules(place, "word: runs aground")
    ferry = str(room.stories["wire"])

    assert FERRY in invoke(place, "search", "Halcyon").stdout
    assert "muted by the word “runs aground”; lists leave it out" in invoke(place, "story", ferry).stdout
    assert json.loads(invoke(place, "story", ferry, "--json").stdout)["muted"] == {"word": "runs aground"}


def test_a_starred_story_is_never_muted(place: Place, room: Newsroom) -> None:
    """Not in lists, and not in what a preview counts."""
    rules(place, "word: runs aground")
    ferry = room.stories["wire"]
    invoke(place, "mark", "starred", str(ferry))

    assert ferry in {story["id"] for story in listed(place)}
    assert "would hide 0 of" in invoke(place, "mute", "preview", "--word", "runs aground").stderr


def test_a_source_and_a_tag_mute_only_what_is_theirs_alone(place: Place, room: Newsroom) -> None:
    """A story that others carry too is shown, whoever speaks for it; so is one of which an article is of no such feed."""
    feeds = (FeedConfig(url="https://a.example/feed", tags=("sea",)),)
    with SqliteStore(place.database) as store:
        store.sync_feeds(feeds, timedelta(hours=1), utc_now())
        (feed,) = [due.feed.id for due in store.all_feeds()]
        for name in ("wire", "german"):
            entry = Entry(key=name, guid=None, url=None, title="", digest=b"")
            with store.transaction():
                store.list_entry(feed, entry, room.ids[name], utc_now())
    rules(place, "source: northern-wire", "tag: Sea")

    assert [(story["id"], story["muted"]) for story in listed(place, "--muted")] == [
        (room.stories["german"], {"tag": "Sea"})
    ]


def test_a_rule_that_is_over_mutes_nothing(place: Place, room: Newsroom) -> None:
    """And the list of rules says so."""
    rules(place, "{word: runs aground, until: 2020-01-01}")

    assert room.stories["wire"] in {story["id"] for story in listed(place)}
    line = invoke(place, "mute", "list").stdout
    assert re.fullmatch(r"the word “runs aground”, ended after 2020-01-01: 1 of \d+ stories of the last 7 days\n", line)


def test_rules_are_added_previewed_and_removed_by_command(place: Place, room: Newsroom) -> None:
    """A preview changes nothing; each command says what it did and what that hides."""
    preview = invoke(place, "mute", "preview", "--word", "runs aground")
    assert (str(room.stories["wire"]) in preview.stdout, "would hide 1 of" in preview.stderr) == (True, True)
    assert "nothing is muted" in invoke(place, "mute", "list").stderr

    added = invoke(place, "mute", "add", "--word", "runs aground", "--until", "2999-12-31")
    assert "muted: the word “runs aground”, until 2999-12-31: 1 of" in added.stderr
    assert "word: runs aground\n    until: 2999-12-31" in place.config.read_text()
    assert isinstance(invoke(place, "mute", "add", "--word", "Runs aground").exception, UsageError)
    assert invoke(place, "mute", "remove", "--word", "runs aground").stderr == (
        "no longer muted: the word “runs aground”\n"
    )
    assert isinstance(invoke(place, "mute", "add").exception, UsageError)


def test_the_digest_leaves_muted_stories_out_and_says_how_many(place: Place, room: Newsroom) -> None:
    """In each of its forms; where all is muted it says just that."""
    rules(place, "word: runs aground")
    assert room.stories
    for form in ("markdown", "html", "text"):
        digest = invoke(place, "digest", "--since", "72h", "--limit", "0", "--format", form).stdout
        assert FERRY not in digest
        assert "1 story muted: 1 by “runs aground”." in digest
    everything = invoke(place, "digest", "--since", "72h", "--tag", "none")
    assert "muted" not in everything.stderr


def test_a_day_says_what_it_leaves_out_and_shows_it(place: Place, served: Served, room: Newsroom) -> None:
    """Its head counts what is shown; the muted ones stand one link away, each with its rule."""
    whole = shown(served.get(day()).text)
    rules(place, "word: runs aground")
    page = served.get(day()).text
    ferry = room.stories["wire"]

    assert f'id="s{ferry}"' not in page
    assert "1 story muted: 1 by “runs aground” · show it · the rules" in shown(page)
    sums = [re.search(r"([\d,]+) articles? .* → ([\d,]+) stor", text) for text in (whole, shown(page))]
    before, after = ([int(part) for part in found.groups()] if found else [] for found in sums)
    assert (before[0] - after[0], before[1] - after[1]) == (4, 1)

    muted = served.get(f"{day()}?muted=show").text
    assert set(re.findall(r'<article [^>]*id="s(\d+)"', muted)) == {str(ferry)}
    assert "muted by the word “runs aground”" in shown(muted)
    assert "Only what is muted: 4 articles" in shown(muted)
    assert "back to the others" in shown(muted)
    assert served.get(f"{day()}?muted=maybe").status_code == 400


def test_a_story_page_tells_its_rule_and_leads_to_a_new_one(place: Place, served: Served, room: Newsroom) -> None:
    """The link brings headline and outlet along, to be shortened and chosen."""
    rules(place, "word: runs aground")
    page = served.get(f"/story/{room.stories['wire']}").text
    assert "Muted by the word “runs aground”" in shown(page)
    (link,) = re.findall(r'href="(/mute\?[^"]+)">Mute …', page)
    form = served.get(link.replace("&amp;", "&")).text

    assert f'name="word" value="{FERRY}"' in form
    assert 'name="source" value="Northern-Wire"' in form
    assert "Would hide" not in form


def test_rules_are_previewed_added_removed_and_taken_back_on_the_page(
    place: Place, served: Served, room: Newsroom
) -> None:
    """By plain forms; feeds.yaml has the rule, and its comments stay."""
    place.config.write_text(f"# mine\n{place.config.read_text()}")
    preview = served.get(f"/mute?word={quote('runs aground')}").text
    assert "Would hide 1 of" in shown(preview)
    assert f"/story/{room.stories['wire']}" in preview
    assert "mute:" not in place.config.read_text()

    added = post(served, "/do/mute/add", word="runs aground", until="2999-12-31", back="/mute").text
    assert told(added) == "Muted: the word “runs aground” Undo"
    assert "Hides 1 of" in shown(added)
    assert place.config.read_text().startswith("# mine\n")
    assert place.config.read_text().endswith("mute:\n  - word: runs aground\n    until: 2999-12-31\n")
    assert "is not muted" in told(undo(served, added).text)

    post(served, "/do/mute/add", tag="sport", back="/mute")
    removed = post(served, "/do/mute/remove", tag="sport", back="/mute").text
    assert told(removed) == "No longer muted: the tag sport Undo"
    assert "the tag sport is muted" in told(undo(served, removed).text)
    assert post(served, "/do/mute/add", word="", back="/mute").status_code == 400


def test_what_is_no_rule_is_told_on_the_page(served: Served) -> None:
    """With what would be one."""
    page = shown(served.get("/mute?word=%3F%3F").text)

    assert "has no word in it; write a word or a phrase" in page
