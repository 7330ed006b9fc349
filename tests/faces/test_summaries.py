"""The daily summary: what each service is told, whatever became of the one before."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from aggregator.bootstrap import open_app
from aggregator.bootstrap.paths import find_paths
from aggregator.core.config.checking import default_settings
from aggregator.daemon.apart import apart
from aggregator.daemon.summary import Summaries
from aggregator.domain.crawling import Visit
from aggregator.domain.fetching import Purpose
from aggregator.domain.health import Health
from aggregator.domain.settings import Config, FeedConfig
from tests.adapters.noticeboard import Noticeboard

NOW = datetime.now(UTC)
URL = "http://127.0.0.1:9/a"


@pytest.fixture
def boards() -> Iterator[tuple[Noticeboard, Noticeboard]]:
    with Noticeboard() as one, Noticeboard() as other:
        yield one, other


def test_what_a_service_missed_it_is_told_the_next_time(
    tmp_path: Path, boards: tuple[Noticeboard, Noticeboard]
) -> None:
    """The others are not told again; without news nothing is sent; new addresses are used from then on."""
    one, other = boards
    other.status = 500
    settings = replace(default_settings(), notify=(one.address(), other.address()))
    paths = find_paths(tmp_path / "feeds.yaml", tmp_path / "news.db", {"HOME": str(tmp_path)})

    async def run() -> None:
        async with open_app(paths, Config(settings=settings, feeds=(FeedConfig(url=URL, name="Amber"),))) as app:
            (due,) = app.store.all_feeds()
            app.store.set_told(NOW - timedelta(days=1))
            gone = replace(due.state, health=Health.GONE, health_why="it said 410")
            app.store.finish_poll(due.feed.id, gone, None, NOW - timedelta(hours=1))
            summaries = Summaries(app, settings)
            await summaries.tell_daily()
            assert (len(one.notices), len(other.notices)) == (1, 0)
            other.status = 200
            await summaries.tell_daily()
            await summaries.tell_daily()
            assert (len(one.notices), len(other.notices)) == (1, 1)
            await summaries.reconfigure(replace(settings, notify=(one.address(),)))
            # A change of this very minute may not be all there is; it is left for the next time.
            app.store.finish_poll(due.feed.id, due.state, None, datetime.now(UTC))
            await summaries.tell_daily()
            assert (len(one.notices), len(other.notices)) == (1, 1)

    asyncio.run(run())
    assert one.notices == other.notices
    assert one.notices[0][0] == "aggregator: 1 feed not well"


def test_what_sites_got_long_ago_is_forgotten_each_day(tmp_path: Path) -> None:
    """The same job that tells forgets; what is younger than a month stays."""
    paths = find_paths(tmp_path / "feeds.yaml", tmp_path / "news.db", {"HOME": str(tmp_path)})

    async def run() -> int:
        async with open_app(paths, Config(settings=default_settings(), feeds=())) as app:
            for days in (1, 29, 32, 99):
                moment = NOW - timedelta(days=days)
                visit = Visit(site="a.example", at=moment, purpose=Purpose.FEED, conditional=False, status=200)
                app.store.record_visits([visit], [])
            await Summaries(app, default_settings()).tell_daily()
            return app.store.site_hours(NOW - timedelta(days=365))[0].requests

    assert asyncio.run(run()) == 2


def test_work_that_hangs_holds_nothing_up() -> None:
    """Neither the loop nor its end waits for a thread that takes too long; what it raises in time is raised."""
    ended = Event()

    def fail() -> str:
        raise KeyError("no")

    async def run() -> str:
        with pytest.raises(KeyError):
            await apart(fail, 30, late="late")
        assert await apart(lambda: "in time", 30, late="late") == "in time"
        return str(await apart(lambda: ended.wait(60), 0.05, late="late"))

    assert asyncio.run(run()) == "late"
    ended.set()
