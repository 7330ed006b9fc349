"""Profiles, what is known of words, and the articles that share the weighty ones."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.adapters.store import SqliteStore
from aggregator.domain.articles import Signature, Source
from aggregator.domain.ids import ArticleId
from aggregator.domain.stories import Profile, Vocabulary
from tests.builders import NOON, article, hours

EVER = {"middle": NOON, "since": NOON - timedelta(days=999), "until": NOON + timedelta(days=999)}


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    with SqliteStore(":memory:") as store:
        yield store


def _add(store: SqliteStore, *keys: int, dated: datetime = NOON, terms: bytes = b"terms", **more: Any) -> ArticleId:
    """Add an article that is found by these keys."""
    with store.transaction():
        id = store.add_article(article("text", url_keys=(), dated=dated, **more), Signature(terms=terms), NOON)
        store.set_key_terms(id, dated, keys, None)
    return id


def _unsign(store: SqliteStore, *articles: ArticleId) -> None:
    """Let articles be as a version left them that knew no terms."""
    with store.transaction():
        for id in articles:
            store._sql.write("UPDATE signature SET terms = NULL WHERE article_id = ?", (id,))


def _changes(store: SqliteStore, call: Callable[[], object]) -> int:
    """Return how many rows a call writes."""
    before = store._sql.raw.total_changes
    with store.transaction():
        call()
    return store._sql.raw.total_changes - before


def _steps(store: SqliteStore, call: Callable[[], object]) -> int:
    """Return how many hundreds of instructions SQLite's machine takes for a call."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    store._sql.raw.set_progress_handler(count, 100)
    call()
    store._sql.raw.set_progress_handler(None, 0)
    return steps


def _vocabulary(articles: int) -> Vocabulary:
    return Vocabulary(articles=articles, terms=b"abcd", counts=b"efgh")


def _told(known: Vocabulary) -> tuple[int, bytes, bytes]:
    return known.articles, known.terms, known.counts


def test_a_profile_is_what_is_compared_of_an_article(store: SqliteStore) -> None:
    """Outlet, date, language, headline, terms and background come along; an unknown language is empty."""
    one = _add(store, title="Ferry aground", language="en", dated=hours(1), terms=b"one.\1")
    other = _add(store, source=Source(site="b.example", name="B"))
    with store.transaction():
        store.set_key_terms(one, hours(1), (), 0.0625)

    assert store.profiles([one]) == (
        Profile(
            id=one,
            source=store.member(one).source,
            dated=hours(1),
            language="en",
            headline="Ferry aground",
            terms=b"one.\1",
            background=0.0625,
        ),
    )
    (second,) = store.profiles([other])
    assert (second.language, second.background) == ("", None)
    assert second.source != store.member(one).source


def test_profiles_come_in_the_order_asked_for_as_far_as_signed(store: SqliteStore) -> None:
    """An article that is unknown, or still to be signed anew, has no profile."""
    a, b, c = (_add(store) for _ in range(3))
    _unsign(store, b)

    assert [profile.id for profile in store.profiles([c, ArticleId(99), b, a])] == [c, a]
    assert store.profiles([]) == ()


def test_the_newest_profiles_are_those_dated_last(store: SqliteStore) -> None:
    """The latest comes first, of one moment the higher number, and no more than asked for; the unsigned are left out."""
    a, b, c, d = (_add(store, dated=hours(at)) for at in (2, 0, 2, 1))
    e = _add(store, dated=hours(9))
    _unsign(store, e)

    assert [profile.id for profile in store.newest_profiles(9)] == [c, a, d, b]
    assert [profile.id for profile in store.newest_profiles(2)] == [c, a]


def test_a_vocabulary_comes_back_as_learned(store: SqliteStore) -> None:
    """What was learned last holds, alone: a language that is not in it any more is unknown again."""
    assert store.vocabularies() == {}
    with store.transaction():
        store.learn({"en": _vocabulary(7), "": _vocabulary(2)}, NOON)
    assert {language: _told(known) for language, known in store.vocabularies().items()} == {
        "en": (7, b"abcd", b"efgh"),
        "": (2, b"abcd", b"efgh"),
    }
    with store.transaction():
        store.learn({"de": _vocabulary(3)}, hours(1))

    assert {language: _told(known) for language, known in store.vocabularies().items()} == {"de": (3, b"abcd", b"efgh")}


def test_a_vocabulary_is_read_again_only_when_learned_anew(store: SqliteStore) -> None:
    """It is the same object, as what is remembered of it asks for, until another is learned, by whichever process."""
    with store.transaction():
        store.learn({"en": _vocabulary(7)}, NOON)
    first = store.vocabularies()["en"]
    assert store.vocabularies()["en"] is first
    with store.transaction():
        store.learn({"en": _vocabulary(8)}, hours(1))

    assert store.vocabularies()["en"].articles == 8
    assert store.vocabularies()["en"] is store.vocabularies()["en"]


def test_what_is_learned_again_as_it_was_writes_no_row(store: SqliteStore) -> None:
    """Only what changed is written, and what did not change need not be read again."""

    def learn(at: float, **vocabularies: Vocabulary) -> int:
        return _changes(store, lambda: store.learn(vocabularies, hours(at)))

    assert learn(0, en=_vocabulary(7), de=_vocabulary(3)) == 2
    known = store.vocabularies()["en"]
    assert learn(1, en=_vocabulary(7), de=_vocabulary(3)) == 0
    assert store.vocabularies()["en"] is known
    assert learn(2, en=_vocabulary(7), de=_vocabulary(4)) == 1
    assert learn(3, en=_vocabulary(7)) == 1


def test_what_was_learned_in_vain_is_not_remembered(store: SqliteStore) -> None:
    """A vocabulary of a transaction that was undone is none."""
    with store.transaction():
        store.learn({"en": _vocabulary(7)}, NOON)

    def learn_in_vain() -> None:
        with store.transaction():
            store.learn({"en": _vocabulary(8)}, hours(1))
            assert store.vocabularies()["en"].articles == 8
            raise LookupError

    with pytest.raises(LookupError):
        learn_in_vain()

    assert store.vocabularies()["en"].articles == 7


keyed = st.tuples(st.lists(st.sampled_from([1, 2, 3, 2**62]), max_size=4), st.integers(-3, 3))


@given(
    st.lists(keyed, max_size=10),
    st.dictionaries(st.sampled_from([1, 2, 3, 2**62]), st.sampled_from([0.25, 0.5, 1.0])),
    st.integers(0, 3),
    st.integers(1, 12),
)
def test_near_articles_are_those_that_counting_finds(
    others: list[tuple[list[int], int]], keys: dict[int, float], reach: int, limit: int
) -> None:
    """Those in the window whose keys weigh most come first, then the lowest number, as if each had been looked at."""
    expected = []
    with SqliteStore(":memory:") as store:
        for own, seconds in others:
            id = _add(store, *own, dated=NOON + timedelta(seconds=seconds))
            weight = sum(keys.get(key, 0.0) for key in set(own))
            if weight and abs(seconds) <= reach:
                expected.append((-weight, id))
        window = timedelta(seconds=reach)
        found = store.near(keys, middle=NOON, since=NOON - window, until=NOON + window, limit=limit)

    assert len(found) == min(limit, len(expected))
    if limit >= len(others):
        assert list(found) == [id for _, id in sorted(expected)]


def test_of_a_flood_only_the_nearest_are_looked_at(store: SqliteStore) -> None:
    """Where 10,000 articles have one key the search costs no more than half as much again as among 1,000, at most."""
    work = {}
    with store.transaction():
        for minute in range(10_000):
            second = int((NOON + timedelta(minutes=minute - 500)).timestamp())
            store._sql.write("INSERT INTO key_term VALUES (1, ?, ?)", (second, minute))
            if minute in {999, 9_999}:
                work[minute] = _steps(store, lambda: store.near({1: 1.0}, limit=100, **EVER))
        found = store.near({1: 1.0}, limit=100, **EVER)

    assert len(found) == 100
    assert all(300 <= id <= 700 for id in found)
    assert work[9_999] < 1.5 * work[999]


def test_an_article_is_found_by_its_last_keys_only(store: SqliteStore) -> None:
    """New keys take the place of the old ones; without keys it is not found at all."""
    id = _add(store, 1, 2)

    def found(*keys: int) -> list[bool]:
        return [store.near({key: 1.0}, limit=9, **EVER) == (id,) for key in keys]

    assert found(1, 2, 3) == [True, True, False]
    with store.transaction():
        store.set_key_terms(id, NOON, [2, 3, 3], 0.5)
    assert found(1, 2, 3) == [False, True, True]
    with store.transaction():
        store.set_key_terms(id, NOON, [], None)
    assert found(1, 2, 3) == [False, False, False]
    assert store.profiles([id])[0].background is None


def test_the_same_keys_again_write_no_row(store: SqliteStore) -> None:
    """Neither order nor repetition makes a difference; another background writes that alone."""
    id = _add(store, 1, 2)

    def set_keys(keys: Iterable[int], background: float | None) -> int:
        return _changes(store, lambda: store.set_key_terms(id, NOON, keys, background))

    assert set_keys([2, 1, 2], None) == 0
    assert set_keys([1, 2], 0.25) == 1
    assert set_keys([1, 2], 0.25) == 0


def test_old_articles_are_found_no_more(store: SqliteStore) -> None:
    """What is dated before a time is forgotten, that moment itself is not; the articles stay."""
    old, edge, new = (_add(store, 1, dated=hours(at)) for at in (-1, 0, 1))
    with store.transaction():
        store.forget_key_terms(store.found_before(NOON))

    assert store.near({1: 1.0}, limit=9, **EVER) == (edge, new)
    assert [profile.id for profile in store.profiles([old])] == [old]


def test_what_was_forgotten_can_be_found_again(store: SqliteStore) -> None:
    """An article whose keys were forgotten, and that is given the same ones again, is found again."""
    id = _add(store, 1)
    with store.transaction():
        store.forget_key_terms([id])
        store.set_key_terms(id, NOON, [1], None)

    assert store.near({1: 1.0}, limit=9, **EVER) == (id,)


def test_articles_of_an_older_version_are_to_be_signed(store: SqliteStore) -> None:
    """The earliest dated comes first; a signature without a single term is a signature."""
    late, early, signed = _add(store, dated=hours(2)), _add(store), _add(store, terms=b"")
    assert (store.unsigned(), store.has_unsigned()) == ((), False)
    _unsign(store, late, early)
    assert (store.unsigned(), store.has_unsigned()) == ((early, late), True)
    with store.transaction():
        for id in (late, early):
            store.sign_anew(id, Signature(), Signature(terms=b"new.\1"), NOON)

    assert (store.unsigned(), store.has_unsigned()) == ((), False)
    assert [profile.terms for profile in store.profiles([late, early, signed])] == [b"new.\1", b"new.\1", b""]


def test_articles_are_counted(store: SqliteStore) -> None:
    """Every article counts, signed or not."""
    assert store.article_count() == 0
    _add(store)
    _unsign(store, _add(store))

    assert store.article_count() == 2
