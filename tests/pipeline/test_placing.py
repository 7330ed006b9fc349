"""Placing in the real store: the stories depend on the articles, not on how they came."""

import json
import re
from collections.abc import Iterable
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.adapters.store import SqliteStore
from aggregator.core.copies.copies import CANDIDATES, TIES, WINDOW
from aggregator.core.words.signature import sign
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.stories import Copy, Join, Placement, Relation, Story
from aggregator.pipeline.placing import MOST_MEMBERS, arranged, place
from aggregator.pipeline.rebuild import rebuild
from tests.builders import NOON, article, hours, placed, tie, words
from tests.pipeline.archive import Archive, Report, three_events

#: A text is made of blocks of words; texts that share enough of them are copies: whole, trimmed, extended, in chains.
Blocks = tuple[int, ...]
BLOCK = 30
#: The ids that a statement is asked for.
_LISTED = re.compile(r"json_each\('(\[[^]]*\])'\)")
FORTNIGHT = WINDOW.days * 24.0
#: The text of each article, and hours after noon.
DATES = (0.0, 0.0, 1.0, 30.0, FORTNIGHT, FORTNIGHT + 1, 2 * FORTNIGHT)

blocks = st.integers(0, 4).flatmap(
    lambda start: st.integers(1, 6).map(lambda count: tuple(range(start, start + count)))
) | st.lists(st.integers(0, 9), max_size=5).map(tuple)
readings = st.lists(st.tuples(st.integers(0, len(DATES) - 1), blocks), min_size=1, max_size=12)

#: Which articles stand together, which speaks for them, and who copies whom.
Standing = set[tuple[frozenset[str], str, frozenset[tuple[str, str]], int]]


def _text(parts: Blocks) -> str:
    return " ".join(words(BLOCK, start=1000 * part) for part in parts)


def _url(number: int) -> str:
    return f"https://paper-{number}.example/a"


class Newsroom:
    """A store that is told texts, and says how the articles stand."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self._ids: dict[int, ArticleId] = {}

    def tell(self, number: int, parts: Blocks, *, at: float | None = None) -> StoryId:
        """Add the article of this number, or revise it; place it and return its story."""
        dated = hours(DATES[number] if at is None else at)
        made = article(_text(parts), outlet=f"paper-{number}", url=_url(number), dated=dated)
        signature = sign(made.title, made.text)
        with self.store.transaction():
            known = self._ids.get(number)
            if known is None:
                self._ids[number] = self.store.add_article(made, signature, NOON)
            else:
                self.store.revise_article(known, made, signature, NOON)
            place(self.store, self._ids[number], signature, dated=dated, now=NOON)
        return self.story(number)

    def story(self, number: int) -> StoryId:
        """Return the story that an article stands in."""
        story = self.store.story_of(self._ids[number])
        assert story is not None
        return story

    def standing(self) -> Standing:
        """Say how the articles stand, by their addresses."""
        rows = self.store._sql.rows(
            "SELECT story.id, story.texts, canonical.url AS canonical, article.url, original.url AS copy_of FROM story"
            " JOIN article ON article.story_id = story.id JOIN article AS canonical ON canonical.id = canonical_id"
            " LEFT JOIN article AS original ON original.id = article.copy_of"
        )
        stories = {(row["id"], row["canonical"], row["texts"]) for row in rows}
        return {
            (
                frozenset(row["url"] for row in rows if row["id"] == id),
                canonical,
                frozenset((row["url"], row["copy_of"]) for row in rows if row["id"] == id and row["copy_of"]),
                texts,
            )
            for id, canonical, texts in stories
        }


def _standing(told: Iterable[tuple[int, Blocks]]) -> Standing:
    with SqliteStore(":memory:") as store:
        room = Newsroom(store)
        for number, parts in told:
            room.tell(number, parts)
        return room.standing()


def _texts(told: Iterable[tuple[int, Blocks]]) -> tuple[set[tuple[str, str]], set[tuple[object, ...]]]:
    """Return whose text each article carries, and the ties of words between articles."""
    with SqliteStore(":memory:") as store:
        room = Newsroom(store)
        for number, parts in told:
            room.tell(number, parts)
        copies = store._sql.rows(
            "SELECT article.url, original.url AS text FROM article JOIN article AS original"
            " ON original.id = coalesce(article.copy_of, article.id)"
        )
        ties = store._sql.rows(
            "SELECT min(one.url, other.url), max(one.url, other.url), relation, jaccard, containment FROM tie"
            " JOIN article AS one ON one.id = a JOIN article AS other ON other.id = b WHERE relation <> 'event'"
        )
        return {(row["url"], row["text"]) for row in copies}, set(map(tuple, ties))


@settings(max_examples=60)
@given(st.data())
def test_every_order_of_arrival_finds_the_same_copies(draw: st.DataObject) -> None:
    """However they arrive, the same articles carry the same texts, each copy the same one, and are tied in the same way."""
    told = list(enumerate(draw.draw(st.lists(blocks, min_size=2, max_size=len(DATES)))))

    assert _texts(draw.draw(st.permutations(told))) == _texts(told)


@settings(max_examples=60)
@given(readings)
def test_what_articles_said_before_leaves_no_trace(told: list[tuple[int, Blocks]]) -> None:
    """After any revisions texts and ties are those of what the articles say now."""
    assert _texts(told) == _texts(dict(told).items())


def test_whole_trimmed_and_extended_copies_are_one_story() -> None:
    """A text, a cut of it and one with a paragraph added stand together, and the longest complete one does not win."""
    whole, other = (1, 2, 3, 4, 5), (7, 8, 9)
    standing = _standing([(0, whole), (1, (1, 2, 3)), (2, (*whole, 6)), (3, other)])

    copies = frozenset({(_url(1), _url(0)), (_url(2), _url(0))})
    assert standing == {
        (frozenset(map(_url, (0, 1, 2))), _url(0), copies, 1),
        (frozenset({_url(3)}), _url(3), frozenset(), 1),
    }


def test_placing_twice_changes_nothing() -> None:
    """An article that is placed again as it stands leaves every row as it is."""
    with SqliteStore(":memory:") as store:
        room = Newsroom(store)
        for number, parts in enumerate(((1, 2, 3), (1, 2), (7, 8, 9))):
            room.tell(number, parts)
        changes = store._sql.raw.total_changes
        with store.transaction():
            for number, parts in enumerate(((1, 2, 3), (1, 2), (7, 8, 9))):
                signature = sign("A headline", _text(parts))
                place(store, ArticleId(number + 1), signature, dated=hours(DATES[number]), now=hours(1))

        assert store._sql.raw.total_changes == changes


def test_a_revised_text_leaves_its_story() -> None:
    """An article that says something else now begins a story of its own; the rest goes on under the old id."""
    with SqliteStore(":memory:") as store:
        room = Newsroom(store)
        story = room.tell(0, (1, 2, 3))
        assert room.tell(1, (1, 2, 3)) == room.tell(2, (1, 2, 3)) == story

        assert room.tell(1, (7, 8, 9)) != story
        assert room.story(0) == room.story(2) == story


def test_an_article_that_bridges_two_stories_merges_them() -> None:
    """A text half of which stands in each of two others makes one text of all; the other story's number leads to it."""
    with SqliteStore(":memory:") as store:
        room = Newsroom(store)
        first, second = room.tell(0, (1, 2, 3, 4)), room.tell(1, (3, 4, 5, 6))
        assert first != second

        assert room.tell(2, (2, 3, 4, 5)) == first == room.story(1)
        forwards = [tuple(row) for row in store._sql.rows("SELECT old_id, story_id FROM merged_story")]
        assert forwards == [(second, first)]
        assert [row["id"] for row in store._sql.rows("SELECT id FROM story")] == [first]


def test_a_digest_merges_nothing() -> None:
    """An article that holds two reports whole leaves them two stories."""
    with SqliteStore(":memory:") as store:
        room = Newsroom(store)
        first, second = room.tell(0, (1, 2, 3)), room.tell(1, (4, 5, 6))
        room.tell(2, (1, 2, 3, 4, 5, 6))

        assert [room.story(0), room.story(1)] == [first, second]


def test_a_text_that_comes_back_is_a_story_of_its_own() -> None:
    """Copies of one day stand together; the same text fifteen days later does not belong to them."""
    with SqliteStore(":memory:") as store:
        room = Newsroom(store)
        first = room.tell(0, (1, 2, 3), at=0)
        assert room.tell(1, (1, 2, 3), at=20) == first

        later = room.tell(2, (1, 2, 3), at=15 * 24 + 20)
        assert later != first
        assert room.tell(3, (1, 2, 3), at=15 * 24 + 21) == later
        assert room.story(0) == first


def test_tiny_texts_stand_alone() -> None:
    """Texts too short to be compared are never put together, however alike."""
    assert len(_standing((number, ()) for number in range(3))) == 3


def test_a_flood_of_one_text_is_bounded() -> None:
    """Among 2,000 copies an article is compared with the nearest few, and only its own rows are written."""
    with SqliteStore(":memory:") as store:
        flood, statements = _flood(store, 2_000), list[str]()
        room = Newsroom(store)
        changes = store._sql.raw.total_changes
        store._sql.raw.set_trace_callback(statements.append)
        assert room.tell(0, (1, 2, 3), at=40) == flood
        store._sql.raw.set_trace_callback(None)

        bands = len(sign("A headline", _text((1, 2, 3))).bands)
        ties = store._sql.value("SELECT count(*) FROM tie WHERE b = (SELECT max(id) FROM article)")
        assert ties == TIES
        assert store._sql.value("SELECT articles FROM story") == 2_001
        # Its ties, its bands, and what any article has: itself, body, words, signature, source, address, story.
        assert store._sql.raw.total_changes - changes <= TIES + bands + 20
        # A key of a band is looked up at all, and then in both directions of time, each of two parts of it at most.
        assert len(statements) <= CANDIDATES + 5 * bands + 40


def test_without_a_vocabulary_only_copies_are_one_story() -> None:
    """As long as nobody knows what a word is worth, texts that tell one event stand apart."""
    twin = Report(number=20, events=(0,), telling=0, at=6)
    with Archive.told([*three_events(), twin]) as archive:
        assert archive.stories() == {frozenset({0, 20}), *(frozenset({number}) for number in range(1, 12))}
        assert archive.store._sql.value("SELECT count(*) FROM key_term") == 0


def test_near_stories_are_found_by_their_words() -> None:
    """Once words are known, a new telling joins the story of its event, tied to it by the words that both have."""
    with Archive.told(three_events()) as archive:
        archive.rebuild()
        story = archive.story(4)

        assert archive.tell(Report(number=20, events=(1,), telling=9, at=20)) == story
        ties = [tie for tie in archive.store.ties([story]) if archive.id(20) in {tie.a, tie.b}]
        assert {tie.relation for tie in ties} == {Relation.EVENT}
        said = Report(number=20, events=(1,), telling=9).text.split()
        assert all(set(tie.shared) <= set(said) and tie.shared for tie in ties)
        assert archive.tell(Report(number=21, events=(7,), at=20)) not in {
            archive.story(number) for number in range(12)
        }


def test_an_article_of_another_language_is_not_compared() -> None:
    """The same words in what is said to be another language tell nothing, whether that one is known or not."""
    with Archive.told([*three_events(), Report(number=20, events=(8,), language="de")]) as archive:
        archive.rebuild()
        for number, language in enumerate(("de", "fr", ""), 30):
            archive.tell(Report(number=number, events=(0,), telling=number, at=5, language=language))
            assert frozenset({number}) in archive.stories()


def test_an_event_ends() -> None:
    """What tells the same ten days later is another story, and is not even compared."""
    with Archive.told(three_events()) as archive:
        archive.rebuild()
        late = archive.tell(Report(number=20, events=(0,), telling=9, at=24.0 * 10))

        assert late != archive.story(0)


def test_a_twin_joins_by_the_short_cut() -> None:
    """A copy to the letter is counted in without a look at the others, is not found by words, and stands as if it had been."""
    twins = [Report(number=number, events=(0,), telling=0, at=20) for number in (20, 21)]
    with Archive.told(three_events()) as archive:
        archive.rebuild()
        statements = list[str]()
        archive.store._sql.raw.set_trace_callback(statements.append)
        for twin in twins:
            archive.tell(twin)
        archive.store._sql.raw.set_trace_callback(None)

        assert archive.stories() == {frozenset({0, 1, 2, 3, 20, 21}), *(frozenset(range(at, at + 4)) for at in (4, 8))}
        assert sum("articles = articles + 1" in sql for sql in statements) == 2
        assert not [sql for sql in statements if "FROM key_term" in sql or "INSERT INTO key_term" in sql]
        one, first = (archive.store.profiles([archive.id(number)])[0] for number in (20, 0))
        assert one.background == first.background
        before = archive.changes()
        with archive.store.transaction():
            members = archive.store.members([archive.story(0)])
            archive.store.apply(arranged(archive.store, members), NOON)
        assert archive.changes() == before


def test_a_new_article_costs_the_same_in_a_larger_archive() -> None:
    """Statements, rows written and profiles read of a new article are few, and no more in five times the archive."""
    costs = []
    for times in (1, 5):
        with Archive.told(
            report for time in range(times) for report in three_events(first=100 * time, at=-30.0 * 24 * time)
        ) as archive:
            archive.rebuild()
            archive.tell(Report(number=20, events=(1,), telling=9, at=20))
            costs.append(_cost(archive, Report(number=21, events=(1,), telling=10, at=21)))

    # What any article needs, and a few for each story that may tell the same.
    assert max(statements for statements, _, _ in costs) <= 105
    # Keys of words and of word sequences, ties, and what any article has.
    assert max(rows for _, rows, _ in costs) <= 85
    # All were read, or recorded, a moment ago.
    assert max(profiles for _, _, profiles in costs) == 0


def _cost(archive: Archive, report: Report) -> tuple[int, int, int]:
    """Return statements, rows written and profiles read when an archive is told a report."""
    statements, changes = list[str](), archive.changes()
    archive.store._sql.raw.set_trace_callback(statements.append)
    archive.tell(report)
    archive.store._sql.raw.set_trace_callback(None)
    read = [_LISTED.search(sql) for sql in statements if "background" in sql and "json_each" in sql]
    return len(statements), archive.changes() - changes, sum(len(json.loads(found[1])) for found in read if found)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "joins"), [(40, True), (MOST_MEMBERS, True), (MOST_MEMBERS + 1, False)])
def test_what_is_arranged_with_a_new_article_is_bounded(*, size: int, joins: bool) -> None:
    """A story that tells what the article tells is arranged with it unless it is larger than any day's; the cost is bounded."""
    with Archive.told(three_events()) as archive:
        archive.rebuild()
        for number in range(size - 4):
            report = Report(number=20, events=(0,), telling=0, at=5)
            with archive.store.transaction():
                made = article(report.text, outlet=f"x-{number}", url=f"https://x-{number}.example/", url_keys=())
                signature = sign(made.title, made.text)
                id = archive.store.add_article(made, signature, NOON)
                copy = Copy(article=id, of=archive.id(0), similarity=1.0)
                ties = (tie(archive.id(0), id, jaccard=1.0),)
                archive.store.join(Join(story=archive.story(0), copy=copy, ties=ties), NOON)
        assert archive.store.sizes_of([archive.story(0)]) == {archive.story(0): size}
        statements = list[str]()
        archive.store._sql.raw.set_trace_callback(statements.append)
        story = archive.tell(Report(number=21, events=(0,), telling=9, at=6))
        archive.store._sql.raw.set_trace_callback(None)

        assert (story == archive.story(0)) == joins
        assert len(statements) < 400


def _flood(store: SqliteStore, count: int) -> StoryId:
    """Add so many articles of one text, a minute apart, as one story."""
    signature = sign("A headline", _text((1, 2, 3)))
    with store.transaction():
        dates: list[datetime] = [hours(number / 60) for number in range(count)]
        members = tuple(
            store.add_article(article(_text((1, 2, 3)), dated=dated, url_keys=()), signature, NOON) for dated in dates
        )
        copies = tuple(Copy(article=member, of=members[0], similarity=1.0) for member in members[1:])
        story = Story(
            id=None,
            members=members,
            canonical=members[0],
            copies=copies,
            texts=1,
            sources=1,
            first_dated=dates[0],
            last_dated=dates[-1],
        )
        ties = tuple(tie(members[0], member, jaccard=1.0) for member in members[1:])
        store.apply(Placement(ties=ties, stories=(story,)), NOON)
    found = store.story_of(members[0])
    assert found is not None
    return found


def test_a_copy_joins_a_crowd_without_arranging_it_anew() -> None:
    """It stands with the text it copies; what is no copy stands apart from the crowd; the rebuild has the last word on both."""
    said = words(80)
    with SqliteStore(":memory:") as store:

        def tell(text: str, number: int) -> ArticleId:
            made = article(text, outlet=f"paper-{number}")
            signature = sign(made.title, made.text)
            with store.transaction():
                id = store.add_article(made, signature, NOON)
                place(store, id, signature, dated=made.dated, now=NOON, crowd=10)
            return id

        first = [tell(f"{said} {words(5, start=1_000 + 10 * number)}", number) for number in range(12)]
        copy = tell(f"{said} {words(5, start=9_000)}", 20)
        part = tell(f"{words(60)} {words(40, start=20_000)}", 21)

        assert store.story_of(copy) in {store.story_of(id) for id in first}
        assert store.story_of(part) not in {store.story_of(id) for id in first}
        assert {id: of for id, _, of in placed(store)}[copy] is not None
        assert store.flaws() == ()
        rebuild(store, NOON)
        assert store.story_of(copy) in {store.story_of(id) for id in first}
        assert store.flaws() == ()
