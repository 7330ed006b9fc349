"""The scenes that the bench plays: a load is served, ours and the references meet it, rows come out."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.bench import shelf
from tests.bench.lines import write_lines
from tests.bench.load import Load, as_json
from tests.bench.measuring import Figures, run
from tests.bench.results import Row
from tests.bench.serving import Served, served

_ROOT = Path(__file__).parents[2]
#: Where the bench keeps what it installs.
BENCH = _ROOT / ".bench"
#: With what its own copy of feedparser needs and it does not ask for.
_READER = ("reader==3.26", "sgmllib3k==1.0.0")
_CORES = len(os.sched_getaffinity(0))
#: What statements and rows are counted over.
_COUNTED_FEEDS, _COUNTED_PAGES = 20, 5


class Skipped(Exception):
    """A scene cannot be played here."""


@dataclass(slots=True)
class Run:
    """One run through the scenes. What several of them are measured against is measured once."""

    load: Load
    warm_feeds: int
    latency: float
    folder: Path
    #: Lines of the files that are clustered.
    lines: Sequence[int]
    #: Articles of a small archive and of a large one.
    archives: Sequence[int]
    phases: dict[str, dict[str, Any]] = field(default_factory=dict)
    _known: dict[str, Any] = field(default_factory=dict)

    def ask(self, name: str, task: str, *, module: str, by: Served | None = None, load: Load | None = None) -> Figures:
        """Measure a stage or a reference that has one phase."""
        return next(iter(self.measured(name, f"tests.bench.{module}", {"task": task}, by=by, load=load).values()))

    def measured(
        self,
        name: str,
        module: str,
        order: Mapping[str, Any],
        *,
        by: Served | None = None,
        load: Load | None = None,
        python: str = sys.executable,
    ) -> dict[str, Figures]:
        """Measure the phases of a program."""
        load = by.load if by else load or self.load
        trust = str(by.trust) if by and by.trust else None
        full_order = {"load": as_json(load), "trust": trust, "folder": str(self.folder), **order}
        figures = run(module, full_order, servers=by.pids if by else (), python=python)
        self.phases |= {f"{name}: {phase}": found.as_json() for phase, found in figures.items()}
        return figures

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

    def files(self) -> list[str]:
        """Return the files with the pages of the load, made once."""
        if "files" not in self._known:
            self._known["files"] = [str(file) for file in shelf.fill(self.load, self.folder / "pages")]
        files: list[str] = self._known["files"]
        return files

    def bare_extraction(self) -> Figures:
        """Return what extraction alone takes, measured once."""
        if "extraction" not in self._known:
            order = {"task": "extraction", "files": self.files()}
            found = self.measured("trafilatura", "tests.bench.references", order)
            self._known["extraction"] = found["extraction"]
        figures: Figures = self._known["extraction"]
        return figures


def extraction(run: Run) -> Iterator[Row]:
    """A page to a signed article, beside trafilatura alone."""
    bare = run.bare_extraction()
    ours = run.measured("ours", "tests.bench.stages", {"task": "extraction", "files": run.files()})["extraction"]
    pages = run.load.articles
    yield Row(
        stage="extract and sign",
        figure="CPU a page",
        ours=ours.cpu / pages * 1e3,
        unit="ms",
        reference=bare.cpu / pages * 1e3,
        who="trafilatura",
    )


def fetching(run: Run) -> Iterator[Row]:
    """Our fetcher beside a bare httpx loop."""
    with run.serving() as by:
        bare = run.ask("httpx", "fetching", module="references", by=by)
        ours = run.ask("fetcher", "fetching", module="stages", by=by)
    requests = ours.counts["requests"]
    cpu, reference = ours.cpu / requests * 1e3, bare.cpu / requests * 1e3
    yield Row(stage="fetch", figure="CPU a request", ours=cpu, unit="ms", reference=reference, who="httpx")
    yield Row(stage="fetch", figure="wall", ours=ours.wall, unit="s", reference=bare.wall, who="httpx")


def parsing(run: Run) -> Iterator[Row]:
    """Our reading of feeds beside feedparser."""
    bare = run.ask("feedparser", "parsing", module="references")
    ours = run.ask("parse_feed", "parsing", module="stages")
    cpu, reference = ours.cpu / run.load.feeds * 1e3, bare.cpu / run.load.feeds * 1e3
    yield Row(stage="parse", figure="CPU a feed", ours=cpu, unit="ms", reference=reference, who="feedparser")


def signing(run: Run) -> Iterator[Row]:
    """Signatures and candidates beside datasketch."""
    bare = run.ask("datasketch", "signing", module="references")
    ours = run.ask("sign", "signing", module="stages")
    cpu, reference = ours.cpu / run.load.articles * 1e3, bare.cpu / run.load.articles * 1e3
    yield Row(
        stage="sign, candidates", figure="CPU an article", ours=cpu, unit="ms", reference=reference, who="datasketch"
    )


def recording(run: Run) -> Iterator[Row]:
    """Recording and placing in the store; nobody else does it."""
    ours = run.ask("record", "recording", module="stages", load=replace(run.load, full_text=True))
    yield Row(stage="record, place", figure="CPU an article", ours=ours.cpu / run.load.articles * 1e3, unit="ms")


def cluster(run: Run) -> Iterator[Row]:
    """`aggregator cluster` on files of invented news; nobody else does it."""
    for size in run.lines:
        file = run.folder / f"{size}.jsonl"
        write_lines(file, size)
        ours = run.measured(f"cluster {size}", "tests.bench.stages", {"task": "clustering", "file": str(file)})
        file.unlink()
        found = ours["clustering"]
        assert found.counts["articles"] == size, found.counts
        stage = f"cluster, {size:,} articles"
        yield Row(stage=stage, figure="articles a second", ours=size / found.cpu, unit="")
        yield Row(stage=stage, figure="memory", ours=found.memory, unit="MB")


def archive(run: Run) -> Iterator[Row]:
    """A large archive beside a small one."""
    found = []
    for size in run.archives:
        with run.database() as database:
            order = {"database": database, "articles": size}
            ours = run.measured(f"archive {size}", "tests.bench.archived", order)
        found.append(ours["archive"].counts)
    small, large = found
    who, stage = f"{run.archives[0]:,} articles", f"archive, {run.archives[1]:,} articles"
    new, list_, start = "new article ms", "list ms", "start wall ms"
    yield Row(
        stage=stage, figure="CPU a new article", ours=large[new], unit="ms", reference=small[new], who=who, bound=1.2
    )
    yield Row(stage=stage, figure="a day's list of 40 stories, CPU", ours=large[list_], unit="ms", bound=20)
    yield Row(stage=stage, figure="the same in the small one", ours=small[list_], unit="ms")
    yield Row(stage=stage, figure="`aggregator today`", ours=large["today wall ms"], unit="ms", bound=500)
    yield Row(stage=stage, figure="the same, CPU", ours=large["today CPU ms"], unit="ms")
    yield Row(stage=stage, figure="start of the daemon", ours=large[start], unit="ms", bound=1_000)
    yield Row(stage=stage, figure="memory of the daemon, idle", ours=large["idle MB"], unit="MB", bound=300)


def cold(run: Run) -> Iterator[Row]:
    """Crawl sites that nobody knew and then, when they have as much that is new, again; beside the bare extraction of so much."""
    bare = run.bare_extraction()
    with run.serving(moves=True) as by, run.database() as database:
        order = {"full_text": "auto", "database": database, "phases": ["cold", "known"], "count": False}
        ours = run.measured("crawl", "tests.bench.crawling", order, by=by)
    pages = run.load.articles
    for found in ours.values():
        assert found.counts["new"] == found.counts["pages_fetched"] == pages, found.counts
    yield from _crawled(ours["cold"], bare, pages)
    known = ours["known"]
    cpu, reference = known.cpu / pages * 1e3, bare.cpu / pages * 1e3
    stage = "the same sites' next pages"
    yield Row(stage=stage, figure="CPU an article", ours=cpu, unit="ms", reference=reference, who="trafilatura")
    yield Row(stage=stage, figure="articles a second", ours=pages / known.wall, unit="")
    stored = known.counts["database bytes"] / (2 * pages)
    yield Row(stage=stage, figure="bytes stored an article", ours=stored, unit="")


def _crawled(ours: Figures, bare: Figures, pages: int) -> Iterator[Row]:
    yield Row(
        stage="cold crawl",
        figure="CPU an article",
        ours=ours.cpu / pages * 1e3,
        unit="ms",
        reference=bare.cpu / pages * 1e3,
        who="trafilatura",
        bound=1.25,
    )
    busy = (ours.cpu + ours.server_cpu) / _CORES
    yield Row(stage="cold crawl", figure="wall", ours=ours.wall, unit="s", reference=busy, who="CPU / cores", bound=1.2)
    yield Row(stage="cold crawl", figure="articles a second", ours=pages / ours.wall, unit="")
    yield Row(stage="cold crawl", figure="main process, CPU an article", ours=ours.main_cpu / pages * 1e3, unit="ms")
    yield Row(stage="cold crawl", figure="longest stall", ours=ours.counts["stall max ms"], unit="ms", bound=50)
    yield Row(stage="cold crawl", figure="999 stalls of 1,000", ours=ours.counts["stall p99.9 ms"], unit="ms")
    yield Row(stage="cold crawl", figure="longest turn, CPU", ours=ours.counts["turn max CPU ms"], unit="ms", bound=50)
    yield Row(stage="cold crawl", figure="memory, main process", ours=ours.main_memory, unit="MB", bound=300)
    yield Row(stage="cold crawl", figure="memory, all processes", ours=ours.memory, unit="MB")


def warm(run: Run) -> Iterator[Row]:
    """A cycle in which nothing is new, beside the bare HTTP loop."""
    load = replace(run.load, feeds=run.warm_feeds)
    with run.serving(load) as by, run.database() as database:
        bare = run.ask("httpx, warm", "warm_fetching", module="references", by=by)
        order = {"full_text": "never", "database": database, "phases": ["first", "warm"], "count": True}
        ours = run.measured("warm cycle", "tests.bench.crawling", order, by=by)["warm"]
    assert ours.counts["feeds unchanged"] == run.warm_feeds, ours.counts
    yield Row(stage="warm cycle", figure="wall", ours=ours.wall, unit="s", reference=bare.wall, who="httpx", bound=1.2)
    cpu, reference = ours.cpu / run.warm_feeds * 1e3, bare.cpu / run.warm_feeds * 1e3
    yield Row(stage="warm cycle", figure="CPU a feed", ours=cpu, unit="ms", reference=reference, who="httpx")
    # Beside those of each second, one for all claims at the beginning and one at the end.
    every = max(ours.counts["transactions"] - 2, 0) / ours.wall
    yield Row(stage="warm cycle", figure="transactions a second", ours=every, unit="", bound=1)
    polled = ours.counts["statements"] / run.warm_feeds
    yield Row(stage="warm cycle", figure="statements a feed", ours=polled, unit="")


def counts(run: Run) -> Iterator[Row]:
    """What a small cold crawl asks of the database."""
    load = replace(run.load, feeds=_COUNTED_FEEDS, pages=_COUNTED_PAGES)
    with run.serving(load, latency=0) as by, run.database() as database:
        order = {"full_text": "auto", "database": database, "phases": ["cold"], "count": True}
        ours = run.measured("counts", "tests.bench.crawling", order, by=by)["cold"]
    for figure in ("statements", "rows written"):
        yield Row(stage="counts", figure=f"{figure} an article", ours=ours.counts[figure] / load.articles, unit="")


def reader(run: Run) -> Iterator[Row]:
    """Run lemon24/reader at the same feeds."""
    python = _with_reader()
    yield from _beside(
        run, "reader", lambda by, order: run.measured("reader", "tests.bench.stranger", order, by=by, python=python)
    )


def newsboat(run: Run) -> Iterator[Row]:
    """Run newsboat at the same feeds."""
    if shutil.which("newsboat") is None:
        raise Skipped("newsboat is not installed (Debian: apt-get install newsboat)")
    order = {"task": "newsboat"}
    yield from _beside(
        run, "newsboat", lambda by, more: run.measured("newsboat", "tests.bench.references", {**more, **order}, by=by)
    )


def _beside(run: Run, who: str, ask: Callable[[Served, Mapping[str, Any]], dict[str, Figures]]) -> Iterator[Row]:
    """Poll the feeds alone, twice, over plain HTTP, which all of them speak."""
    with run.serving(replace(run.load, tls=False)) as by, tempfile.TemporaryDirectory(dir=run.folder) as folder:
        theirs = ask(by, {"folder": folder})
        with run.database() as database:
            order = {"full_text": "never", "database": database, "phases": ["cold", "warm"], "count": False}
            ours = run.measured(f"ours beside {who}", "tests.bench.crawling", order, by=by)
    for name in ("cold", "warm"):
        mine, other = ours[name], theirs[name]
        stage = f"feeds only, {name}"
        yield Row(stage=stage, figure="wall", ours=mine.wall, unit="s", reference=other.wall, who=who)
        yield Row(stage=stage, figure="CPU", ours=mine.cpu, unit="s", reference=other.cpu, who=who)


def _with_reader() -> str:
    """Return a Python that has lemon24/reader, in an environment of the bench's own."""
    python = BENCH / "reader" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(BENCH / "reader")], check=True)
    asked = [str(python), "-c", "import reader, sgmllib"]
    if subprocess.run(asked, capture_output=True, check=False).returncode:
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_READER]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Skipped(f"{_READER[0]} cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    return str(python)


SCENES: Mapping[str, Callable[[Run], Iterator[Row]]] = {
    "extract": extraction,
    "fetch": fetching,
    "parse": parsing,
    "sign": signing,
    "record": recording,
    "cluster": cluster,
    "archive": archive,
    "counts": counts,
    "cold": cold,
    "warm": warm,
    "reader": reader,
    "newsboat": newsboat,
}
