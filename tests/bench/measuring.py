"""What a program costs: measured from outside, over all its processes, between the moments that it names.

The program is a module of this package that runs in a session of its own, so that all its processes are known by that. It
calls `phase` around what is to be measured, and waits there until it is told to go on: so programs can take turns.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

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
    busy = time.process_time()
    try:
        yield counts
    finally:
        # Seen from outside it comes in hundredths of a second.
        _say({"end": name, "counts": counts, "main cpu": time.process_time() - busy})


def ordered() -> dict[str, Any]:
    """Return what this program was started with; an argument could not be as long."""
    order: dict[str, Any] = json.loads(sys.stdin.readline())
    return order


def _say(message: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
    if not sys.stdin.readline():
        raise SystemExit("nobody measures any more")


class Program:
    """A program that plays one phase at a time, and stands still between them."""

    def __init__(self, module: str, process: subprocess.Popen[str], watch: "_Watch") -> None:
        self._module = module
        self._process = process
        self._watch = watch
        #: The phase that it waits to begin; None where it has no more.
        self.next: str | None = self._heard("begin")
        #: What its phases took.
        self.played: list[tuple[str, Figures]] = []

    def play(self) -> Figures:
        """Let it play its next phase; return what that took.

        Raises:
            RuntimeError: it failed, or has no more phases.
        """
        name = self.next
        if name is None:
            raise RuntimeError(f"{self._module} has no more to play")
        with self._watch:
            self._go_on()
            message = self._read()
            if message is None or message.get("end") != name:
                raise RuntimeError(f"{self._module} failed in {name}")
            figures = self._watch.figures(message["counts"], main_cpu=message["main cpu"])
        self.played.append((name, figures))
        self._go_on()
        # What it does before its next phase is to be done before anybody else plays.
        self.next = self._heard("begin")
        return figures

    def _heard(self, key: str) -> str | None:
        message = self._read()
        if message is None and self._process.wait():
            raise RuntimeError(f"{self._module} failed ({self._process.returncode})")
        return None if message is None else str(message[key])

    def _read(self) -> dict[str, Any] | None:
        assert self._process.stdout
        line = self._process.stdout.readline()
        return json.loads(line) if line else None

    def _go_on(self) -> None:
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()


@contextmanager
def started(
    module: str, order: Mapping[str, Any], *, servers: Sequence[int] = (), python: str = sys.executable
) -> Iterator[Program]:
    """Run a module that takes `order`, up to its first phase; kill it where it is left before its end.

    Raises:
        RuntimeError: it failed.
    """
    process = subprocess.Popen(
        [python, "-m", module],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )
    with process:
        try:
            assert process.stdin
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            yield Program(module, process, _Watch(process.pid, servers))
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def run(
    module: str, order: Mapping[str, Any], *, servers: Sequence[int] = (), python: str = sys.executable
) -> dict[str, Figures]:
    """Let a program play all its phases, each of which has a name of its own.

    Raises:
        RuntimeError: it failed.
    """
    phases: dict[str, Figures] = {}
    with started(module, order, servers=servers, python=python) as program:
        while program.next:
            name = program.next
            phases[name] = program.play()
    return phases


class Plays(Protocol):
    """Who plays phases."""

    @property
    def next(self) -> str | None:
        """The phase that is played next; None where there is no more."""

    def play(self) -> Figures:
        """Play it."""


def in_turn(*players: Plays) -> list[Figures]:
    """Let each play its next phases of one name, a phase at a time, to and fro: A B, B A, A B …; return of each the sum.

    The clock of a machine that others share drifts by a third within minutes. So it falls on all alike.
    """
    names = [player.next for player in players]
    turns = [(player, name, list[Figures]()) for player, name in zip(players, names, strict=True)]
    played = [figures for _, _, figures in turns]
    while any(player.next == name is not None for player, name, _ in turns):
        for player, name, figures in turns:
            if player.next == name is not None:
                figures.append(player.play())
        turns.reverse()
    return [total(figures) for figures in played]


def amid(player: Plays, *others: Plays) -> tuple[Figures, ...]:
    """Let one play a phase, before which the others have played one each and after which they play another.

    So a clock that drifts falls on all alike. Return the one's figures, and of each other the sum.
    """
    before = [other.play() for other in others]
    played = player.play()
    after = [other.play() for other in reversed(others)]
    return played, *(total(pair) for pair in zip(before, reversed(after), strict=True))


def total(figures: Sequence[Figures]) -> Figures:
    """Return what several phases took: seconds and counts added, of memory the most."""
    counted: Counts = {}
    for one in figures:
        for name, count in one.counts.items():
            counted[name] = counted.get(name, 0) + count
    return Figures(
        wall=sum(one.wall for one in figures),
        cpu=sum(one.cpu for one in figures),
        main_cpu=sum(one.main_cpu for one in figures),
        server_cpu=sum(one.server_cpu for one in figures),
        memory=max(one.memory for one in figures),
        main_memory=max(one.main_memory for one in figures),
        counts=counted,
    )


class _Watch:
    """Looks at a session of processes while a phase is played; use as a context manager."""

    def __init__(self, main: int, servers: Sequence[int]) -> None:
        self._main = main
        self._servers = servers
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._memory = 0.0
        self._began: tuple[float, float, float, float] = (0, 0, 0, 0)
        #: CPU of each process when it was last seen; what has ended stays.
        self._seen: dict[int, float] = {}

    def __enter__(self) -> Self:
        self._memory = 0.0
        # So that the high-water mark is this phase's own.
        Path(f"/proc/{self._main}/clear_refs").write_text("5", encoding="ascii")
        self._over.clear()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        self._began = self._now()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._thread
        self._over.set()
        self._thread.join()

    def figures(self, counts: Counts, *, main_cpu: float) -> Figures:
        """Return what the phase took until now, the main process as much as it says itself."""
        wall, cpu, main, server = (now - then for now, then in zip(self._now(), self._began, strict=True))
        status = Path(f"/proc/{self._main}/status").read_text(encoding="ascii")
        mark = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        self._memory = max(self._memory, _memory(self._processes()))
        return Figures(
            wall=wall,
            cpu=cpu - main + main_cpu,
            main_cpu=main_cpu,
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
    held = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        held += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return held / 1024
