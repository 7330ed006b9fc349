"""How well found clusters agree with gold ones.

All measures read one contingency table, n[i, j] = articles of gold cluster i that stand in found cluster j, with the
sizes a[i] of the gold and b[j] of the found clusters; so each takes time linear in the number of articles, not of pairs.
Where there is nothing to get wrong (no pairs, no articles) a measure is 1.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Generic, TypeVar

G = TypeVar("G", bound=Hashable)
F = TypeVar("F", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Precision and recall, each 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both: 2 P R / (P + R)."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contingency(Generic[G, F]):
    """How gold and found clusters cross; clusters and cells stand in the order in which they first appear."""

    #: (gold cluster, found cluster) to the number of articles in both; only where there are any.
    cells: Mapping[tuple[G, F], int]
    #: Sizes.
    gold: Mapping[G, int]
    found: Mapping[F, int]


def cross(gold: Sequence[G], found: Sequence[F]) -> Contingency[G, F]:
    """Count how two clusterings of the same articles cross; each names its cluster of the first, second … article."""
    return Contingency(cells=Counter(zip(gold, found, strict=True)), gold=Counter(gold), found=Counter(found))


def pair_scores(table: Contingency[G, F]) -> Scores:
    """Score the pairs of articles that are put together.

    With C(n) = n (n - 1) / 2: precision = sum C(n[i, j]) / sum C(b[j]), recall = sum C(n[i, j]) / sum C(a[i]).
    """
    return _scores(_pairs(table.cells.values()), _pairs(table.found.values()), _pairs(table.gold.values()))


def set_scores(found: AbstractSet[Hashable], true: AbstractSet[Hashable]) -> Scores:
    """Score found things against true ones, each for itself: pairs, say, that need not make up clusters."""
    return _scores(len(found & true), len(found), len(true))


def b_cubed(table: Contingency[G, F]) -> Scores:
    """Score each article by the company it keeps, and average over articles.

    precision = 1/N sum n[i, j]^2 / b[j], recall = 1/N sum n[i, j]^2 / a[i] (Bagga and Baldwin, Entity-Based
    Cross-Document Coreferencing Using the Vector Space Model, 1998, with equal weights). F1 is that of the two averages.
    """
    articles = sum(table.cells.values())
    if not articles:
        return Scores(precision=1.0, recall=1.0)
    precision = sum(count * count / table.found[found] for (_, found), count in table.cells.items())
    recall = sum(count * count / table.gold[gold] for (gold, _), count in table.cells.items())
    # A sum of fractions may exceed the number of articles in the last digit.
    return Scores(precision=min(1.0, precision / articles), recall=min(1.0, recall / articles))


def adjusted_rand(table: Contingency[G, F]) -> float:
    """Return how much better than chance the pairs agree: 1 alike, 0 as by chance, below 0 worse than that.

    (S - A B / C(N)) / ((A + B) / 2 - A B / C(N)) with S = sum C(n[i, j]), A = sum C(a[i]), B = sum C(b[j])
    (Hubert and Arabie, Comparing Partitions, 1985, their equation 5); multiplied out, so that all is whole until the
    one division.
    """
    both, gold, found = _pairs(table.cells.values()), _pairs(table.gold.values()), _pairs(table.found.values())
    every = _pairs([sum(table.cells.values())])
    chance = 2 * gold * found
    best = (gold + found) * every
    # Equal only where both put everything apart, or both everything together.
    return (2 * both * every - chance) / (best - chance) if best != chance else 1.0


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _scores(right: int, found: int, true: int) -> Scores:
    return Scores(precision=right / found if found else 1.0, recall=right / true if true else 1.0)
