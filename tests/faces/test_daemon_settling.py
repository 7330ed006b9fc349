"""The daemon settles its stories beside the polls, with a process of its own for the plan."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import pytest

from aggregator.adapters.snapshots import ProcessSnapshots
from aggregator.adapters.store.writes import AllTables
from aggregator.bootstrap import App, load_config, open_app
from aggregator.bootstrap.paths import find_paths
from aggregator.core.stories.rules import DEFAULT_RULES
from aggregator.daemon.polls import Polls
from aggregator.domain.fetching import Failed
from aggregator.pipeline.settling import Settler
from tests.adapters.test_snapshots import killed, stuck
from tests.adapters.test_workers import gone
from tests.builders import hours
from tests.pipeline.archive import Archive, three_events

P = ParamSpec("P")
T = TypeVar("T")

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """The daemon runs on asyncio."""
    return "asyncio"


class _Otherwise(ProcessSnapshots):
    """Has its process do something else than it was asked for."""

    def __init__(self, path: Path, function: Callable[..., None], *args: object) -> None:
        super().__init__(path)
        self._instead = (function, args)

    async def call(
        self, _function: Callable[Concatenate[AllTables, P], T], /, *_args: P.args, **_kwargs: P.kwargs
    ) -> T | Failed:
        """Return that it failed."""
        function, args = self._instead
        failed = await super().call(function, *args)
        assert isinstance(failed, Failed)
        return failed


def _now() -> datetime:
    return hours(100)


@asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[tuple[App, Polls, Archive]]:
    """Open an app without feeds whose store was told of three events before it knew any word."""
    config = folder / "feeds.yaml"
    config.write_text("settings:\n  workers: 1\nfeeds: []\n")
    paths = find_paths(config, folder / "news.db", {"HOME": str(folder)})
    async with open_app(paths, load_config(paths), _now) as app:
        archive = Archive(app.store)
        for report in three_events():
            archive.tell(report)
        yield app, Polls(app, lambda *_: None), archive


def _read_by(app: App, snapshots: ProcessSnapshots) -> None:
    """Have the app's stories settled with what these read."""
    app.settler = Settler(
        store=app.store, in_writer=app.updater.in_writer, snapshots=snapshots, clock=_now, rules=DEFAULT_RULES
    )


def _told(caplog: pytest.LogCaptureFixture) -> tuple[str, dict[str, Any]]:
    """Return what the log told last."""
    record = caplog.records[-1]
    return record.getMessage(), vars(record)["fields"]


async def test_a_plan_that_dies_waits_for_the_next_night(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """When the planning process is killed all stays as it was, and the log says so; the next night does it as a rebuild would."""
    caplog.set_level("INFO")
    async with _opened(tmp_path) as (app, polls, archive):
        path, before = tmp_path / "news.db", archive.content()
        _read_by(app, _Otherwise(path, killed))
        await polls.settle(anyway=True)

        assert archive.content() == before
        event, fields = _told(caplog)
        assert event == "settling failed"
        assert "SIGKILL" in fields["problem"]

        # Without the modules that parse pages, which take a second to load.
        _read_by(app, ProcessSnapshots(path))
        await polls.settle(anyway=True)
        assert _told(caplog) == ("rebuilt", {"articles": 12, "stories": 3, "moved": 9, "left_alone": None})
        assert len(archive.stories()) == 3
        assert archive.rebuild().moved == 0


async def test_a_stop_breaks_settling_off(tmp_path: Path) -> None:
    """A daemon that is told to stop waits for no plan, and leaves no process behind."""
    told = tmp_path / "pid"
    async with _opened(tmp_path) as (app, polls, archive):
        before = archive.content()
        _read_by(app, _Otherwise(tmp_path / "news.db", stuck, told))
        settling = asyncio.create_task(polls.settle(anyway=True))
        async with asyncio.timeout(20):
            while not told.exists():  # noqa: ASYNC110  # another process makes it
                await asyncio.sleep(0.01)
        await polls.break_off_settling()
        await asyncio.gather(settling, return_exceptions=True)

        assert gone(int(told.read_text()))
        assert archive.content() == before
