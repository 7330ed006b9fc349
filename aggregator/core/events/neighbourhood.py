"""Which of very many texts are alike, found block by block."""

from collections.abc import Sequence
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
_BLOCK = 128


def neighbourhood(samples: Sequence[Sample]) -> Neighbourhood:
    """Compare all of some texts that are near in time."""
    return few(samples) if len(samples) <= _BLOCK else in_blocks(samples)


def in_blocks(samples: Sequence[Sample]) -> Neighbourhood:
    """Compare texts, one at least, as `few` does, whose answer is the same to the last digit as long as they are few.

    Takes time and memory in proportion to texts x texts within `WINDOW_DAYS`, in blocks, and keeps `NEIGHBOURS` of each.
    """
    days = days_of(samples)
    # NaN, that is unknown, is sorted last.
    order = np.argsort(days, kind="stable")
    compared = _Compared.of([samples[place] for place in order], days[order])
    blocks = [compared.block(start) for start in range(0, len(samples), _BLOCK)]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """What a few texts share with all others; places are those in order of time."""

    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    shared: npt.NDArray[np.float64]
    #: One a row of the block.
    backgrounds: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """Texts in order of time, as matrices with a row a text."""

    weights: csr_array
    #: 1 for each term.
    terms: csr_array
    is_tiny: npt.NDArray[np.bool_]
    #: 1 for each outlet that carries it.
    outlets: csr_array
    days: npt.NDArray[np.float64]
    #: Backgrounds that are known, NaN for those that are to be found.
    known: npt.NDArray[np.float64]
    #: How many texts have a known time.
    dated: int

    @classmethod
    def of(cls, samples: Sequence[Sample], days: npt.NDArray[np.float64]) -> "_Compared":
        vectors = [sample.vector for sample in samples]
        ends = np.cumsum([0, *(len(vector.terms) for vector in vectors)])
        every = np.concatenate([vector.terms for vector in vectors])
        names, columns = np.unique(every, return_inverse=True)
        values = np.concatenate([vector.weights for vector in vectors])
        shape = (len(samples), max(1, len(names)))
        weights = csr_array((values, columns, ends), shape=shape)
        return cls(
            weights=weights,
            terms=csr_array((np.ones(len(values), dtype=np.float32), columns, ends), shape=shape),
            is_tiny=np.diff(ends) < TINY_TERMS,
            outlets=_indicators([sorted(sample.sources) for sample in samples]),
            days=days,
            known=known_of(samples),
            dated=int(np.count_nonzero(~np.isnan(days))),
        )

    def block(self, start: int) -> _Block:
        """Compare the texts from `start` on with all that are near in time."""
        rows = np.arange(start, min(start + _BLOCK, len(self.days)))
        near = self._near(rows)
        shared = self.shared(rows, near)
        size = min(NEIGHBOURS, len(near))
        best = np.argpartition(-shared, size - 1, axis=1)[:, :size]
        values = np.take_along_axis(shared, best, axis=1)
        backgrounds = background(values, self.known[rows], len(self.days))
        # This leaves few.
        keep = is_worth(values, backgrounds)
        return _Block(
            rows=np.broadcast_to(rows[:, None], best.shape)[keep],
            columns=near[best][keep],
            shared=values[keep],
            backgrounds=backgrounds,
        )

    def shared(self, rows: npt.NDArray[np.int64], near: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return what each of `rows` shares with each of `near`."""
        shared: npt.NDArray[np.float64] = (self.weights[rows] @ self.weights[near].T).toarray().astype(np.float64)
        # Of the texts near to a block not all are near to each of its texts.
        weaken(shared, self.days[rows], self.days[near])
        shared[(self.outlets[rows] @ self.outlets[near].T).toarray() > 0] *= ONE_OUTLET
        self._silence_tiny(shared, rows, near)
        shared[rows[:, None] == near[None, :]] = 0.0
        return shared

    def _near(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        if np.isnan(self.days[rows]).any():
            return np.arange(len(self.days))
        dated = self.days[: self.dated]
        low = int(np.searchsorted(dated, self.days[rows[0]] - WINDOW_DAYS, side="left"))
        high = int(np.searchsorted(dated, self.days[rows[-1]] + WINDOW_DAYS, side="right"))
        return np.concatenate((np.arange(low, high), np.arange(self.dated, len(self.days))))

    def _silence_tiny(
        self, shared: npt.NDArray[np.float64], rows: npt.NDArray[np.int64], near: npt.NDArray[np.int64]
    ) -> None:
        tiny_rows, tiny_near = np.flatnonzero(self.is_tiny[rows]), np.flatnonzero(self.is_tiny[near])
        if len(tiny_rows):
            common = (self.terms[rows[tiny_rows]] @ self.terms[near].T).toarray()
            shared[tiny_rows] = np.where(common >= TINY_SHARED, shared[tiny_rows], 0.0)
        if len(tiny_near):
            common = (self.terms[rows] @ self.terms[near[tiny_near]].T).toarray()
            shared[:, tiny_near] = np.where(common >= TINY_SHARED, shared[:, tiny_near], 0.0)
