"""What readers said of stories, what a rebuild did, and how it is taken back."""

from collections.abc import Iterator

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.domain.articles import Signature
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.stories import DecisionKind, Ruling
from tests.builders import NOON, apart, article, hours, together

A, B, C = map(ArticleId, (1, 2, 3))


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    """Return a store with three articles."""
    with SqliteStore(":memory:") as store:
        with store.transaction():
            for _ in range(3):
                store.add_article(article("text", url_keys=()), Signature(), NOON)
        yield store


def _decide(store: SqliteStore, *rulings: Ruling, kind: DecisionKind = DecisionKind.MERGE, told: str = "told") -> int:
    """Decide, and return the number of the decision."""
    with store.transaction():
        store.decide(kind, told, before={A: StoryId(1)}, rulings=rulings, now=NOON)
    decision = store.last_decision()
    assert decision is not None
    return decision.id


def _take_back(store: SqliteStore, decision: int) -> None:
    with store.transaction():
        store.take_back(decision, hours(1))


def test_rulings_are_those_among_the_articles_asked_for(store: SqliteStore) -> None:
    """Only pairs with both ends asked for are told, by their ends."""
    _decide(store, apart(B, C), together(A, C), together(A, B))

    assert store.rulings([C, A, B]) == (together(A, B), together(A, C), apart(B, C))
    assert store.rulings([C, A]) == (together(A, C),)
    assert store.rulings([A]) == store.rulings([]) == ()


def test_the_latest_word_on_a_pair_holds(store: SqliteStore) -> None:
    """A later decision stands above an earlier one, and within one decision what was said last."""
    _decide(store, together(A, B), together(B, C))
    _decide(store, apart(A, B), together(A, C), apart(A, C))

    assert store.rulings([A, B, C]) == (apart(A, B), apart(A, C), together(B, C))


def test_what_is_taken_back_holds_no_more(store: SqliteStore) -> None:
    """The word before it holds again, and where there was none, none does."""
    _decide(store, together(A, B))
    second = _decide(store, apart(A, B), apart(B, C))
    _take_back(store, second)

    assert store.rulings([A, B, C]) == (together(A, B),)


def test_a_decision_is_kept_with_what_it_takes_to_undo_it(store: SqliteStore) -> None:
    """Kind, time, sentence and where each article stood come back."""
    assert store.last_decision() is None
    with store.transaction():
        store.decide(DecisionKind.SPLIT, "split 3 from story 1", before={C: StoryId(1), A: StoryId(4)}, now=hours(2))

    decision = store.last_decision()
    assert decision is not None
    assert (decision.kind, decision.told, decision.made) == (DecisionKind.SPLIT, "split 3 from story 1", hours(2))
    assert dict(decision.before) == {C: 1, A: 4}


def test_the_last_decision_is_the_last_that_holds(store: SqliteStore) -> None:
    """Each that is taken back uncovers the one before it, whatever their times; then there is none."""
    numbers = [_decide(store, told=told, kind=kind) for told, kind in zip("abc", DecisionKind, strict=True)]
    told = []
    for number in reversed(numbers):
        decision = store.last_decision()
        assert decision is not None
        assert decision.id == number
        told.append(decision.told)
        _take_back(store, number)

    assert told == ["c", "b", "a"]
    assert store.last_decision() is None


def test_only_the_last_rebuilds_are_remembered(store: SqliteStore) -> None:
    """Of rebuilds all but the last few are dropped; what a reader said never is."""
    _decide(store, together(A, B), told="reader 1")
    for number in range(3):
        _decide(store, kind=DecisionKind.REBUILD, told=f"rebuild {number}")
    _decide(store, apart(B, C), kind=DecisionKind.SPLIT, told="reader 2")
    with store.transaction():
        store.forget_rebuilds(2)

    left = [row["told"] for row in store._sql.rows("SELECT told FROM decision ORDER BY id")]
    assert left == ["reader 1", "rebuild 1", "rebuild 2", "reader 2"]
    assert store.rulings([A, B, C]) == (together(A, B), apart(B, C))


def test_the_number_of_a_forgotten_rebuild_is_not_used_again(store: SqliteStore) -> None:
    """Decisions are told apart for good."""
    first = _decide(store, kind=DecisionKind.REBUILD)
    with store.transaction():
        store.forget_rebuilds(0)

    assert _decide(store) > first
