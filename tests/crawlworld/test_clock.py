"""The daemon itself, whose clock is set under it."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crawlworld import daemon
from tests.crawlworld.model import DAY, HOUR, Feed, Outlet, Temper, World, moment_of
from tests.crawlworld.notes import Visit
from tests.fasttime import FastLoop

#: A day, in the middle of which the clock is wrong for so long.
_FROM, _FOR, _END = 6 * HOUR, 8 * HOUR, DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What the servers noted, and what the database had at the end."""

    visits: list[Visit]
    #: Entries that were published and recorded.
    published: int
    recorded: int
    #: The latest date of an article, as a moment of the world.
    latest: float
    #: Articles when the clock was right for the first time, of which none may go.
    early: int


def world() -> World:
    """Return four feeds that publish every hour, of which two name times before which they are not to be asked."""
    outlets = tuple(Outlet(host=f"127.1.0.{number}", address=f"127.1.0.{number}") for number in range(1, 5))
    tempers = (Temper(max_age=7_200), Temper(ttl_minutes=240), Temper(), Temper())
    moments = tuple(number * HOUR - HOUR / 2 for number in range(-5, int(_END / HOUR)))
    return World(
        outlets=outlets,
        feeds=tuple(
            Feed(number=number, outlet=outlet, rate=24, moments=moments, temper=temper)
            for number, (outlet, temper) in enumerate(zip(outlets, tempers, strict=True))
        ),
    )


def lived(folder: Path, by: timedelta) -> Lived:
    """Let the daemon live through a day, with its clock set by so much for a third of it."""
    off, early = timedelta(0), 0

    def value(sql: str) -> str:
        with closing(sqlite3.connect(folder / "news.db")) as connection:
            return str(connection.execute(sql).fetchone()[0])

    async def run(loop: FastLoop) -> list[Visit]:
        nonlocal off, early
        async with daemon.serving(world(), folder, clock=lambda: loop.wall() + off, keep="30d") as (web, _):
            await asyncio.sleep(_FROM)
            early = int(value("SELECT count(*) FROM article"))
            off = by
            await asyncio.sleep(_FOR)
            off = timedelta(0)
            await asyncio.sleep(_END - _FROM - _FOR)
            return list(web.notes.polls())

    visits = daemon.live(run)
    return Lived(
        visits=visits,
        published=sum(feed.published(_END - 3 * HOUR) for feed in world().feeds),
        recorded=int(value("SELECT count(*) FROM article")),
        latest=moment_of(daemon.read_time(value("SELECT max(dated) FROM article"))),
        early=early,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "by",
    [timedelta(0), -timedelta(days=1), -timedelta(hours=1), timedelta(days=30), timedelta(days=365 * 73)],
    ids=["right", "a day back", "an hour back", "30 days forth", "in 2099"],
)
def test_a_clock_that_is_set_harms_nobody(tmp_path: Path, by: timedelta) -> None:
    """Nothing is asked early, no feed waits for longer than it does by a right clock, and no article is lost or misdated."""
    life = lived(tmp_path, by)

    assert not [visit for visit in life.visits if visit.early]
    for number in range(4):
        came = [visit.began for visit in life.visits if visit.feed == number]
        pauses = [after - before for before, after in zip(came, [*came[1:], _END], strict=True)]
        assert max(pauses) < 4.5 * HOUR
        assert len(came) <= _END / (0.25 * HOUR)
    assert life.recorded >= life.published
    assert life.recorded > life.early > 0
    assert life.latest <= _END
