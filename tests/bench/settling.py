"""What it costs to settle the stories of an archive: `python -m tests.bench.settling PATH`, which changes the archive.

A daemon of it, without feeds, settles at the date of its newest article, as it does every night: twice, so that the second time
finds nothing to move.
"""

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from aggregator.adapters.snapshots import ProcessSnapshots
from aggregator.adapters.store import SqliteStore
from aggregator.adapters.store.writes import AllTables
from aggregator.bootstrap import load_config, open_app, rules_of
from aggregator.bootstrap.paths import find_paths
from aggregator.domain.fetching import Failed
from aggregator.pipeline.ports import InWriter
from aggregator.pipeline.settling import Settler

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds between two looks at the clock by whom the event loop keeps waiting.
_LOOK = 0.005


class Beside(ProcessSnapshots):
    """Reads beside the writer, and knows what that took."""

    cpu: float = 0.0
    memory: float = 0.0

    async def call(
        self, function: Callable[Concatenate[AllTables, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T | Failed:
        """Return what `function` returns of the store."""
        answer = await super().call(with_usage, function, *args, **kwargs)
        if isinstance(answer, Failed):
            return answer
        result, cpu, memory = answer
        self.cpu += cpu
        self.memory = max(self.memory, memory)
        return result


def with_usage(
    store: AllTables, function: Callable[Concatenate[AllTables, P], T], /, *args: P.args, **kwargs: P.kwargs
) -> tuple[T, float, float]:
    """Return what `function` returns, with the seconds of CPU that this process took and the MB that it held."""
    result = function(store, *args, **kwargs)
    return result, time.process_time(), _memory()


@dataclass(slots=True)
class Times:
    """Seconds that the writer was busy at a time, by the clock and of its own CPU, and that the event loop stood still."""

    in_writer: InWriter
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    what: list[str] = field(default_factory=list)
    longest_stall: float = 0.0

    def of(self, seconds: list[float]) -> str:
        """Return what the five longest were, and of what."""
        longest = sorted(zip(seconds, self.what, strict=True), reverse=True)[:5]
        return ", ".join(f"{1000 * took:.0f} ms {what}" for took, what in longest)

    async def measured(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` in the writer's thread and note how long that takes."""

        def timed() -> T:
            wall, cpu = time.perf_counter(), time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                self.wall.append(time.perf_counter() - wall)
                self.cpu.append(time.thread_time() - cpu)
                self.what.append(function.__name__)

        return await self.in_writer(timed)

    async def watch(self) -> None:
        """Note how late the event loop is, until cancelled."""
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_LOOK)
            self.longest_stall = max(self.longest_stall, time.perf_counter() - before - _LOOK)


async def settled(path: Path, folder: Path) -> None:
    """Settle twice and tell what it cost."""
    config = folder / "feeds.yaml"
    config.write_text("feeds: []\n")
    paths = find_paths(config, path, {"HOME": str(folder)})
    with SqliteStore(path) as store:
        now = store.newest_date()
    assert now is not None
    async with open_app(paths, load_config(paths), clock=lambda: now) as app:
        _tell("open", memory=f"{_memory():.0f} MB")
        for _ in range(2):
            times, beside = Times(app.updater.in_writer), Beside(path)
            settler = Settler(
                store=app.store,
                in_writer=times.measured,
                snapshots=beside,
                clock=app.clock,
                rules=rules_of(load_config(paths).settings),
            )
            watch = asyncio.create_task(times.watch())
            own, began = time.process_time(), time.perf_counter()
            outcome = await settler.settle(anyway=True)
            watch.cancel()
            _tell(str(outcome))
            _tell(
                "cost",
                wall=f"{time.perf_counter() - began:.1f} s",
                own_cpu=f"{time.process_time() - own:.1f} s",
                cpu_beside=f"{beside.cpu:.1f} s",
                memory=f"{_memory():.0f} MB",
                memory_beside=f"{beside.memory:.0f} MB",
                longest_stall=f"{1000 * times.longest_stall:.0f} ms",
            )
            for name, unsorted in (("cpu", times.cpu), ("wall", times.wall)):
                seconds = sorted(unsorted)
                _tell(
                    f"writer, {name}",
                    transactions=len(seconds),
                    total=f"{sum(seconds):.1f} s",
                    median=f"{1000 * seconds[len(seconds) // 2]:.1f} ms",
                    of_100=f"{1000 * seconds[len(seconds) * 99 // 100]:.1f} ms",
                    longest=times.of(unsorted),
                )


def _memory() -> float:
    """Return the most that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _tell(what: str, **figures: Any) -> None:
    sys.stdout.write(f"{what:<14} {', '.join(f'{name} {value}' for name, value in figures.items())}\n")
    sys.stdout.flush()


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description="Measure what it costs to settle the stories of an archive.")
    parser.add_argument("path", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(settled(asked.path, Path(folder)))


if __name__ == "__main__":
    main()
