"""What the store keeps in memory of what it read."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.adapters.store import SqliteStore
from aggregator.adapters.store.remembering import Remembered
from aggregator.domain.articles import Signature
from aggregator.domain.ids import ArticleId
from aggregator.domain.stories import Profile, Vocabulary
from tests.builders import NOON, article

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "news.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(path) as store:
        yield store


def _add(store: SqliteStore, title: str = "A headline") -> ArticleId:
    with store.transaction():
        return store.add_article(article("text", title=title, url_keys=()), Signature(terms=b"terms"), NOON)


def _profiles(store: SqliteStore, *ids: ArticleId) -> tuple[Profile, ...]:
    with store.transaction():
        return store.profiles(ids)


def test_as_much_is_remembered_as_there_is_room_for() -> None:
    """Beyond its bound what was not asked for longest is forgotten, and read again when it is asked for."""
    remembered, asked = Remembered[int, str](3), list[int]()

    def read(keys: list[int]) -> dict[int, str]:
        asked.extend(keys)
        return {key: str(key) for key in keys if key >= 0}

    assert list(remembered.all([1, 2, 3, -1], read)) == [1, 2, 3]
    assert remembered.all([1], read) == {1: "1"}
    assert remembered.all([4, 1], read) == {4: "4", 1: "1"}
    assert asked == [1, 2, 3, -1, 4]
    assert len(remembered) == 3
    assert list(remembered.all([2, 3], read)) == [2, 3]
    assert asked == [1, 2, 3, -1, 4, 2]
    remembered.forget(3, 7)
    assert remembered.all([3], read) == {3: "3"}
    assert asked[-1] == 3


def test_profiles_are_read_once(store: SqliteStore) -> None:
    """What was read in one transaction is not read again in the next, and comes in the order that is asked for."""
    ids = [_add(store, title) for title in ("one", "two", "three")]
    before = _profiles(store, *ids)
    statements = list[str]()
    store._sql.raw.set_trace_callback(statements.append)
    assert _profiles(store, *reversed(ids)) == before[::-1]
    store._sql.raw.set_trace_callback(None)

    assert not [sql for sql in statements if "signature" in sql]


def test_what_another_connection_wrote_is_seen(store: SqliteStore, path: Path) -> None:
    """A profile or a vocabulary that another process changed is read anew in the next transaction."""
    id = _add(store)
    _profiles(store, id)
    with store.transaction():
        assert store.vocabularies() == {}
    with SqliteStore(path) as other, other.transaction():
        other.set_key_terms(id, NOON, (), 0.5)
        other.learn({"en": Vocabulary(articles=1, terms=b"", counts=b"")}, NOON)

    assert _profiles(store, id)[0].background == 0.5
    with store.transaction():
        assert list(store.vocabularies()) == ["en"]


def test_what_is_undone_is_forgotten(store: SqliteStore) -> None:
    """A profile that was read in a transaction which came to nothing is read anew."""
    id = _add(store)

    def come_to_nothing() -> None:
        with store.transaction():
            store.set_key_terms(id, NOON, (), 0.5)
            assert store.profiles([id])[0].background == 0.5
            store.learn({"en": Vocabulary(articles=1, terms=b"", counts=b"")}, NOON)
            assert store.vocabularies()
            raise LookupError

    with pytest.raises(LookupError):
        come_to_nothing()

    assert _profiles(store, id)[0].background is None
    with store.transaction():
        assert store.vocabularies() == {}


@settings(max_examples=40)
@given(st.data())
def test_what_is_remembered_is_what_is_written(draw: st.DataObject) -> None:
    """Whatever was added, revised, signed anew, measured or removed, profiles are those that the tables have."""
    steps = ("add", "revise", "sign", "measure", "remove", "read")
    with SqliteStore(":memory:") as store:
        ids = [_add(store), _add(store)]
        for number, step in enumerate(draw.draw(st.lists(st.sampled_from(steps), max_size=12))):
            id = draw.draw(st.sampled_from(ids))
            changed, signature = (
                article("text", title=f"{number}", url_keys=()),
                Signature(terms=pack("<IB", number, 1)),
            )
            with store.transaction():
                match step:
                    case "add":
                        ids.append(store.add_article(changed, signature, NOON))
                    case "revise" if store.profiles([id]):
                        store.revise_article(id, changed, signature, LATER)
                    case "sign" if store.profiles([id]):
                        store.sign_anew(id, store.article(id)[1], signature, NOON)
                    case "measure":
                        store.set_key_terms(id, NOON, (number,), number / 100)
                    case "remove":
                        store.remove_articles([id])
                assert store.profiles(ids) == tuple(store._read_profiles(list(dict.fromkeys(ids))).values())
