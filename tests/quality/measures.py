"""How well a set of found pairs agrees with a set of true ones."""

from collections.abc import Set as AbstractSet

Pair = frozenset[str]


def precision(found: AbstractSet[Pair], true: AbstractSet[Pair]) -> float:
    """Return the share of found pairs that are true; 1 when nothing was found."""
    return len(found & true) / len(found) if found else 1.0


def recall(found: AbstractSet[Pair], true: AbstractSet[Pair]) -> float:
    """Return the share of true pairs that were found; 1 when there are none."""
    return len(found & true) / len(true) if true else 1.0
