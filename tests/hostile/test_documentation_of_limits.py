"""README tells what becomes of hostile input, or this fails."""

from collections import defaultdict
from pathlib import Path

from tests.hostile.cases import CASES, READ

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def table() -> str:
    """Return README's table of the corpus: cases of one limit and outcome share a line."""
    names: dict[tuple[str, str], list[str]] = defaultdict(list)
    for case in CASES:
        outcome = "read" if case.outcome == READ else f"`{case.outcome}`"
        names[case.limit, outcome].append(case.name)
    lines = ["| case | limit | outcome |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {'; '.join(told)} | {limit} | {out} |" for (limit, out), told in names.items())])


def test_the_table_of_hostile_input_is_that_of_the_cases() -> None:
    """Each case of the corpus stands in README with its limit and its outcome, and no other."""
    assert table() in README
