"""A month of the whole daemon, for what grows with time and must not: `python -m tests.crawlworld.month`."""

import asyncio
import gc
import multiprocessing
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from aggregator.daemon.logs import set_up_logging
from tests.crawlworld import daemon, documents
from tests.crawlworld.making import temper
from tests.crawlworld.model import DAY, HOUR, Feed, Outlet, World
from tests.fasttime import FastLoop

DAYS = 28
#: How long articles are kept: less than a quarter of the month, so that pruning is what holds the database still.
KEEP = "7d"
_OUTLETS = 8
#: Events a day: the agency tells each, two outlets reprint it and one writes its own.
_EVENTS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was there at one moment."""

    day: float
    #: Bytes of memory that the daemon really holds, and that all its other processes do.
    memory: int
    workers_memory: int
    #: Open files and sockets.
    files: int
    threads: int
    tasks: int
    #: Processes below the daemon's.
    children: int
    #: Articles that were ever recorded, and those that are kept.
    recorded: int
    articles: int
    stories: int
    #: Bytes of the database, and those of them that are in use.
    database: int
    used: int


def month(folder: Path, *, days: int = DAYS) -> list[Look]:
    """Let the daemon live through a month without a stop, and return what a look twice a day found."""
    set_up_logging(level=20, file=folder / "daemon.log")

    async def run(loop: FastLoop) -> list[Look]:
        looks = []
        async with daemon.serving(_world(days), folder, clock=loop.wall, keep=KEEP) as (web, _):
            for _ in range(2 * days):
                await asyncio.sleep(DAY / 2)
                # What the play itself keeps grows; it is no part of what is measured.
                web.notes.visits.clear()
                documents.forget()
                looks.append(_look(folder / "news.db", loop.time() / DAY))
        return looks

    return daemon.live(run)


def month_apart(folder: Path, *, days: int = DAYS) -> list[Look]:
    """Live through the month in a process of its own, which has nothing else in memory."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(month, folder, days=days).result()


def quarters(looks: Sequence[Look]) -> tuple[Sequence[Look], Sequence[Look]]:
    """Return the second quarter and the last one."""
    quarter = len(looks) // 4
    return looks[quarter : 2 * quarter], looks[3 * quarter :]


def grown(looks: Sequence[Look], what: str) -> float:
    """Return by what share the mean of a figure in the last quarter exceeds that in the second."""
    second, last = quarters(looks)
    return _mean(last, what) / _mean(second, what) - 1


def bytes_an_article(looks: Sequence[Look]) -> float:
    """Return what an article takes while nothing is pruned yet, after the first day with what is there once only."""
    young = [look for look in looks if 1 <= look.day <= 6]
    return (young[-1].used - young[0].used) / (young[-1].recorded - young[0].recorded)


def _mean(looks: Sequence[Look], what: str) -> float:
    total: int = sum(getattr(look, what) for look in looks)
    return total / len(looks)


def _look(database: Path, day: float) -> Look:
    gc.collect()
    with closing(sqlite3.connect(database)) as connection:

        def value(sql: str) -> int:
            found: int = connection.execute(sql).fetchone()[0]
            return found

        pages, free, size = (value(f"PRAGMA {name}") for name in ("page_count", "freelist_count", "page_size"))
        articles, stories, recorded = (
            value(f"SELECT {sum} FROM {table}")
            for sum, table in (("count(*)", "article"), ("count(*)", "story"), ("max(id)", "article"))
        )
    children = list(_below(os.getpid()))
    return Look(
        day=day,
        memory=_held("self"),
        workers_memory=sum(_held(child) for child in children),
        files=len(list(Path("/proc/self/fd").iterdir())),
        threads=len(list(Path("/proc/self/task").iterdir())),
        tasks=len(asyncio.all_tasks()),
        children=len(children),
        recorded=recorded,
        articles=articles,
        stories=stories,
        database=pages * size,
        used=(pages - free) * size,
    )


def _held(process: str | int) -> int:
    """Return the bytes that a process holds, of those that it shares its share."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _below(parent: int) -> Iterator[int]:
    """Yield the processes that descend from one."""
    for listed in Path(f"/proc/{parent}/task").glob("*/children"):
        for child in map(int, listed.read_text().split()):
            yield child
            yield from _below(child)


def _world(days: int) -> World:
    chance = Random(5)
    outlets = tuple(Outlet(host=f"127.1.0.{number + 1}", address=f"127.1.0.{number + 1}") for number in range(_OUTLETS))
    told: list[list[tuple[float, tuple[int, int]]]] = [[] for _ in outlets]
    for event in range((days + 2) * _EVENTS):
        moment = event * DAY / _EVENTS - DAY + chance.uniform(0, HOUR)
        told[0].append((moment, (event, 0)))
        *copies, own = chance.sample(told[1:], 3)
        for wording, telling in ((0, copies[0]), (0, copies[1]), (1, own)):
            telling.append((moment + chance.uniform(0.2, 6) * HOUR, (event, wording)))
    feeds = []
    for number, (outlet, entries) in enumerate(zip(outlets, told, strict=True)):
        moments, tells = zip(*sorted(entries), strict=True)
        rate = len(entries) / (days + 2)
        feeds.append(
            Feed(
                number=number,
                outlet=outlet,
                rate=rate,
                moments=moments,
                tells=tells,
                temper=temper(chance, rate=rate),
                teasers=True,
            )
        )
    return World(feeds=tuple(feeds), outlets=outlets)


def main() -> None:
    """Live through a month and print what each two days left."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        looks = month_apart(Path(folder))
    print("day   MB  others' MB  files threads tasks processes  recorded  kept stories  database MB  used MB")
    for look in looks[3::4]:
        print(
            f"{look.day:3.0f} {look.memory / 1e6:5.1f} {look.workers_memory / 1e6:10.1f} {look.files:6} {look.threads:6}"
            f" {look.tasks:6} {look.children:6} {look.recorded:10} {look.articles:7} {look.stories:5}"
            f" {look.database / 1e6:11.2f} {look.used / 1e6:9.2f}"
        )
    print(f"an article takes {bytes_an_article(looks):,.0f} bytes")
    for what in ("memory", "workers_memory", "database", "used"):
        print(f"{what} of the last quarter against the second: {grown(looks, what):+.1%}")
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
