"""The scenes that the bench plays: a load is served, ours and the references meet it in turn, rows come out."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from functools import partial

from tests.bench import shelf
from tests.bench.lines import write_lines
from tests.bench.measuring import Figures, Program, amid, in_turn
from tests.bench.playing import BENCH, Run
from tests.bench.results import Row

#: With what its own copy of feedparser needs and it does not ask for.
_READER = ("reader==3.26", "sgmllib3k==1.0.0")
_CORES = len(os.sched_getaffinity(0))
#: What statements and rows are counted over.
_COUNTED_FEEDS, _COUNTED_PAGES = 20, 5
#: What is wanted beside the naive pipeline where sites are known: three times as much for the same.
THRICE = 1 / 3
#: Texts of known sites, of a hundred, that may be unlike what trafilatura reads.
UNLIKE = 1.0


class Skipped(Exception):
    """A scene cannot be played here."""


def extraction(run: Run) -> Iterator[Row]:
    """Turn pages into signed articles, beside trafilatura alone: pages of sites that nobody knows, and then of known ones."""
    order = {"slices": run.pages(run.load)}
    with run.stage("extraction", order) as ours, run.reference("extraction", order) as theirs:
        full, bare = in_turn(ours, theirs)
    yield _a_page("extract and sign", "CPU a page, read in full", full, bare, "trafilatura")
    load = replace(run.load, first=run.load.pages)
    order = {"slices": run.pages(load)}
    with run.stage("known", order, load=load) as ours, run.reference("reading", order) as theirs:
        known, both = in_turn(ours, theirs)
        texts = ours.play()
    stage = "extract and sign, known sites"
    yield _a_page(stage, "CPU a page", known, both, "trafilatura, datasketch", bound=THRICE)
    pages = known.counts["pages"]
    yield Row(stage=stage, figure="pages read in full", ours=100 * known.counts["in full"] / pages, unit="%")
    unlike = 100 * texts.counts["unlike"] / texts.counts["pages"]
    yield Row(stage=stage, figure="texts unlike trafilatura's", ours=unlike, unit="%", bound=UNLIKE)


def _a_page(stage: str, figure: str, ours: Figures, theirs: Figures, who: str, *, bound: float | None = None) -> Row:
    cost, reference = (found.cpu / found.counts["pages"] * 1e3 for found in (ours, theirs))
    return Row(stage=stage, figure=figure, ours=cost, unit="ms", reference=reference, who=who, bound=bound)


def fetching(run: Run) -> Iterator[Row]:
    """Our fetcher beside a bare httpx loop."""
    order = {"rounds": 2}
    with (
        run.serving() as by,
        run.stage("fetching", order, by=by) as ours,
        run.reference("fetching", order, by=by) as bare,
    ):
        mine, theirs = in_turn(ours, bare)
    cpu, reference = (found.cpu / found.counts["requests"] * 1e3 for found in (mine, theirs))
    yield Row(stage="fetch", figure="CPU a request", ours=cpu, unit="ms", reference=reference, who="httpx")
    yield Row(stage="fetch", figure="wall", ours=mine.wall / 2, unit="s", reference=theirs.wall / 2, who="httpx")


def parsing(run: Run) -> Iterator[Row]:
    """Our reading of feeds beside feedparser."""
    order = {"rounds": 8}
    with run.stage("parsing", order) as ours, run.reference("parsing", order) as theirs:
        cpu, reference = (found.cpu / found.counts["feeds"] * 1e3 for found in in_turn(ours, theirs))
    yield Row(stage="parse", figure="CPU a feed", ours=cpu, unit="ms", reference=reference, who="feedparser")


def signing(run: Run) -> Iterator[Row]:
    """Signatures and candidates beside datasketch."""
    order = {"rounds": 2}
    with run.stage("signing", order) as ours, run.reference("signing", order) as theirs:
        cpu, reference = (found.cpu / found.counts["articles"] * 1e3 for found in in_turn(ours, theirs))
    yield Row(
        stage="sign, candidates", figure="CPU an article", ours=cpu, unit="ms", reference=reference, who="datasketch"
    )


def recording(run: Run) -> Iterator[Row]:
    """Recording and placing in the store; nobody else does it."""
    with run.stage("recording", {}, load=replace(run.load, full_text=True)) as ours:
        cpu = ours.play().cpu / run.load.articles * 1e3
    yield Row(stage="record, place", figure="CPU an article", ours=cpu, unit="ms")


def cluster(run: Run) -> Iterator[Row]:
    """`aggregator cluster` on files of invented news; nobody else does it."""
    for size in run.lines:
        file = run.folder / f"{size}.jsonl"
        write_lines(file, size)
        with run.stage("clustering", {"file": str(file)}, name=f"cluster {size}") as ours:
            found = ours.play()
        file.unlink()
        assert found.counts["articles"] == size, found.counts
        stage = f"cluster, {size:,} articles"
        yield Row(stage=stage, figure="articles a second", ours=size / found.cpu, unit="")
        yield Row(stage=stage, figure="memory", ours=found.memory, unit="MB")


def archive(run: Run) -> Iterator[Row]:
    """A large archive beside smaller ones of as much news a day."""
    with ExitStack() as stack:
        programs = []
        for size in run.archives:
            order = {"database": stack.enter_context(run.database()), "articles": size}
            programs.append(stack.enter_context(run.started(f"archive {size}", "archived", order)))
        lists, new, commands = in_turn(*programs), in_turn(*programs), in_turn(*programs)
    *smaller, cpu = (figures.cpu / figures.counts["new"] * 1e3 for figures in new)
    large = {**lists[-1].counts, **commands[-1].counts}
    stage, figure = f"archive, {run.archives[-1]:,} articles", "CPU a new article"
    for size, small in zip(run.archives, smaller, strict=False):
        yield Row(stage=stage, figure=figure, ours=cpu, unit="ms", reference=small, who=f"{size:,} articles", bound=1.2)
    list_, start = "list ms", "start wall ms"
    yield Row(stage=stage, figure="a day's list of 40 stories, CPU", ours=large[list_], unit="ms", bound=20)
    yield Row(stage=stage, figure="the same in the smallest one", ours=lists[0].counts[list_], unit="ms")
    yield Row(stage=stage, figure="`aggregator today`", ours=large["today wall ms"], unit="ms", bound=500)
    yield Row(stage=stage, figure="the same, CPU", ours=large["today CPU ms"], unit="ms")
    yield Row(stage=stage, figure="start of the daemon", ours=large[start], unit="ms", bound=1_000)
    yield Row(stage=stage, figure="memory of the daemon, idle", ours=large["idle MB"], unit="MB", bound=300)


def cold(run: Run) -> Iterator[Row]:
    """Crawl sites that nobody knew and then, when they have as much that is new, again.

    Beside the bare extraction of such pages, and beside the naive pipeline at the same feeds.
    """
    order = {"full_text": "auto", "phases": ["cold", "known"], "count": False}
    pages = run.load.articles
    with run.serving(moves=True) as by, run.database() as database, run.database() as another, ExitStack() as stack:
        ours = stack.enter_context(run.started("crawl", "crawling", {**order, "database": database}, by=by))
        naive = stack.enter_context(run.started("naive", "naive", {**order, "database": another}, by=by))
        bare = stack.enter_context(run.reference("extraction", {"slices": _halves(run)}))
        first = amid(ours, naive, bare)
        second = amid(ours, naive, bare)
    for crawl, theirs, _ in (first, second):
        assert crawl.counts["new"] == crawl.counts["pages_fetched"] == theirs.counts["new"] == pages, crawl.counts
    yield from _beside_others("cold crawl", pages, *first, bound=1.25)
    yield from _crawled(first[0], pages)
    stage = "the same sites' next pages"
    yield from _beside_others(stage, pages, *second, naive_bound=THRICE)
    yield Row(stage=stage, figure="articles a second", ours=pages / second[0].wall, unit="")
    stored = second[0].counts["database bytes"] / (2 * pages)
    yield Row(stage=stage, figure="bytes stored an article", ours=stored, unit="")


def _halves(run: Run) -> shelf.Slices:
    """Return pages of the first feeds in two halves, and then of the next ones."""
    slices = run.pages(run.load) + run.pages(replace(run.load, first=run.load.pages))
    return [one + other for one, other in zip(slices[::2], slices[1::2], strict=True)]


def _beside_others(
    stage: str,
    pages: int,
    ours: Figures,
    naive: Figures,
    bare: Figures,
    *,
    bound: float | None = None,
    naive_bound: float | None = None,
) -> Iterator[Row]:
    cpu, theirs, least = (
        found.cpu / count * 1e3 for found, count in ((ours, pages), (naive, pages), (bare, bare.counts["pages"]))
    )
    figure = "CPU an article"
    yield Row(stage=stage, figure=figure, ours=cpu, unit="ms", reference=least, who="trafilatura", bound=bound)
    yield Row(stage=stage, figure=figure, ours=cpu, unit="ms", reference=theirs, who="naive", bound=naive_bound)
    yield Row(
        stage=stage,
        figure="wall an article",
        ours=ours.wall / pages * 1e3,
        unit="ms",
        reference=naive.wall / pages * 1e3,
        who="naive",
        bound=naive_bound,
    )


def _crawled(ours: Figures, pages: int) -> Iterator[Row]:
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
    rounds = 4
    order = {"full_text": "never", "phases": ["first"] + ["warm"] * rounds, "count": True}
    with run.serving(load) as by, run.database() as database, ExitStack() as stack:
        crawl = stack.enter_context(run.started("warm cycle", "crawling", {**order, "database": database}, by=by))
        httpx = stack.enter_context(run.reference("warm_fetching", {"rounds": rounds}, by=by))
        crawl.play()
        ours, bare = in_turn(crawl, httpx)
    polls = rounds * run.warm_feeds
    assert ours.counts["feeds unchanged"] == polls, ours.counts
    wall, reference = ours.wall / rounds, bare.wall / rounds
    yield Row(stage="warm cycle", figure="wall", ours=wall, unit="s", reference=reference, who="httpx", bound=1.2)
    cpu, reference = ours.cpu / polls * 1e3, bare.cpu / polls * 1e3
    yield Row(stage="warm cycle", figure="CPU a feed", ours=cpu, unit="ms", reference=reference, who="httpx")
    # Beside those of each second, one for all claims at the beginning and one at the end.
    every = max(ours.counts["transactions"] - 2 * rounds, 0) / ours.wall
    yield Row(stage="warm cycle", figure="transactions a second", ours=every, unit="", bound=1)
    polled = ours.counts["statements"] / polls
    yield Row(stage="warm cycle", figure="statements a feed", ours=polled, unit="")


def counts(run: Run) -> Iterator[Row]:
    """What a small cold crawl asks of the database."""
    load = replace(run.load, feeds=_COUNTED_FEEDS, pages=_COUNTED_PAGES)
    with run.serving(load, latency=0) as by, run.database() as database:
        order = {"full_text": "auto", "database": database, "phases": ["cold"], "count": True}
        with run.started("counts", "crawling", order, by=by) as crawl:
            ours = crawl.play()
    for figure in ("statements", "rows written"):
        yield Row(stage="counts", figure=f"{figure} an article", ours=ours.counts[figure] / load.articles, unit="")


def reader(run: Run) -> Iterator[Row]:
    """Run lemon24/reader at the same feeds."""
    python = _with_reader()
    yield from _feeds_only(run, "reader", partial(run.started, "reader", "stranger", python=python))


def newsboat(run: Run) -> Iterator[Row]:
    """Run newsboat at the same feeds."""
    if shutil.which("newsboat") is None:
        raise Skipped("newsboat is not installed (Debian: apt-get install newsboat)")
    yield from _feeds_only(run, "newsboat", partial(run.reference, "newsboat"))


def _feeds_only(run: Run, who: str, start: Callable[..., AbstractContextManager[Program]]) -> Iterator[Row]:
    """Poll the feeds alone, twice, over plain HTTP, which all of them speak."""
    with ExitStack() as stack:
        by = stack.enter_context(run.serving(replace(run.load, tls=False)))
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=run.folder))
        theirs = stack.enter_context(start(order={"folder": folder}, by=by))
        order = {"full_text": "never", "phases": ["cold", "warm"], "count": False}
        order["database"] = stack.enter_context(run.database())
        ours = stack.enter_context(run.started(f"ours beside {who}", "crawling", order, by=by))
        for name in ("cold", "warm"):
            other, mine = theirs.play(), ours.play()
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
    "archive": archive,
    "counts": counts,
    "cold": cold,
    "warm": warm,
    "reader": reader,
    "newsboat": newsboat,
    # Last, for it takes longest.
    "cluster": cluster,
}
