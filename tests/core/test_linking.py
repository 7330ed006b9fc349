"""Average link."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from math import sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.linking import Parts, link

Pair = tuple[int, int]
_CHANCE = st.randoms(use_true_random=False)


def _sets(clusters: Iterable[Sequence[int]]) -> set[frozenset[int]]:
    return set(map(frozenset, clusters))


def test_the_mean_over_all_pairs_decides() -> None:
    """By hand: 1 and 2 join at .9, then 3 joins them at (.8 + .4) / 2 = .6; 4 would at (.7 + .5 + .3) / 3 = .5."""
    likenesses = {(1, 2): 0.9, (1, 3): 0.8, (2, 3): 0.4, (1, 4): 0.7, (2, 4): 0.5, (3, 4): 0.3}

    assert link([1, 2, 3, 4], likenesses, 0.61) == [[1, 2], [3], [4]]
    assert link([1, 2, 3, 4], likenesses, 0.59) == [[1, 2, 3], [4]]
    assert link([1, 2, 3, 4], likenesses, 0.49) == [[1, 2, 3, 4]]


def test_what_is_most_alike_is_joined_first() -> None:
    """A text between two others goes to the one it is more like, which leaves the other alone."""
    assert link([1, 2, 3], {(1, 2): 0.6, (2, 3): 0.7}, 0.5) == [[1], [2, 3]]


def test_a_mean_that_just_reaches_the_threshold_joins() -> None:
    """The threshold itself is enough."""
    assert link([1, 2], {(2, 1): 0.5}, 0.5) == [[1, 2]]
    assert link([1, 2], {(2, 1): 0.5}, 0.51) == [[1], [2]]


def test_a_pair_may_speak_against_its_clusters() -> None:
    """What is below 0 outweighs what is above it."""
    assert link([1, 2, 3], {(1, 2): 0.9, (2, 3): 0.8}, 0.4) == [[1, 2, 3]]
    assert link([1, 2, 3], {(1, 2): 0.9, (2, 3): 0.8, (1, 3): -1.0}, 0.4) == [[1, 2], [3]]


def test_clusters_keep_the_order_of_the_nodes() -> None:
    """Nodes stand in their clusters, and clusters by their first nodes, in the order in which they were given."""
    assert link(["c", "a", "b", "d"], {("d", "a"): 0.9, ("b", "c"): 0.8}, 0.5) == [["c", "b"], ["a", "d"]]
    assert link([], {}, 0.5) == []


def test_a_chain_does_not_become_one_cluster() -> None:
    """A thousand nodes, each alike to the next alone, stay in clusters of a handful, however they are numbered."""
    chain = list(range(1000))
    for seed in (None, 1, 2):
        if seed is not None:
            Random(seed).shuffle(chain)
        clusters = link(range(1000), dict.fromkeys(pairwise(chain), 0.9), 0.45)

        assert max(map(len, clusters)) <= 3


def test_a_chain_of_crowds_does_not_become_one_cluster() -> None:
    """A stream in which each node is alike to the ten nearest, falling with distance, is cut into short pieces."""
    near = {(one, one + step): 1 - 0.08 * step for one in range(1000) for step in range(1, 11) if one + step < 1000}

    assert max(map(len, link(range(1000), near, 0.45))) <= 20


def test_a_hub_gathers_no_crowd() -> None:
    """One node alike to all of a thousand that are not alike takes two of them at most."""
    hub = {(0, spoke): 0.9 for spoke in range(1, 1001)}

    assert sorted(map(len, link(range(1001), hub, 0.45)))[-2:] == [1, 3]


def test_a_bridge_joins_no_two_crowds() -> None:
    """Two crowds of equals with a single pair between them that is nearly as alike stay two."""
    crowds = dict.fromkeys([pair for crowd in (range(8), range(8, 16)) for pair in combinations(crowd, 2)], 0.9)

    assert link(range(16), crowds | {(7, 8): 0.89}, 0.45) == [[*range(8)], [*range(8, 16)]]


def test_together_joins_whatever_the_likeness() -> None:
    """Nodes that are to be together are, and count as one cluster from the beginning."""
    assert link([1, 2, 3], {}, 0.5, together=[(3, 1)]) == [[1, 3], [2]]
    assert link([1, 2, 3], {(1, 2): 0.9}, 0.5, together=[(1, 3)]) == [[1, 3], [2]]
    assert link([1, 2, 3], {(1, 2): -1.0}, 0.5, together=[(1, 2), (2, 3), (3, 1)]) == [[1, 2, 3]]


def test_apart_bars_whatever_the_likeness() -> None:
    """Nodes that are to be apart never meet, neither themselves nor by way of what they were joined with."""
    every = dict.fromkeys(combinations([1, 2, 3, 4], 2), 0.9)

    clusters = link([1, 2, 3, 4], every, 0.5, apart=[(1, 4)])

    assert len(clusters) == 2
    assert not any({1, 4} <= set(cluster) for cluster in clusters)


def test_together_stands_above_apart() -> None:
    """Where both are said of a pair, or follow from what is said, the nodes are joined."""
    assert link([1, 2], {}, 0.5, together=[(1, 2)], apart=[(2, 1)]) == [[1, 2]]
    assert link([1, 2, 3], {}, 0.5, together=[(1, 3), (3, 2)], apart=[(1, 2)]) == [[1, 2, 3]]


def _naive(
    size: int, likenesses: Mapping[Pair, float], threshold: float, together: Iterable[Pair], apart: Iterable[Pair]
) -> list[list[int]]:
    """Link by the definition: look at all pairs of clusters each time, and sum over all pairs of their nodes."""
    value = {frozenset(pair): likeness for pair, likeness in likenesses.items()}
    barred = set(map(frozenset, apart))
    clusters = [{node} for node in range(size)]

    def cluster_of(node: int) -> set[int]:
        return next(cluster for cluster in clusters if node in cluster)

    def join(one: set[int], other: set[int]) -> None:
        if one is not other:
            clusters.remove(other)
            one |= other
            clusters.sort(key=min)

    for a, b in together:
        join(cluster_of(a), cluster_of(b))

    def mean(one: set[int], other: set[int]) -> float:
        pairs = [frozenset((a, b)) for a in one for b in other]
        return sum(value.get(pair, 0.0) for pair in pairs) / len(pairs) if barred.isdisjoint(pairs) else -1.0

    while pairs := [pair for pair in combinations(clusters, 2) if mean(*pair) >= threshold]:
        # The first of several maxima is that of the lowest nodes.
        join(*max(pairs, key=lambda pair: mean(*pair)))
    return [sorted(cluster) for cluster in clusters]


_SIZE = 8
_PAIRS = list(combinations(range(_SIZE), 2))
_pairs = st.sampled_from(_PAIRS)
_few = st.lists(_pairs, max_size=3)


@given(
    # Sixty-fourths, whose sums are exact in whatever order they are taken.
    st.dictionaries(_pairs, st.integers(-64, 64).map(lambda value: value / 64)),
    st.sampled_from([0.125, 0.25, 0.4375, 0.5, 0.75]),
    _few,
    _few,
)
def test_clusters_are_those_of_the_definition(
    likenesses: dict[Pair, float], threshold: float, together: list[Pair], apart: list[Pair]
) -> None:
    """However it is computed, the outcome is that of the plain definition, equal means included."""
    assert link(range(_SIZE), likenesses, threshold, together=together, apart=apart) == _naive(
        _SIZE, likenesses, threshold, together, apart
    )


@given(st.dictionaries(_pairs, st.integers(-64, 64).map(lambda value: value / 64)), _few, _few, _CHANCE)
def test_the_order_of_likenesses_makes_no_difference(
    likenesses: dict[Pair, float], together: list[Pair], apart: list[Pair], chance: Random
) -> None:
    """Pairs in any order and either way round give the same clusters, even where means are equal."""

    def shuffled(pairs: Iterable[Pair]) -> list[Pair]:
        pairs = [pair if chance.random() < 0.5 else (pair[1], pair[0]) for pair in pairs]
        return chance.sample(pairs, len(pairs))

    turned = {(a, b): likenesses.get((a, b), likenesses.get((b, a), 0.0)) for a, b in shuffled(likenesses)}

    assert link(range(_SIZE), turned, 0.25, together=shuffled(together), apart=shuffled(apart)) == link(
        range(_SIZE), likenesses, 0.25, together=together, apart=apart
    )


_PRIMES = [prime for prime in range(2, 150) if all(prime % lower for lower in range(2, prime))]


@given(st.lists(_pairs, unique=True), _few, _few, _CHANCE)
def test_the_order_of_nodes_makes_no_difference_where_no_means_are_equal(
    alike: list[Pair], together: list[Pair], apart: list[Pair], chance: Random
) -> None:
    """Square roots of different primes have no two equal means; then only the likenesses decide."""
    likenesses = {pair: sqrt(prime) / 12 for pair, prime in zip(alike, _PRIMES, strict=False)}
    nodes = chance.sample(range(_SIZE), _SIZE)

    assert _sets(link(nodes, likenesses, 0.4, together=together, apart=apart)) == _sets(
        link(range(_SIZE), likenesses, 0.4, together=together, apart=apart)
    )


@pytest.mark.slow
def test_many_nodes_are_linked_in_time_that_grows_with_their_pairs() -> None:
    """Two hundred crowds of fifty come out whole; this takes a second, not the days of the definition."""
    likenesses = {pair: 0.8 for first in range(0, 10_000, 50) for pair in combinations(range(first, first + 50), 2)} | {
        (node, (node * 7919) % 10_000): 0.46 for node in range(1, 10_000) if node != (node * 7919) % 10_000
    }

    assert len(link(range(10_000), likenesses, 0.45)) >= 200


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=20), st.integers(1, 25))
def test_parts_come_whole_and_many_at_once(pairs: list[Pair], least: int) -> None:
    """Each batch has whole parts and as many numbers as asked for, but the last; all numbers are in one."""
    parts = Parts(20)
    for a, b in pairs:
        parts.join(a, b)
    batches = list(parts.batches(least))

    assert sorted(number for batch in batches for number in batch) == list(range(20))
    assert all(len(batch) >= least for batch in batches[:-1])
    batch_of = {number: place for place, batch in enumerate(batches) for number in batch}
    assert all(batch_of[a] == batch_of[b] and parts.name(a) == parts.name(b) for a, b in pairs)
    assert all(parts.name(number) <= number for number in range(20))
