"""A reader's word: stories put together, taken apart, and both taken back."""

from collections.abc import Callable, Iterator

import pytest

from aggregator.core.stories.rules import Rules
from aggregator.domain.errors import UsageError
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.stories import DecisionKind
from aggregator.pipeline.deciding import merge, split, undo
from tests.builders import hours, placed
from tests.pipeline.archive import Archive, Report, three_events

FIRST, SECOND, THIRD = (frozenset(range(first, first + 4)) for first in (0, 4, 8))


@pytest.fixture
def archive() -> Iterator[Archive]:
    """Return an archive of three stories of four reports each."""
    with Archive.told(three_events()) as archive:
        archive.rebuild()
        assert archive.stories() == {FIRST, SECOND, THIRD}
        yield archive


def _merge(archive: Archive, *numbers: int) -> StoryId:
    return merge(archive.store, [archive.story(number) for number in numbers], hours(120))


def _split(archive: Archive, *numbers: int) -> tuple[StoryId, ...]:
    articles = [archive.id(number) for number in numbers]
    return split(archive.store, archive.story(numbers[0]), articles, hours(120))


def _arranged(archive: Archive) -> tuple[object, ...]:
    """Return how articles and stories stand, without when that was changed."""
    columns = "id, canonical_id, articles, texts, sources, first_dated, last_dated"
    return (
        placed(archive.store),
        list(map(tuple, archive.store._sql.rows(f"SELECT {columns} FROM story ORDER BY id"))),
        {number: archive.store.living_story(number) for number in set(archive.standing().values())},
    )


def test_merged_stories_are_one(archive: Archive) -> None:
    """All articles stand under one number, to which the other leads."""
    numbers = {archive.story(0), archive.story(4)}
    story = _merge(archive, 0, 4)

    assert archive.stories() == {FIRST | SECOND, THIRD}
    assert {archive.store.living_story(number) for number in numbers} == {story}
    decision = archive.store.last_decision()
    assert decision is not None
    assert (decision.kind, decision.told) == (DecisionKind.MERGE, "merged stories 1 and 5")


def test_several_stories_are_merged_at_once(archive: Archive) -> None:
    """Any number of stories can be made one; a story named twice, or by an old number, counts once."""
    one = _merge(archive, 0, 4)
    old = {StoryId(1), StoryId(5)} - {one}

    assert merge(archive.store, [one, *old, archive.story(8), one], hours(121)) == one
    assert archive.stories() == {FIRST | SECOND | THIRD}


def test_what_is_split_off_stands_together_elsewhere(archive: Archive) -> None:
    """The articles named make a story of their own; the rest goes on under the old number."""
    before = archive.story(0)
    stories = _split(archive, 0, 1)

    assert archive.stories() == {frozenset({0, 1}), frozenset({2, 3}), SECOND, THIRD}
    assert set(stories) == {archive.story(0), archive.story(2)}
    assert before in stories
    decision = archive.store.last_decision()
    assert decision is not None
    assert (decision.kind, decision.told) == (DecisionKind.SPLIT, "split 1 and 2 from story 1")


def test_a_copy_can_be_split_from_the_text_it_carries(archive: Archive) -> None:
    """A reader's word stands above equal texts: the twin stands elsewhere, and as a text of its own."""
    archive.tell(Report(number=20, events=(0,), telling=0, at=6))
    assert archive.story(20) == archive.story(0)
    _split(archive, 20)

    assert archive.stories() == {FIRST, frozenset({20}), SECOND, THIRD}
    assert frozenset({20}) in archive.texts()


@pytest.mark.parametrize("decide", [lambda archive: _merge(archive, 0, 4), lambda archive: _split(archive, 0, 1)])
def test_a_word_outlives_rebuilds(archive: Archive, decide: Callable[[Archive], object]) -> None:
    """What a reader put together or took apart stands so after any rebuild."""
    decide(archive)
    before = archive.stories()
    assert archive.rebuild(at=130).moved == 0
    archive.rebuild(at=131)

    assert archive.stories() == before


def test_new_articles_join_what_was_merged(archive: Archive) -> None:
    """A copy of either text joins the one story, live and in the rebuild, and no news on one event parts it."""
    story = _merge(archive, 0, 4)
    archive.tell(Report(number=20, events=(0,), telling=0, at=20))
    archive.tell(Report(number=21, events=(1,), telling=0, at=20))
    for number in range(22, 30):
        archive.tell(Report(number=number, events=(number % 2,), telling=number, at=20))
    for _ in range(2):
        assert {archive.story(number) for number in (*FIRST, *SECOND, 20, 21)} == {story}
        archive.rebuild(at=130)


def test_new_articles_do_not_join_what_was_taken_apart(archive: Archive) -> None:
    """News on the event joins one of the two stories and never makes them one again."""
    _split(archive, 0, 1)
    for number in range(20, 26):
        archive.tell(Report(number=number, events=(0,), telling=number, at=20))
    for _ in range(2):
        assert archive.story(0) == archive.story(1) != archive.story(2) == archive.story(3)
        archive.rebuild(at=130)


def test_the_last_word_on_two_articles_holds(archive: Archive) -> None:
    """What was taken apart can be merged again, and taken apart again."""
    for _ in range(2):
        _split(archive, 0, 1)
        assert frozenset({0, 1}) in archive.stories()
        _merge(archive, 0, 2)
        assert FIRST in archive.stories()
        archive.rebuild(at=130)
        assert FIRST in archive.stories()


@pytest.mark.parametrize("decide", [lambda archive: _merge(archive, 0, 4), lambda archive: _split(archive, 0, 1)])
def test_undo_restores_what_was(archive: Archive, decide: Callable[[Archive], object]) -> None:
    """Stories, numbers and all they hold are as before, and the word does not hold in later rebuilds."""
    before = _arranged(archive)
    decide(archive)
    assert _arranged(archive) != before
    undo(archive.store, hours(121))

    assert _arranged(archive) == before
    assert archive.rebuild(at=130).moved == 0


def test_undo_of_a_rebuild_restores_the_stories() -> None:
    """Each article stands under its old number again, with its counts and copies."""
    twins = [Report(number=20, events=(0,), telling=0, at=6), Report(number=21, events=(1,), telling=1, at=6)]
    with Archive.told([*three_events(), *twins]) as archive:
        before = _arranged(archive)
        archive.rebuild()
        assert _arranged(archive) != before
        decision = undo(archive.store, hours(121))

        assert decision.kind is DecisionKind.REBUILD
        assert _arranged(archive) == before
        archive.rebuild(at=130)
        assert archive.stories() == {FIRST | {20}, SECOND | {21}, THIRD}


def test_undo_of_a_rebuild_brings_one_article_back_among_others() -> None:
    """Where a rebuild took one article out of a story that goes on, undoing it leaves the others in it."""
    with Archive.told(three_events()) as archive:
        archive.rebuild()
        before = _arranged(archive)
        archive.rebuild(at=101, rules=Rules(same_event=0.97))
        assert _arranged(archive) != before
        undo(archive.store, hours(121))

        assert _arranged(archive) == before


def test_what_the_program_does_by_itself_is_not_undone() -> None:
    """`undo` takes back what a reader decided, not the nightly rebuild that came after it."""
    with Archive.told(three_events()) as archive:
        archive.rebuild()
        _merge(archive, 0, 4)
        archive.tell(Report(number=20, events=(2,), telling=9, at=20))
        archive.settle(at=130)

        assert undo(archive.store, hours(131)).kind is DecisionKind.MERGE


def test_articles_that_came_since_stay_where_they_are(archive: Archive) -> None:
    """Undoing moves back only what the decision moved."""
    _merge(archive, 0, 4)
    story = archive.tell(Report(number=20, events=(1,), telling=9, at=20))
    undo(archive.store, hours(121))

    assert archive.story(20) == story
    assert archive.story(0) != archive.story(4)


def test_decisions_are_undone_one_after_the_other(archive: Archive) -> None:
    """The last one first, down to the rebuild, each once; then there is nothing left."""
    states = [_arranged(archive)]
    _split(archive, 0, 1)
    states.append(_arranged(archive))
    _merge(archive, 4, 8)
    for kind in (DecisionKind.MERGE, DecisionKind.SPLIT):
        assert undo(archive.store, hours(121)).kind is kind
        assert _arranged(archive) == states.pop()
    assert undo(archive.store, hours(121)).kind is DecisionKind.REBUILD
    assert len(archive.stories()) == 12
    with pytest.raises(UsageError, match="nothing to undo"):
        undo(archive.store, hours(122))


def test_what_cannot_be_done_is_told_and_changes_nothing(archive: Archive) -> None:
    """Each mistake is a sentence that says what to do, and leaves every row as it is."""
    one, other = archive.story(0), archive.story(4)
    first, stranger = archive.id(0), archive.id(4)
    everything = [archive.id(number) for number in FIRST]
    before = archive.content()
    mistakes: list[tuple[Callable[[], object], str]] = [
        (lambda: merge(archive.store, [one, StoryId(99)], hours(120)), "no story 99"),
        (lambda: merge(archive.store, [one, one], hours(120)), "two different stories"),
        (lambda: merge(archive.store, [one], hours(120)), "two different stories"),
        (lambda: merge(archive.store, [], hours(120)), "two different stories"),
        (lambda: split(archive.store, StoryId(99), [first], hours(120)), "no story 99"),
        (lambda: split(archive.store, one, [first, stranger], hours(120)), f"has no article {stranger}"),
        (lambda: split(archive.store, other, [ArticleId(99)], hours(120)), "has no article 99"),
        (lambda: split(archive.store, one, everything, hours(120)), "not all"),
        (lambda: split(archive.store, one, [], hours(120)), "not all"),
    ]
    for call, told in mistakes:
        with pytest.raises(UsageError, match=f"{told}.*`aggregator"):
            call()

    assert archive.content() == before


def test_an_old_number_will_do(archive: Archive) -> None:
    """A story can be split under a number that it had before it was merged, and what is left stays merged."""
    story = _merge(archive, 0, 4)
    (old,) = {StoryId(1), StoryId(5)} - {story}
    split(archive.store, old, [archive.id(0)], hours(121))

    assert archive.stories() == {frozenset({0}), (FIRST | SECOND) - {0}, THIRD}


def test_undo_of_one_decision_leaves_the_others(archive: Archive) -> None:
    """Where something came after the one that is meant, nothing is undone, and it is told what stands in the way."""
    merge(archive.store, [archive.story(0), archive.story(4)], hours(120))
    first = archive.store.last_decision()
    split(archive.store, archive.story(0), [archive.id(0)], hours(121))
    before = _arranged(archive)

    assert first is not None
    with pytest.raises(UsageError, match="something came after it: split"):
        undo(archive.store, hours(122), only=first.id)
    assert _arranged(archive) == before
