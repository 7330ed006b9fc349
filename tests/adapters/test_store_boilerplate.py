"""Lines that outlets put into many of their articles, and the texts they are learned from."""

from collections.abc import Iterator

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.domain.articles import Signature
from tests.builders import NOON, article, hours


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    """Return a store with an article of each of two outlets."""
    with SqliteStore(":memory:") as store:
        with store.transaction():
            for outlet, at in (("a", 2), ("b", 1)):
                store.add_article(article(f"text {outlet}", outlet=outlet, at=at), Signature(), NOON)
        yield store


def test_lines_of_an_outlet_come_back(store: SqliteStore) -> None:
    """What was learned last of an outlet holds, whatever was learned of others; of an unknown one nothing is."""
    with store.transaction():
        store.set_boilerplate("a.example", [1, 2**63 - 1])
        store.set_boilerplate("b.example", [-5])
        store.set_boilerplate("a.example", [1, 7])

    assert store.boilerplate("a.example") == {1, 7}
    assert store.boilerplate("b.example") == {-5}
    assert store.boilerplate("c.example") == frozenset()
    assert store.sites_with_boilerplate() == ("a.example", "b.example")
    with store.transaction():
        store.set_boilerplate("a.example", [])
    assert store.sites_with_boilerplate() == ("b.example",)


def test_the_newest_texts_are_told_with_their_outlets(store: SqliteStore) -> None:
    """Those dated last, the earliest of them first."""
    with store.transaction():
        store.add_article(article("text c", outlet="c", at=-9), Signature(), hours(1))

    assert list(store.newest_texts(2)) == [(2, "b.example", "text b"), (1, "a.example", "text a")]
