"""Articles by themselves, newest stories, and what is counted."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.adapters.store import SqliteStore, StoreReader
from aggregator.core.words.signature import sign
from aggregator.domain.ids import ArticleId
from aggregator.domain.listing import ArticleQuery
from aggregator.domain.reading import StoryQuery
from aggregator.domain.settings import FeedConfig
from tests.adapters.test_store_news import add
from tests.builders import NOON, article, hours, words


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a database of nine articles is, three of them of one moment."""
    path = tmp_path / "news.db"
    with SqliteStore(path) as store:
        for number in range(9):
            add(store, words(60, start=200 * number), at=min(number, 6), outlet=f"paper-{number % 3}")
    return path


@pytest.fixture
def reader(path: Path) -> Iterator[StoreReader]:
    """It, to be read."""
    with StoreReader(path) as reader:
        yield reader


def test_pages_of_articles_have_each_once(reader: StoreReader, path: Path) -> None:
    """Also those of one moment, and while others come, late or dated early."""
    first = reader.articles(ArticleQuery(limit=4))
    with SqliteStore(path) as store:
        add(store, words(60, start=9000), at=30, outlet="late")
        add(store, words(60, start=9900), at=31, dated=5.5, outlet="early")
    second = reader.articles(ArticleQuery(limit=4, after=first[-1].place))
    third = reader.articles(ArticleQuery(limit=4, after=second[-1].place))

    assert [article.id for article in first] == [9, 8, 7, 6]
    assert [article.id for article in (*second, *third)] == [5, 4, 3, 2, 1]


def test_articles_can_be_narrowed(reader: StoreReader) -> None:
    """By time and outlet; the end of a time is not in it."""
    assert [one.id for one in reader.articles(ArticleQuery(since=hours(2), until=hours(5)))] == [5, 4, 3]
    assert [one.id for one in reader.articles(ArticleQuery(source="PAPER-1"))] == [8, 5, 2]
    assert reader.articles(ArticleQuery(language="de")) == ()


def test_an_article_is_read_with_what_it_said_before(reader: StoreReader, path: Path) -> None:
    """Its text, and each version, the earliest first."""
    with SqliteStore(path) as store, store.transaction():
        edited = article("Mended words", title="Mended", at=1)
        store.revise_article(ArticleId(2), edited, sign(edited.title, edited.text), hours(8))
    found = reader.article(ArticleId(2))

    assert found is not None
    assert (found.article.title, found.text, found.article.versions) == ("Mended", "Mended words", 1)
    assert [(version.title, version.text) for version in found.earlier] == [("A headline", words(60, start=200))]
    assert reader.article(ArticleId(99)) is None


def test_pages_of_stories_have_each_once_while_others_come(reader: StoreReader, path: Path) -> None:
    """The newest number first."""
    first = reader.newest(StoryQuery(limit=4))
    with SqliteStore(path) as store:
        add(store, words(60, start=9000), at=30)
    second = reader.newest(StoryQuery(limit=9, before=first[-1].id))

    assert [story.id for story in (*first, *second)] == [9, 8, 7, 6, 5, 4, 3, 2, 1]


def test_counting_looks_at_no_article(path: Path) -> None:
    """What is counted comes from feeds and stories; sizes are those of the files."""
    with SqliteStore(path) as store:
        store.sync_feeds([FeedConfig(url="https://harbour.example/feed")], timedelta(hours=1), NOON)
    with StoreReader(path) as reader:
        counted = reader.figures(hours(1))
        seen: list[str] = []
        reader._sql.raw.set_trace_callback(seen.append)
        reader.figures(hours(1))

    assert (counted.stories, counted.articles, counted.due, dict(counted.feeds)) == (9, 0, 1, {"new": 1})
    assert counted.database_bytes == path.stat().st_size
    assert not [sql for sql in seen if "FROM article" in sql]
