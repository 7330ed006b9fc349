"""Measure everything, print a table, and pass or fail: `python -m tests.quality [--update [--allow-regression]]`."""

import argparse
import sys
from pathlib import Path

from tests.quality.copies import figures as copies
from tests.quality.events import figures as events
from tests.quality.gate import Figure, Regression, compare, raised, read_floors, write_floors
from tests.quality.pages import figures as pages
from tests.quality.templates import figures as templates
from tests.quality.world import figures as world

FLOORS = Path(__file__).with_name("floors.json")


def main() -> int:
    """Return 0 when no figure is below its floor."""
    options = _options()
    figures = [figure for measure in (world, copies, templates, events, pages) for figure in measure()]
    floors = read_floors(FLOORS)
    _show(figures, floors)
    for name in sorted(floors.keys() - {figure.name for figure in figures}):
        print(f"not measured, its corpus is not here: {name}")
    if options.update:
        try:
            write_floors(FLOORS, raised(figures, floors, allow_regression=options.allow_regression))
        except Regression as error:
            print(f"refused: {error}", file=sys.stderr)
            return 1
        return 0
    problems = compare(figures, floors)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/quality", description=__doc__)
    parser.add_argument("--update", action="store_true", help="pin what was measured as the new floors")
    parser.add_argument("--allow-regression", action="store_true", help="with --update: even where that lowers one")
    return parser.parse_args()


def _show(figures: list[Figure], floors: dict[str, Figure]) -> None:
    print(f"{'measure':42} {'value':>8} {'floor':>8} {'goal':>8}")
    for figure in figures:
        floor = floors.get(figure.name)
        pinned = f"{floor.value:.4f}" if floor else "-"
        goal = f"{figure.goal:.3f}" if figure.goal else "-"
        print(f"{figure.name:42} {figure.value:8.4f} {pinned:>8} {goal:>8}")


if __name__ == "__main__":
    sys.exit(main())
