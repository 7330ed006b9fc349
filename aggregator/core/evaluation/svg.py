"""Draw precision, recall and F1 over a threshold as an SVG image that needs nothing else to be looked at."""

from collections.abc import Callable, Iterator, Sequence
from xml.sax.saxutils import escape

from aggregator.core.evaluation.curve import Point
from aggregator.core.printable import printable

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 620, 64, 340
#: Ticks of each axis, in parts of its length.
_TICKS = 5

# The lines' colours are told apart with any kind of colour blindness (Okabe and Ito, 2008), the dashes tell them apart in
# print. What does not know of dark and light, or of style sheets' newer parts, shows the light image.
_STYLE = """\
text{font:13px system-ui,sans-serif;fill:#222}
.title{font-size:15px;font-weight:600}
.ground{fill:#fff}
.grid{stroke:#ddd}
.axis{fill:none;stroke:#222}
.line{fill:none;stroke-width:2;stroke-linejoin:round}
.precision{stroke:#0072b2;stroke-dasharray:7 4}
.recall{stroke:#b34700;stroke-dasharray:2 3}
.f1{stroke:#222;stroke-width:2.5}
@media (prefers-color-scheme:dark){
text{fill:#e6e6e6}
.ground{fill:#161616}
.grid{stroke:#3a3a3a}
.axis{stroke:#e6e6e6}
.precision{stroke:#56b4e9}
.recall{stroke:#e69f00}
.f1{stroke:#e6e6e6}
}"""

_LINES: tuple[tuple[str, str, Callable[[Point], float]], ...] = (
    ("precision", "Precision", lambda point: point.b_cubed.precision),
    ("recall", "Recall", lambda point: point.b_cubed.recall),
    ("f1", "F1", lambda point: point.b_cubed.f1),
)


def draw(points: Sequence[Point], *, title: str, across: str) -> str:
    """Return the image of the B-cubed measures; `across` says what the threshold is.

    `points` stand in order of their thresholds; there is one at least.
    """
    low, high = points[0].threshold, points[-1].threshold
    span = high - low or 1.0

    def place(threshold: float, value: float) -> str:
        x = _LEFT + (threshold - low) / span * (_RIGHT - _LEFT)
        return f"{x:.1f},{_y(value):.1f}"

    lines = (
        f'<polyline class="line {name}" points="'
        + " ".join(place(point.threshold, value(point)) for point in points)
        + '"/>'
        for name, _, value in _LINES
    )
    body = "\n".join((*_frame(low, span), *_labels(title, across), *_legend(), *lines))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
        f' role="img">\n<title>{_plain(title)}</title>\n<style>\n{_STYLE}\n</style>\n{body}\n</svg>\n'
    )


def _frame(low: float, span: float) -> Iterator[str]:
    """Draw the ground, the grid with its figures, and the axes."""
    yield f'<rect class="ground" width="{_WIDTH}" height="{_HEIGHT}"/>'
    for tick in range(_TICKS + 1):
        part = tick / _TICKS
        x, y = _LEFT + part * (_RIGHT - _LEFT), _y(part)
        yield f'<path class="grid" d="M{_LEFT} {y:.1f}H{_RIGHT}M{x:.1f} {_TOP}V{_BOTTOM}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{part:.1f}</text>'
        yield f'<text x="{x:.1f}" y="{_BOTTOM + 19}" text-anchor="middle">{low + part * span:.2f}</text>'
    yield f'<path class="axis" d="M{_LEFT} {_TOP}V{_BOTTOM}H{_RIGHT}"/>'


def _labels(title: str, across: str) -> Iterator[str]:
    middle, height = (_LEFT + _RIGHT) / 2, (_TOP + _BOTTOM) / 2
    yield f'<text class="title" x="{_LEFT}" y="26">{_plain(title)}</text>'
    yield f'<text x="{middle}" y="{_HEIGHT - 18}" text-anchor="middle">{_plain(across)}</text>'
    yield f'<text transform="translate(18 {height}) rotate(-90)" text-anchor="middle">B-cubed</text>'


def _legend() -> Iterator[str]:
    for place, (name, label, _) in enumerate(_LINES):
        x = _LEFT + place * 120
        yield f'<path class="line {name}" d="M{x} 46h30"/>'
        yield f'<text x="{x + 38}" y="50">{label}</text>'


def _y(value: float) -> float:
    return _BOTTOM - value * (_BOTTOM - _TOP)


def _plain(text: str) -> str:
    # XML has no way to write control characters, nor these two.
    return escape(printable(text).translate({0xFFFE: None, 0xFFFF: None}))
