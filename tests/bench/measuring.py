"""What a program costs: measured from outside, over all its processes, between the moments that it names.

The program is a module of this package that runs in a session of its own, so that all its processes are known by that. It
calls `phase` around what is to be measured.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

_ROOT = Path(__file__).parents[2]
#: Fields of /proc/PID/stat, counted after the name: session, and ticks in user mode and in the kernel.
_SESSION, _USER, _SYSTEM = 3, 11, 12
_TICK = os.sysconf("SC_CLK_TCK")
#: Seconds between two looks at the memory.
_LOOKS = 0.5
Counts = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a phase took."""

    wall: float
    #: Seconds of all processes, and of the main one.
    cpu: float
    main_cpu: float
    #: Of the servers meanwhile.
    server_cpu: float
    #: The most that all processes held at once, shared pages once (PSS), and that the main one held; in MB.
    memory: float
    main_memory: float
    counts: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the figures for a file."""
        return {
            "wall_s": round(self.wall, 3),
            "cpu_s": round(self.cpu, 3),
            "main_cpu_s": round(self.main_cpu, 3),
            "server_cpu_s": round(self.server_cpu, 3),
            "memory_mb": round(self.memory, 1),
            "main_memory_mb": round(self.main_memory, 1),
            **self.counts,
        }


@contextmanager
def phase(name: str) -> Iterator[Counts]:
    """Have what happens inside measured by whoever runs this program; the counts filled in go along."""
    counts: Counts = {}
    _say({"begin": name})
    try:
        yield counts
    finally:
        _say({"end": name, "counts": counts})


def _say(message: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
    sys.stdin.readline()


def run(
    module: str,
    order: Mapping[str, Any],
    *,
    servers: Sequence[int] = (),
    python: str = sys.executable,
    environ: Mapping[str, str] | None = None,
) -> dict[str, Figures]:
    """Run a module with `order` as JSON for its argument; return the figures of its phases.

    Raises:
        RuntimeError: it failed.
    """
    program = subprocess.Popen(
        [python, "-m", module, json.dumps(order)],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(_ROOT), **(environ or {})},
    )
    assert program.stdin
    assert program.stdout
    phases: dict[str, Figures] = {}
    with program, _Watch(program.pid, servers) as watch:
        for line in program.stdout:
            message = json.loads(line)
            if "begin" in message:
                watch.begin()
            else:
                phases[message["end"]] = watch.end(message["counts"])
            program.stdin.write("\n")
            program.stdin.flush()
    if program.returncode:
        raise RuntimeError(f"{module} failed ({program.returncode})")
    return phases


class _Watch:
    """Looks at a session of processes."""

    def __init__(self, main: int, servers: Sequence[int]) -> None:
        self._main = main
        self._servers = servers
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._memory = 0.0
        self._began: tuple[float, float, float, float] = (0, 0, 0, 0)
        #: CPU of each process when it was last seen; what has ended stays.
        self._seen: dict[int, float] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def begin(self) -> None:
        """Begin a phase."""
        self._memory = 0.0
        # So that the high-water mark is this phase's own.
        Path(f"/proc/{self._main}/clear_refs").write_text("5", encoding="ascii")
        self._began = self._now()

    def end(self, counts: Counts) -> Figures:
        """Return what the phase took."""
        wall, cpu, main, server = (now - then for now, then in zip(self._now(), self._began, strict=True))
        status = Path(f"/proc/{self._main}/status").read_text(encoding="ascii")
        mark = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        self._memory = max(self._memory, _memory(self._processes()))
        return Figures(
            wall=wall,
            cpu=cpu,
            main_cpu=main,
            server_cpu=server,
            memory=self._memory,
            main_memory=int(mark.split()[1]) / 1024,
            counts=counts,
        )

    def _now(self) -> tuple[float, float, float, float]:
        self._processes()
        server = sum(_cpu(_stat(pid)) for pid in self._servers)
        return time.monotonic(), sum(self._seen.values()), self._seen.get(self._main, 0.0), server

    def _processes(self) -> list[int]:
        living = []
        for pid in [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]:
            fields = _stat(pid)
            if fields and int(fields[_SESSION]) == self._main:
                self._seen[pid] = _cpu(fields)
                living.append(pid)
        return living

    def _look(self) -> None:
        while not self._over.wait(_LOOKS):
            self._memory = max(self._memory, _memory(self._processes()))


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name, which may hold anything; empty where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _cpu(fields: Sequence[str]) -> float:
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICK if fields else 0.0


def _memory(pids: Sequence[int]) -> float:
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024
