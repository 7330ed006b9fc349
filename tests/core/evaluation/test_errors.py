"""The worst errors and what led to them."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.evaluation.errors import chains, ends, worst_merges, worst_splits
from aggregator.core.evaluation.measures import cross
from aggregator.domain.ids import ArticleId
from tests.builders import tie


def _ids(*numbers: int) -> list[ArticleId]:
    return [ArticleId(number) for number in numbers]


def test_the_worst_merge_has_most_wrong_pairs() -> None:
    """Joins are ranked by the pairs they put wrongly together, each with its larger side first."""
    first, second, third = worst_merges(cross("abbbccdd", "xxxxxxyy"), 10)

    assert (first.gold, first.articles, first.wrong_pairs) == (("b", "c"), (3, 2), 6)
    assert (second.gold, second.wrong_pairs, third.gold, third.wrong_pairs) == (("b", "a"), 3, ("c", "a"), 2)
    assert {first.found, second.found, third.found} == {"x"}


def test_the_worst_split_has_most_parts() -> None:
    """Torn clusters are ranked by their parts, then by the pairs torn; parts stand with the largest first."""
    first, second, third = worst_splits(cross("aaaabbbccccd", "xxyyuvwiijjx"), 10)

    assert (first.gold, first.parts, first.wrong_pairs) == ("b", (("u", 1), ("v", 1), ("w", 1)), 3)
    assert {second.gold, third.gold} == {"a", "c"}
    assert second.wrong_pairs == third.wrong_pairs == 4
    assert worst_splits(cross("aaab", "xyyx"), 1)[0].parts == (("y", 2), ("x", 1))


def test_what_is_right_is_no_error() -> None:
    """Equal clusterings have no errors, and none are told when none are wanted."""
    assert not worst_merges(cross("aabb", "xxyy"), 10)
    assert not worst_splits(cross("aabb", "xxyy"), 10)
    assert not worst_merges(cross("ab", "xx"), 0)
    assert not worst_splits(cross("aa", "xy"), 0)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), max_size=40), st.integers(0, 5))
def test_looking_at_the_largest_sides_finds_the_worst(both: list[tuple[int, int]], limit: int) -> None:
    """What is skipped for speed is never among the worst: the wrong pairs are those of a full search."""
    table = cross([gold for gold, _ in both], [found for _, found in both])
    every = [
        many * fewer
        for found in table.found
        for many, fewer in combinations([count for (_, there), count in table.cells.items() if there == found], 2)
    ]

    assert [merge.wrong_pairs for merge in worst_merges(table, limit)] == sorted(every, reverse=True)[:limit]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), max_size=40))
def test_all_errors_together_are_all_wrong_pairs(both: list[tuple[int, int]]) -> None:
    """Merges and splits, all told, account for each wrong pair once."""
    table = cross([gold for gold, _ in both], [found for _, found in both])
    pairs = list(combinations(both, 2))

    assert sum(merge.wrong_pairs for merge in worst_merges(table, 1000)) == sum(
        one[1] == other[1] and one[0] != other[0] for one, other in pairs
    )
    assert sum(split.wrong_pairs for split in worst_splits(table, 1000)) == sum(
        one[0] == other[0] and one[1] != other[1] for one, other in pairs
    )


def test_direct_ties_come_first_and_the_strongest_of_them() -> None:
    """Where articles of both sides are tied themselves, nothing else is told."""
    weak, strong, strongest = tie(1, 10, jaccard=0.5), tie(11, 2, jaccard=0.7), tie(2, 10, jaccard=0.8)
    ties = [weak, tie(1, 5), tie(5, 11), strong, strongest, tie(1, 2)]

    assert chains(ties, _ids(1, 2), _ids(10, 11), 2) == ((strongest,), (strong,))
    assert ends((strong,), _ids(1, 2)) == (2, 11)
    assert ends((strong,), _ids(10, 11)) == (11, 2)


def test_without_a_direct_tie_the_shortest_way_is_told() -> None:
    """Two clusters that others chain together: the way with fewest ties, from the first side to the second."""
    long = [tie(1, 3), tie(3, 4), tie(4, 10)]
    short = (tie(2, 7), tie(6, 7), tie(6, 11))

    assert chains([*long, tie(10, 12)], _ids(1, 2), _ids(12), 3) == ((*long, tie(10, 12)),)
    assert chains([*long[:2], tie(4, 5), tie(5, 10), *short], _ids(1, 2), _ids(10, 11), 3) == (short,)
    assert ends(short, _ids(1, 2)) == (2, 11)
    assert ends(short[::-1], _ids(10, 11)) == (11, 2)


def test_where_nothing_leads_nothing_is_told() -> None:
    """No way, no chain."""
    assert chains([tie(1, 2), tie(10, 11)], _ids(1), _ids(11), 3) == ()
    assert chains([], _ids(1), _ids(2), 3) == ()
