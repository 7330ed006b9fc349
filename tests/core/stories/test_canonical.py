"""Which article speaks for its copies."""

from aggregator.core.stories.canonical import ranked
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
