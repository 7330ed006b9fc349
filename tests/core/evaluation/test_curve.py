"""The curve over a threshold and its image."""

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.evaluation.curve import Point, curve
from aggregator.core.evaluation.measures import Scores
from aggregator.core.evaluation.svg import draw

_SVG = "{http://www.w3.org/2000/svg}"
#: Where the axes of the image end.
LEFT, RIGHT, TOP, BOTTOM = 60, 620, 64, 340


def _point(threshold: float, precision: float, recall: float) -> Point:
    scores = Scores(precision=precision, recall=recall)
    return Point(threshold=threshold, pairs=Scores(precision=0.0, recall=0.0), b_cubed=scores)


def _lines(image: str) -> dict[str, list[tuple[float, float]]]:
    """Return the corners of each line by its class."""
    drawn = {}
    for line in ET.fromstring(image).iter(f"{_SVG}polyline"):
        corners = (corner.split(",") for corner in line.attrib["points"].split())
        drawn[line.attrib["class"].removeprefix("line ")] = [(float(x), float(y)) for x, y in corners]
    return drawn


def _texts(image: str) -> list[str]:
    return ["".join(text.itertext()) for text in ET.fromstring(image).iter(f"{_SVG}text")]


def test_each_threshold_is_measured_on_what_is_found_there() -> None:
    """One point a threshold, in the order asked for."""
    low, high = curve("aabb", lambda threshold: "xxxx" if threshold < 0.5 else "wxyz", [0.2, 0.8])

    assert (low.threshold, low.pairs.recall, low.b_cubed.precision) == (0.2, 1, 0.5)
    assert (high.threshold, high.pairs.precision, high.b_cubed.recall) == (0.8, 1, 0.5)


def test_lines_stand_where_their_values_are() -> None:
    """Thresholds run from left to right, values from the bottom (0) to the top (1), B-cubed being drawn."""
    lines = _lines(draw([_point(0.2, 0.0, 1.0), _point(0.4, 0.5, 0.5), _point(0.6, 1.0, 0.0)], title="", across=""))

    assert lines["precision"] == [(LEFT, BOTTOM), (340, 202), (RIGHT, TOP)]
    assert lines["recall"] == [(LEFT, TOP), (340, 202), (RIGHT, BOTTOM)]
    assert lines["f1"] == [(LEFT, BOTTOM), (340, 202), (RIGHT, BOTTOM)]


def test_the_image_says_what_it_shows() -> None:
    """Title, axes with their figures, and the name of each line are there to be read, whatever their characters."""
    image = draw([_point(0.2, 1, 1), _point(0.7, 1, 1)], title='<A> & "B"\x00\uffff\n', across="least likeness")
    texts = _texts(image)

    assert {'<A> & "B"', "least likeness", "B-cubed", "Precision", "Recall", "F1"} <= set(texts)
    assert {"0.0", "1.0", "0.20", "0.30", "0.70"} <= set(texts)
    assert ET.fromstring(image).findtext(f"{_SVG}title") == '<A> & "B"'


def test_the_image_is_readable_in_light_and_dark() -> None:
    """All that has a colour in light has another one in dark, ground and text among them."""
    style = ET.fromstring(draw([_point(0, 1, 1)], title="", across="")).findtext(f"{_SVG}style") or ""
    light, dark = style.split("@media (prefers-color-scheme:dark)")

    for mode in (light, dark):
        rules = {line.partition("{")[0] for line in mode.splitlines() if "#" in line}
        assert rules >= {"text", ".ground", ".grid", ".axis", ".precision", ".recall", ".f1"}


def test_one_point_is_an_image_too() -> None:
    """A single threshold has no span, and is drawn at the left."""
    assert _lines(draw([_point(0.5, 1, 1)], title="", across=""))["f1"] == [(LEFT, TOP)]


@given(st.text(), st.lists(st.tuples(*[st.floats(0, 1)] * 3), min_size=1, max_size=5))
def test_every_image_is_well_formed_and_within_its_axes(text: str, values: list[tuple[float, float, float]]) -> None:
    """Whatever is drawn, an XML parser reads it, and no line leaves the frame."""
    lines = _lines(draw([_point(*point) for point in sorted(values)], title=text, across=text))

    assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for line in lines.values() for x, y in line)
