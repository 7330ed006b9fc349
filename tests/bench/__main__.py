"""Measure each stage and the whole beside references, in one run: `scripts/bench [OPTIONS]`."""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.drawing import draw
from tests.bench.load import Load, this_hour
from tests.bench.playing import BENCH, Run
from tests.bench.results import Row, machine, medians, table, write
from tests.bench.scenes import SCENES, Skipped

#: Articles of the files that are clustered.
_LINES, _FULL_LINES = (1_000, 10_000), (10_000, 100_000, 1_000_000)
#: Articles of the archives: in the second one the days are full that new articles are compared with.
_ARCHIVES, _FULL_ARCHIVES = (10_000, 40_000, 100_000), (10_000, 40_000, 1_000_000)


def main() -> int:
    """Play the scenes; 1 where a bound is missed or a scene fails."""
    options = _options()
    BENCH.mkdir(exist_ok=True)
    report = Report(options)
    for number in range(options.runs):
        with tempfile.TemporaryDirectory(dir=BENCH) as folder:
            run = Run(
                load=Load(feeds=options.feeds, pages=options.pages, now=this_hour(), tls=options.tls),
                warm_feeds=options.warm_feeds,
                latency=options.latency / 1000,
                folder=Path(folder),
                lines=_FULL_LINES if options.full else _LINES,
                archives=_FULL_ARCHIVES if options.full else _ARCHIVES,
            )
            report.phases[f"run {number + 1}"] = run.phases
            for name in options.only or SCENES:
                if name not in options.skip:
                    report.add(name, run, number)
    print(table(medians(report.rows)))
    print(f"\n{options.json}, {options.svg}")
    return int(report.failed or any(row.holds is False for row in medians(report.rows)))


class Report:
    """What was found until now; written after each scene, so that what is broken off leaves what it measured."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._about = {
            "machine": machine(),
            "load": {name: getattr(options, name) for name in ("feeds", "pages", "warm_feeds", "latency", "runs")},
        }
        self._seconds: dict[str, list[float]] = {}
        self.rows: list[Row] = []
        self.phases: dict[str, Any] = {}
        self.failed = False

    def add(self, name: str, run: Run, number: int) -> None:
        """Play a scene."""
        began = time.monotonic()
        print(f"run {number + 1}: {name} …", end=" ", file=sys.stderr, flush=True)
        try:
            self.rows += SCENES[name](run)
        except Skipped as why:
            print(f"skipped: {why}", end=" ", file=sys.stderr)
        except (RuntimeError, AssertionError, OSError) as error:  # the others are to be measured all the same
            print(f"FAILED: {error}", end=" ", file=sys.stderr)
            self.failed = True
        took = time.monotonic() - began
        print(f"{took:.0f} s", file=sys.stderr)
        self._seconds.setdefault(name, []).append(round(took, 1))
        self._write()

    def _write(self) -> None:
        options, rows = self._options, medians(self.rows)
        write(options.json, rows, {**self._about, "seconds": self._seconds}, self.phases)
        title = f"{options.feeds} feeds x {options.pages} pages on {self._about['machine']['cores']} cores: how many times the reference"
        options.svg.write_text(draw(rows, title=title), encoding="utf-8")
        options.json.with_suffix(".md").write_text(f"{table(rows)}\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--feeds", type=int, help="feeds, each of an outlet and an address of its own (default: 50)")
    parser.add_argument("--pages", type=int, help="new pages a feed (default: 10)")
    parser.add_argument("--warm-feeds", type=int, help="feeds of the warm cycle (default: four times --feeds)")
    parser.add_argument(
        "--full",
        action="store_true",
        help="500 feeds x 20 pages, 2,000 feeds in the warm cycle, an archive of a million articles, and files of up to a "
        "million to cluster, which alone take about an hour, and 4 GB of disk beside as much for a temporary file",
    )
    parser.add_argument(
        "--latency", type=float, default=100, metavar="MS", help="before each answer (default: %(default)s)"
    )
    parser.add_argument("--no-tls", dest="tls", action="store_false", help="plain HTTP")
    parser.add_argument(
        "--only", action="append", choices=SCENES, metavar="STAGE", help=f"one of {', '.join(SCENES)}; repeatable"
    )
    parser.add_argument(
        "--skip", action="append", default=[], choices=SCENES, metavar="STAGE", help="leave one out; repeatable"
    )
    parser.add_argument(
        "--runs",
        type=int,
        default=1,
        metavar="N",
        help="medians of so many runs, of ratios too, with their spread (default: %(default)s)",
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
