"""Which article speaks for its copies."""

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.stories.canonical import ranked, speaking
from aggregator.domain.settings import Canonical
from aggregator.domain.stories import Member
from tests.builders import member


def _first(*members: object) -> int:
    return ranked(members)[0].id  # type: ignore[arg-type]


def test_the_agency_comes_first() -> None:
    """The agency's own article speaks before earlier and longer reprints."""
    assert _first(member(1, at=0, length=1200), member(2, at=3, length=1000, is_original=True)) == 2


def test_a_complete_text_comes_before_an_earlier_shortened_one() -> None:
    """Who printed half of it first does not speak for who printed all of it."""
    assert _first(member(1, at=0, length=500), member(2, at=2, length=1000)) == 2


def test_an_added_paragraph_does_not_take_the_story_over() -> None:
    """A text of .8 of the longest counts as complete, and then the earlier one speaks."""
    assert _first(member(1, at=0, length=1000), member(2, at=2, length=1150)) == 1


def test_weight_breaks_ties_of_time() -> None:
    """Of two complete texts of the same minute the feed with more weight speaks, whatever their ids."""
    assert _first(member(1), member(2, weight=2.0)) == 2
    assert _first(member(1, weight=2.0), member(2)) == 1


def test_the_address_makes_the_order_total() -> None:
    """Where nothing else tells two articles apart the order of input still does not matter."""
    one, two = member(1, url="https://b.example/"), member(2, url="https://a.example/")

    assert ranked([one, two]) == ranked([two, one]) == [two, one]


def test_the_fullest_text_speaks_where_that_is_the_rule() -> None:
    """Under `fullest` the longest goes before agency and time, and among equals the earliest speaks."""
    agency, early, late = member(1, length=900, is_original=True), member(2, at=1), member(3, at=2)

    assert ranked([agency, late, early], Canonical.FULLEST) == [early, late, agency]


def test_the_weightiest_feed_speaks_where_that_is_the_rule() -> None:
    """Under `my-weights` the weight goes before agency, length and time; among equals the default decides."""
    agency, short, early = member(1, at=3, is_original=True), member(2, length=100, weight=2.0), member(3, at=1)

    assert ranked([agency, early, short], Canonical.MY_WEIGHTS) == [short, agency, early]


@given(
    members=st.lists(
        st.builds(
            member,
            st.integers(1, 99),
            at=st.integers(0, 2),
            length=st.sampled_from([100, 790, 800, 1000]),
            weight=st.sampled_from([1.0, 2.0]),
            is_original=st.booleans(),
        ),
        unique_by=lambda member: member.id,
        max_size=5,
    ),
    rule=st.sampled_from(Canonical),
    chance=st.randoms(use_true_random=False),
)
def test_the_order_of_arrival_makes_no_difference(members: list[Member], rule: Canonical, chance: Random) -> None:
    """Under every rule the same articles stand in the same order."""
    shuffled = chance.sample(members, len(members))

    assert ranked(shuffled, rule) == ranked(members, rule)


def _speaks(*texts: list[Member], rule: Canonical = Canonical.ORIGINAL) -> int:
    return speaking([ranked(text, rule) for text in texts], rule).id


def _carried(by: range, *, at: float = 0, **first: Any) -> list[Member]:
    """Return a text that articles of so many outlets carry, the first of them with more to say of it."""
    return [member(by[0], at=at, **first), *(member(id, at=at + 1) for id in by[1:])]


def test_the_text_that_most_outlets_carry_speaks_for_a_story() -> None:
    """Three outlets outweigh two that were earlier; articles of one outlet count once."""
    many, few = _carried(range(1, 4), at=5), _carried(range(11, 13))
    same = [member(id, source=99) for id in range(21, 30)]

    assert _speaks(few, many, same) == 1
    assert _speaks(few, same) == 11


def test_the_earliest_text_speaks_among_those_carried_by_as_many() -> None:
    """Of two texts of as many outlets the one that was first speaks."""
    assert _speaks(_carried(range(1, 3), at=1), _carried(range(11, 13), at=0)) == 11


def test_an_agencys_own_text_speaks_before_one_that_more_carry() -> None:
    """Under `original` the agency's article speaks for the story, however few print it."""
    agency, many = [member(1, at=5, is_original=True)], _carried(range(11, 15))

    assert _speaks(many, agency) == 1
    assert _speaks(many, agency, rule=Canonical.FULLEST) == 11
    assert _speaks(many, agency, rule=Canonical.MY_WEIGHTS) == 1


def test_the_fullest_text_speaks_for_a_story_where_that_is_the_rule() -> None:
    """Under `fullest` length goes before the number of outlets, which decides among equals."""
    long, many, few = [member(1, length=1001)], _carried(range(11, 15), at=1), _carried(range(21, 23))

    assert _speaks(many, long, rule=Canonical.FULLEST) == 1
    assert _speaks(few, many, rule=Canonical.FULLEST) == 11


def test_the_weightiest_feed_speaks_for_a_story_where_that_is_the_rule() -> None:
    """Under `my-weights` the weight goes before all else; among equals the default decides."""
    heavy, many = [member(1, at=9, weight=2.0)], _carried(range(11, 15), is_original=True)

    assert _speaks(many, heavy, rule=Canonical.MY_WEIGHTS) == 1
    assert _speaks(_carried(range(21, 29)), many, rule=Canonical.MY_WEIGHTS) == 11


@given(
    texts=st.lists(
        st.lists(
            st.builds(
                member,
                st.integers(1, 999),
                at=st.integers(0, 1),
                source=st.integers(1, 3),
                length=st.sampled_from([100, 1000]),
                weight=st.sampled_from([1.0, 2.0]),
                is_original=st.booleans(),
            ),
            unique_by=lambda member: member.id,
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=4,
    ).filter(lambda texts: len({one.id for text in texts for one in text}) == sum(map(len, texts))),
    rule=st.sampled_from(Canonical),
    chance=st.randoms(use_true_random=False),
)
def test_the_order_of_texts_makes_no_difference(texts: list[list[Member]], rule: Canonical, chance: Random) -> None:
    """Under every rule the same texts have one speaker, who is the first of its text."""
    orders = [ranked(text, rule) for text in texts]
    speaker = speaking(orders, rule)

    assert speaking(chance.sample(orders, len(orders)), rule) == speaker
    assert speaker in [order[0] for order in orders]
