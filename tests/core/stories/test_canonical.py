"""Which article speaks for its copies."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.stories.canonical import ranked
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
