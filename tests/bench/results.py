"""What the bench found: rows of ours beside a reference, with the bound that is kept, if one is."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure beside its reference."""

    stage: str
    figure: str
    ours: float
    unit: str
    #: None where there is nothing to compare with.
    reference: float | None = None
    #: Who the reference is.
    who: str = ""
    #: What the ratio, or the figure where there is no reference, is to stay below.
    bound: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the reference we take."""
        return self.ours / self.reference if self.reference else None

    @property
    def holds(self) -> bool | None:
        """Whether the bound is kept; None where there is none."""
        judged = self.ours if self.reference is None else self.ratio
        return None if self.bound is None or judged is None else judged <= self.bound

    def as_json(self) -> dict[str, Any]:
        """Return the row for a file."""
        return {
            "stage": self.stage,
            "figure": self.figure,
            "unit": self.unit,
            "ours": round(self.ours, 4),
            "reference": None if self.reference is None else round(self.reference, 4),
            "who": self.who,
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "bound": self.bound,
            "holds": self.holds,
        }


def medians(runs: Sequence[Sequence[Row]]) -> list[Row]:
    """Return of each row the medians over several runs, which have the same rows."""
    return [_median(rows) for rows in zip(*runs, strict=True)]


def _median(rows: Sequence[Row]) -> Row:
    references = [row.reference for row in rows if row.reference is not None]
    return replace(
        rows[0],
        ours=median(row.ours for row in rows),
        reference=median(references) if references else None,
    )


def table(rows: Sequence[Row]) -> str:
    """Return the rows for a terminal, or for README: a Markdown table."""
    lines = ["| stage | figure | ours | reference | ratio | bound |", "|---|---|---|---|---|---|"]
    for row in rows:
        reference = "" if row.reference is None else f"{_number(row.reference)} {row.unit} ({row.who})"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        bound = "" if row.bound is None else f"≤ {row.bound:g}{'' if row.holds else ' MISSED'}"
        lines.append(
            f"| {row.stage} | {row.figure} | {_number(row.ours)} {row.unit} | {reference} | {ratio} | {bound} |"
        )
    return "\n".join(lines)


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def machine() -> dict[str, Any]:
    """Say on what the figures were measured, and how busy it was."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "load before": round(os.getloadavg()[0], 2),
    }


def write(file: Path, rows: Sequence[Row], about: Mapping[str, Any], phases: Mapping[str, Any]) -> None:
    """Write everything as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    told = {**about, "rows": [row.as_json() for row in rows], "phases": phases}
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
