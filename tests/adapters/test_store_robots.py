"""The robots.txt of sites survive a restart."""

from pathlib import Path
from typing import Any

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.domain.crawling import RobotsFile
from tests.builders import NOON, hours

PAPER, OTHER = "https://paper.example", "http://paper.example:8080"


def _file(origin: str = PAPER, **more: Any) -> RobotsFile:
    fields: dict[str, Any] = {
        "fetched": NOON,
        "expires": hours(24),
        "status": 200,
        "body": b"User-agent: *\n\xff",
    } | more
    return RobotsFile(origin=origin, **fields)


@pytest.mark.parametrize("more", [{}, {"status": None, "body": None}, {"status": 404, "body": None}, {"body": b""}])
def test_what_is_kept_comes_back(tmp_path: Path, more: dict[str, Any]) -> None:
    """Every field is the same after a restart; of an origin that was never asked nothing is known."""
    with SqliteStore(tmp_path / "news.db") as store:
        store.keep_robots(_file(**more), NOON)
    with SqliteStore(tmp_path / "news.db") as store:
        assert store.robots(PAPER) == _file(**more)
        assert store.robots(OTHER) is None


def test_a_newer_file_takes_the_place_of_the_older() -> None:
    """There is one file an origin, and origins of one host are told apart."""
    with SqliteStore(":memory:") as store:
        for file in (_file(), _file(OTHER), _file(fetched=hours(24), expires=hours(48), status=404, body=None)):
            store.keep_robots(file, file.fetched)

        assert store.robots(PAPER) == _file(fetched=hours(24), expires=hours(48), status=404, body=None)
        assert store.robots(OTHER) == _file(OTHER)


def test_files_of_sites_that_nobody_reads_any_more_are_forgotten() -> None:
    """What ran out two months ago goes; what ran out yesterday may still tell since when a site is silent."""
    with SqliteStore(":memory:") as store:
        store.keep_robots(_file(), NOON)
        store.keep_robots(_file(OTHER, fetched=hours(24 * 50), expires=hours(24 * 51)), hours(24 * 50))
        store.keep_robots(_file("https://third.example"), hours(24 * 70))

        assert store.robots(PAPER) is None
        assert store.robots(OTHER) is not None
