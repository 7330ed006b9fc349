"""The measures, against cases counted by hand, against their definitions, and as properties."""

from collections.abc import Callable, Sequence
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.evaluation.measures import (
    Contingency,
    Scores,
    adjusted_rand,
    b_cubed,
    cross,
    pair_scores,
    set_scores,
)

Clusterings = tuple[list[int], list[int]]

#: Two clusterings of the same articles, small enough that clusters meet often.
CLUSTERINGS: st.SearchStrategy[Clusterings] = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=25
).map(lambda both: ([gold for gold, _ in both], [found for _, found in both]))


def _both(scores: Scores) -> tuple[float, float]:
    return scores.precision, scores.recall


def _close(scores: Scores) -> object:
    return pytest.approx((scores.precision, scores.recall))


def _naive_pairs(gold: Sequence[int], found: Sequence[int]) -> tuple[int, int, int, int]:
    """Count pairs that are together in both, in gold, in found, and all."""
    pairs = list(combinations(range(len(gold)), 2))
    in_gold = {(a, b) for a, b in pairs if gold[a] == gold[b]}
    in_found = {(a, b) for a, b in pairs if found[a] == found[b]}
    return len(in_gold & in_found), len(in_gold), len(in_found), len(pairs)


def _naive_b_cubed(gold: Sequence[int], found: Sequence[int]) -> Scores:
    """Average over articles: of those it is with, how many belong there; of those that belong, how many are there."""
    articles = range(len(gold))
    precision, recall = [], []
    for one in articles:
        kin = {other for other in articles if gold[other] == gold[one]}
        company = {other for other in articles if found[other] == found[one]}
        precision.append(len(kin & company) / len(company))
        recall.append(len(kin & company) / len(kin))
    return Scores(precision=sum(precision) / len(precision), recall=sum(recall) / len(recall))


def test_a_case_counted_by_hand() -> None:
    """Gold aaabb, found xxyyy: 2 of 4 found pairs are right, 2 of 4 gold pairs found; B-cubed and Rand by hand."""
    table = cross("aaabb", "xxyyy")

    assert dict(table.cells) == {("a", "x"): 2, ("a", "y"): 1, ("b", "y"): 2}
    assert (pair_scores(table).precision, pair_scores(table).recall, pair_scores(table).f1) == (0.5, 0.5, 0.5)
    # The five articles in their order, 1, 1, 1/3, 2/3, 2/3 precise; recall has the same values in another order.
    assert _close(b_cubed(table)) == (11 / 15, 11 / 15)
    # Two pairs in both, four on either side, ten in all: 2 - 1.6 by 4 - 1.6.
    assert adjusted_rand(table) == pytest.approx(1 / 6)


def test_bagga_and_baldwin_tell_two_errors_of_one_size_apart() -> None:
    """Joining two large clusters costs more than joining a large and a small one, as in their paper's example.

    Gold clusters of 5, 2 and 5: joining the last two gives precision 16/21, joining the large ones 7/12.
    """
    gold = "aaaaabbccccc"

    small = b_cubed(cross(gold, "xxxxxyyyyyyy"))
    large = b_cubed(cross(gold, "xxxxxyyxxxxx"))

    assert _close(small) == (16 / 21, 1.0)
    assert _close(large) == (7 / 12, 1.0)


@pytest.mark.parametrize("measure", [pair_scores, b_cubed])
def test_extremes(measure: Callable[[Contingency[str, str]], Scores]) -> None:
    """All apart is never imprecise, all together misses nothing."""
    apart, together = measure(cross("aabb", "wxyz")), measure(cross("aabb", "xxxx"))

    assert apart.precision == together.recall == 1
    assert apart.recall < 1
    assert together.precision < 1


def test_nothing_to_get_wrong_is_right() -> None:
    """Without articles, and without pairs, every measure is 1."""
    for table in (cross("", ""), cross("a", "x"), cross("abc", "xyz")):
        assert pair_scores(table) == b_cubed(table) == Scores(precision=1.0, recall=1.0)
        assert adjusted_rand(table) == 1


def test_f1_of_nothing_right_is_zero() -> None:
    """The harmonic mean of two zeros is zero, not an error."""
    assert Scores(precision=0.0, recall=0.0).f1 == 0
    assert Scores(precision=1.0, recall=0.5).f1 == pytest.approx(2 / 3)


def test_clusterings_of_other_articles_are_refused() -> None:
    """Both clusterings must name a cluster for each article."""
    with pytest.raises(ValueError, match="shorter"):
        cross("aab", "xx")


def test_sets_are_scored_without_order() -> None:
    """Things are counted as they are, pairs without order if they come as sets; an empty side counts as right."""
    found = {frozenset("ab"), frozenset("bc")}

    assert set_scores(found, {frozenset("ba")}).precision == 0.5
    assert set_scores(found, {frozenset("ba"), frozenset("cd")}).recall == 0.5
    assert set_scores(set(), found) == Scores(precision=1.0, recall=0.0)
    assert set_scores(found, set()) == Scores(precision=0.0, recall=1.0)


@given(CLUSTERINGS)
def test_pairs_agree_with_their_definition(both: Clusterings) -> None:
    """Counting by the table gives what counting each pair gives."""
    shared, gold, found, _ = _naive_pairs(*both)

    scores = pair_scores(cross(*both))

    assert scores.precision == (shared / found if found else 1)
    assert scores.recall == (shared / gold if gold else 1)


@given(CLUSTERINGS.filter(lambda both: bool(both[0])))
def test_b_cubed_agrees_with_its_definition(both: Clusterings) -> None:
    """Counting by the table gives what asking each article gives."""
    assert _both(b_cubed(cross(*both))) == _close(_naive_b_cubed(*both))


@given(CLUSTERINGS)
def test_adjusted_rand_agrees_with_its_definition(both: Clusterings) -> None:
    """The whole-number form equals Hubert and Arabie's fraction wherever that has a value."""
    shared, gold, found, pairs = _naive_pairs(*both)
    chance = gold * found / pairs if pairs else 0.0
    best = (gold + found) / 2
    value = adjusted_rand(cross(*both))

    if abs(best - chance) > 1e-9:
        assert value == pytest.approx((shared - chance) / (best - chance))
    else:
        assert value == 1


@given(CLUSTERINGS)
def test_swapping_the_sides_swaps_precision_and_recall(both: Clusterings) -> None:
    """Precision one way is recall the other way; the adjusted Rand index has no sides."""
    there, back = cross(*both), cross(both[1], both[0])

    for measure in (pair_scores, b_cubed):
        scores, swapped = measure(there), measure(back)
        assert scores.precision == pytest.approx(swapped.recall)
        assert scores.recall == pytest.approx(swapped.precision)
        assert scores.f1 == pytest.approx(swapped.f1)
    assert adjusted_rand(there) == adjusted_rand(back)


@given(CLUSTERINGS)
def test_measures_keep_their_bounds(both: Clusterings) -> None:
    """Scores lie within 0 and 1, B-cubed above 0; the adjusted Rand index within -1 and 1."""
    table = cross(*both)

    for scores in (pair_scores(table), b_cubed(table)):
        assert all(0 <= value <= 1 for value in (scores.precision, scores.recall, scores.f1))
    assert b_cubed(table).f1 > 0
    assert -1 <= adjusted_rand(table) <= 1


@given(CLUSTERINGS)
def test_only_equal_clusterings_are_perfect(both: Clusterings) -> None:
    """A clustering agrees with itself wholly, and B-cubed and Rand are 1 for nothing else."""
    gold, found = both
    itself, table = cross(gold, gold), cross(gold, found)
    same = len(table.cells) == len(table.gold) == len(table.found)

    assert pair_scores(itself) == b_cubed(itself) == Scores(precision=1.0, recall=1.0)
    assert adjusted_rand(itself) == 1
    assert (adjusted_rand(table) == 1) is same
    assert (b_cubed(table).f1 > 1 - 1e-9) is same


@given(CLUSTERINGS, st.permutations(range(6)), st.randoms(use_true_random=False))
def test_names_and_order_mean_nothing(both: Clusterings, names: list[int], chance: Random) -> None:
    """Other names for clusters, and articles in another order, change no measure."""
    renamed = [(gold, names[found]) for gold, found in zip(*both, strict=True)]
    chance.shuffle(renamed)
    table, other = cross(*both), cross([gold for gold, _ in renamed], [found for _, found in renamed])

    assert pair_scores(table) == pair_scores(other)
    assert _both(b_cubed(table)) == _close(b_cubed(other))
    assert adjusted_rand(table) == adjusted_rand(other)


def test_many_articles_are_measured_in_linear_time() -> None:
    """A hundred thousand articles in one cluster, five thousand million pairs, take no counting of pairs."""
    table = cross([0] * 100_000, [0] * 99_999 + [1])

    assert pair_scores(table).precision == 1
    assert pair_scores(table).recall == pytest.approx(1 - 2 / 100_000)
