"""The ratios as bars: an SVG image that needs nothing else to be looked at."""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from tests.bench.results import Row

_WIDTH, _LEFT, _RIGHT, _TOP, _STEP = 860, 450, 790, 56, 26
#: Longer bars end here, with their figure beside them.
_MOST = 2.0
_STYLE = """\
text{font:13px system-ui,sans-serif;fill:#222}
.title{font-size:15px;font-weight:600}
.ground{fill:#fff}
.bar{fill:#0072b2}
.one,.spread{stroke:#222}
.bound{stroke:#b34700;stroke-width:3}
@media (prefers-color-scheme:dark){text{fill:#e6e6e6}.ground{fill:#161616}.bar{fill:#56b4e9}.one,.spread{stroke:#e6e6e6}.bound{stroke:#e69f00}}"""


def draw(rows: Sequence[Row], *, title: str) -> str:
    """Draw each row that has a reference: how many times it we take, the bound as a thick line, the runs' spread as a thin one."""
    drawn = [row for row in rows if row.ratio is not None]
    height = _TOP + _STEP * len(drawn) + 30
    body = "\n".join(line for place, row in enumerate(drawn) for line in _bar(place, row))
    bottom = _TOP + _STEP * len(drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE}\n</style>\n"
        f'<rect class="ground" width="{_WIDTH}" height="{height}"/>\n<text class="title" x="16" y="26">{escape(title)}</text>\n'
        f'{body}\n<path class="one" d="M{_x(1)} {_TOP - 6}V{bottom}"/>\n'
        f'<text x="{_x(1)}" y="{bottom + 18}" text-anchor="middle">the reference</text>\n</svg>\n'
    )


def _bar(place: int, row: Row) -> Iterator[str]:
    assert row.ratio is not None
    y = _TOP + place * _STEP
    end = _x(row.ratio)
    yield f'<text x="{_LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(f"{row.stage}: {row.figure} / {row.who}")}</text>'
    yield f'<rect class="bar" x="{_LEFT}" y="{y + 2}" width="{end - _LEFT:.1f}" height="{_STEP - 10}"/>'
    yield f'<text x="{end + 6:.1f}" y="{y + 14}">{row.ratio:.2f}</text>'
    if row.spread is not None:
        least, most = map(_x, row.spread)
        yield f'<path class="spread" d="M{least:.1f} {y + 10}H{most:.1f}"/>'
    if row.bound is not None:
        yield f'<path class="bound" d="M{_x(row.bound):.1f} {y}v{_STEP - 6}"/>'


def _x(ratio: float) -> float:
    return _LEFT + min(ratio, _MOST) / _MOST * (_RIGHT - _LEFT)
