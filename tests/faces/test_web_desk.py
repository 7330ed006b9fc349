"""What a reader asks for through the page is done as commands do it."""

import pytest

from aggregator.bootstrap import open_reader
from aggregator.bootstrap.paths import Paths
from aggregator.domain.errors import UsageError
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.marks import Mark
from aggregator.web.desk import Desk
from tests.faces.eventful import Newsroom
from tests.faces.installed import Place


@pytest.fixture
def paths(place: Place) -> Paths:
    """The places of a database with some stories."""
    return Paths(
        config=place.config, database=place.database, state=place.database.parent, runtime=place.database.parent
    )


def articles(paths: Paths, story: StoryId) -> set[ArticleId]:
    """Return what a story has, read as everybody reads it."""
    with open_reader(paths) as reader:
        found = reader.story(story)
    return {article.id for article in found.articles} if found else set()


def test_marks_are_seen_by_the_next_reader(paths: Paths, room: Newsroom) -> None:
    """Set, and taken away again."""
    desk, wire = Desk(paths), room.stories["wire"]

    for holds in (True, False):
        assert desk.mark([wire], Mark.STARRED, holds=holds) == (wire,)
        with open_reader(paths) as reader:
            (story,) = reader.listed([wire])
        assert story.marks.starred is holds


def test_stories_are_merged_split_and_put_back(paths: Paths, room: Newsroom) -> None:
    """Each is what the next reader sees; each can be taken back, the last first."""
    desk, wire, draw = Desk(paths), room.stories["wire"], room.stories["draw"]
    one, other = articles(paths, wire), articles(paths, draw)

    into = desk.merge([wire, draw])
    assert articles(paths, into) == one | other
    assert len(desk.split(into, sorted(other))) == 2
    assert articles(paths, into) == one
    assert [desk.undo().kind for _ in range(2)] == ["split", "merge"]
    assert (articles(paths, wire), articles(paths, draw)) == (one, other)


def test_what_cannot_be_done_is_told(paths: Paths, room: Newsroom) -> None:
    """Nothing is half done."""
    with pytest.raises(UsageError, match="there is no story 99999"):
        Desk(paths).mark([room.stories["wire"], StoryId(99999)], Mark.READ)
    with pytest.raises(UsageError, match="name some of the articles"):
        Desk(paths).split(room.stories["wire"], [])
