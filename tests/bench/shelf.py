"""The pages of a load on disk, so that extraction can be measured without a network and without making them."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.bench.load import Load

#: Pages in a file.
_PAGES = 50
_LENGTH = 4


def fill(load: Load, folder: Path) -> list[Path]:
    """Write all pages of a load; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    starts = range(0, load.articles, _PAGES)
    with ProcessPoolExecutor() as pool:
        return list(pool.map(partial(_write, load, folder), starts))


def pages(file: Path) -> Iterator[bytes]:
    """Yield the pages of a file."""
    with file.open("rb") as shelf:
        while length := shelf.read(_LENGTH):
            yield shelf.read(int.from_bytes(length, "little"))


def _write(load: Load, folder: Path, start: int) -> Path:
    file = folder / f"{start}.pages"
    with file.open("wb") as shelf:
        for number in range(start, min(start + _PAGES, load.articles)):
            page = load.page(number // load.pages, number % load.pages)
            shelf.write(len(page).to_bytes(_LENGTH, "little") + page)
    return file
