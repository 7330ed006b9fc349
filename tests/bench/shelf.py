"""Pages of a load on disk, so that extraction can be measured without a network and without making them."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import BinaryIO

from tests.bench.load import Load

#: Slices that are measured in turn, each with pages of all outlets, for those cost more by outlet than by page.
SLICES = 4
#: Pages of an outlet, the first ones; more would not say more.
_MOST = 8
_LENGTH = 4
#: Of each slice the files, one for each outlet.
Slices = list[list[str]]


def fill(load: Load, folder: Path) -> Slices:
    """Write the pages that a load's feeds list."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor() as pool:
        outlets = list(pool.map(partial(_write, load, folder), range(load.feeds)))
    return [list(files) for files in zip(*outlets, strict=True)]


def pages(file: Path | str) -> Iterator[tuple[str, bytes]]:
    """Yield address and bytes of the pages in a file."""
    with Path(file).open("rb") as shelf:
        while url := _taken(shelf):
            yield url.decode(), _taken(shelf)


def _write(load: Load, folder: Path, outlet: int) -> list[str]:
    kept = range(load.first, load.first + min(load.pages, _MOST))
    files = [folder / f"{outlet}.{number}.pages" for number in range(SLICES)]
    for number, file in enumerate(files):
        with file.open("wb") as shelf:
            for page in kept[number::SLICES]:
                _put(shelf, load.page_url(outlet, page).encode())
                _put(shelf, load.page(outlet, page))
    return list(map(str, files))


def _put(shelf: BinaryIO, blob: bytes) -> None:
    shelf.write(len(blob).to_bytes(_LENGTH, "little") + blob)


def _taken(shelf: BinaryIO) -> bytes:
    return shelf.read(int.from_bytes(shelf.read(_LENGTH), "little"))
