"""What the tests of commands on a database of events begin with; a module with other needs has fixtures of its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faces.eventful import Newsroom, fill
from tests.faces.installed import Place, new_place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place without a database, and without feeds."""
    with new_place(tmp_path) as place:
        yield place


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Newsroom]:
    """A database of the events, rebuilt once, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "news.db"
    return path, fill(path)


@pytest.fixture
def room(place: Place, filled: tuple[Path, Newsroom]) -> Newsroom:
    """The events in this place's own database."""
    path, room = filled
    shutil.copy(path, place.database)
    return room
