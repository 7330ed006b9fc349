"""Pictures on a real disk: bounded in size and age."""

import os
import time
from datetime import timedelta
from pathlib import Path

from aggregator.adapters.pictures import FAILED_AGE, MOST_AGE, PictureCache


def grown(folder: Path, by: timedelta) -> None:
    """Make what is kept so much older."""
    for path in folder.iterdir():
        at = time.time() - by.total_seconds()
        os.utime(path, (at, at))


def test_a_picture_is_kept_for_ourselves_alone(tmp_path: Path) -> None:
    """Under a name that no address can choose, readable by nobody else; what is not there is not known."""
    folder = tmp_path / "pictures"
    cache = PictureCache(folder)
    assert cache.read("https://paper.example/../a.png") is None
    cache.keep("https://paper.example/../a.png", b"PNG")

    (kept,) = folder.iterdir()
    assert (kept.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert len(kept.name) == 64
    assert cache.read("https://paper.example/../a.png") == b"PNG"


def test_the_oldest_go_first(tmp_path: Path) -> None:
    """So that all together stay within their bound."""
    cache = PictureCache(tmp_path, most_bytes=250)
    for name in "abc":
        cache.keep(name, name.encode() * 100)
        for path in tmp_path.iterdir():
            at = path.stat().st_mtime - 60
            os.utime(path, (at, at))

    assert [cache.read(name) is not None for name in "abc"] == [False, True, True]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 250


def test_what_is_old_is_forgotten(tmp_path: Path) -> None:
    """Failures after some hours, pictures after some weeks; the next that is kept takes them off the disk."""
    cache = PictureCache(tmp_path)
    cache.keep("failed", b"")
    cache.keep("picture", b"PNG")
    assert cache.read("failed") == b""

    grown(tmp_path, FAILED_AGE)
    assert (cache.read("failed"), cache.read("picture")) == (None, b"PNG")
    grown(tmp_path, MOST_AGE)
    assert cache.read("picture") is None
    cache.keep("new", b"PNG")
    assert len(list(tmp_path.iterdir())) == 1


def test_a_disk_that_takes_none_costs_no_more(tmp_path: Path) -> None:
    """The page goes on without."""
    (tmp_path / "pictures").write_text("a file stands there")
    cache = PictureCache(tmp_path / "pictures")
    cache.keep("a", b"PNG")

    assert cache.read("a") is None
