"""What the bench found: rows of ours beside a reference, with the bound that is kept, if one is."""

import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
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
    #: What was found in each of several runs: ratios, or figures where there is no reference.
    runs: tuple[float, ...] = ()

    @property
    def ratio(self) -> float | None:
        """How many times the reference we take: the median of the runs."""
        return self._judged if self.reference else None

    @property
    def holds(self) -> bool | None:
        """Whether the bound is kept; None where there is none."""
        return None if self.bound is None else self._judged <= self.bound

    @property
    def spread(self) -> tuple[float, float] | None:
        """The least and the most of several runs."""
        return (min(self.runs), max(self.runs)) if len(self.runs) > 1 else None

    @property
    def _judged(self) -> float:
        if self.runs:
            return median(self.runs)
        return self.ours / self.reference if self.reference else self.ours

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
            "runs": [round(found, 4) for found in self.runs],
            "bound": self.bound,
            "holds": self.holds,
        }


def medians(rows: Iterable[Row]) -> list[Row]:
    """Make one row of those of several runs that tell the same: of the ratios the median too, not a ratio of medians."""
    alike: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        alike.setdefault((row.stage, row.figure, row.who), []).append(row)
    return [_median(same) for same in alike.values()]


def _median(rows: Sequence[Row]) -> Row:
    references = [row.reference for row in rows if row.reference is not None]
    return replace(
        rows[0],
        ours=median(row.ours for row in rows),
        reference=median(references) if references else None,
        runs=tuple(row.ours if row.ratio is None else row.ratio for row in rows),
    )


def table(rows: Sequence[Row]) -> str:
    """Return the rows for a terminal, or for README: a Markdown table."""
    lines = ["| stage | figure | ours | reference | ratio | bound |", "|---|---|---|---|---|---|"]
    for row in rows:
        spread = "" if row.spread is None else " ({}–{})".format(*map(_number, row.spread))
        ours = f"{_number(row.ours)} {row.unit}".strip() + (spread if row.ratio is None else "")
        reference = "" if row.reference is None else f"{_number(row.reference)} {row.unit}".strip() + f" ({row.who})"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}{spread}"
        bound = "" if row.bound is None else f"≤ {_number(row.bound)}{'' if row.holds else ' MISSED'}"
        lines.append(f"| {row.stage} | {row.figure} | {ours} | {reference} | {ratio} | {bound} |")
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
