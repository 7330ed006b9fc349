import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.cli.cluster import read_line
from tests.faces.installed import Place, new_place

COPY = (
    "The old bridge over the Sorn was closed on Monday after engineers found cracks in two of its main girders. "
    "The mayor said that repairs would take until spring and that buses would cross by the northern road. "
    "Traders on the east bank fear for their winter sales and want a ferry to be put on by the end of the week."
)
OTHER = (
    "Voters in the valley go to the polls on Sunday to decide whether the salt mine may dig below the nature reserve. "
    "Both camps held their last rallies in the rain; the mine promises two hundred jobs, its foes fear for the springs."
)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place without a database."""
    with new_place(tmp_path) as place:
        yield place


def clustered(place: Place, *lines: object) -> "subprocess.CompletedProcess[str]":
    """Run `aggregator cluster` on a file of `lines`; what is no text is written as JSON."""
    file = place.folder / "articles.jsonl"
    file.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return place.call("cluster", str(file))


def test_copies_are_named_in_the_order_of_the_input(place: Place) -> None:
    """Each line is answered in its place, under its own id, whatever kind of value that is."""
    done = clustered(
        place,
        {"id": "a", "title": "Bridge closed", "text": COPY, "published": "2026-11-23T08:00:00Z"},
        {"id": 7, "title": "Valley votes", "text": OTHER, "published": "2026-11-23T08:30:00+01:00"},
        "",
        {"id": 1.5, "title": "Cracks close bridge", "text": COPY, "published": "2026-11-23T09:00:00"},
        {"id": True, "title": None, "text": None},
    )

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [answer["id"] for answer in answers] == ["a", 7, 1.5, True]
    assert [answer["copy_of"] for answer in answers] == [None, None, "a", None]
    assert answers[0]["story"] == answers[2]["story"]
    assert len({answer["story"] for answer in answers}) == 3
    assert not place.database.exists()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ([1], "not a JSON object"),
        ({"title": "x"}, '"id" must be'),
        ({"id": [1]}, '"id" must be'),
        ({"id": 2, "text": 5}, '"text" must be'),
        ({"id": 2, "published": "soon"}, '"published" must be'),
        ({"id": 1}, "the id 1 is that of line 1 already"),
    ],
)
def test_a_bad_line_is_named(place: Place, line: object, reason: str) -> None:
    """The number of the line and what is wrong with it; exit 1 and no half answer."""
    refused = clustered(place, {"id": 1, "text": COPY}, line)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"articles.jsonl:2: {reason}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_stdin_is_read_for_a_dash(place: Place) -> None:
    """The file "-" is stdin."""
    done = subprocess.run(
        place.command("cluster", "-"),
        env=place.environ,
        input=b'{"id": 1, "text": "x"}\n',
        capture_output=True,
        check=True,
    )

    assert json.loads(done.stdout)["id"] == 1


def test_what_is_not_utf8_is_refused(place: Place) -> None:
    """A file in another encoding is refused with the line's number."""
    file = place.folder / "latin.jsonl"
    file.write_bytes(b'{"id": 1, "title": "caf\xe9"}\n')

    refused = place.call("cluster", str(file))

    assert refused.returncode == 1
    assert "not UTF-8" in refused.stderr


def test_half_a_surrogate_pair_is_replaced(place: Place) -> None:
    """JSON can spell what no database takes."""
    done = clustered(place, '{"id": 1, "title": "\\ud800", "text": "\\udfff x"}')

    assert done.returncode == 0


@given(text=st.text() | st.builds(json.dumps, st.recursive(st.none() | st.text() | st.floats(), st.lists)))
def test_reading_a_line_raises_only_its_own_error(text: str) -> None:
    """Whatever a line is, it is an article or a ValueError."""
    try:
        value, _ = read_line(text)
    except ValueError:
        return
    assert isinstance(value["id"], str | int | float)
