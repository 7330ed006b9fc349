"""`aggregator merge`, `split` and `undo`, on a real database."""

import json
import subprocess
from typing import Any

import click
import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.domain.errors import StoreError, UsageError
from tests.faces.eventful import Newsroom, invoke
from tests.faces.installed import PATIENCE, Place

#: Of a story as `today --json` has it: its articles, and which of them copies which.
Standing = dict[int, int | None]


def standing(place: Place, story: int) -> Standing:
    """Return how the articles of a story stand."""
    found: dict[str, Any] = json.loads(invoke(place, "story", str(story), "--json").stdout)
    return {article["id"]: article["copy_of"] for article in found["articles"]}


def test_merged_stories_are_one_through_a_rebuild(place: Place, room: Newsroom) -> None:
    """`merge` makes one story, prints it and the way back; it stays so when all is arranged anew."""
    ferry, bank, draw = room.stories["wire"], room.stories["rate"], room.stories["draw"]

    merged = place.call("merge", str(ferry), str(bank), f"story {draw}")
    invoke(place, "rebuild", "--all")

    assert merged.returncode == 0
    first, line = merged.stdout.splitlines()
    assert first == f"stories {ferry}, {bank} and {draw} are one now, story {ferry}:"
    assert "8 articles · 6 texts" in line
    assert "aggregator undo" in merged.stderr
    assert len(standing(place, ferry)) == 8
    assert standing(place, bank) == standing(place, ferry)
    explained = place.json("explain", f"a{room.ids['wire']}", f"a{room.ids['rate']}")
    assert [reason["kind"] for reason in explained["reasons"]] == ["put-together"]
    assert "You put articles" in place.call("explain", f"a{room.ids['rate']}").stdout


def test_undo_puts_a_merge_back_to_the_letter(place: Place, room: Newsroom) -> None:
    """Each story is back under its number, with its copies and ties; what was merged can part again."""
    ferry, draw = room.stories["wire"], room.stories["draw"]
    before = [place.json("story", str(story)) for story in (ferry, draw)]

    place.call("merge", str(ferry), str(draw))
    undone = place.call("undo")

    assert undone.returncode == 0
    assert undone.stdout.startswith(f"taken back: merged stories {ferry} and {draw} (")
    after = [place.json("story", str(story)) for story in (ferry, draw)]
    assert [_without_times(story) for story in after] == [_without_times(story) for story in before]
    invoke(place, "rebuild", "--all")
    assert len(standing(place, draw)) == 2


def _without_times(story: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in story.items() if key != "updated"}


def test_split_takes_articles_out_for_good(place: Place, room: Newsroom) -> None:
    """`split` moves articles into a story of their own, where they stay; each is named as `story` shows it."""
    story = room.stories["wire"]
    own, later = room.ids["own"], room.ids["later"]

    parted = place.call("split", str(story), f"[{own}]", room.urls["later"])
    invoke(place, "rebuild", "--all")

    assert parted.returncode == 0
    assert parted.stdout.startswith(f"articles {own} and {later} taken out of story {story}, now in story ")
    assert len(parted.stdout.splitlines()) == 3
    assert "aggregator undo" in parted.stderr
    assert set(standing(place, story)) == {room.ids["wire"], room.ids["reprint"]}
    apart = place.json("explain", f"a{own}", f"a{room.ids['wire']}")
    assert [reason["kind"] for reason in apart["reasons"]] == ["put-apart"]
    assert "You took articles" in apart["why"][0]
    together = place.json("explain", f"a{own}", f"a{later}")
    assert together["together"]


def test_undo_goes_back_step_by_step(place: Place, room: Newsroom) -> None:
    """Each undo takes back the decision before; with none left it says so."""
    story = room.stories["wire"]
    before = standing(place, story)

    place.call("split", str(story), str(room.ids["own"]))
    place.call("merge", str(story), str(room.stories["rate"]))
    told = [place.call("undo").stdout.split(" (")[0] for _ in range(3)]
    after = standing(place, story)
    nothing = place.call("undo")

    assert told[0].startswith("taken back: merged stories")
    assert told[1].startswith("taken back: split")
    assert told[2].startswith("taken back: rebuilt")
    assert set(after) < set(before)
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert "nothing to undo" in nothing.stderr


def test_after_an_undone_rebuild_it_is_told_that_articles_belong_together(place: Place, room: Newsroom) -> None:
    """What a rebuild would join, and nobody keeps apart, is told as that."""
    place.call("undo")

    shown = place.json("explain", f"a{room.ids['rate']}", f"a{room.ids['rates']}")

    assert [reason["kind"] for reason in shown["reasons"]] == ["not-joined-yet"]
    assert "`aggregator rebuild`" in shown["why"][0]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("merge", "1"), "name two different stories"),
        (("merge", "1", "1"), "name two different stories"),
        (("merge", "1", "99999"), "there is no story 99999"),
        (("merge", "1", "a2"), "is no story"),
        (("merge", "soon"), "names nothing"),
        (("split", "1", "99999"), "there is no article 99999"),
        (("split", "99999", "1"), "there is no story 99999"),
        (("split", "1", "5"), "has no article 5"),
        (("split", "1", "1", "2", "3", "4"), "not all"),
        (("split", "1"), "Missing parameter"),
    ],
)
def test_wrong_use_changes_nothing(place: Place, room: Newsroom, words: tuple[str, ...], told: str) -> None:
    """It is told what is wrong and where to look, and every story is as it was."""
    refused = invoke(place, *words)

    assert isinstance(refused.exception, UsageError | click.UsageError)
    assert told in str(refused.exception)
    assert set(standing(place, 1)) == {room.ids[name] for name in ("wire", "reprint", "own", "later")}


@pytest.mark.parametrize("words", [("merge", "1", "2"), ("split", "1", "1"), ("undo",)])
def test_without_a_database_nothing_is_made(place: Place, words: tuple[str, ...]) -> None:
    """Where nothing was polled yet there is a sentence, and still no database."""
    refused = invoke(place, *words)

    assert isinstance(refused.exception, StoreError)
    assert "there is no database" in str(refused.exception)
    assert not place.database.exists()


def test_a_faulty_feeds_yaml_is_told(place: Place, room: Newsroom) -> None:
    """Stories are made by its rules, so nothing is changed by wrong ones; a file that is missing means the defaults."""
    place.config.write_text("settings: {same_event: high}\n")
    refused = place.call("merge", str(room.stories["wire"]), str(room.stories["rate"]))
    place.config.unlink()
    done = place.call("merge", str(room.stories["wire"]), str(room.stories["rate"]))

    assert refused.returncode == 1
    assert "same_event" in refused.stderr
    assert done.returncode == 0


def test_it_waits_for_whoever_writes(place: Place, room: Newsroom) -> None:
    """A daemon in the middle of a write is waited for."""
    words = ("merge", str(room.stories["wire"]), str(room.stories["rate"]))
    with SqliteStore(place.database) as store:
        with store.transaction():
            process = subprocess.Popen(place.command(*words), env=place.environ, stdout=subprocess.PIPE)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(2)
        shown, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert b"are one now" in shown


def test_what_is_marked_as_read_leaves_the_list_of_unread(place: Place, room: Newsroom) -> None:
    """`mark` says what it did; `today` and `story` tell, as do `--unread` and `--starred`."""
    ferry, draw = room.stories["wire"], room.stories["draw"]

    marked = place.call("mark", "read", str(ferry))
    starred = place.call("mark", "starred", str(draw), str(ferry))

    assert (marked.returncode, marked.stderr) == (0, f"story {ferry}: read\n")
    assert starred.stderr == f"stories {draw}, {ferry}: starred\n"
    every = {story["id"]: story for story in place.json("today", "--since", "3d")}
    assert (every[ferry]["read"], every[ferry]["starred"], every[ferry]["new"]) == (
        True,
        True,
        {"articles": 0, "texts": 0},
    )
    unread = {story["id"] for story in place.json("today", "--since", "3d", "--unread")}
    assert unread == set(every) - {ferry}
    assert {story["id"] for story in place.json("today", "--starred")} == {draw, ferry}
    assert " · read · starred · story " in place.call("story", str(ferry)).stdout
    invoke(place, "mark", "unstarred", str(draw), str(ferry))
    assert place.json("today", "--starred") == []
