"""Rebuilding: what is stored makes one set of stories, however it came and however often it is arranged."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.adapters.store import SqliteStore
from aggregator.core.events.vocabulary import weigh
from aggregator.core.words.boilerplate import without
from aggregator.core.words.signature import sign
from aggregator.domain.ids import StoryId
from aggregator.domain.stories import Relation
from aggregator.pipeline.placing import place
from aggregator.pipeline.rebuild import GROWTH, LEAST_GROWTH, UNDOABLE, is_due, rebuild
from tests.builders import NOON, article, hours, words
from tests.newsworld.clock import END, WorldClock
from tests.newsworld.model import NewsArticle
from tests.newsworld.outlets import OUTLETS
from tests.newsworld.world import load_world
from tests.pipeline.archive import Archive, Report, three_events

#: A report may stand between two events, be another's copy, or lie weeks apart from the others on its event.
drawn = st.lists(
    st.tuples(
        st.sampled_from([(0,), (1,), (0, 1), (2,)]), st.integers(0, 2), st.sampled_from([0, 1, 30, 24 * 8, 24 * 20])
    ),
    min_size=2,
    max_size=9,
)


@settings(max_examples=40)
@given(drawn, st.data())
def test_every_order_of_arrival_makes_the_same_stories(
    told: list[tuple[tuple[int, ...], int, int]], draw: st.DataObject
) -> None:
    """After a rebuild stories and texts depend on the articles alone, not on when they came nor on rebuilds in between."""
    reports = [
        Report(number=number, events=events, telling=telling, at=at)
        for number, (events, telling, at) in enumerate(told)
    ]
    with Archive.told(reports) as straight, Archive.told() as mixed:
        for report in draw.draw(st.permutations(reports)):
            mixed.tell(report)
            if draw.draw(st.booleans()):
                mixed.rebuild()
        for archive in (straight, mixed):
            archive.rebuild()

        assert mixed.stories() == straight.stories()
        assert mixed.texts() == straight.texts()


def test_a_rebuild_groups_the_tellings_of_each_event() -> None:
    """What told no event while no word was known stands together afterwards, with the words that say why."""
    with Archive.told(three_events()) as archive:
        assert len(archive.stories()) == 12
        rebuilt = archive.rebuild()

        assert archive.stories() == {frozenset(range(first, first + 4)) for first in (0, 4, 8)}
        assert (rebuilt.articles, rebuilt.stories_before, rebuilt.stories_after, rebuilt.moved) == (12, 12, 3, 9)
        assert [len(change.parts) for change in rebuilt.merges] == [4, 4, 4]
        assert rebuilt.splits == ()
        ties = archive.store.ties([archive.story(0)])
        assert {tie.relation for tie in ties} == {Relation.EVENT}
        assert all(tie.shared and tie.likeness for tie in ties)


def test_a_second_rebuild_changes_no_row() -> None:
    """Stories, ties, keys and what was learned are as they were, also while news came in after the first."""
    with Archive.told(three_events()) as archive:
        archive.tell(Report(number=20, events=(0,), telling=0, at=6))
        archive.rebuild()
        archive.tell(Report(number=21, events=(1,), telling=7, at=30))
        archive.rebuild(at=101)
        before, content = archive.changes(), archive.content()
        rebuilt = archive.rebuild(at=102)

        assert archive.changes() == before
        assert archive.content() == content
        assert (rebuilt.moved, rebuilt.merges, rebuilt.splits) == (0, (), ())


def test_trying_a_rebuild_changes_nothing_and_tells_all() -> None:
    """A dry run leaves every row as it is and reports what the real one then does."""
    with Archive.told(three_events()) as archive:
        before = archive.content()
        told = archive.rebuild(dry_run=True)

        assert archive.content() == before
        assert archive.store.vocabularies() == {}
        assert told.moved == 9
        assert archive.rebuild() == told


def test_stories_keep_their_numbers() -> None:
    """The largest part of a story goes on under its number, and the numbers of the others lead to it."""
    with Archive.told(three_events()) as archive:
        archive.rebuild()
        before = archive.standing()
        for report in three_events(first=100, at=30):
            archive.tell(Report(number=report.number, events=report.events, telling=report.telling + 20, at=report.at))
        archive.rebuild()

        assert {number: archive.story(number) for number in before} == before
        assert len(archive.stories()) == 3
        before |= {100 + number: story for number, story in before.items()}
        assert archive.standing() == before
        led = {archive.store.living_story(StoryId(number)) for number in range(1, 25)}
        assert led - {None} == set(before.values())


def test_closed_stories_are_left_alone() -> None:
    """With `since` only stories that have an article of that time or later are arranged anew."""
    month = 24.0 * 30
    with Archive.told([*three_events(), *three_events(first=100, at=month)]) as archive:
        before = archive.standing()
        rebuilt = archive.rebuild(at=month + 100, since=hours(month - 24))

        assert rebuilt.articles == 12
        assert {number: archive.story(number) for number in range(12)} == {
            number: before[number] for number in range(12)
        }
        assert len({archive.story(number) for number in range(100, 112)}) == 3
        archive.rebuild(at=month + 100)
        assert len({archive.story(number) for number in range(12)}) == 3


def test_old_articles_are_found_no_more() -> None:
    """One article of each text is found by its words, but none that is too old to be compared with what is to come."""
    month = 24.0 * 30
    twin = Report(number=200, events=(0,), telling=0, at=month + 1)
    with Archive.told([*three_events(), *three_events(first=100, at=month), twin]) as archive:
        archive.rebuild(at=month + 100)
        found = archive.store._sql.rows("SELECT DISTINCT article_id FROM key_term")

        assert {row["article_id"] for row in found} == {archive.id(number) for number in range(100, 112)}


def test_a_rebuild_is_due_when_much_has_come() -> None:
    """It is due when so much more is there than was learned from, and whenever an article is still to be signed."""
    with Archive.told() as archive:
        assert not is_due(archive.store)
        for number in range(LEAST_GROWTH):
            assert not is_due(archive.store)
            archive.tell(Report(number=number, events=(number,)))
        assert is_due(archive.store)
        archive.rebuild()
        assert not is_due(archive.store)
        enough = GROWTH * LEAST_GROWTH + LEAST_GROWTH
        for number in range(LEAST_GROWTH, 99):
            archive.tell(Report(number=number, events=(number,)))
            assert is_due(archive.store) == (number + 1 >= enough)
        archive.rebuild()
        with archive.store.transaction():
            archive.store._sql.write("UPDATE signature SET terms = NULL WHERE article_id = 1")
        assert is_due(archive.store)
        archive.rebuild()
        assert not is_due(archive.store)


def test_only_rebuilds_that_moved_something_can_be_undone() -> None:
    """A rebuild that moved nothing is no decision; of those that did the last few are remembered."""
    with Archive.told(three_events()) as archive:
        archive.rebuild()
        last = archive.store.last_decision()
        assert last is not None
        archive.rebuild()
        assert archive.store.last_decision() == last
        assert last.told == "rebuilt 12 stories: 9 of 12 articles moved"
        for number in range(UNDOABLE + 2):
            # Of a month of its own, told before its words are known.
            at = 24.0 * 30 * (number + 1)
            for report in three_events(first=100 * (number + 1), at=at):
                archive.tell(report, language=f"x{number}")
            archive.rebuild(at=at + 100)

        assert archive.store._sql.value("SELECT count(*) FROM decision") == UNDOABLE


def test_an_article_signed_by_an_older_version_is_signed_anew() -> None:
    """Signature, copies and stories come out as if the article had just come."""
    twin = Report(number=20, events=(0,), telling=0, at=6)
    with Archive.told([*three_events(), twin]) as fresh, Archive.told([*three_events(), twin]) as old:
        with old.store.transaction():
            old.store._sql.write("DELETE FROM band")
            old.store._sql.write("DELETE FROM tie")
            old.store._sql.write("UPDATE signature SET terms = NULL, shingles = x'', bands = NULL, facts = x''")
        for archive in (fresh, old):
            archive.rebuild()

        assert old.stories() == fresh.stories()
        assert old.texts() == fresh.texts()
        assert old.content()["signature"] == fresh.content()["signature"]
        assert [len(old.content()[table]) for table in ("band", "tie")] == [
            len(fresh.content()[table]) for table in ("band", "tie")
        ]


def _chain(count: int, *, step: int, length: int, shuffled: bool) -> list[str]:
    """Return texts each of which shares words with the one before and the one after."""
    texts = [words(length, start=20_000 + step * number).split() for number in range(count)]
    return [" ".join(sorted(text, key=lambda word: word[::-1]) if shuffled else text) for text in texts]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "shuffled"), [(40, False), (30, False), (40, True), (20, True)], ids=["copies", "near", "events", "close"]
)
def test_a_chain_of_likenesses_does_not_end_in_one_story(step: int, shuffled: bool) -> None:
    """However long each article leads on to the next, stories stay small: what is not alike is not put together."""
    with SqliteStore(":memory:") as store:
        for number, text in enumerate(_chain(300, step=step, length=120, shuffled=shuffled)):
            made = article(text, at=number / 4, outlet=f"paper-{number}", title=f"Piece {number}", language="en")
            signature = sign(made.title, made.text)
            with store.transaction():
                id = store.add_article(made, signature, NOON)
                place(store, id, signature, dated=made.dated, now=made.dated)
            if number == 100:
                rebuild(store, made.dated)
        live = _largest(store)
        rebuild(store, hours(80))

        assert live <= 30
        assert _largest(store) <= 30


def _largest(store: SqliteStore) -> int:
    return int(store._sql.value("SELECT max(articles) FROM story"))


def _tell_world(store: SqliteStore, articles: Sequence[NewsArticle], clock: WorldClock) -> None:
    for told in articles:
        version = told.version(END)
        made = article(
            told.text(END),
            title=version.title,
            outlet=told.outlet,
            url=f"https://{told.outlet}.example/{told.id}",
            language=OUTLETS[told.outlet].language,
            dated=clock.moment(told.at),
            published=clock.moment(told.at),
        )
        signature = sign(made.title, without(made.text, store.boilerplate(made.source.site)))
        with store.transaction():
            id = store.add_article(made, signature, made.dated)
            place(store, id, signature, dated=made.dated, now=made.dated)


def _world_stories(store: SqliteStore) -> set[frozenset[str]]:
    rows = store._sql.rows("SELECT url, story_id FROM article")
    stories: dict[int, set[str]] = {}
    for row in rows:
        stories.setdefault(row["story_id"], set()).add(row["url"])
    return {frozenset(urls) for urls in stories.values()}


@pytest.mark.slow
def test_the_news_world_makes_the_same_stories_in_any_order() -> None:
    """123 articles in eight languages, told forwards and backwards, make the same stories after a rebuild."""
    world, clock = load_world(), WorldClock(now=NOON)
    with SqliteStore(":memory:") as one, SqliteStore(":memory:") as other:
        _tell_world(one, world.articles, clock)
        _tell_world(other, world.articles[::-1], clock)
        for store in (one, other):
            rebuild(store, clock.moment(END))

        assert _world_stories(one) == _world_stories(other)
        changes = one._sql.raw.total_changes
        rebuild(one, clock.moment(END) + timedelta(hours=1))
        assert one._sql.raw.total_changes == changes


@pytest.mark.slow
@pytest.mark.parametrize("backwards", [False, True])
def test_live_placing_comes_to_the_stories_of_a_rebuild(*, backwards: bool) -> None:
    """Once words are known, placing article by article, in whatever order, leaves a rebuild one in a hundred to move."""
    world, clock = load_world(), WorldClock(now=NOON)
    with SqliteStore(":memory:") as first, SqliteStore(":memory:") as store:
        _tell_world(first, world.articles, clock)
        rebuild(first, clock.moment(END))
        with store.transaction():
            store.learn(first.vocabularies(), clock.moment(0))
        _tell_world(store, world.articles[::-1] if backwards else world.articles, clock)
        rebuilt = rebuild(store, clock.moment(END))

        assert rebuilt.articles == len(world.articles)
        assert rebuilt.moved <= 0.01 * rebuilt.articles, (rebuilt.merges, rebuilt.splits)


@pytest.mark.slow
def test_rebuilding_when_due_leaves_the_night_little_to_do() -> None:
    """Told as the daemon is, with a rebuild whenever one is due, two days leave the last rebuild few articles to move.

    In a language of ten articles each new one changes what a word is worth: of 123 the last rebuild moves 5, and would move
    12 had the one before been that of the first day.
    """
    world, clock = load_world(), WorldClock(now=NOON)
    with SqliteStore(":memory:") as store:
        for told in world.articles:
            _tell_world(store, [told], clock)
            if is_due(store):
                rebuild(store, clock.moment(told.at))
        rebuilt = rebuild(store, clock.moment(END))

        assert rebuilt.moved <= 0.05 * rebuilt.articles, (rebuilt.merges, rebuilt.splits)


def test_nothing_is_remembered_of_words_as_they_weighed_before() -> None:
    """However many nights pass, what was weighed takes as much memory as after the first one."""
    with Archive.told(three_events()) as archive:
        sizes = []
        for night in range(4):
            archive.tell(Report(number=50 + night, events=(3 + night,), at=20))
            archive.rebuild(at=24.0 * (night + 1))
            sizes.append(weigh.cache_info().currsize)

    assert max(sizes) <= 12 + 4
