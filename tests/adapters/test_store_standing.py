"""What tells that a story might be arranged otherwise than it was a moment ago."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from aggregator.domain.ids import StoryId
from aggregator.domain.stories import DecisionKind
from tests.builders import NOON, apart, hours, tie
from tests.pipeline.archive import Archive, Report, three_events


def _tied(archive: Archive) -> None:
    archive.store.add_ties([tie(archive.id(0), archive.id(1))])


def _ruled(archive: Archive) -> None:
    ruling = apart(archive.id(0), archive.id(1))
    archive.store.decide(DecisionKind.SPLIT, "split", before={}, rulings=[ruling], now=NOON)


def _said_otherwise(archive: Archive) -> None:
    _, old = archive.store.article(archive.id(0))
    archive.store.sign_anew(archive.id(0), old, replace(old, terms=b""), NOON)


def _moved(archive: Archive) -> None:
    archive.store._sql.write("UPDATE article SET story_id = ? WHERE id = ?", (archive.story(4), archive.id(0)))


def _measured(archive: Archive) -> None:
    archive.store.set_key_terms(archive.id(0), NOON, [1, 2], 0.25)


@pytest.mark.parametrize(
    ("happening", "changes"),
    [(_tied, True), (_ruled, True), (_said_otherwise, True), (_moved, True), (_measured, False)],
)
def test_a_story_stands_otherwise_when_it_might_be_arranged_otherwise(
    happening: Callable[[Archive], None], *, changes: bool
) -> None:
    """Its articles, what they say, their ties and what a reader said of them count; what follows from these does not."""
    with Archive.told(three_events()) as archive:
        archive.rebuild()
        story, other = archive.story(0), archive.story(8)
        before = archive.store.standing([story, other])
        with archive.store.transaction():
            happening(archive)
        after = archive.store.standing([story, other])

        assert (before[story] != after[story]) == changes
        assert before[other] == after[other]


def test_a_decision_taken_back_counts_no_more() -> None:
    """Then the story stands as before, and one that is not there does not stand at all."""
    with Archive.told([Report(number=0, events=(0,)), Report(number=1, events=(0,))]) as archive:
        story = archive.story(0)
        before = archive.store.standing([story])
        with archive.store.transaction():
            _ruled(archive)
        decision = archive.store.last_decision()
        assert decision is not None
        with archive.store.transaction():
            archive.store.take_back(decision.id, hours(1))

        assert archive.store.standing([story, StoryId(99)]) == before
