"""What the vectors of a few texts have in common, without a matrix library: for so few its set-up costs more than its work."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aggregator.core.events.vocabulary import Vector

# Terms are hashes: their last bits tell at once of most that they stand in one text alone.
_PLACES = 1 << 16
_LAST = np.uint32(_PLACES - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Products:
    """What each of some texts, a row, shares with each of others, a column."""

    cosines: npt.NDArray[np.float32]
    #: How many terms both have.
    common: npt.NDArray[np.int64]


def with_each(one: Vector, others: Sequence[Vector]) -> Products:
    """Compare a text with each of some others: one row."""
    terms, weights, columns = _joined(others)
    is_own = np.zeros(_PLACES, dtype=np.bool_)
    is_own[one.terms & _LAST] = True
    found = np.flatnonzero(is_own.take(terms & _LAST))
    terms = terms[found]
    place = _places(terms, one.terms)
    is_shared = one.terms[place] == terms
    found, place = found[is_shared], place[is_shared]
    return _summed(columns[found], one.weights[place] * weights[found], (1, len(others)))


def _places(terms: npt.NDArray[np.uint32], own: npt.NDArray[np.uint32]) -> npt.NDArray[np.intp]:
    """Return where in `own` each of `terms` stands, any place for those that do not; there is one where there are terms."""
    table = np.zeros(_PLACES, dtype=np.intp)
    table[own & _LAST] = np.arange(len(own))
    places: npt.NDArray[np.intp] = table.take(terms & _LAST)
    # Of two own terms with the same last bits the table has one.
    missed = np.flatnonzero(own[places] != terms)
    places[missed] = np.minimum(np.searchsorted(own, terms[missed]), len(own) - 1)
    return places


def among_all(vectors: Sequence[Vector]) -> Products:
    """Compare some texts with one another, a row and a column each; no text with itself."""
    terms, weights, rows = _joined(vectors)
    last = terms & _LAST
    found = np.flatnonzero(np.bincount(last, minlength=_PLACES).take(last) > 1)
    # By term, and in each term by text.
    by_term = found[np.argsort(terms[found], kind="stable")]
    ordered = terms[by_term]
    size = len(ordered)
    starts = (
        np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if size else np.empty(0, dtype=np.intp)
    )
    bounds = np.append(starts, size)
    ends = np.repeat(bounds[1:], np.diff(bounds))
    # Each text that has a term meets each after it that has it.
    places = np.arange(size)
    met = ends - places - 1
    first = np.repeat(places, met)
    second = np.arange(len(first)) - np.repeat(np.cumsum(met) - met, met) + first + 1
    one, other = by_term[first], by_term[second]
    shape = (len(vectors), len(vectors))
    upper = _summed(rows[one] * len(vectors) + rows[other], weights[one] * weights[other], shape)
    return Products(cosines=upper.cosines + upper.cosines.T, common=upper.common + upper.common.T)


def _joined(
    vectors: Sequence[Vector],
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.float32], npt.NDArray[np.intp]]:
    """Return all terms, their weights, and whose each is."""
    if not vectors:
        return np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.float32), np.empty(0, dtype=np.intp)
    sizes = [len(vector.terms) for vector in vectors]
    return (
        np.concatenate([vector.terms for vector in vectors]),
        np.concatenate([vector.weights for vector in vectors]),
        np.repeat(np.arange(len(vectors)), sizes),
    )


def _summed(places: npt.NDArray[np.intp], products: npt.NDArray[np.float32], shape: tuple[int, int]) -> Products:
    """Add up products term by term, ascending, as a sparse matrix product does: the sums are the same to the last digit."""
    size = shape[0] * shape[1]
    cosines = np.zeros(size, dtype=np.float32)
    np.add.at(cosines, places, products)
    common = np.bincount(places, minlength=size)
    return Products(cosines=cosines.reshape(shape), common=common.reshape(shape))
