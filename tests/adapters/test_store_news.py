"""When a story last told something new: what brings it back to those who follow it by a feed."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from aggregator.adapters.store import SqliteStore, StoreReader
from aggregator.core.words.signature import sign
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.listing import News
from aggregator.domain.reading import StoryQuery
from aggregator.pipeline.deciding import merge, undo
from aggregator.pipeline.placing import place
from tests.builders import article, hours, words

TEXT = words(120)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a database is."""
    return tmp_path / "news.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """It, to be filled."""
    with SqliteStore(path) as store:
        yield store


def add(store: SqliteStore, text: str, *, at: float, dated: float | None = None, **more: str) -> ArticleId:
    """Place an article that is first seen at `at`."""
    made = article(text, at=at if dated is None else dated, **more)
    signature = sign(made.title, made.text)
    with store.transaction():
        id = store.add_article(made, signature, hours(at))
        place(store, id, signature, dated=made.dated, now=hours(at))
    return id


def news(path: Path, query: StoryQuery | None = None, limit: int = 50) -> tuple[News, ...]:
    """Return what readers are told, the latest first."""
    with StoreReader(path) as reader:
        return reader.news(query or StoryQuery(), limit)


def told(path: Path) -> datetime:
    """Return when the only story told something new."""
    (only,) = news(path)
    return only.told


def test_a_late_copy_brings_nothing_back(store: SqliteStore, path: Path) -> None:
    """The store's own `updated` moves, what readers are told does not; not even where the copy is dated earlier."""
    add(store, TEXT, at=0, outlet="wire")
    add(store, TEXT, at=5, outlet="courier")
    add(store, TEXT, at=6, dated=-1, outlet="ledger")

    (only,) = news(path)
    assert only.story.counts.articles == 3
    assert only.story.updated == hours(6)
    assert only.told == hours(0)


def test_a_late_copy_that_comes_to_speak_brings_back_its_headline_only(store: SqliteStore, path: Path) -> None:
    """The fullest text may come last: with the headline that was there it is nothing new, with another one it is."""
    add(store, TEXT, at=0, outlet="wire")
    fuller = add(store, f"{TEXT} {words(30, start=500)}", at=5, outlet="courier")
    with store.transaction():
        store._sql.write("UPDATE story SET canonical_id = ?", (fuller,))
        store._sql.write("UPDATE article SET copy_of = ?", (fuller,))
        store._sql.write("UPDATE article SET copy_of = NULL WHERE id = ?", (fuller,))
    assert told(path) == hours(0)

    with store.transaction():
        store._sql.write("UPDATE article SET title = 'Another headline' WHERE id = ?", (fuller,))
    assert told(path) == hours(5)


def test_a_new_text_is_news(store: SqliteStore, path: Path) -> None:
    """From when its first article was seen."""
    one, other = add(store, TEXT, at=0), add(store, words(120, start=900), at=7, outlet="courier")
    with store.transaction():
        # As though both told one event.
        store._sql.write("UPDATE article SET story_id = 1 WHERE id = ?", (other,))
        store._sql.write("DELETE FROM story WHERE id = 2")
    assert one == 1

    assert told(path) == hours(7)


def test_an_edit_of_what_speaks_is_news(store: SqliteStore, path: Path) -> None:
    """A new headline or a new text; an edit of a copy is none."""
    one, copy = add(store, TEXT, at=0, outlet="wire"), add(store, TEXT, at=1, outlet="courier")
    edited = article(TEXT, title="Corrected: a headline", outlet="courier")
    with store.transaction():
        store.revise_article(copy, edited, sign(edited.title, edited.text), hours(2))
    assert told(path) == hours(0)

    edited = article(TEXT, title="Corrected: a headline", outlet="wire")
    with store.transaction():
        store.revise_article(one, edited, sign(edited.title, edited.text), hours(3))
    assert told(path) == hours(3)


def test_a_merge_by_hand_is_news_until_it_is_taken_back(store: SqliteStore, path: Path) -> None:
    """The story has become another one."""
    add(store, TEXT, at=0)
    add(store, words(120, start=900), at=1, outlet="courier")
    merge(store, [StoryId(1), StoryId(2)], hours(4))
    assert told(path) == hours(4)

    undo(store, hours(5))
    assert [one.told for one in news(path)] == [hours(1), hours(0)]


def test_stories_that_only_grew_do_not_hide_those_that_told_something(store: SqliteStore, path: Path) -> None:
    """However many got copies since, the latest news come first."""
    texts = [words(80, start=300 * number) for number in range(1, 13)]
    for number, text in enumerate(texts):
        add(store, text, at=number, outlet=f"paper-{number}")
    for number, text in enumerate(texts[:10]):
        add(store, text, at=20 + number, outlet=f"copy-{number}")

    assert [one.told for one in news(path, limit=2)] == [hours(11), hours(10)]


def test_news_can_be_asked_for_by_words(store: SqliteStore, path: Path) -> None:
    """All of them, in one of its articles."""
    add(store, f"{TEXT} lighthouse keeper", at=0, outlet="wire")
    add(store, f"{words(120, start=900)} lighthouse", at=1, outlet="courier")

    assert [one.story.id for one in news(path, StoryQuery(words="lighthouse keeper"))] == [1]
    assert [one.story.id for one in news(path, StoryQuery(words="lighthouse"))] == [2, 1]


def test_a_database_knows_when_it_was_made(store: SqliteStore, path: Path) -> None:
    """And does not forget it: identities in feeds begin with it."""
    with StoreReader(path) as reader:
        first = reader.founded()
    store.close()
    with SqliteStore(path), StoreReader(path) as reader:
        assert reader.founded() == first
        assert first.tzinfo is not None
