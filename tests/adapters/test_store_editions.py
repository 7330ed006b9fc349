"""What the page reads beyond stories: the sum of a day, tags, and the texts of a story."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.adapters.store import SqliteStore, StoreReader
from aggregator.core.words.signature import sign
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.reading import Counts, StoryQuery
from aggregator.domain.settings import FeedConfig
from aggregator.pipeline.placing import place
from tests.builders import NOON, article, hours, words

EVER = StoryQuery(since=NOON - timedelta(days=99))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """An empty store."""
    with SqliteStore(tmp_path / "news.db") as store:
        yield store


@pytest.fixture
def reader(tmp_path: Path, store: SqliteStore) -> Iterator[StoreReader]:  # noqa: ARG001 (the store makes the file)
    """A reader of it."""
    with StoreReader(tmp_path / "news.db") as reader:
        yield reader


def add(store: SqliteStore, text: str, **more: object) -> ArticleId:
    """Add an article and place it as the pipeline does."""
    made = article(text, **more)  # type: ignore[arg-type]  # fields of an article
    signature = sign(made.title, made.text)
    with store.transaction():
        id = store.add_article(made, signature, NOON)
        place(store, id, signature, dated=made.dated, now=NOON)
    return id


def test_an_edition_sums_up_its_stories(store: SqliteStore, reader: StoreReader) -> None:
    """Articles and texts add up, an outlet that carries two stories is one source, languages come by frequency."""
    add(store, words(200), outlet="harbour", language="en")
    add(store, words(200), outlet="metro", language="en", at=1)
    add(store, words(200, start=500), outlet="metro", language="de", at=2)

    edition = reader.edition(EVER)

    assert edition.counts == Counts(articles=3, texts=2, sources=2)
    assert [(carried.counts.articles, carried.last_dated) for carried in edition.stories] == [
        (2, hours(1)),
        (1, hours(2)),
    ]
    assert edition.languages == ("en", "de")
    assert [view.id for view in reader.listed([carried.id for carried in edition.stories])] == [
        carried.id for carried in edition.stories
    ]


def test_an_edition_may_be_empty(reader: StoreReader) -> None:
    """Nothing sums up to nothing, and stories that are no more are left out."""
    edition = reader.edition(EVER)

    assert (edition.stories, edition.counts) == ((), Counts(articles=0, texts=0, sources=0))
    assert reader.listed([StoryId(7)]) == ()


def test_tags_are_those_of_feeds(store: SqliteStore, reader: StoreReader) -> None:
    """Those of the most feeds come first."""
    feeds = [FeedConfig(url=f"https://{n}.example/", tags=tags) for n, tags in enumerate([("a",), ("b",), ("b", "c")])]
    store.sync_feeds(feeds, timedelta(hours=1), NOON)

    assert reader.tags() == ("b", "a", "c")


def test_texts_come_with_what_they_said_before(store: SqliteStore, reader: StoreReader) -> None:
    """Each article of a story has its text, and its earlier versions in order of time."""
    first = add(store, words(200), title="One")
    for hour, title in enumerate(("Two", "Three"), 1):
        made = article(f"{words(200)} {title}", title=title)
        with store.transaction():
            store.revise_article(first, made, sign(made.title, made.text), hours(hour))
    story = store.stories_of([first])[first]

    texts = reader.texts(story)

    assert texts.current == {first: f"{words(200)} Three"}
    assert [(version.title, version.seen, version.replaced) for version in texts.earlier[first]] == [
        ("One", NOON, hours(1)),
        ("Two", hours(1), hours(2)),
    ]
