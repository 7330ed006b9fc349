"""The quality gate itself."""

from pathlib import Path

import pytest

from tests.quality.gate import Figure, Regression, compare, raised, read_floors, write_floors


def _figure(value: float, *, name: str = "recall", digest: str = "abc") -> Figure:
    return Figure(name=name, value=value, digest=digest)


def test_the_gate_refuses_what_is_below_its_floor() -> None:
    """A lower figure is a problem, an equal or better one is not, and a rounding in the last digit is forgiven."""
    floors = {"recall": _figure(0.9)}

    assert "fell to 0.8900" in compare([_figure(0.89)], floors)[0]
    assert not compare([_figure(0.9)], floors)
    assert not compare([_figure(0.8996)], floors)
    assert not compare([_figure(0.95)], floors)


def test_the_gate_refuses_what_it_cannot_compare() -> None:
    """A figure without a floor, or measured on a changed corpus, does not pass unnoticed."""
    assert "no floor" in compare([_figure(0.9)], {})[0]
    assert "another corpus" in compare([_figure(0.9, digest="new")], {"recall": _figure(0.9)})[0]


def test_floors_only_go_up() -> None:
    """An update raises floors; lowering one on the same corpus needs to be asked for."""
    floors = {"recall": _figure(0.9)}

    assert raised([_figure(0.95)], floors, allow_regression=False)["recall"].value == 0.95
    with pytest.raises(Regression, match="would go down"):
        raised([_figure(0.8)], floors, allow_regression=False)
    assert raised([_figure(0.8)], floors, allow_regression=True)["recall"].value == 0.8
    assert raised([_figure(0.8, digest="new")], floors, allow_regression=False)["recall"].value == 0.8


def test_floors_of_absent_corpora_stay(tmp_path: Path) -> None:
    """Updating on a machine without some corpus keeps its floor; what is written is read back."""
    path = tmp_path / "floors.json"
    write_floors(path, raised([_figure(0.7, name="other")], {"recall": _figure(0.9)}, allow_regression=False))

    assert {name: floor.value for name, floor in read_floors(path).items()} == {"other": 0.7, "recall": 0.9}
    assert read_floors(tmp_path / "none.json") == {}
