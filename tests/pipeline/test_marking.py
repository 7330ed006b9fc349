"""What was read and starred stays with the articles, whatever becomes of their stories."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.adapters.store import SqliteStore, StoreReader
from aggregator.domain.errors import UsageError
from aggregator.domain.ids import StoryId
from aggregator.domain.marks import Mark, Marks
from aggregator.domain.reading import StoryQuery
from aggregator.pipeline.deciding import merge, split, undo
from aggregator.pipeline.marking import set_marks
from aggregator.pipeline.pruning import prune_some
from tests.builders import NOON, hours
from tests.pipeline.archive import Archive, Report, three_events

#: Four texts each; the first article of the first story is carried by a later one.
FIRST, SECOND = 0, 4
A_COPY = Report(number=50, events=(0,), telling=0, at=13.0)
A_NEW_TEXT = Report(number=51, events=(0,), telling=9, at=14.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "news.db"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    """Three events of one day, in a file that can be read beside."""
    with Archive.told(three_events(), path=path) as archive:
        archive.rebuild()
        yield archive


@pytest.fixture
def reader(path: Path, archive: Archive) -> Iterator[StoreReader]:  # noqa: ARG001 (the archive makes the file)
    with StoreReader(path) as reader:
        yield reader


def _marks(reader: StoreReader, story: StoryId) -> Marks:
    view = reader.story(story)
    assert view is not None
    return view.marks


def _ids(reader: StoreReader, query: StoryQuery) -> set[int]:
    return {story.id for story in reader.stories(query)}


def _set(store: SqliteStore, story: StoryId, mark: Mark, *, holds: bool = True) -> None:
    set_marks(store, [story], mark, NOON, holds=holds)


def test_a_story_is_unread_until_it_is_marked(archive: Archive, reader: StoreReader) -> None:
    """Nothing of it was read; once it is marked nothing is new, and taking the mark away brings all of it back."""
    story = archive.story(FIRST)
    fresh = Marks(new_articles=4, new_texts=4)
    assert _marks(reader, story) == fresh

    _set(archive.store, story, Mark.READ)
    assert _marks(reader, story) == Marks(was_read=True)
    assert _marks(reader, archive.story(SECOND)) == fresh

    _set(archive.store, story, Mark.READ, holds=False)
    assert _marks(reader, story) == fresh


def test_a_copy_joins_a_read_story_quietly(archive: Archive, reader: StoreReader) -> None:
    """It brings nothing new to read; the story only says that it grew."""
    _set(archive.store, archive.story(FIRST), Mark.READ)

    archive.tell(A_COPY)

    assert archive.story(A_COPY.number) == archive.story(FIRST)
    marks = _marks(reader, archive.story(FIRST))
    assert (marks.read, marks.new_articles, marks.grown) == (True, 1, "+1 article")


def test_a_new_text_brings_a_read_story_back(archive: Archive, reader: StoreReader) -> None:
    """It is to be read again, and says how much is new."""
    story = archive.story(FIRST)
    _set(archive.store, story, Mark.READ)

    archive.tell(A_NEW_TEXT)

    assert archive.story(A_NEW_TEXT.number) == story
    marks = _marks(reader, story)
    assert (marks.read, marks.new_texts, marks.grown) == (False, 1, "+1 text")
    assert story in _ids(reader, StoryQuery(unread=True))


def test_only_what_is_unread_or_starred_can_be_asked_for(archive: Archive, reader: StoreReader) -> None:
    """Without a time, of all there ever was."""
    first, second, third = (archive.story(number) for number in (0, 4, 8))
    _set(archive.store, first, Mark.READ)
    _set(archive.store, second, Mark.STARRED)

    assert _ids(reader, StoryQuery()) == {first, second, third}
    assert _ids(reader, StoryQuery(unread=True)) == {second, third}
    assert _ids(reader, StoryQuery(starred=True)) == {second}
    assert _ids(reader, StoryQuery(starred=True, unread=True, since=hours(900))) == set()


def test_a_star_stays_with_its_article(archive: Archive, reader: StoreReader) -> None:
    """Wherever the article that spoke for the story goes, by a merge, its undoing or a split, the star goes with it."""
    first, second = archive.story(FIRST), archive.story(SECOND)
    _set(archive.store, second, Mark.STARRED)
    view = reader.story(second)
    assert view is not None
    canonical = next(article.id for article in view.articles if article.url == view.url)

    into = merge(archive.store, [first, second], NOON)
    assert _marks(reader, into).starred
    undo(archive.store, NOON)
    assert (_marks(reader, first).starred, _marks(reader, second).starred) == (False, True)
    split(archive.store, second, [canonical], NOON)
    alone = archive.store.story_of(canonical)
    assert alone is not None
    assert (_marks(reader, alone).starred, _marks(reader, second).starred) == (True, alone == second)


def test_the_old_number_of_a_merged_story_marks_the_new_one(archive: Archive, reader: StoreReader) -> None:
    """What a person still has on the screen can be marked."""
    first, second = archive.story(FIRST), archive.story(SECOND)
    into = merge(archive.store, [first, second], NOON)

    assert set_marks(archive.store, [first, second], Mark.READ, NOON) == (into,)
    assert _marks(reader, into).read


def test_a_rebuild_leaves_marks_alone(archive: Archive, reader: StoreReader) -> None:
    """What was read is read afterwards."""
    _set(archive.store, archive.story(FIRST), Mark.READ)

    archive.rebuild()

    assert _marks(reader, archive.story(FIRST)).read


def test_a_story_that_is_not_there_cannot_be_marked(archive: Archive, reader: StoreReader) -> None:
    """It is named, and nothing is marked."""
    first = archive.story(FIRST)

    with pytest.raises(UsageError, match="there is no story 999"):
        set_marks(archive.store, [first, StoryId(999)], Mark.READ, NOON)

    assert not _marks(reader, first).was_read


def test_what_is_starred_is_never_pruned(archive: Archive) -> None:
    """All of its articles stay; those of a story that was merely read go, with their marks."""
    starred, read = archive.story(FIRST), archive.story(SECOND)
    archive.tell(Report(number=90, events=(50,), at=900.0))
    _set(archive.store, starred, Mark.STARRED)
    _set(archive.store, read, Mark.READ)

    told = archive.store.count_prunable(hours(500))
    while prune_some(archive.store, hours(500), hours(901)).articles:
        pass

    assert (told.articles, told.stories, told.kept) == (8, 2, 4)
    assert archive.store.sizes_of([starred]) == {starred: 4}
    assert [row["kind"] for row in archive.store._sql.rows("SELECT kind FROM mark")] == ["starred"]
    assert archive.store.flaws() == ()


def test_marks_are_taken_back_as_they_were_made(archive: Archive, reader: StoreReader) -> None:
    """Only those of that time: what was read before stays read."""
    story = archive.story(FIRST)
    set_marks(archive.store, [story], Mark.READ, hours(1))
    archive.tell(A_NEW_TEXT)
    story = archive.story(FIRST)
    before = _marks(reader, story)
    set_marks(archive.store, [story], Mark.READ, hours(30))
    with archive.store.transaction():
        archive.store.take_back_marks([story], Mark.READ, hours(29), hours(31))

    assert before.grown == "+1 text"
    assert _marks(reader, story) == before
