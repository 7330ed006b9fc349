"""The maker of large archives makes what the program would have stored."""

from pathlib import Path

import pytest

from aggregator.adapters.store import SqliteStore, StoreReader
from aggregator.core.stories.ranking import ranked
from aggregator.domain.ids import ArticleId
from aggregator.domain.reading import StoryQuery
from tests.bench.archive import A_DAY, make_archive
from tests.builders import NOON, hours


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of two hundred articles."""
    path = tmp_path_factory.mktemp("archive") / "news.db"
    make_archive(path, 200, until=NOON, workers=1)
    return path


def test_a_made_archive_is_sound(path: Path) -> None:
    """Every article has its text, signature, keys, addresses and story, and the words that are searched are the texts'."""
    with SqliteStore(path) as store:
        assert store.article_count() == 200
        assert store.flaws() == ()
        assert not store.has_unsigned()


def test_a_made_archive_has_the_days_news(path: Path) -> None:
    """The last article is dated when it shall be, and stories of several articles are among those of the day."""
    with StoreReader(path) as reader:
        stories = reader.stories(StoryQuery(since=hours(-24)))
    assert max(article.dated for story in stories for article in story.articles) == NOON
    assert stories[0].counts.articles > 1


def test_what_is_made_is_what_the_store_would_write(path: Path) -> None:
    """An article that the store adds with the same title and text has the same text, signature and keys in its rows."""
    tables = ("body", "signature", "band")
    with SqliteStore(path) as made, SqliteStore(":memory:") as store:
        article, signature = made.article(ArticleId(200))
        with store.transaction():
            id = store.add_article(article, signature, NOON)
        for table in tables:
            assert _rows(made, table, 200) == _rows(store, table, id), table


def _rows(store: SqliteStore, table: str, id: int) -> list[dict[str, object]]:
    rows = store._sql.rows(f"SELECT * FROM {table} WHERE article_id = ?", (id,))
    # What a rebuild makes of an article is not part of recording it.
    left_out = {"article_id", "background", "key_terms"}
    return [{key: row[key] for key in row.keys() if key not in left_out} for row in rows]  # noqa: SIM118 (a Row's)


@pytest.mark.slow
def test_a_days_list_takes_as_many_steps_in_a_larger_archive(tmp_path: Path) -> None:
    """SQLite's own steps, counted: of one day and of three those of half a day are read."""
    small, large = (_steps(tmp_path / f"{days}.db", days) for days in (1, 3))

    assert 0 < large < 1.1 * small


def _steps(path: Path, days: int) -> int:
    make_archive(path, days * A_DAY, until=NOON, length=12, workers=1)
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with StoreReader(path) as reader:
        reader._sql.raw.set_progress_handler(step, 100)
        edition = reader.edition(StoryQuery(since=hours(-12), until=hours(1)))
        assert reader.listed([story.id for story in ranked(edition.stories, NOON)[:40]])
        reader._sql.raw.set_progress_handler(None, 0)
    return steps


def test_nothing_is_overwritten(path: Path) -> None:
    """Where there is a file, it stays."""
    with pytest.raises(FileExistsError):
        make_archive(path, 1, until=NOON)
