"""`aggregator rebuild`, on a real database."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.domain.errors import UsageError
from tests.builders import placed
from tests.faces.eventful import fill, invoke
from tests.faces.installed import Place, new_place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place whose database does not exist yet."""
    with new_place(tmp_path) as place:
        yield place


def stories(place: Place) -> dict[int, int]:
    """Return the story of each article."""
    with SqliteStore(place.database) as store:
        return {int(article): int(story) for article, story, _ in placed(store)}


def test_a_rebuild_joins_what_tells_one_event_and_can_be_rolled_back(place: Place) -> None:
    """It tells how many stories there were and are, what merged and why, and how to go back; undo goes back."""
    room = fill(place.database, learn=False)
    before = stories(place)

    done = place.call("rebuild")
    after = stories(place)

    assert done.returncode == 0
    assert "are now" in done.stdout.splitlines()[0]
    assert "3 articles moved" in done.stdout.splitlines()[0]
    assert "stories that merged: 2" in done.stdout
    assert "stories of 2, 1 and 1 articles became one" in done.stdout
    assert f"[{room.ids['rate']}] Bank of Meridia cuts key rate in split vote" in done.stdout
    assert "both speak of Meridia" in done.stdout
    assert done.stderr == "`aggregator undo` rolls it back\n"
    assert after[room.ids["own"]] == after[room.ids["later"]] != before[room.ids["own"]]
    place.call("undo")
    assert stories(place) == before


def test_a_dry_run_tells_the_same_and_changes_nothing(place: Place) -> None:
    """What would change is told, with the same numbers as of the real run, and nothing does."""
    fill(place.database, learn=False)
    before = stories(place)

    tried = place.json("rebuild", "--dry-run")
    unchanged = stories(place)
    told = place.call("rebuild", "--dry-run")
    done = place.json("rebuild")

    assert unchanged == before
    assert "would move" in told.stdout
    assert "stories that would merge: 2" in told.stdout
    assert told.stderr == ""
    assert tried == done | {"dry_run": True}
    assert list(tried) == [
        *("dry_run", "articles", "stories_before", "stories_after", "moved", "merges", "splits"),
        *("largest_merges", "largest_splits"),
    ]
    assert stories(place) != before


def test_running_twice_changes_nothing(place: Place) -> None:
    """A second rebuild finds everything as it should be, and leaves nothing to undo but the first one."""
    fill(place.database)

    again = place.call("rebuild")

    assert again.stdout.strip().endswith("articles stay as they are")
    assert again.stderr == ""


def test_a_setting_can_be_tried_out(place: Place) -> None:
    """--set with --dry-run arranges as if feeds.yaml said so: a lower threshold joins more; of one key the last holds."""
    fill(place.database)

    looser = place.json("rebuild", "--dry-run", "--set", "same_event=0.9", "--set", "same_event=0.2")
    same = place.json("rebuild", "--dry-run", "--set", "canonical=fullest")

    assert looser["stories_after"] < looser["stories_before"]
    assert same["stories_after"] == same["stories_before"]


def test_splits_are_told_with_their_reason(place: Place) -> None:
    """What a stricter rule parts is told with two headlines and how alike they are."""
    place.config.write_text("settings: {same_event: 0.2}\n")
    fill(place.database)
    place.call("rebuild")

    tried = place.json("rebuild", "--dry-run", "--set", "same_event=0.9")
    shown = place.call("rebuild", "--dry-run", "--set", "same_event=0.9").stdout

    assert tried["splits"] == len(tried["largest_splits"]) > 0
    assert all(split["likeness"] < 0.9 for split in tried["largest_splits"])
    assert "stories that would split: " in shown
    assert "one story would become stories of 1 and 1 articles" in shown
    assert "likeness 0." in shown


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--set", "same_event=0.5"), "write it under `settings:` in"),
        (("--dry-run", "--set", "same_evnt=0.5"), "did you mean same_event?"),
        (("--dry-run", "--set", "every=1h"), "every has no say in how stories are made"),
        (("--dry-run", "--set", "same_event=7"), "--set same_event: "),
        (("--dry-run", "--set", "same_event=much"), "--set same_event: "),
        (("--dry-run", "--set", "canonical=fulest"), "did you mean fullest?"),
        (("--dry-run", "--set", "canonical"), "there is no value"),
        (("--dry-run", "--set", "canonical="), "there is no value"),
        (("--dry-run", "--set", "zzz=1"), "known here: same_event, canonical"),
        (("more",), "unexpected"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(place: Place, words: tuple[str, ...], told: str) -> None:
    """Settings are checked as in feeds.yaml, and are only tried out; no database is made."""
    refused = invoke(place, "rebuild", *words)

    assert isinstance(refused.exception, UsageError | click.UsageError)
    assert told in str(refused.exception)
    assert not place.database.exists()


def test_nothing_to_rebuild_is_said(place: Place) -> None:
    """No database, no articles and none of late: a sentence each, never a traceback."""
    none = place.call("rebuild")
    SqliteStore(place.database).close()
    empty = place.call("rebuild", "--all")
    recent = place.call("rebuild")

    assert none.returncode == 1
    assert "there is no database" in none.stderr
    assert (empty.returncode, recent.returncode) == (0, 0)
    assert "there are no articles yet" in empty.stdout
    assert "--all takes the older ones too" in recent.stdout
    assert place.json("rebuild")["articles"] == 0


def test_old_stories_are_left_alone_without_all(place: Place) -> None:
    """What no article of the last 14 days touches is only rebuilt with --all."""
    room = fill(place.database)

    recent, everything = place.json("rebuild", "--dry-run"), place.json("rebuild", "--dry-run", "--all")

    assert recent["articles"] == len(room.ids) - 1
    assert everything["articles"] == len(room.ids)
