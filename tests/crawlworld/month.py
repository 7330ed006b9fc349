"""A month at the desk, for what grows with time and must not: `python -m tests.crawlworld.month`."""

import asyncio
import gc
import os
import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.crawlworld.desk import Diary, Span, live
from tests.crawlworld.making import temper
from tests.crawlworld.model import DAY, Feed, Outlet, World
from tests.crawlworld.server import Web

DAYS = 28
_FEEDS, _OUTLETS = 24, 12
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was there at one moment."""

    #: Bytes of memory that are really held.
    memory: int
    #: Open files and sockets.
    files: int
    tasks: int
    articles: int
    #: Bytes of the database.
    database: int


def month(folder: Path, *, days: int = DAYS) -> list[Look]:
    """Live through a month of two dozen feeds without a stop, and return what a look twice a day found."""
    database, looks = folder / "news.db", list[Look]()

    async def look_on(web: Web, diary: Diary) -> None:
        while True:
            await asyncio.sleep(DAY / 2)
            # The notes of the play itself grow; they are no part of what is measured.
            for notes in (web.notes.visits, diary.polls, diary.found):
                notes.clear()
            looks.append(_look(database))

    live(_world(days), database, (Span(begin=0, end=days * DAY, beside=look_on),))
    return looks


def grown(looks: Sequence[Look]) -> float:
    """Return by what share the memory of the last quarter exceeds that of the second."""
    quarter = len(looks) // 4
    second, last = looks[quarter : 2 * quarter], looks[3 * quarter :]
    return _mean([look.memory for look in last]) / _mean([look.memory for look in second]) - 1


def _look(database: Path) -> Look:
    gc.collect()
    with sqlite3.connect(database) as connection:
        (articles,) = connection.execute("SELECT count(*) FROM article").fetchone()
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    return Look(
        memory=int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE,
        files=len(list(Path("/proc/self/fd").iterdir())),
        tasks=len(asyncio.all_tasks()),
        articles=articles,
        database=pages * size,
    )


def _world(days: int) -> World:
    chance = Random(5)
    outlets = tuple(
        Outlet(host=f"paper{number:02}.example", address=f"127.1.0.{number + 1}") for number in range(_OUTLETS)
    )
    feeds = []
    for number in range(_FEEDS):
        pause = chance.choice((0.08, 0.15, 0.3, 0.5, 1.0)) * DAY
        count = int((days + 10) * DAY / pause)
        moments = tuple(place * pause - 10 * DAY + chance.uniform(0, pause / 2) for place in range(count))
        outlet = outlets[number % _OUTLETS]
        rate = DAY / pause
        feeds.append(Feed(number=number, outlet=outlet, rate=rate, moments=moments, temper=temper(chance, rate=rate)))
    return World(feeds=tuple(feeds), outlets=outlets)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def main() -> None:
    """Live through a month and print what each week left."""
    with tempfile.TemporaryDirectory() as folder:
        looks = month(Path(folder))
    for number, look in enumerate(looks, 1):
        if number % 14 == 0:
            print(
                f"day {number // 2}: {look.memory / 1e6:.1f} MB, {look.files} files, {look.tasks} tasks,"
                f" {look.articles} articles, {look.database / max(look.articles, 1):.0f} bytes each"
            )
    print(f"memory of the last quarter against the second: {grown(looks):+.1%}")


if __name__ == "__main__":
    main()
