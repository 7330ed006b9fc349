"""A permanent redirect is believed when it stays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.crawling.moves import ANSWERS, PERIOD, after_answer, has_moved
from aggregator.domain.feeds import FeedState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEW, OTHER = "https://new.example/feed", "https://other.example/feed"


def polled(answers: list[str | None], every: timedelta) -> FeedState:
    """Return the state after polls that led to `answers`."""
    state = FeedState()
    for number, answer in enumerate(answers):
        now = NOW + every * number
        state = replace(after_answer(state, answer, now), last_poll=now)
    return state


def test_ten_identical_answers_over_three_days_are_believed() -> None:
    """Neither many answers of one afternoon nor a few over a week."""
    assert (ANSWERS, timedelta(days=3)) == (10, PERIOD)
    assert has_moved(polled([NEW] * 10, timedelta(hours=8)))
    assert not has_moved(polled([NEW] * 9, timedelta(days=1)))
    assert not has_moved(polled([NEW] * 100, timedelta(minutes=5)))


def test_one_other_answer_begins_the_count_anew() -> None:
    """Another target, or the feed itself, and nothing is believed that was before."""
    for between in (OTHER, None):
        state = polled([*[NEW] * 12, between, *[NEW] * 9], timedelta(hours=12))
        assert not has_moved(state)
        assert (state.moved_to, state.moved_times) == (NEW, 9)


@given(st.lists(st.sampled_from([NEW, OTHER, None]), max_size=40))
def test_only_what_the_last_ten_agree_on_is_believed(answers: list[str | None]) -> None:
    """Whatever came before."""
    state = polled(answers, timedelta(hours=9))
    last = set(answers[-ANSWERS:])

    assert has_moved(state) == (len(answers) >= ANSWERS and len(last) == 1 and None not in last)
