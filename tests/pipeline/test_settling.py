"""When the stories are arranged anew without being asked, and what holds while that goes on."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

import pytest

from aggregator.core.stories.rules import Rules
from aggregator.core.words.signature import sign
from aggregator.domain.fetching import Failed
from aggregator.domain.ids import StoryId
from aggregator.domain.stories import DecisionKind
from aggregator.pipeline.deciding import merge, split, undo
from aggregator.pipeline.placing import place
from aggregator.pipeline.planning import STEP, plan
from aggregator.pipeline.pruning import prune_some
from aggregator.pipeline.settling import Settled
from tests.builders import article, hours, words
from tests.pipeline.archive import Archive, Report, three_events
from tests.pipeline.fakes import Desk, failure, listed

P = ParamSpec("P")
T = TypeVar("T")

FEED = "https://paper.example/feed"


def _desk(entries: int) -> Desk:
    """Return a desk whose only feed lists so many articles, each with its whole text."""
    desk = Desk(FEED)
    desk.web.feed(
        FEED,
        *(
            listed(
                f"https://paper.example/{number}", f"Headline {number}", content_text=words(400, start=1000 * number)
            )
            for number in range(entries)
        ),
    )
    return desk


def _settled(desk: Desk, *, anyway: bool = False) -> Settled | None:
    settled = desk.run(desk.settler.settle(anyway=anyway))
    assert not isinstance(settled, Failed)
    return settled


def test_stories_settle_once_much_has_come() -> None:
    """A first lot of articles is arranged once their words are known, and not again while nothing comes."""
    with _desk(30) as desk:
        assert _settled(desk) is None
        desk.only()
        settled = _settled(desk)

        assert settled is not None
        assert settled.articles == 30
        assert _settled(desk) is None


def test_a_handful_of_articles_waits_for_the_night() -> None:
    """Few articles do not make the stories settle; the night does, whatever came."""
    with _desk(3) as desk:
        desk.only()

        assert _settled(desk) is None
        assert _settled(desk, anyway=True) is not None


def test_changed_rules_take_effect() -> None:
    """After a change of settings that has a say in stories they settle, once."""
    with _desk(3) as desk:
        desk.only()
        desk.settler.reconfigure(Rules())
        assert _settled(desk) is None
        desk.settler.reconfigure(Rules(same_event=0.6))

        assert _settled(desk) is not None
        assert _settled(desk) is None


def test_what_failed_waits_for_the_night() -> None:
    """Where no plan could be made nothing is written, and it is tried again the next night, not at once."""
    with _desk(30) as desk:
        desk.only()
        desk.snapshots.failure = failure("the process died")
        before = desk.store._sql.raw.total_changes

        assert desk.run(desk.settler.settle()) == desk.snapshots.failure
        assert desk.store._sql.raw.total_changes == before
        desk.snapshots.failure = None
        assert _settled(desk) is None
        assert _settled(desk, anyway=True) is not None


def test_stories_do_not_settle_twice_at_once() -> None:
    """While they settle nobody begins again."""
    with _desk(30) as desk:
        desk.only()

        async def twice() -> list[Settled | Failed | None]:
            return list(await asyncio.gather(*(desk.settler.settle(anyway=True) for _ in range(2))))

        first, second = desk.run(twice())

    assert isinstance(first, Settled)
    assert second is None


def _many() -> list[Report]:
    """Return reports of seven events, more than are written in one step, and copies of some."""
    tellings = [
        Report(number=10 * event + telling, events=(event,), telling=telling, at=event + telling)
        for event in range(7)
        for telling in range(4)
    ]
    return [*tellings, *(Report(number=1000 + event, events=(event,), at=event + 7) for event in range(4))]


def _arranged(archive: Archive) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows but those of decisions, which settling does not make."""
    tables = archive.content()
    return {
        name: rows for name, rows in tables.items() if name not in {"decision", "sqlite_sequence", "_sqlite_migrations"}
    }


def test_settled_stories_are_those_of_a_rebuild() -> None:
    """Little by little or at once: the same rows of every table come out, and a second time changes none."""
    with Archive.told(_many()) as one, Archive.told(_many()) as other:
        for at in (100, 101):
            one.rebuild(at=at)
            settled = other.settle(at=at)

            assert _arranged(one) == _arranged(other)
            assert (settled.articles, settled.stories, settled.left) == (32 + at - 100, 7, 0)
            one.tell(Report(number=2000 + at, events=(1,), telling=at, at=40))
            other.tell(Report(number=2000 + at, events=(1,), telling=at, at=40))
        other.settle(at=102)
        changes = other.changes()
        assert other.settle(at=103).moved == 0
        assert other.changes() == changes


@pytest.fixture
def archive() -> Iterator[Archive]:
    """Return an archive whose three events were arranged, with a report that came since and is tied to none of them."""
    with Archive.told(three_events()) as archive:
        archive.rebuild()
        archive.tell(Report(number=50, events=(7,), at=20))
        yield archive


def test_what_comes_meanwhile_is_placed_and_stays(archive: Archive) -> None:
    """An article that joins a story between plan and deed stays in it; that story alone waits for the next time."""
    before = archive.standing()

    settled = archive.settle(meanwhile=lambda: archive.tell(Report(number=20, events=(0,), telling=9, at=21)))

    assert archive.standing() == before | {20: before[0]}
    assert (settled.articles, settled.left) == (13, 4)
    assert archive.store.flaws() == ()
    assert archive.settle(at=101).left == 0
    assert archive.standing() == before | {20: before[0]}


def test_what_comes_meanwhile_as_news_of_its_own_is_left_alone(archive: Archive) -> None:
    """An article that stands alone between plan and deed stands alone afterwards."""
    before = archive.standing()

    settled = archive.settle(meanwhile=lambda: archive.tell(Report(number=20, events=(8,), at=21)))

    assert settled.left == 0
    assert archive.standing().items() >= before.items()
    assert archive.story(20) not in before.values()


def _merge(archive: Archive) -> None:
    merge(archive.store, [archive.story(0), archive.story(4)], hours(99))


def _split(archive: Archive) -> None:
    split(archive.store, archive.story(0), [archive.id(0), archive.id(1)], hours(99))


def _merge_and_undo(archive: Archive) -> None:
    _merge(archive)
    undo(archive.store, hours(99))


@pytest.mark.parametrize("decide", [_merge, _split, _merge_and_undo])
def test_a_readers_word_holds_that_comes_meanwhile(archive: Archive, decide: Callable[[Archive], None]) -> None:
    """What is merged, split or undone between plan and deed stays so, this time and the next; `undo` still takes it back."""

    def meanwhile() -> None:
        decide(archive)
        wanted.append(archive.standing())

    wanted: list[dict[int, StoryId]] = []
    archive.settle(meanwhile=meanwhile)

    assert [archive.standing()] == wanted
    archive.settle(at=101)
    assert [archive.standing()] == wanted
    assert archive.store.flaws() == ()
    assert undo(archive.store, hours(102)).kind is (
        DecisionKind.REBUILD
        if decide is _merge_and_undo
        else DecisionKind.SPLIT
        if decide is _split
        else DecisionKind.MERGE
    )


def test_a_text_that_changes_meanwhile_is_left_alone(archive: Archive) -> None:
    """An article that is revised between plan and deed keeps the words by which its new text is found."""

    def revise() -> None:
        id = archive.id(0)
        made = article(
            Report(number=0, events=(9,)).text, outlet="paper-0", url="https://paper-0.example/a", language="en"
        )
        signature = sign(made.title, made.text)
        with archive.store.transaction():
            archive.store.revise_article(id, made, signature, hours(99))
            place(archive.store, id, signature, dated=made.dated, now=hours(99))
        kept.extend(archive.store._sql.rows("SELECT key_terms, background FROM signature WHERE article_id = ?", (id,)))

    kept: list[Any] = []
    settled = archive.settle(meanwhile=revise)

    assert settled.left == 4
    rows = archive.store._sql.rows("SELECT key_terms, background FROM signature WHERE article_id = ?", (archive.id(0),))
    assert list(map(tuple, rows)) == list(map(tuple, kept))
    assert archive.store.flaws() == ()


def test_articles_removed_meanwhile_stay_away(archive: Archive) -> None:
    """What is pruned between plan and deed does not come back, nor does anything of it."""
    archive.settle(meanwhile=lambda: prune_some(archive.store, hours(5), hours(99)))

    assert archive.store.article_count() == 8
    assert archive.store.flaws() == ()


class _BrokenOff(Exception):
    """Ends the settling as the end of the process would."""


class _Writer:
    """A writer that ends with all else after so many steps, if it is told how many."""

    def __init__(self, ends: int | None = None) -> None:
        self.steps = 0
        self._ends = ends

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `function` returns."""
        if self.steps == self._ends:
            raise _BrokenOff
        self.steps += 1
        return function(*args, **kwargs)


def test_who_breaks_off_leaves_all_sound() -> None:
    """After whatever step it ends, the database is sound, and the next time makes of it what one time would have made."""
    with Archive.told(_many()) as whole:
        writer = _Writer()
        whole.settle(in_writer=writer)
        expected = whole.stories()
    assert writer.steps > 3
    for ends in range(1, writer.steps):
        with Archive.told(_many()) as archive:
            with pytest.raises(_BrokenOff):
                archive.settle(in_writer=_Writer(ends))

            assert archive.store.flaws() == ()
            archive.settle(at=101)
            assert archive.stories() == expected


def test_a_crowd_is_written_in_steps() -> None:
    """Of a story of very many articles no step writes the words of more than a few, and the stories are those of a rebuild."""
    crowd = [Report(number=number, events=(0,), at=number / 10) for number in range(STEP + 5)]
    with Archive.told(crowd) as one, Archive.told(crowd) as other:
        one.rebuild()
        other.settle()

        assert _arranged(one) == _arranged(other)
        planned = plan(one.store, hours(101), since=None)
        assert max(sum(len(part.found) for part in step.parts) for step in planned.steps) == STEP
