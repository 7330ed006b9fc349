"""Which of very many texts are alike, found block by block."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from aggregator.core.events.likeness import (
    LEAST,
    ONE_OUTLET,
    TINY_SHARED,
    TINY_TERMS,
    WINDOW_DAYS,
    Neighbourhood,
    Sample,
    background,
    bent,
    days_of,
    few,
    is_worth,
    known_of,
    weaken,
)

#: Neighbours kept of one text, the nearest: more than the texts of any event, for a pair that is not known counts as unlike.
NEIGHBOURS = 1024
#: Texts compared at once: rows of a dense matrix that has a column for each text of the window.
BLOCK = 128
#: Blocks whose window is laid out at once: to do so costs more than to multiply a block with it.
_BLOCKS = 32
#: … but each block is multiplied with all that is laid out, so that it may be no more than so many times its own window.
_WIDER = 1.25


def neighbourhood(samples: Sequence[Sample]) -> Neighbourhood:
    """Compare all of some texts that are near in time."""
    return few(samples) if len(samples) <= BLOCK else in_blocks(samples)


def in_blocks(samples: Sequence[Sample]) -> Neighbourhood:
    """Compare texts, one at least, as `few` does, whose answer is the same to the last digit as long as they are few.

    Takes time and memory in proportion to texts x texts within `WINDOW_DAYS`, in blocks, and keeps `NEIGHBOURS` of each.
    """
    days = days_of(samples)
    # NaN, that is unknown, is sorted last.
    order = np.argsort(days, kind="stable")
    compared = Compared.of([samples[place] for place in order], days[order], size=len(samples))
    blocks = list(compared.blocks(0, len(samples)))
    backgrounds = np.concatenate([block.backgrounds for block in blocks])
    rows = np.concatenate([block.rows for block in blocks])
    columns = np.concatenate([block.columns for block in blocks])
    shared = np.concatenate([block.shared for block in blocks])
    likenesses = bent(shared, (backgrounds[rows] + backgrounds[columns]) / 2)
    kept = likenesses >= LEAST
    rows, columns, likenesses = order[rows[kept]], order[columns[kept]], likenesses[kept]
    pairs = np.stack((np.minimum(rows, columns), np.maximum(rows, columns)), axis=1).reshape(-1, 2)
    # Most pairs are found from either side, and with the same value.
    _, first = np.unique(pairs[:, 0] * len(samples) + pairs[:, 1], return_index=True)
    in_place = np.empty(len(samples))
    in_place[order] = backgrounds
    return Neighbourhood(pairs=pairs[first], likenesses=likenesses[first], backgrounds=in_place)


def _indicators(rows: Sequence[Sequence[int]]) -> csr_array:
    """Return a matrix that has a row for each of `rows` and 1 for each number in it."""
    ends = np.cumsum([0, *map(len, rows)])
    names, columns = np.unique([number for row in rows for number in row], return_inverse=True)
    return csr_array((np.ones(ends[-1], dtype=np.float32), columns, ends), shape=(len(rows), max(1, len(names))))


def _ones(weights: csr_array) -> csr_array:
    """Return a matrix that has 1 for each term."""
    return csr_array((np.ones_like(weights.data), weights.indices, weights.indptr), shape=weights.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What a few texts share with all others; places are those in order of time."""

    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    shared: npt.NDArray[np.float64]
    #: One a row of the block.
    backgrounds: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Near:
    """Texts that others are compared with, as matrices with a column a text."""

    #: Their places, ascending.
    places: npt.NDArray[np.int64]
    weights: csr_array
    outlets: csr_array


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Texts in order of time, as matrices with a row a text."""

    weights: csr_array
    is_tiny: npt.NDArray[np.bool_]
    #: 1 for each outlet that carries it.
    outlets: csr_array
    days: npt.NDArray[np.float64]
    #: Backgrounds that are known, NaN for those that are to be found.
    known: npt.NDArray[np.float64]
    #: How many texts have a known time.
    dated: int
    #: How many texts there are in all, with those too far in time to be here.
    size: int

    @classmethod
    def of(cls, samples: Sequence[Sample], days: npt.NDArray[np.float64], *, size: int) -> "Compared":
        """Lay out texts that stand in order of their `days`."""
        vectors = [sample.vector for sample in samples]
        ends = np.cumsum([0, *(len(vector.terms) for vector in vectors)])
        every = np.concatenate([vector.terms for vector in vectors])
        names, columns = np.unique(every, return_inverse=True)
        values = np.concatenate([vector.weights for vector in vectors])
        shape = (len(samples), max(1, len(names)))
        return cls(
            weights=csr_array((values, columns, ends), shape=shape),
            is_tiny=np.diff(ends) < TINY_TERMS,
            outlets=_indicators([sorted(sample.sources) for sample in samples]),
            days=days,
            known=known_of(samples),
            dated=int(np.count_nonzero(~np.isnan(days))),
            size=size,
        )

    def blocks(self, start: int, end: int) -> Iterator[Block]:
        """Compare the texts from `start` to before `end` with all that are near in time."""
        last = start
        while (first := last) < end:
            last, window = self._together(first, end)
            near = self.near(window)
            for row in range(first, last, BLOCK):
                yield self._block(np.arange(row, min(row + BLOCK, last)), near)

    def _together(self, start: int, end: int) -> tuple[int, npt.NDArray[np.int64]]:
        """Return the end of some blocks that have nearly the same window, and the window."""
        last = min(start + BLOCK, end)
        window = self._window(start, last)
        most = _WIDER * len(window)
        for _ in range(_BLOCKS - 1):
            wider = self._window(start, min(last + BLOCK, end))
            if last == end or len(wider) > most:
                break
            last, window = min(last + BLOCK, end), wider
        return last, window

    def near(self, places: npt.NDArray[np.int64]) -> _Near:
        """Lay out the texts at `places`, which are ascending, for others to be compared with them."""
        return _Near(places=places, weights=self.weights[places].T.tocsr(), outlets=self.outlets[places].T.tocsr())

    def _block(self, rows: npt.NDArray[np.int64], near: _Near) -> Block:
        shared = self.shared(rows, near)
        size = min(NEIGHBOURS, len(near.places))
        best = np.argpartition(-shared, size - 1, axis=1)[:, :size]
        values = np.take_along_axis(shared, best, axis=1)
        backgrounds = background(values, self.known[rows], self.size)
        # This leaves few.
        keep = is_worth(values, backgrounds)
        return Block(
            rows=np.broadcast_to(rows[:, None], best.shape)[keep],
            columns=near.places[best][keep],
            shared=values[keep],
            backgrounds=backgrounds,
        )

    def shared(self, rows: npt.NDArray[np.int64], near: _Near) -> npt.NDArray[np.float64]:
        """Return what each of `rows` shares with each of `near`."""
        shared: npt.NDArray[np.float64] = (self.weights[rows] @ near.weights).toarray().astype(np.float64)
        # Of the texts near to many not all are near to each of them.
        weaken(shared, self.days[rows], self.days[near.places])
        shared[(self.outlets[rows] @ near.outlets).toarray() > 0] *= ONE_OUTLET
        self._silence_tiny(shared, rows, near)
        shared[rows[:, None] == near.places[None, :]] = 0.0
        return shared

    def _window(self, start: int, end: int) -> npt.NDArray[np.int64]:
        if np.isnan(self.days[start:end]).any():
            return np.arange(len(self.days))
        dated = self.days[: self.dated]
        low = int(np.searchsorted(dated, self.days[start] - WINDOW_DAYS, side="left"))
        high = int(np.searchsorted(dated, self.days[end - 1] + WINDOW_DAYS, side="right"))
        return np.concatenate((np.arange(low, high), np.arange(self.dated, len(self.days))))

    def _silence_tiny(self, shared: npt.NDArray[np.float64], rows: npt.NDArray[np.int64], near: _Near) -> None:
        tiny_rows, tiny_near = np.flatnonzero(self.is_tiny[rows]), np.flatnonzero(self.is_tiny[near.places])
        if len(tiny_rows):
            common = (_ones(self.weights[rows[tiny_rows]]) @ _ones(near.weights)).toarray()
            shared[tiny_rows] = np.where(common >= TINY_SHARED, shared[tiny_rows], 0.0)
        if len(tiny_near):
            common = (_ones(self.weights[rows]) @ _ones(self.weights[near.places[tiny_near]]).T).toarray()
            shared[:, tiny_near] = np.where(common >= TINY_SHARED, shared[:, tiny_near], 0.0)
