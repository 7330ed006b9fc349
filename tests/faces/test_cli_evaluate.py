"""`aggregator evaluate`, run as a person runs it."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.builders import words
from tests.faces.installed import Place, new_place

TEXT, CUT, OTHER = words(120), words(120, start=24), words(120, start=5000)
GOLD = (
    {
        "id": "a",
        "title": "Bridge \x1b[31mclosed",
        "text": TEXT,
        "published": "2026-03-02T12:00:00Z",
        "cluster": "bridge",
    },
    {"id": 7, "title": "Cracks", "text": CUT, "published": "2026-03-02T14:30:00Z", "cluster": 1},
    "",
    {"id": "c", "title": "Votes", "text": OTHER, "published": "2026-03-02T13:00:00Z", "cluster": "bridge"},
    {"id": "d", "title": "Unlabelled", "text": words(120, start=9000), "cluster": None},
    {"id": "e", "title": "Unlabelled too", "text": "x"},
)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place without a database."""
    with new_place(tmp_path) as place:
        yield place


def _gold(place: Place, *lines: object) -> str:
    """Write a file of `lines`; what is no text is written as JSON."""
    file = place.folder / "gold.jsonl"
    file.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return str(file)


def test_measures_and_errors_are_told(place: Place) -> None:
    """Counts, measures and the worst errors, with ids, titles, times and ties, and no terminal sequences."""
    done = place.call("evaluate", _gold(place, *GOLD))

    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[0] == "5 articles · 3 labelled · 2 gold clusters · 2 found"
    assert {"pairs 0.0000 0.0000 0.0000", "B-cubed 0.6667 0.6667 0.6667", "adjusted Rand index -0.5000"} <= set(lines)
    assert {'1. 1 of "bridge" with 1 of 1: 1 wrong pair', "a Bridge closed", "7 Cracks"} <= set(lines)
    # 118 and 117 sequences of five words with the titles, 92 of them shared.
    assert "2.5 h apart; tied: copy, Jaccard 0.64, containment 0.79" in lines
    assert '1. "bridge" in 2 stories, 2 x 1: 1 pair torn apart' in lines
    assert "1 h apart; not tied: Jaccard 0.00, containment 0.00" in lines
    assert not place.database.exists()


def test_json_tells_all_of_it(place: Place) -> None:
    """The same as one JSON object, ids and clusters as the file has them."""
    told = place.json("evaluate", _gold(place, *GOLD))

    assert (told["articles"], told["labelled"], told["gold_clusters"], told["found_clusters"]) == (5, 3, 2, 2)
    assert told["b_cubed"]["f1"] == pytest.approx(2 / 3)
    assert told["adjusted_rand"] == -0.5
    (merge,), (split,) = told["merges"], told["splits"]
    (pair,) = merge["evidence"]
    assert merge["clusters"] == [{"cluster": "bridge", "articles": 1}, {"cluster": 1, "articles": 1}]
    assert [article["id"] for article in pair["articles"]] == ["a", 7]
    assert pair["hours_apart"] == 2.5
    assert [(tie["a"], tie["b"], tie["jaccard"]) for tie in pair["ties"]] == [("a", 7, pair["jaccard"])]
    assert (split["cluster"], [part["articles"] for part in split["parts"]]) == ("bridge", [1, 1])
    assert told["curve"] == []


def test_true_and_1_are_two_labels(place: Place) -> None:
    """JSON's values are told apart as JSON does, not as Python does; so are "1" and 1."""
    lines = [{"id": number, "text": TEXT, "cluster": label} for number, label in enumerate((1, True, "1", 0, False))]

    assert place.json("evaluate", _gold(place, *lines))["gold_clusters"] == 5


def test_worst_bounds_the_errors(place: Place) -> None:
    """With --worst 0 only the measures are told."""
    told = place.json("evaluate", _gold(place, *GOLD), "--worst", "0")

    assert told["merges"] == told["splits"] == []


def test_the_curve_is_a_table_and_an_image(place: Place) -> None:
    """--curve prints a line a threshold and writes an image; --json has the points."""
    image = place.folder / "curve.svg"
    gold = _gold(place, *GOLD)

    table = place.call("evaluate", gold, f"--curve={image}").stdout.partition("least mean likeness")[2]
    points = place.json("evaluate", gold, f"--curve={image}")["curve"]

    rows = [[float(cell) for cell in line.split()] for line in table.splitlines()[1:]]
    assert [row[0] for row in rows] == [point["threshold"] for point in points] == [step / 20 for step in range(1, 21)]
    assert (rows[0][4], rows[-1][4]) == (0.6667, 0.6667)
    assert ET.parse(image).getroot().findtext("{http://www.w3.org/2000/svg}title") == "Stories of gold.jsonl"


def test_an_image_that_cannot_be_written_is_told(place: Place) -> None:
    """One sentence and exit 1, no traceback."""
    refused = place.call("evaluate", _gold(place, *GOLD), "--curve", str(place.folder / "none" / "curve.svg"))

    assert refused.returncode == 1
    assert "curve.svg: No such file or directory" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ({"id": 2, "text": 5}, '"text" must be'),
        ({"id": 2, "cluster": ["a"]}, '"cluster" must be'),
        ({"id": "a"}, 'the id "a" is that of line 1 already'),
    ],
)
def test_a_bad_line_is_named(place: Place, line: object, reason: str) -> None:
    """The number of the line and what is wrong with it; exit 1 and no half answer."""
    refused = place.call("evaluate", _gold(place, GOLD[0], line))

    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"gold.jsonl:2: {reason}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_what_is_not_utf8_is_refused(place: Place) -> None:
    """A file in another encoding is refused with the line's number."""
    file = place.folder / "latin.jsonl"
    file.write_bytes(b'{"id": 1, "title": "caf\xe9", "cluster": 1}\n')

    refused = place.call("evaluate", str(file))

    assert refused.returncode == 1
    assert "latin.jsonl:1: not UTF-8" in refused.stderr


def test_a_file_without_labels_is_refused(place: Place) -> None:
    """Perfect figures over nothing would be a lie."""
    refused = place.call("evaluate", _gold(place, GOLD[-1]))

    assert (refused.returncode, refused.stdout) == (1, "")
    assert 'no line has a "cluster"' in refused.stderr


def test_stdin_is_read_for_a_dash(place: Place) -> None:
    """The file "-" is stdin; a byte order mark before the first line does no harm."""
    done = subprocess.run(
        place.command("evaluate", "-", "--json"),
        env=place.environ,
        input=b'\xef\xbb\xbf{"id": 1, "text": "x", "cluster": 0}\n',
        capture_output=True,
        check=True,
    )

    assert json.loads(done.stdout)["labelled"] == 1
