import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.cli.search import snippet
from aggregator.cli.show import first_names
from aggregator.cli.story import print_story
from aggregator.cli.today import print_lines
from aggregator.cli.update import line
from aggregator.core.as_json import hit_json, whole_story_json
from aggregator.domain.articles import HeldBack
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.marks import Marks
from aggregator.domain.reading import Carrier, Counts, SearchHit, StoryArticle, StoryView
from tests.faces.installed import Outlet, Place, new_place

NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
HOSTILE = "Ban\x1b[2J\x07ks \u202eliaf\nfaster"

FIRST = StoryArticle(
    id=ArticleId(101),
    title="Bridge closed",
    url="https://harbour.example/bridge",
    source="Harbour Herald",
    feeds=("Harbour News", "Harbour Local"),
    published=NOW,
    dated=NOW,
    first_seen=NOW,
    author=None,
    language="en",
    text_from="page",
    versions=2,
    copy_of=None,
    similarity=None,
    why="speaks for the story: the earliest complete text",
)
SECOND = replace(
    FIRST,
    id=ArticleId(102),
    title="Cracks close bridge",
    url="https://metro.example/cracks",
    source="Metro Pulse",
    feeds=("Metro",),
    dated=NOW + timedelta(hours=1),
    versions=0,
    copy_of=ArticleId(101),
    similarity=0.934,
    why="93 % of its word sequences stand in article 101, 1 h later",
)
STORY = StoryView(
    id=StoryId(17),
    title="Bridge closed",
    url="https://harbour.example/bridge",
    source="Harbour Herald",
    published=None,
    first_dated=NOW,
    first_seen=NOW,
    updated=NOW,
    language="en",
    tags=("local", "traffic"),
    summary="Engineers found cracks.",
    counts=Counts(articles=2, texts=1, sources=2),
    carriers=tuple(Carrier(source=article.source, title=article.title, url=article.url) for article in (FIRST, SECOND)),
    arrivals=(FIRST.dated, SECOND.dated),
    articles=(FIRST, SECOND),
    marks=Marks(),
)


def test_a_story_in_a_pipe_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Fields stand two spaces or more apart, those of fixed width first."""
    print_lines([STORY])

    assert capsys.readouterr().out == (
        "    17  2026-11-23T08:15Z  2 articles · 1 text · 2 sources         Bridge closed"
        "  [Harbour Herald, Metro Pulse]  https://harbour.example/bridge\n"
    )


def test_hostile_headlines_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither control sequences nor direction marks nor line breaks of a feed are printed."""
    hostile = replace(
        FIRST, title=HOSTILE, source=HOSTILE, url=f"https://x.example/{HOSTILE}", why=HOSTILE, feeds=(HOSTILE,)
    )
    story = replace(
        STORY,
        title=HOSTILE,
        summary=HOSTILE,
        tags=(HOSTILE,),
        carriers=(Carrier(source=HOSTILE, title=HOSTILE, url=HOSTILE),),
        url=HOSTILE,
        articles=(hostile,),
    )

    print_lines([story])
    print_story(story, UTC)

    # pytest's capture keeps click's own styles; what is left without them must be plain.
    shown = capsys.readouterr().out.replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "")
    assert all(letter.isprintable() for row in shown.split("\n") for letter in row)
    assert "Banks liaf faster" in shown


def test_a_story_names_copies_and_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    """Articles stand in order of time; a copy names what it copies and how similar it is; each has its reason."""
    print_story(STORY, UTC)

    assert capsys.readouterr().out.splitlines() == [
        "Bridge closed",
        "2 articles · 1 text · 2 sources · story 17 · en · local, traffic",
        "https://harbour.example/bridge",
        "",
        "Engineers found cracks.",
        "",
        "2026-11-23 08:15  Harbour Herald  [101]",
        "  Bridge closed",
        "  https://harbour.example/bridge",
        "  speaks for the story: the earliest complete text",
        "  changed 2 times since it was first seen",
        "  listed by Harbour News, Harbour Local",
        "",
        "2026-11-23 09:15  Metro Pulse  [102]",
        "    copy of 101 (93%): Cracks close bridge",
        "    https://metro.example/cracks",
        "    93 % of its word sequences stand in article 101, 1 h later",
        "    listed by Metro",
    ]


def test_a_story_says_whose_text_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """The lineage stands under the counts, without what could play with a terminal; where there is none, no line."""
    print_story(replace(STORY, lineage="Northern\x1b[2J Wire text, carried by 2"), UTC)

    shown = capsys.readouterr().out.splitlines()
    assert shown[2:4] == ["Northern Wire text, carried by 2", "https://harbour.example/bridge"]


@pytest.mark.parametrize(
    ("why", "told"),
    [
        (HeldBack.ROBOTS, "the feed's own text: robots.txt asks us not to fetch its page, or cannot be had"),
        (HeldBack.NOINDEX, "the feed's own text: its page asks not to be indexed"),
        (HeldBack.PAYWALL, "the feed's own text: its page is behind a paywall"),
    ],
)
def test_a_story_says_whose_page_was_held_back(capsys: pytest.CaptureFixture[str], why: HeldBack, told: str) -> None:
    """Under an article that has only its feed's text stands the reason, and JSON names it in a word."""
    story = replace(STORY, articles=(replace(FIRST, held_back=why), SECOND))
    print_story(story, UTC)

    assert capsys.readouterr().out.splitlines().count(f"  {told}") == 1
    assert [article["held_back"] for article in json.loads(json.dumps(whole_story_json(story)))["articles"]] == [
        why,
        None,
    ]


@pytest.mark.parametrize(("columns", "is_shown"), [("120", True), ("90", False)])
def test_a_terminal_shows_the_lineage_where_there_is_room(columns: str, *, is_shown: bool) -> None:
    """It follows the sources on their line, and no line is broken for its sake."""
    code = (
        "from tests.faces.test_cli_show import NOW, STORY; from dataclasses import replace;"
        "from aggregator.cli.today import print_table;"
        "print_table([replace(STORY, lineage='AFP text, carried by 2')], NOW)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"COLUMNS": columns}, capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert len(shown) == 2
    assert shown[1].rstrip().endswith("AFP text, carried by 2") == is_shown


def test_a_story_as_json_keeps_every_value() -> None:
    """JSON carries what the feeds said, times in UTC, unknown values as null."""
    first = replace(FIRST, agency="AFP")
    value = json.loads(
        json.dumps(whole_story_json(replace(STORY, title=HOSTILE, articles=(first, SECOND), lineage="AFP text")))
    )

    assert (value["title"], value["published"], value["updated"]) == (HOSTILE, None, "2026-11-23T08:15:00Z")
    assert [article["copy_of"] for article in value["articles"]] == [None, 101]
    assert [article["feed"] for article in value["articles"]] == ["Harbour News", "Metro"]
    assert value["articles"][1]["similarity"] == 0.934
    assert (value["lineage"], value["agencies"]) == ("AFP text", {"101": "AFP"})


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ([], ""),
        (["A"], "A"),
        (["A", "B", "C"], "A, B, C"),
        (["A", "B", "C", "D", "E"], "A, B, C +2"),
    ],
)
def test_many_sources_are_counted(names: list[str], shown: str) -> None:
    """The first three are named, the others counted."""
    assert first_names(names) == shown


def test_hits_are_marked_and_the_rest_is_clean() -> None:
    """Between the store's marks stands what is shown in bold; spaces around it stay."""
    assert snippet("the \x02old\x03 bridge\x1b[2J") == "the \x1b[1mold\x1b[0m bridge"


@given(text=st.text(alphabet="a \x02\x03\x1b[m\n\u202e", max_size=30))
def test_no_snippet_plays_with_the_terminal(text: str) -> None:
    """Whatever a text holds, only our own bold is left of it."""
    plain = snippet(text).replace("\x1b[1m", "").replace("\x1b[0m", "")

    assert not set(plain) & set("\x02\x03\x1b\n\u202e")


def test_a_hit_as_json_has_a_plain_snippet() -> None:
    """The marks are for faces, not for programs."""
    hit = SearchHit(
        article=ArticleId(1),
        story=StoryId(2),
        title="T",
        url="https://x.example",
        source="X",
        dated=NOW,
        snippet="an \x02old\x03 bridge",
    )

    assert hit_json(hit)["snippet"] == "an old bridge"


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        ({"kind": "read", "new": 3, "revised": 1}, "read       Harbour  3 new, 1 changed"),
        ({"kind": "read", "warning": "not well-formed"}, "read       Harbour  0 new, not well-formed"),
        ({"kind": "unchanged"}, "unchanged  Harbour"),
        ({"kind": "failed", "error": "no such\nhost"}, "failed     Harbour  no such host"),
    ],
)
def test_outcomes_are_told_in_a_line(outcome: dict[str, object], shown: str) -> None:
    """What became of a poll comes first, then the feed, then how much or why."""
    nothing = {"new": 0, "revised": 0, "also_listed": 0, "pages_failed": 0, "error": None, "warning": None}

    assert line({"feed": "Harbour", **nothing, **outcome}) == shown


@pytest.fixture(scope="module")
def read() -> Iterator[Place]:
    """A place that has polled one feed once."""
    with TemporaryDirectory() as folder, new_place(Path(folder)) as place, Outlet() as outlet:
        place.write(outlet.lists("harbour", "Bridge closed after cracks"))
        assert place.call("update").returncode == 0
        yield place


def on_terminal(place: Place, *words: str, **environ: str) -> str:
    """Return what `aggregator WORDS` writes to a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    setting = {"TERM": "xterm-256color", "COLUMNS": "100", **environ}
    with subprocess.Popen(place.command(*words), env=place.environ | setting, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        written = b""
        # Linux ends a terminal whose other side is closed with an error.
        try:
            while part := os.read(ours, 4096):
                written += part
        except OSError:
            pass
        os.close(ours)
        assert process.wait() == 0
    return written.decode()


def test_a_terminal_gets_a_table_with_links(read: Place) -> None:
    """Headlines are bold and open their article when clicked."""
    shown = on_terminal(read, "today", "--since", "24h")

    assert "1 article · 1 text · 1 source" in shown
    assert "Bridge closed after cracks" in shown
    assert "\x1b]8;" in shown


def test_no_color_is_respected(read: Place) -> None:
    """With NO_COLOR no colour is set, in tables and in text."""
    for words in (("today", "--since", "24h"), ("search", "bridge")):
        shown = on_terminal(read, *words, NO_COLOR="1")
        assert "\x1b[3" not in shown
        assert "Bridge closed" in shown
    assert "\x1b[" not in on_terminal(read, "search", "bridge", NO_COLOR="1")


def test_an_update_on_a_terminal_shows_progress(read: Place) -> None:
    """A person who waits sees how far it is."""
    shown = on_terminal(read, "update", "--json")

    assert "0/1" in shown
    assert '"feed": "harbour"' in shown
