"""Measure each stage and the whole beside references, in one run: `scripts/bench [OPTIONS]`."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bench.drawing import draw
from tests.bench.load import Load, this_hour
from tests.bench.results import Row, machine, medians, table, write
from tests.bench.scenes import BENCH, SCENES, Run, Skipped

#: Articles of the files that are clustered.
_LINES, _FULL_LINES = (1_000, 10_000), (10_000, 100_000, 1_000_000)
_ARCHIVES, _FULL_ARCHIVES = (10_000, 100_000), (10_000, 1_000_000)


def main() -> int:
    """Play the scenes; 1 where a bound is missed or a scene fails."""
    options = _options()
    about = {
        "machine": machine(),
        "load": {name: getattr(options, name) for name in ("feeds", "pages", "latency", "runs")},
    }
    BENCH.mkdir(exist_ok=True)
    names = options.only or list(SCENES)
    runs: list[list[Row]] = []
    phases = {}
    failed = set[str]()
    for number in range(options.runs):
        with tempfile.TemporaryDirectory(dir=BENCH) as folder:
            load = Load(feeds=options.feeds, pages=options.pages, now=this_hour(), tls=options.tls)
            run = Run(
                load=load,
                warm_feeds=options.warm_feeds,
                latency=options.latency / 1000,
                folder=Path(folder),
                lines=_FULL_LINES if options.full else _LINES,
                archives=_FULL_ARCHIVES if options.full else _ARCHIVES,
            )
            runs.append([row for name in names for row in _played(run, name, number, failed)])
            phases[f"run {number + 1}"] = run.phases
    rows = medians(runs)
    print(table(rows))
    write(options.json, rows, about, phases)
    title = f"{options.feeds} feeds x {options.pages} pages on {about['machine']['cores']} cores: how many times the reference"
    options.svg.write_text(draw(rows, title=title), encoding="utf-8")
    print(f"\n{options.json}, {options.svg}")
    return int(bool(failed) or any(row.holds is False for row in rows))


def _played(run: Run, name: str, number: int, failed: set[str]) -> list[Row]:
    print(f"run {number + 1}: {name} …", file=sys.stderr, flush=True)
    try:
        return list(SCENES[name](run))
    except Skipped as why:
        print(f"{name} is skipped: {why}", file=sys.stderr)
    except (RuntimeError, AssertionError) as error:  # the others are to be measured all the same
        print(f"{name} FAILED: {error}", file=sys.stderr)
        failed.add(name)
    return []


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--feeds", type=int, help="feeds, each of an outlet and an address of its own (default: 50)")
    parser.add_argument("--pages", type=int, help="new pages a feed (default: 10)")
    parser.add_argument("--warm-feeds", type=int, help="feeds of the warm cycle (default: four times --feeds)")
    parser.add_argument(
        "--full",
        action="store_true",
        help="500 feeds x 20 pages, 2,000 feeds in the warm cycle, and files of up to a million articles to cluster, "
        "which take about an hour, and 4 GB of disk beside as much as that for a temporary file",
    )
    parser.add_argument(
        "--latency", type=float, default=100, metavar="MS", help="before each answer (default: %(default)s)"
    )
    parser.add_argument("--no-tls", dest="tls", action="store_false", help="plain HTTP")
    parser.add_argument(
        "--only", action="append", choices=SCENES, metavar="STAGE", help=f"one of {', '.join(SCENES)}; repeatable"
    )
    parser.add_argument(
        "--runs", type=int, default=1, metavar="N", help="medians of so many runs (default: %(default)s)"
    )
    parser.add_argument(
        "--json", type=Path, default=BENCH / "result.json", metavar="FILE", help="default: .bench/result.json"
    )
    parser.add_argument(
        "--svg", type=Path, default=BENCH / "result.svg", metavar="FILE", help="default: .bench/result.svg"
    )
    options = parser.parse_args()
    options.feeds = options.feeds or (500 if options.full else 50)
    options.pages = options.pages or (20 if options.full else 10)
    options.warm_feeds = options.warm_feeds or 4 * options.feeds
    return options


if __name__ == "__main__":
    sys.exit(main())
