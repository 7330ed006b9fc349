"""The news world tells what its files say, refuses files that break the format, and keeps its own time."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.newsworld.clock import END, LATEST, WorldClock, anchor, position
from tests.newsworld.outlets import OUTLETS
from tests.newsworld.world import World, WorldError, load_world

_KITE = """\
event: kite-festival
language: en
note: a small file of which each part is used
texts:
  - id: kite-wire
    outlet: northern-wire
    at: 1 08:00
    sections: [local]
    title: Kites over Vestry
    author: Ada Lindqvist
    lead: Forty kites rose on Monday.
    body: |
      VESTRY (Northern Wire) - Forty kites rose on Monday
      above the dunes.

      The largest weighed nine kilos.

      Nobody was hurt.
copies:
  - id: kite-courier
    of: kite-wire
    outlet: evening-courier
    at: 1 09:00
    sections: [local, world]
    kind: trimmed
    title: Forty kites
    keep: 2
    add:
      - The Courier flew one as well.
    replace:
      "nine kilos": "ten kilos"
    credit: "Source: Northern Wire"
  - id: kite-herald
    of: kite-wire
    outlet: harbour-herald
    at: 2 10:00
    sections: [local]
    kind: whole
revisions:
  - of: kite-wire
    at: 2 08:30
    title: Fifty kites over Vestry
    replace: {"Forty": "Fifty"}
    prepend: ["A correction: fifty kites rose, not forty."]
"""


def _load(folder: Path, **files: str) -> World:
    for name, text in files.items():
        (folder / f"{name.replace('_', '-')}.yaml").write_text(text, encoding="utf-8")
    return load_world(folder)


def test_text_is_read(tmp_path: Path) -> None:
    """A text keeps its paragraphs, with line breaks within one folded."""
    wire = _load(tmp_path, kite_festival=_KITE).by_id["kite-wire"]

    assert (wire.copy_of, wire.kind, wire.author, wire.at) == (None, "text", "Ada Lindqvist", 8.0)
    assert wire.paragraphs == (
        "VESTRY (Northern Wire) - Forty kites rose on Monday above the dunes.",
        "The largest weighed nine kilos.",
        "Nobody was hurt.",
    )


def test_copy_is_derived(tmp_path: Path) -> None:
    """A copy is its text trimmed, edited, extended and credited as the file says."""
    courier = _load(tmp_path, kite_festival=_KITE).by_id["kite-courier"]

    assert (courier.copy_of, courier.title, courier.author) == ("kite-wire", "Forty kites", None)
    assert courier.text(END).split("\n") == [
        "VESTRY (Northern Wire) - Forty kites rose on Monday above the dunes.",
        "The largest weighed ten kilos.",
        "The Courier flew one as well.",
        "Source: Northern Wire",
    ]


def test_revision_counts_from_its_hour_on(tmp_path: Path) -> None:
    """An article says the old until its revision's hour and the new from then on, its lead included."""
    wire = _load(tmp_path, kite_festival=_KITE).by_id["kite-wire"]
    before, after = wire.version(position("2 08:29")), wire.version(position("2 08:30"))

    assert before.title == "Kites over Vestry"
    assert (after.title, after.lead) == ("Fifty kites over Vestry", "Fifty kites rose on Monday.")
    assert after.paragraphs[0] == "A correction: fifty kites rose, not forty."
    assert after.paragraphs[2] == before.paragraphs[1]


def test_copy_takes_what_its_text_says_at_that_hour(tmp_path: Path) -> None:
    """A copy made after a correction carries the corrected text."""
    herald = _load(tmp_path, kite_festival=_KITE).by_id["kite-herald"]

    assert herald.title == "Fifty kites over Vestry"
    assert herald.paragraphs[1].endswith("Fifty kites rose on Monday above the dunes.")


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("event: kite-festival", "event: kites", "event is 'kites'"),
        ("note: a small", "remark: a small", "unknown key remark"),
        ("note: a small file of which each part is used\n", "", "lacks note"),
        ("id: kite-wire\n", "id: Kite_Wire\n", "Kite_Wire: an id"),
        ("    author: Ada Lindqvist", "    writer: Ada", "kite-wire: unknown key writer"),
        ("title: Kites over Vestry", "title: 1984", "kite-wire: title must be text"),
        ("at: 1 08:00", "at: 3 08:00", "kite-wire: '3 08:00' is no time"),
        ("at: 2 10:00", "at: 2 22:01", "kite-herald: 2 22:01 is later"),
        ("outlet: harbour-herald", "outlet: harbour-gazette", "kite-herald: there is no outlet"),
        ("outlet: harbour-herald", "outlet: morgenbote", "kite-herald: morgenbote writes de"),
        ("sections: [local, world]", "sections: [local, chess]", "kite-courier: sections"),
        ("sections: [local, world]", "sections: local", "kite-courier: sections must be a list"),
        ("kind: trimmed", "kind: shortened", "kite-courier: kind 'shortened'"),
        ("keep: 2", "keep: 3", "kite-courier: keep 3 of 3"),
        ('"nine kilos": ', '"eight kilos": ', "kite-courier: replaces 'eight kilos'"),
        ("id: kite-herald", "id: kite-courier", "kite-courier: the id is taken"),
        ("    of: kite-wire\n    outlet: harbour", "    of: kite-ware\n    outlet: harbour", "copies 'kite-ware'"),
        ("  - of: kite-wire\n", "  - of: kite-ware\n", "kite-ware: is revised"),
        ("at: 2 08:30", "at: 1 07:30", "kite-wire: the revision of 1 07:30"),
        ("texts:\n", "texts: [\n", "cannot be read"),
    ],
)
def test_broken_file_is_refused(tmp_path: Path, old: str, new: str, names: str) -> None:
    """A file that breaks the format is refused by its name, the article's id and what is wrong."""
    assert old in _KITE
    with pytest.raises(WorldError) as caught:
        _load(tmp_path, kite_festival=_KITE.replace(old, new, 1))

    assert str(caught.value).startswith("kite-festival.yaml: ")
    assert names in str(caught.value)


def test_id_is_taken_by_another_file(tmp_path: Path) -> None:
    """An id names one article in the whole world."""
    with pytest.raises(WorldError, match=r"kite-two\.yaml: kite-.*taken by kite-festival\.yaml"):
        _load(tmp_path, kite_festival=_KITE, kite_two=_KITE.replace("event: kite-festival", "event: kite-two"))


def test_lookalike_must_exist(tmp_path: Path) -> None:
    """An event cannot look like one that nobody tells."""
    with pytest.raises(WorldError, match="lookalike_of names 'kite-flop'"):
        _load(tmp_path, kite_festival=_KITE.replace("language: en", "language: en\nlookalike_of: [kite-flop]"))


def test_expected_stories(tmp_path: Path) -> None:
    """What should be found is read off the files: who carries one text, and who tells one event."""
    world = _load(tmp_path, kite_festival=_KITE)

    assert world.expected_copies() == {frozenset({"kite-wire", "kite-courier", "kite-herald"})}
    assert world.expected_events() == world.expected_copies()
    (line,) = world.expected_table()
    assert line.split()[:6] == ["3", "articles", "1", "texts", "3", "sources"]


def test_mistakes_are_told(tmp_path: Path) -> None:
    """Texts are held against the world: what is missing, twice there, torn apart or mixed up is named."""
    other = _KITE.replace("kite-", "flop-")
    world = _load(tmp_path, kite_festival=_KITE, flop_festival=other)
    kites, flops = sorted(world.expected_copies(), key=min, reverse=True)

    assert list(world.mistakes([kites, flops])) == []
    assert list(world.mistakes([kites | flops])) == ["several texts taken for one: flop-wire, kite-wire"]
    assert list(world.mistakes([kites])) == ["not found: flop-courier, flop-herald, flop-wire"]
    assert list(world.mistakes([[*kites, "kite-wire"], flops])) == ["found 2 times: kite-wire"]
    torn = [kites - {"kite-wire"}, frozenset({"kite-wire"}), flops]
    assert list(world.mistakes(torn)) == ["one text taken for several: kite-courier, kite-herald, kite-wire"]


def test_stories_are_scored_by_the_pairs_they_put_together(tmp_path: Path) -> None:
    """Precision falls with each pair of two events in one story, recall with each pair of one event that is torn apart."""
    world = _load(tmp_path, kite_festival=_KITE, flop_festival=_KITE.replace("kite-", "flop-"))
    kites, flops = world.expected_events()
    perfect, mixed = world.story_scores([kites, flops]), world.story_scores([kites | flops])
    torn = world.story_scores([kites, *({id} for id in flops)])

    assert (perfect.precision, perfect.recall) == (1, 1)
    assert mixed.precision == pytest.approx(6 / 15)
    assert mixed.recall == 1
    assert (torn.precision, torn.recall) == (1, 0.5)


def test_the_committed_world_is_whole() -> None:
    """The world has some 120 articles of fourteen outlets over two days, and copies stay within one event."""
    world = load_world()
    events = world.expected_events()

    assert len(world.articles) >= 110
    assert {article.outlet for article in world.articles} == set(OUTLETS)
    assert {int(article.at // 24) for article in world.articles} == {0, 1}
    assert sum(map(len, events)) == sum(map(len, world.expected_copies())) == len(world.articles)
    assert all(any(copies <= event for event in events) for copies in world.expected_copies())
    assert all(len(pair) == 2 for pair in world.expected_lookalikes())


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 (Hypothesis adds the zone)
def test_day_two_is_today_and_past(now: datetime) -> None:
    """At any hour, day 2 is today in the world's zone and all that may happen on it is past."""
    zone, midnight = anchor(now)
    clock = WorldClock(now=now)
    local = now.astimezone(ZoneInfo(zone))

    assert local.hour == 22
    assert clock.moment(24.0).date() == local.date()
    assert clock.moment(LATEST) <= now
    assert (clock.zone, clock.midnight, midnight.hour) == (zone, midnight, 0)


def test_anchor_wants_an_aware_time() -> None:
    """A time without a zone has no place in the world."""
    with pytest.raises(ValueError, match="naive"):
        anchor(datetime(2026, 1, 1))  # noqa: DTZ001 (the fault itself)


@pytest.mark.parametrize("at", ["", "1", "0 10:00", "3 00:00", "1 24:00", "1 9:00", "2 10:60", "1 10:00 "])
def test_position_refuses_other_spellings(at: str) -> None:
    """A time of the world is a day and hh:mm."""
    with pytest.raises(ValueError, match="no time of the world"):
        position(at)


def test_time_set_by_hand() -> None:
    """A clock without speed stands until it is moved, also from another thread, and never goes back."""
    clock = WorldClock("1 06:00")
    clock.start()
    assert clock.position == 6.0

    mover = threading.Thread(target=clock.advance_to, args=("2 09:30",))
    mover.start()
    mover.join()
    assert clock.position == 33.5
    with pytest.raises(ValueError, match="already past 2 09:00"):
        clock.advance_to("2 09:00")


def test_time_that_runs() -> None:
    """A clock with speed waits for its start, runs from then on and ends with day 2."""
    clock = WorldClock("1 06:00", speed=1e9)
    assert clock.position == 6.0

    clock.start()
    threading.Event().wait(0.01)
    assert clock.position == END
