"""Candidates, members, ties, and the stories they are placed in."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.adapters.store import SqliteStore
from aggregator.adapters.store.key_tables import BAND
from aggregator.core.stories.placement import arrange
from aggregator.domain.articles import Signature, Source
from aggregator.domain.feeds import Entry
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.settings import FeedConfig
from aggregator.domain.stories import Candidate, Copy, Member, Placement, Relation, Story, Tie
from tests.builders import NOON, article, hours, placed, tie

FAR = timedelta(days=9999)


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    with SqliteStore(":memory:") as store:
        yield store


def _add(store: SqliteStore, *bands: int, dated: datetime = NOON, **more: Any) -> ArticleId:
    """Add an article that has these bands, within the open transaction."""
    made = article("text", url_keys=(), dated=dated, **more)
    return store.add_article(made, Signature(shingles=b"abcd", bands=bands), NOON)


def _story(id: int | None, *members: ArticleId, canonical: ArticleId | None = None, **more: Any) -> Story:
    fields: dict[str, Any] = {"copies": (), "texts": 1, "sources": 1, "first_dated": NOON, "last_dated": NOON} | more
    return Story(id=None if id is None else StoryId(id), members=members, canonical=canonical or members[0], **fields)


def _apply(store: SqliteStore, *stories: Story, at: float = 0, **more: Any) -> int:
    """Apply a placement and return how many rows that changed."""
    before = store._sql.raw.total_changes
    with store.transaction():
        store.apply(Placement(ties=more.pop("ties", ()), stories=stories, **more), hours(at))
    return store._sql.raw.total_changes - before


def _articles(store: SqliteStore, count: int) -> list[ArticleId]:
    with store.transaction():
        return [_add(store) for _ in range(count)]


def _stand(store: SqliteStore) -> dict[ArticleId, StoryId]:
    return {article: story for article, story, _ in placed(store)}


def _updated(store: SqliteStore, id: int) -> str:
    return str(store._sql.value("SELECT substr(updated, 12, 2) FROM story WHERE id = ?", (id,)))


def _forwards(store: SqliteStore) -> dict[int, int]:
    return {row["old_id"]: row["story_id"] for row in store._sql.rows("SELECT * FROM merged_story")}


stored = st.tuples(
    st.lists(st.sampled_from([1, 2, 3, -(2**63), 2**63 - 2]), max_size=4),
    st.integers(-3, 3),  # microseconds
    st.integers(-2, 2),  # seconds
    st.booleans(),  # placed
)


@settings(deadline=None)
@given(
    st.lists(stored, max_size=12),
    st.lists(st.sampled_from([1, 2, 3, -(2**63)]), max_size=4),
    st.integers(0, 2),
    st.integers(1, 20),
)
def test_candidates_are_those_that_counting_finds(
    others: list[tuple[list[int], int, int, bool]], bands: list[int], reach: int, limit: int
) -> None:
    """Shared bands, window, order and limit are as if every article had been looked at."""
    window = timedelta(seconds=reach, microseconds=1)
    expected = []
    with SqliteStore(":memory:") as store, store.transaction():
        id = _add(store, *bands)
        for own, micros, seconds, placed in others:
            apart = timedelta(seconds=seconds, microseconds=micros)
            other = _add(store, *own, dated=NOON + apart)
            if placed:
                store.apply(Placement(ties=(), stories=(_story(None, other),)), NOON)
            shared = len(set(own) & set(bands))
            if placed and shared and abs(apart) <= window:
                expected.append((-shared, abs(apart), other))
        found = store.candidates(id, bands, middle=NOON, since=NOON - window, until=NOON + window, limit=limit)

    assert len(found) <= limit
    if limit >= len(others):
        assert [candidate.id for candidate in found] == [other for *_, other in sorted(expected)]


def test_a_candidate_carries_what_the_exact_check_needs(store: SqliteStore) -> None:
    """Story, date and shingles come along; the article itself does not."""
    with store.transaction():
        id, other = _add(store, 1), _add(store, 1, dated=hours(1))
    _apply(store, _story(None, id), _story(None, other))

    assert store.candidates(id, (1,), middle=NOON, since=NOON, until=hours(1), limit=9) == (
        Candidate(id=other, story=StoryId(2), text=other, dated=hours(1), shingles=b"abcd"),
    )


def test_a_tiny_article_has_no_candidates(store: SqliteStore) -> None:
    """Without bands nothing is compared."""
    id = _articles(store, 1)[0]

    assert store.candidates(id, (), middle=NOON, since=NOON - FAR, until=NOON + FAR, limit=9) == ()


def _steps(store: SqliteStore, call: Callable[[], object]) -> int:
    """Return how many hundreds of instructions SQLite's machine takes for a call."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    store._sql.raw.set_progress_handler(count, 100)
    call()
    store._sql.raw.set_progress_handler(None, 0)
    return steps


def test_a_flood_of_one_text_costs_no_more_than_the_limit(store: SqliteStore) -> None:
    """Among 10,000 articles of one text the nearest are found with half as much work again as among 500, at most."""
    work = {}

    def candidates() -> tuple[Candidate, ...]:
        return store.candidates(id, range(32), middle=middle, since=NOON - FAR, until=NOON + FAR, limit=100)

    middle = NOON + timedelta(minutes=25)
    with store.transaction():
        id = _add(store, *range(32), dated=middle)
        store.apply(Placement(ties=(), stories=(_story(None, id),)), NOON)
        for number in range(1, 10_001):
            # What a flood leaves in the tables, written without the cost of its words.
            store._sql.write(
                "INSERT INTO article SELECT :id, url, title, author, source_id, agency, is_original, language, summary, image,"
                " published, :dated, first_seen, updated, text_from, text_length, 0, story_id, NULL, NULL, NULL"
                " FROM article WHERE id = :own",
                {"id": id + number, "own": id, "dated": f"2026-03-02T12:{number // 200:02}:00.000000Z"},
            )
            store._sql.write(
                "INSERT INTO signature SELECT ?, shingles, bands, facts, terms, background, key_terms FROM signature"
                " WHERE article_id = ?",
                (id + number, id),
            )
            second = int((NOON + timedelta(minutes=number // 200)).timestamp())
            BAND.add(store._sql, id + number, range(32), second)
            if number in {500, 10_000}:
                work[number] = _steps(store, candidates)
        found = candidates()

    assert {candidate.dated for candidate in found} == {NOON + timedelta(minutes=25)}
    assert len(found) == 100
    # All 500 lie on one side of the article; of the 10,000 both sides are read.
    assert work[10_000] < 1.5 * work[500]


def test_a_member_is_what_grouping_looks_at(store: SqliteStore) -> None:
    """Placed or not, a member has its source, length and the highest weight of the feeds that list it."""
    store.sync_feeds(
        [FeedConfig(url=f"https://{weight}.example/", weight=weight) for weight in (0.5, 3.0, 2.0)], FAR, NOON
    )
    with store.transaction():
        id = _add(store, url="https://a.example/x", is_original=True)
        lone = _add(store, source=Source(site="b.example", name="B"))
        for due in store.all_feeds():
            store.list_entry(due.feed.id, Entry(key="k", guid=None, url=None, title="", digest=b""), id, NOON)
    expected = Member(
        id=id, story=None, url="https://a.example/x", source=store.member(id).source, dated=NOON, length=4,
        is_original=True, weight=3.0,
    )  # fmt: skip

    assert store.member(id) == expected
    assert store.member(lone).weight == 1.0
    assert store.member(lone).source != expected.source
    with pytest.raises(LookupError):
        store.member(ArticleId(99))


def test_members_and_ties_are_those_of_the_stories_asked_for(store: SqliteStore) -> None:
    """Members come by id, ties by their ends, and only ties with both ends inside."""
    a, b, c, d = _articles(store, 4)
    ties = (tie(b, c, jaccard=0.5), tie(a, c), tie(c, d))
    _apply(store, _story(None, c, a), _story(None, b), _story(None, d), ties=ties)

    assert [member.id for member in store.members([StoryId(2), StoryId(1)])] == [a, b, c]
    assert store.ties([StoryId(1), StoryId(2)]) == (tie(a, c), tie(b, c, jaccard=0.5))
    assert store.members([]) == ()
    assert store.ties([]) == ()


def test_applying_the_same_again_changes_no_row(store: SqliteStore) -> None:
    """New stories, merges, copies and ties are written once, whatever is repeated."""
    a, b, c, d = _articles(store, 4)
    first = (_story(None, a, b, copies=(Copy(article=b, of=a, similarity=0.7),)), _story(None, c), _story(None, d))
    ties = (tie(a, b), tie(a, c))

    assert _apply(store, *first, ties=ties) > 0
    assert _apply(store, *first, ties=ties, at=1) == 0
    merge = {"merged": ((StoryId(2), StoryId(1)),), "ties": (tie(a, b, jaccard=0.8),)}
    assert _apply(store, _story(1, a, b, c), at=2, **merge) > 0
    assert _apply(store, _story(1, a, b, c), at=3, **merge) == 0
    assert [_updated(store, id) for id in (1, 3)] == ["14", "12"]


def test_a_story_is_updated_when_it_changes(store: SqliteStore) -> None:
    """Both the story that an article leaves and the one it joins are new; one that merely is looked at is not."""
    a, b, c, d = _articles(store, 4)
    _apply(store, _story(None, a, b), _story(None, c), _story(None, d))
    _apply(store, _story(1, a), _story(2, b, c), _story(3, d), at=1)

    assert [_updated(store, id) for id in (1, 2, 3)] == ["13", "13", "12"]
    assert _stand(store) == {a: 1, b: 2, c: 2, d: 3}


def test_copies_are_kept_and_dropped(store: SqliteStore) -> None:
    """An article says whom it copies while it does."""
    a, b = _articles(store, 2)
    _apply(store, _story(None, a, b, copies=(Copy(article=b, of=a, similarity=0.7),)))
    assert placed(store) == [(a, 1, None), (b, 1, a)]
    _apply(store, _story(1, a, b, canonical=b, copies=(Copy(article=a, of=b, similarity=0.7),)))

    assert placed(store) == [(a, 1, b), (b, 1, None)]


def test_a_story_knows_when_it_was_first_seen(store: SqliteStore) -> None:
    """The earliest of its articles counts, even when that one joins late."""
    with store.transaction():
        late, early = (store.add_article(article("text", url_keys=()), Signature(), hours(at)) for at in (5, 2))
    seen: list[str] = []
    for members in ((late,), (late, early)):
        _apply(store, _story(None if not seen else 1, *members), at=9)
        seen.append(store._sql.value("SELECT substr(first_seen, 12, 2) FROM story"))

    assert seen == ["17", "14"]


def test_the_number_of_a_story_that_is_gone_is_not_used_again(store: SqliteStore) -> None:
    """An old number never leads to another story than the one its articles went to."""
    a, b, c = _articles(store, 3)
    _apply(store, _story(None, a), _story(None, b))
    _apply(store, _story(1, a, b), merged=((StoryId(2), StoryId(1)),))
    _apply(store, _story(None, c))

    assert _stand(store) == {a: 1, b: 1, c: 3}
    assert _forwards(store) == {2: 1}


def test_a_chain_of_merges_leads_straight_to_the_living_story(store: SqliteStore) -> None:
    """However often a story was merged on, within one placement or over several, its number is one step away."""
    a, b, c, d = _articles(store, 4)
    _apply(store, *(_story(None, id) for id in (a, b, c, d)))
    _apply(store, _story(2, a, b), merged=((StoryId(1), StoryId(2)),))
    _apply(store, _story(4, a, b, c, d), merged=((StoryId(2), StoryId(3)), (StoryId(3), StoryId(4))))

    assert _forwards(store) == {1: 4, 2: 4, 3: 4}
    assert set(_stand(store).values()) == {4}


def test_a_story_without_articles_is_gone(store: SqliteStore) -> None:
    """A story that nothing stands in any more disappears, forwarded or not."""
    a, b = _articles(store, 2)
    _apply(store, _story(None, a), _story(None, b))
    _apply(store, _story(1, a, b))

    assert [row["id"] for row in store._sql.rows("SELECT id FROM story")] == [1]
    assert _forwards(store) == {}


def test_an_unknown_story_is_a_mistake(store: SqliteStore) -> None:
    """A placement that continues a story that never was raises and is undone."""
    (a,) = _articles(store, 1)
    with pytest.raises(LookupError, match="no story 7"):
        _apply(store, _story(7, a))

    assert _stand(store) == {}


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 9), st.integers(0, 999_999))
def test_whatever_merges_and_parts_every_number_leads_on(count: int, seed: int) -> None:
    """After any ties in any order: the counts are true, and each number ever used is a story or leads to one."""
    chance = random.Random(seed)
    used: set[StoryId] = set()
    with SqliteStore(":memory:") as store:
        ids = _articles(store, count)
        _apply(store, *(_story(None, id) for id in ids))
        for _ in range(2 * count):
            a, b = sorted(chance.sample(ids, 2))
            new = tie(a, b, relation=chance.choice([Relation.COPY, Relation.COPY, Relation.TEMPLATE]))
            before = _stand(store)
            used |= set(before.values())
            stories = {before[a], before[b]}
            placement = arrange(store.members(stories), store.ties(stories), new=(new,))
            assert _applied(store, placement) > 0 or new in store.ties(stories)
            again = arrange(store.members(stories), store.ties(stories))
            assert _applied(store, again) == 0
        stand, forwards = _stand(store), _forwards(store)
        living = {row["id"]: row for row in store._sql.rows("SELECT * FROM story")}
        led = {story: store.living_story(story) for story in used}

    assert Counter(stand.values()) == {id: row["articles"] for id, row in living.items()}
    assert led == {story: forwards.get(story, story) for story in used}
    assert set(led.values()) <= living.keys()
    assert not set(forwards) & set(living)


def _applied(store: SqliteStore, placement: Placement) -> int:
    before = store._sql.raw.total_changes
    with store.transaction():
        store.apply(placement, NOON)
    return store._sql.raw.total_changes - before


def test_a_tie_keeps_what_the_two_articles_are_to_each_other(store: SqliteStore) -> None:
    """Relation, likeness, words and the rule come back as they were given, whatever the relation."""
    a, b, c, d = _articles(store, 4)
    ties = (
        tie(a, b, relation=Relation.PART, jaccard=0.25, containment=0.75, hours_apart=1.5, rule=7),
        tie(a, c, relation=Relation.TEMPLATE),
        tie(b, d),
    )
    event = tie(c, d, relation=Relation.EVENT, likeness=0.625, shared=("Fähre", "地震"))
    _apply(store, _story(None, a, b, c, d), ties=ties, events=(event,))

    assert store.ties([StoryId(1)]) == (*ties, event)


def test_events_are_those_of_the_last_placement(store: SqliteStore) -> None:
    """Among the articles of a placement its ties of events replace those before; all other ties stay, and so do others'."""
    a, b, c, d = _articles(store, 4)
    ab, bc, cd = (tie(x, y, relation=Relation.EVENT, likeness=0.5) for x, y in ((a, b), (b, c), (c, d)))
    copy = tie(a, c)
    _apply(store, _story(None, a, b, c), ties=(copy,), events=(ab, bc))
    _apply(store, _story(None, d))
    better = tie(a, b, relation=Relation.EVENT, likeness=0.75)
    _apply(store, _story(1, a, b, c), events=(better,))

    assert store.ties([StoryId(1)]) == (better, copy)
    _apply(store, _story(1, a, b), _story(2, c, d), events=(cd,))
    assert store.ties([StoryId(1), StoryId(2)]) == (copy, cd)
    assert _apply(store, _story(1, a, b), _story(2, c, d), events=(cd,)) == 0


def test_an_event_takes_the_place_of_a_tie_of_words_only_when_told(store: SqliteStore) -> None:
    """Two articles have one tie: a later one, of whatever relation, replaces the earlier."""
    a, b = _articles(store, 2)
    _apply(store, _story(None, a, b), ties=(tie(a, b),))
    event = tie(a, b, relation=Relation.EVENT, likeness=0.5)
    _apply(store, _story(1, a, b), events=(event,))

    assert store.ties([StoryId(1)]) == (event,)


def test_a_merged_story_comes_back_under_its_number(store: SqliteStore) -> None:
    """A placement may continue a story that had gone into another one; its number then leads to itself again."""
    a, b = _articles(store, 2)
    _apply(store, _story(None, a), _story(None, b))
    _apply(store, _story(1, a, b), merged=((StoryId(2), StoryId(1)),))
    assert store.living_story(StoryId(2)) == 1
    _apply(store, _story(1, a), _story(2, b))

    assert _stand(store) == {a: 1, b: 2}
    assert _forwards(store) == {}
    assert [store.living_story(StoryId(number)) for number in (1, 2)] == [1, 2]


def test_an_old_number_leads_to_the_living_story(store: SqliteStore) -> None:
    """A number is that of a story, or of one that took its articles in, or of none."""
    a, b = _articles(store, 2)
    _apply(store, _story(None, a), _story(None, b))
    _apply(store, _story(1, a, b), merged=((StoryId(2), StoryId(1)),))

    assert [store.living_story(StoryId(number)) for number in (1, 2, 3)] == [1, 1, None]


def test_comparable_articles_come_in_the_order_asked_for(store: SqliteStore) -> None:
    """Each is told with the text it carries, its shingles and facts; one without a story is no candidate."""
    with store.transaction():
        first = store.add_article(article("one", url_keys=()), Signature(shingles=b"abcd", facts=b"efgh"), NOON)
        copy, lone = _add(store, dated=hours(500)), _add(store)
    _apply(store, _story(None, first, copy, copies=(Copy(article=copy, of=first, similarity=0.7),)))

    found = store.comparable([copy, lone, first])
    assert [(one.id, one.text, one.story, one.dated) for one in found] == [
        (copy, first, 1, hours(500)),
        (first, first, 1, NOON),
    ]
    assert (found[1].shingles, found[1].facts) == (b"abcd", b"efgh")
    assert store.comparable([]) == ()


def test_articles_know_their_stories_and_stories_their_size(store: SqliteStore) -> None:
    """An article without a story has none to tell; a story that never was has no articles."""
    a, b, c = _articles(store, 3)
    _apply(store, _story(None, a, b))

    assert store.stories_of([c, b, a, ArticleId(99)]) == {a: 1, b: 1}
    assert store.stories_of([]) == {}
    assert store.sizes_of([StoryId(1), StoryId(2)]) == {1: 2}


def test_stories_that_share_copies_are_found_from_either(store: SqliteStore) -> None:
    """A tie of copies leads from story to story whichever end is asked; other relations and unplaced articles do not."""
    a, b, c, d = _articles(store, 4)
    ties = (tie(a, b), tie(b, c, relation=Relation.TEMPLATE), tie(a, d))
    _apply(store, _story(None, a), _story(None, b), _story(None, c), ties=ties)

    assert store.copying([StoryId(1)]) == (2,)
    assert store.copying([StoryId(2)]) == (1,)
    assert store.copying([StoryId(1), StoryId(2)]) == (1, 2)
    assert store.copying([StoryId(3)]) == store.copying([]) == ()


def test_open_stories_are_those_with_an_article_since(store: SqliteStore) -> None:
    """A story counts by its latest article, that very moment included; without a date all do."""
    a, b, c = _articles(store, 3)
    _apply(store, _story(None, a, last_dated=hours(1)), _story(None, b), _story(None, c, last_dated=hours(2)))

    assert store.stories_since(hours(1)) == (1, 3)
    assert store.stories_since(hours(2) + timedelta(microseconds=1)) == ()
    assert store.stories_since(None) == (1, 2, 3)


def test_ties_are_added_once(store: SqliteStore) -> None:
    """The same tie again writes nothing; another one of the same two articles takes its place."""
    a, b = _articles(store, 2)
    _apply(store, _story(None, a, b))

    def add(*ties: Tie) -> int:
        before = store._sql.raw.total_changes
        with store.transaction():
            store.add_ties(ties)
        return store._sql.raw.total_changes - before

    assert [add(tie(a, b)), add(tie(a, b)), add(tie(a, b, jaccard=0.5)), add()] == [1, 0, 1, 0]
    assert store.ties([StoryId(1)]) == (tie(a, b, jaccard=0.5),)
