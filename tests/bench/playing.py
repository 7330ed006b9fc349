"""What the scenes are played with: a load, its servers, its pages, places for databases, and programs that are measured."""

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench import shelf
from tests.bench.load import Load, as_json
from tests.bench.measuring import Program, started
from tests.bench.serving import Served, served

#: Where the bench keeps what it installs.
BENCH = Path(__file__).parents[2] / ".bench"


@dataclass(slots=True)
class Run:
    """One run through the scenes."""

    load: Load
    warm_feeds: int
    latency: float
    folder: Path
    #: Lines of the files that are clustered.
    lines: Sequence[int]
    #: Articles of the archives, the last of which is the large one.
    archives: Sequence[int]
    #: What was measured of each program, by its name and the phase's.
    phases: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _shelves: dict[Load, shelf.Slices] = field(default_factory=dict)

    @contextmanager
    def started(
        self,
        name: str,
        module: str,
        order: Mapping[str, Any],
        *,
        by: Served | None = None,
        load: Load | None = None,
        python: str = sys.executable,
    ) -> Iterator[Program]:
        """Start a program that meets the load, as it is served where it is `by` somebody."""
        load = by.load if by else load or self.load
        trust = str(by.trust) if by and by.trust else None
        full_order = {"load": as_json(load), "trust": trust, "folder": str(self.folder), **order}
        with started(f"tests.bench.{module}", full_order, servers=by.pids if by else (), python=python) as program:
            try:
                yield program
            finally:
                for phase, figures in program.played:
                    self.phases.setdefault(f"{name}: {phase}", []).append(figures.as_json())

    @contextmanager
    def stage(
        self,
        task: str,
        order: Mapping[str, Any],
        *,
        by: Served | None = None,
        load: Load | None = None,
        name: str | None = None,
    ) -> Iterator[Program]:
        """Start a stage of ours."""
        with self.started(name or task, "stages", {**order, "task": task}, by=by, load=load) as program:
            yield program

    @contextmanager
    def reference(self, task: str, order: Mapping[str, Any], *, by: Served | None = None) -> Iterator[Program]:
        """Start what others do with the same."""
        with self.started(f"reference, {task}", "references", {**order, "task": task}, by=by) as program:
            yield program

    @contextmanager
    def serving(
        self, load: Load | None = None, *, latency: float | None = None, moves: bool = False
    ) -> Iterator[Served]:
        """Serve a load."""
        wait = self.latency if latency is None else latency
        with served(load or self.load, latency=wait, folder=self.folder / "server", moves=moves) as serving:
            yield serving

    @contextmanager
    def database(self) -> Iterator[str]:
        """Give a place for a database that is dropped afterwards."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            yield str(Path(folder) / "bench.db")

    def pages(self, load: Load) -> shelf.Slices:
        """Return pages that a load's feeds list, in slices, made once."""
        if load not in self._shelves:
            self._shelves[load] = shelf.fill(load, self.folder / f"pages from {load.first}")
        return self._shelves[load]
