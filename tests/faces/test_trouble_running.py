"""What a running daemon does when the disk under its database fails, and when that is over; on real file systems."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faces.installed import Outlet, Place, RunningDaemon, new_place, wait_until

#: Patient, for the daemon tries every 5 s.
LONG = 60.0
#: MB of a file system that holds a database with its log, which may grow to 32 MB, and little more.
SMALL = 64

pytestmark = pytest.mark.slow


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    """A site to poll."""
    with Outlet() as outlet:
        yield outlet


def _done(*command: str | Path) -> None:
    """Run a command of the system; skip the test where this machine does not let us."""
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        pytest.skip(f"`{' '.join(map(str, command))}` is not permitted here: {said.strip()}")


@contextmanager
def _mounted(at: Path, *options: str | Path) -> Iterator[None]:
    """Mount a file system while the block runs."""
    at.mkdir()
    _done("mount", *options, at)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", at], check=True)


@contextmanager
def _polling(place: Place, outlet: Outlet) -> Iterator[RunningDaemon]:
    """Run a daemon that has read one article."""
    place.write(outlet.lists("harbour", "Bridge closed"))
    with place.daemon() as daemon:
        daemon.wait_for(" polled feed=harbour kind=read ")
        yield daemon


def _assert_told_once(daemon: RunningDaemon, place: Place, cause: str) -> None:
    """Assert that the daemon waits, and has said why once, in its log and in its status."""
    wait_until(lambda: daemon.lines(" error store fails "), LONG)
    (line,) = daemon.lines(" store fails ")
    assert cause in line
    assert cause in place.json("status")["store_fault"]


def _assert_goes_on(daemon: RunningDaemon, place: Place, new: str) -> None:
    """Assert that the daemon reads on by itself, and that nothing is wrong with what it wrote."""
    wait_until(lambda: daemon.lines(" store works again "), LONG)
    wait_until(lambda: new in place.call("today", "--since", "30d").stdout, LONG)
    assert len(daemon.lines(" store fails ")) == 1
    assert daemon.end() == 0
    assert place.call("check").returncode == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Elsewhere(Place):
    """A place whose database lies in another folder than its log and its feeds.yaml."""

    disk: Path

    @property
    def database(self) -> Path:
        """Its database."""
        return self.disk / "news.db"


def _moved_to(place: Place, folder: Path) -> _Elsewhere:
    """Return a place whose database lies on another file system."""
    return _Elsewhere(folder=place.folder, runtime=place.runtime, disk=folder)


def test_a_full_disk_is_waited_for(tmp_path: Path, outlet: Outlet) -> None:
    """While nothing more can be written the daemon says once that the disk is full; with room it goes on where it was."""
    with new_place(tmp_path) as outside, _mounted(tmp_path / "disk", "-t", "tmpfs", "-o", f"size={SMALL}m", "tmpfs"):
        place = _moved_to(outside, tmp_path / "disk")
        with _polling(place, outlet) as daemon:
            outlet.lists("harbour", "Bridge closed", *(f"Ferry {number} late" for number in range(300)))
            filler = place.disk / "filler"
            _fill(filler)
            _assert_told_once(daemon, place, "the disk is full; make room and try again")
            filler.unlink()
            _assert_goes_on(daemon, place, "Ferry 7 late")


def _fill(path: Path) -> None:
    """Write until there is no room."""
    with path.open("wb", buffering=0) as filler:
        try:
            while filler.write(bytes(4_096)):
                pass
        except OSError:
            return


def test_a_file_system_that_became_read_only_is_waited_for(tmp_path: Path, outlet: Outlet) -> None:
    """An ext4 that met an error lets nothing be written any more: that is told once, and nothing of what was written is lost."""
    image = tmp_path / "image"
    image.write_bytes(bytes(32_000_000))
    _done("mkfs.ext4", "-q", "-F", image)
    with new_place(tmp_path) as outside, _mounted(tmp_path / "disk", "-o", "loop,errors=remount-ro", image):
        place = _moved_to(outside, tmp_path / "disk")
        with _polling(place, outlet) as daemon:
            device = place.disk.stat().st_dev
            name = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve().name
            trigger = Path(f"/sys/fs/ext4/{name}/trigger_fs_error")
            try:
                trigger.write_text("a test")
            except OSError as error:
                pytest.skip(f"{trigger} cannot be used here: {error.strerror}")
            outlet.lists("harbour", "Bridge closed", "Ferry late")
            _assert_told_once(daemon, place, "the disk reports an error; check the disk and the free space on it")
            assert daemon.end() == 0


def test_a_folder_that_vanished_is_waited_for(tmp_path: Path, outlet: Outlet) -> None:
    """Nothing is written into a file that has no name any more; when the folder is back, the daemon goes on."""
    with new_place(tmp_path) as outside:
        folder = tmp_path / "data"
        folder.mkdir()
        place = _moved_to(outside, folder)
        with _polling(place, outlet) as daemon:
            away = folder.rename(tmp_path / "away")
            outlet.lists("harbour", "Bridge closed", "Ferry late")
            _assert_told_once(daemon, place, "its file was moved or removed; put it back where it was")
            away.rename(folder)
            _assert_goes_on(daemon, place, "Ferry late")
