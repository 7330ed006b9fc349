"""The gate: compare measured figures with pinned floors, and refuse to go down."""

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

#: Two runs of one version give the same figures; this only forgives the last digit of rounding.
EPSILON = 0.0005


class Regression(Exception):
    """A figure fell below its floor, or a floor was to be lowered without saying so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure; higher is better for all of them."""

    name: str
    value: float
    #: Of the corpus it was measured on.
    digest: str
    #: What the work aims at; shown beside the figure, not enforced.
    goal: float | None = None


def read_floors(path: Path) -> dict[str, Figure]:
    """Read the pinned floors; a missing file has none."""
    if not path.exists():
        return {}
    floors = json.loads(path.read_text())
    return {name: Figure(name=name, value=floor["floor"], digest=floor["corpus"]) for name, floor in floors.items()}


def compare(figures: list[Figure], floors: dict[str, Figure]) -> list[str]:
    """Return what is wrong, one sentence each; nothing when the gate is passed."""
    problems = []
    for figure in figures:
        floor = floors.get(figure.name)
        if floor is None:
            problems.append(f"{figure.name} has no floor yet: pin it with --update")
        elif floor.digest != figure.digest:
            problems.append(f"{figure.name} was pinned on another corpus ({floor.digest}, now {figure.digest})")
        elif figure.value < floor.value - EPSILON:
            problems.append(f"{figure.name} fell to {figure.value:.4f}, below its floor {floor.value:.4f}")
    return problems


def raised(figures: list[Figure], floors: dict[str, Figure], *, allow_regression: bool) -> dict[str, Figure]:
    """Return the floors raised to `figures`.

    Raises:
        Regression: a floor on the same corpus would go down, and that was not allowed.
    """
    after = dict(floors)
    for figure in figures:
        floor = floors.get(figure.name)
        lower = floor is not None and floor.digest == figure.digest and figure.value < floor.value - EPSILON
        if lower and not allow_regression:
            assert floor is not None
            raise Regression(f"{figure.name} would go down from {floor.value:.4f} to {figure.value:.4f}")
        after[figure.name] = figure
    return after


def write_floors(path: Path, floors: dict[str, Figure]) -> None:
    """Write the floors, whole or not at all."""
    content = {name: {"floor": round(f.value, 4), "corpus": f.digest} for name, f in sorted(floors.items())}
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(json.dumps(content, indent=2) + "\n")
    Path(temporary).replace(path)
    path.chmod(0o644)
