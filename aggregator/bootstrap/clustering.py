"""Place files of articles: the rules of the store without a store."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain

from aggregator.adapters import garbage
from aggregator.adapters.store.slate import SqliteSlate
from aggregator.bootstrap import utc_now
from aggregator.domain.lines import Line
from aggregator.pipeline.batch import Batch, Placed, answers, place, place_all
from aggregator.pipeline.memory_slate import MemorySlate
from aggregator.pipeline.slate import Slate

#: Articles, and characters of their texts, that are placed in memory: to write them down would cost a tenth more. It takes
#: what SQLite's cache, and what is held of a window, take of a larger file.
IN_MEMORY, CHARACTERS = 8_192, 32_000_000


def cluster(lines: Iterable[Line]) -> Batch:
    """Place a file of articles, and keep in memory all that is found of them."""
    with opened_slate() as large, garbage.not_looked_for():
        every, slate = on_a_slate(lines, large)
        return place_all(every, utc_now(), slate)


def streamed(lines: Iterable[Line], large: SqliteSlate) -> Iterator[Placed]:
    """Place a file of articles of any size, by way of an empty slate where it is large."""
    with garbage.not_looked_for():
        every, slate = on_a_slate(lines, large)
        yield from answers(place(every, utc_now(), slate))


def opened_slate() -> "closing[SqliteSlate]":
    """Open what a file of articles is kept on while it is placed; nothing of it stays."""
    return closing(SqliteSlate())


def on_a_slate(lines: Iterable[Line], large: Slate, *, most: int = IN_MEMORY) -> tuple[Iterable[Line], Slate]:
    """Return the lines, of which those were read that memory holds, and the slate that they are to be placed on."""
    coming = iter(lines)
    first: list[Line] = []
    characters = 0
    for line in coming:
        first.append(line)
        characters += len(line.text or "")
        if len(first) > most or characters > CHARACTERS:
            return chain(first, coming), large
    # What is read of an iterator is let go.
    return iter(first), MemorySlate()
