"""In what order a day's stories stand on the page, and when their articles came."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.stories.arrivals import arrivals
from aggregator.core.stories.ranking import HALVING, ranked, weight
from aggregator.domain.ids import StoryId
from aggregator.domain.reading import Carried, Counts
from tests.builders import NOON, hours

MOMENTS = st.lists(st.floats(min_value=-100, max_value=0).map(hours), max_size=50)


def carried(id: int = 1, *, texts: int = 1, sources: int = 1, at: float = 0) -> Carried:
    """Return a story of so many texts and sources whose last article came `at` hours after noon."""
    counts = Counts(articles=max(texts, sources), texts=texts, sources=sources)
    return Carried(id=StoryId(id), counts=counts, last_dated=hours(at))


def test_who_tells_it_himself_counts_more_than_who_reprints_it() -> None:
    """Six outlets with texts of their own stand above six that carry one text, and these above one alone."""
    own, reprinted, alone = carried(1, texts=6, sources=6), carried(2, sources=6), carried(3)

    assert ranked([alone, reprinted, own], NOON) == [own, reprinted, alone]


def test_several_texts_of_one_outlet_are_one_voice() -> None:
    """An outlet does not rise by writing again and again."""
    assert weight(carried(texts=5), NOON) == weight(carried(texts=1), NOON)


def test_twice_the_outlets_outweigh_half_a_day() -> None:
    """What is older by `HALVING` needs twice as many."""
    fresh = carried(texts=3, sources=3)
    old = carried(texts=6, sources=6, at=-HALVING.total_seconds() / 3600)

    assert weight(fresh, NOON) == weight(old, NOON)


def test_dates_in_the_future_give_no_advantage() -> None:
    """A clock that runs ahead does not put an outlet first."""
    assert weight(carried(at=5), NOON) == weight(carried(), NOON)


@given(MOMENTS)
def test_every_article_is_in_one_bar(moments: list[object]) -> None:
    """Bars count all articles; the first and the last bar are never empty."""
    bars = arrivals(moments)  # type: ignore[arg-type]  # datetimes

    assert sum(bars) == len(moments)
    if len(set(moments)) > 1:
        assert bars[0]
        assert bars[-1]
