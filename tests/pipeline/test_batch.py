"""A file of articles, placed by the daemon's own code."""

from collections.abc import Iterator

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.domain.ids import ArticleId
from aggregator.pipeline.batch import BATCH, Line, Placed, place_all, placed
from tests.builders import NOON, hours, words

TEXT, OTHER_TEXT = words(120), words(120, start=5000)


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    with SqliteStore(":memory:") as store:
        yield store


def _line(text: str = TEXT, *, at: float | None = None, url: str | None = None, source: str | None = None) -> Line:
    published = None if at is None else hours(at)
    return Line(title="A headline", text=text, published=published, url=url, source=source)


def _dates(store: SqliteStore) -> list[str]:
    return [row["hour"] for row in store._sql.rows("SELECT substr(dated, 12, 2) AS hour FROM article ORDER BY id")]


def test_lines_are_told_in_their_order_and_counted_from_one(store: SqliteStore) -> None:
    """What comes out is one answer a line, in the order of the lines, naming the line that is copied."""
    place_all(store, [_line(at=2), _line(OTHER_TEXT, at=0), _line(at=1)], NOON)

    first, second, third = placed(store)
    assert [first.article, second.article, third.article] == [1, 2, 3]
    assert (first.copy_of, second.copy_of, third.copy_of) == (3, None, None)
    assert first.story == third.story != second.story


def test_a_file_longer_than_a_batch_is_placed_whole(store: SqliteStore) -> None:
    """Copies find each other across the border of a batch, and nothing is lost there."""
    lines = [_line("", at=0) for _ in range(BATCH)]
    place_all(store, iter([_line(at=0), *lines, _line(at=1)]), NOON)

    *_, last = answers = list(placed(store))
    assert len(answers) == BATCH + 2
    assert last == Placed(article=ArticleId(BATCH + 2), story=answers[0].story, copy_of=ArticleId(1))


def test_a_line_without_a_date_stands_under_the_latest_before_it(store: SqliteStore) -> None:
    """An undated line takes the latest date seen so far, `now` where there was none; batches make no difference."""
    place_all(store, [_line(), _line(at=2), _line(at=1), _line(), *[_line("")] * BATCH], hours(9))

    assert _dates(store)[:4] == ["21", "14", "13", "14"]
    assert set(_dates(store)[4:]) == {"14"}


def test_lines_with_one_address_are_articles_of_their_own(store: SqliteStore) -> None:
    """A repeated address merges nothing: what a line says is placed, not looked up."""
    url = "https://paper.example/a"
    place_all(store, [_line(url=url), _line(OTHER_TEXT, url=url), _line(url=url)], NOON)

    assert [answer.copy_of for answer in placed(store)] == [None, None, 1]


def test_lines_without_a_text_stand_alone(store: SqliteStore) -> None:
    """Lines of which nothing is known, or next to nothing, are each a story of their own."""
    place_all(store, [Line(), Line(), _line(""), _line("Short."), _line("Short.")], NOON)

    assert [answer.copy_of for answer in placed(store)] == [None] * 5
    assert len({answer.story for answer in placed(store)}) == 5


def test_a_headline_alone_can_be_a_text(store: SqliteStore) -> None:
    """A title is a part of what is compared."""
    place_all(store, [Line(title=TEXT), Line(text=TEXT)], NOON)

    assert len({answer.story for answer in placed(store)}) == 1


@pytest.mark.parametrize(
    ("source", "url", "name"),
    [
        ("The Paper", "https://www.other.example/a", "The Paper"),
        (None, "https://www.paper.example/a", "paper.example"),
        (None, "not an address", "unknown"),
        (None, None, "unknown"),
        ("", "", "unknown"),
    ],
)
def test_a_source_is_what_the_line_says_or_its_site(
    store: SqliteStore, source: str | None, url: str | None, name: str
) -> None:
    """The named source counts, else the site of the address, else nobody knows."""
    place_all(store, [_line(url=url, source=source)], NOON)

    made, _ = store.article(ArticleId(1))
    assert (made.source.name, made.source.site) == (name, name)


def test_the_agency_speaks_for_its_own_text(store: SqliteStore) -> None:
    """A text that credits the agency it stands at is the original, even where a reprint came first."""
    text = f"PORT AMBER (Northern Wire) - {TEXT}"
    place_all(store, [_line(text, at=0, source="Paper"), _line(text, at=1, source="Northern Wire")], NOON)

    assert [answer.copy_of for answer in placed(store)] == [2, None]


def test_lines_that_cannot_be_read_end_the_batch(store: SqliteStore) -> None:
    """When the lines themselves break off with an error, the batch under way is undone and the error comes out."""

    def lines() -> Iterator[Line]:
        for _ in range(BATCH):
            yield _line("", at=0)
        yield _line(at=0)
        raise LookupError("a faulty line")

    with pytest.raises(LookupError, match="faulty"):
        place_all(store, lines(), NOON)

    assert len(list(placed(store))) == BATCH
