"""Worlds and desks for end-to-end tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.desk import LOOKS, WorldDesk
from tests.newsworld.clock import WorldClock
from tests.newsworld.running import RunningWorld
from tests.newsworld.server import serve
from tests.newsworld.world import load_world


@pytest.fixture
def world() -> Iterator[RunningWorld]:
    """Serve the news world, its clock at noon of day 2."""
    with serve(load_world(), WorldClock("2 12:00")) as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, world: RunningWorld) -> WorldDesk:
    """Make a desk with every feed of the world."""
    return WorldDesk(tmp_path, world)


@pytest.fixture(scope="session")
def morning_after(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldDesk]:
    """Live through both days of the world with an update every few hours; for tests that only read."""
    with serve(load_world(), WorldClock("1 09:00")) as running:
        desk = WorldDesk(tmp_path_factory.mktemp("desk"), running)
        for at in LOOKS:
            running.clock.advance_to(at)
            desk.update()
        yield desk
