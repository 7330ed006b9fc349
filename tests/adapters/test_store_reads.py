"""What the faces read: stories of a day, one story, a search, the health of feeds."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.adapters.store import SqliteStore, StoreReader
from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.words import MAX_WORDS
from aggregator.core.words.signature import sign
from aggregator.domain.articles import Signature, Source
from aggregator.domain.errors import UsageError
from aggregator.domain.feeds import Entry, FeedState, ParsedFeed
from aggregator.domain.fetching import Failed, FailureKind
from aggregator.domain.health import Health, Poll
from aggregator.domain.ids import ArticleId, FeedId, StoryId
from aggregator.domain.marks import Mark
from aggregator.domain.reading import Counts, ListedStory, StoryQuery
from aggregator.domain.settings import FeedConfig, MuteKind, MuteRule
from aggregator.domain.stories import Copy, DecisionKind, Placement, Relation, Story
from aggregator.pipeline.placing import place
from tests.builders import NOON, article, hours, tie, together, words

EVER = StoryQuery(since=NOON - timedelta(days=99))
TEXT = words(300)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "news.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(path) as store:
        yield store


@pytest.fixture
def reader(path: Path, store: SqliteStore) -> Iterator[StoreReader]:  # noqa: ARG001 (the store makes the file)
    with StoreReader(path) as reader:
        yield reader


def _place(store: SqliteStore, text: str = "", *, at: float = 0, title: str = "A headline", **more: Any) -> ArticleId:
    """Add an article and place it as the pipeline does; its text is its own unless given."""
    own = words(200, start=1000 * (1 + store._sql.value("SELECT count(*) FROM article")))
    made = article(text or own, title=title, at=at, **more)
    signature = sign(made.title, made.text)
    with store.transaction():
        id = store.add_article(made, signature, hours(at))
        place(store, id, signature, dated=made.dated, now=hours(at))
    return id


def _feeds(store: SqliteStore, *feeds: FeedConfig) -> list[FeedId]:
    store.sync_feeds(feeds, timedelta(hours=1), NOON)
    return [due.feed.id for due in store.all_feeds()]


def _list(store: SqliteStore, feed: FeedId, article: ArticleId, *, at: float = 0) -> None:
    entry = Entry(key=f"{article}-{at}", guid=None, url=None, title="", digest=b"")
    with store.transaction():
        store.list_entry(feed, entry, article, hours(at))


def _ids(reader: StoreReader, **query: Any) -> list[int]:
    return [story.id for story in reader.stories(replace(EVER, **query))]


def _statements(connection: Connection, call: Callable[[], object]) -> list[str]:
    """Return the statements that a call sends to SQLite, values filled in."""
    seen: list[str] = []
    connection.raw.set_trace_callback(seen.append)
    call()
    connection.raw.set_trace_callback(None)
    return seen


def _steps(connection: Connection, statements: list[str]) -> list[str]:
    """Return how SQLite goes about the statements."""
    asked = [sql for sql in statements if not sql.startswith(("--", "BEGIN", "COMMIT"))]
    return [row["detail"] for sql in asked for row in connection.rows(f"EXPLAIN QUERY PLAN {sql}")]


def _scanned(store: SqliteStore, steps: list[str]) -> set[str]:
    """Return the tables that are read as a whole."""
    tables = "|".join(table.name for table in store._sql.database.tables)
    found = (re.match(rf"SCAN ({tables})\b(?! VIRTUAL)", step) for step in steps)
    return {match[1] for match in found if match}


def test_a_story_is_told_whole(store: SqliteStore, reader: StoreReader) -> None:
    """A story has its canonical article's headline, its counts, sources, tags and all articles in order of time."""
    world, coast = _feeds(store, FeedConfig(url="https://w.example/", name="World", tags=("world", "top")),
                          FeedConfig(url="https://c.example/", tags=("coast", "top")))  # fmt: skip
    late = _place(store, words(290), at=3, outlet="late", language="en", author="A. Writer")
    first = _place(store, TEXT, at=1, outlet="first", title="The storm", summary="It blew.", language="en")
    _list(store, coast, first, at=1)
    _list(store, world, first, at=2)
    _list(store, world, first, at=3)
    _list(store, world, late, at=3)

    (story,) = reader.stories(EVER)
    assert (story.id, story.title, story.source, story.summary) == (1, "The storm", "First", "It blew.")
    assert (story.first_dated, story.first_seen, story.published) == (hours(1), hours(1), hours(1))
    assert story.counts == Counts(articles=2, texts=1, sources=2)
    assert (story.sources, story.tags, story.language) == (("First", "Late"), ("coast", "top", "world"), "en")
    canonical, copy = story.articles
    assert (canonical.id, canonical.copy_of, canonical.feeds) == (first, None, ("https://c.example/", "World"))
    assert canonical.why == "speaks for the story: its earliest complete text"
    assert (copy.id, copy.copy_of, copy.author, copy.feeds) == (late, first, "A. Writer", ("World",))
    assert copy.similarity == pytest.approx(0.97, abs=0.02)
    assert copy.why == f"99 % of its word sequences stand in article {first}, 2 h later"


def test_a_list_says_of_a_story_what_the_story_says(store: SqliteStore, reader: StoreReader) -> None:
    """A listed story has all that the whole one has but its articles: tags, marks, whose text it is, its outlets in order."""
    (feed,) = _feeds(store, FeedConfig(url="https://w.example/", tags=("world",)))
    first = _place(store, TEXT, at=1, outlet="first", agency="AP")
    for at, outlet in enumerate(("late", "first", "cut"), start=2):
        _place(store, words(300 - 40 * at), at=at, outlet=outlet, title=f"At {at}")
    _list(store, feed, first)
    _place(store, at=9)
    with store.transaction():
        store.mark([StoryId(1)], Mark.STARRED, NOON)
    _place(store, at=3)

    whole, listed = reader.stories(EVER), reader.listing(EVER)
    names = ListedStory.__dataclass_fields__
    assert [[getattr(story, name) for name in names] for story in listed] == [
        [getattr(story, name) for name in names] for story in whole
    ]
    told = listed[0]
    assert (len(listed), told.tags, told.marks.starred, told.lineage is not None) == (3, ("world",), True, True)
    assert [(carrier.source, carrier.title) for carrier in told.carriers] == [
        ("First", "A headline"), ("Late", "At 2"), ("Cut", "At 4"),
    ]  # fmt: skip
    assert told.arrivals == tuple(map(hours, (1, 2, 3, 4)))


def test_every_article_says_why_it_is_in(store: SqliteStore, reader: StoreReader) -> None:
    """Alone, agency, a text of its own with its strongest tie, or without one: each has its sentence."""
    agency = _place(store, TEXT, is_original=True)
    own, untied, alone = (_place(store, at=at) for at in (1, 2, 3))
    story = Story(
        id=StoryId(1), members=(agency, own, untied), canonical=agency, copies=(), texts=3, sources=1,
        first_dated=NOON, last_dated=NOON,
    )  # fmt: skip
    ties = (replace(tie(agency, own, jaccard=0.3), containment=0.5), replace(tie(own, alone), containment=0.9))
    with store.transaction():
        store.apply(Placement(ties=ties, stories=(story,)), NOON)

    why = {article.id: article.why for story in reader.stories(EVER) for article in story.articles}
    assert why == {
        agency: "speaks for the story: it stands at the agency that wrote it",
        own: f"50 % of its word sequences stand in article {agency}, 1 h later",
        untied: "in this story by way of others",
        alone: "on its own so far",
    }


def test_an_article_that_tells_the_same_event_says_by_which_words(store: SqliteStore, reader: StoreReader) -> None:
    """An event's tie is told by its words, the word sequences that texts share before any event, a template never."""
    first, told, worded, ruled = (_place(store, at=at) for at in range(4))
    story = Story(
        id=StoryId(1), members=(first, told, worded, ruled), canonical=first, copies=(), texts=4, sources=1,
        first_dated=NOON, last_dated=NOON,
    )  # fmt: skip
    ties = (
        tie(first, worded, jaccard=0.3, containment=0.6, relation=Relation.PART),
        tie(told, ruled, jaccard=0.9, relation=Relation.TEMPLATE),
    )
    events = (
        tie(first, told, relation=Relation.EVENT, likeness=0.5, shared=("ferry", "harbour")),
        tie(told, worded, relation=Relation.EVENT, likeness=0.9, shared=("storm",)),
    )
    with store.transaction():
        store.apply(Placement(ties=ties, stories=(story,), events=events), NOON)
        rulings = [together(first, ruled)]
        store.decide(DecisionKind.MERGE, "merged", before={}, rulings=rulings, now=NOON)

    why = {article.id: article.why for story in reader.stories(EVER) for article in story.articles}
    assert why[told] == f"tells the same event as article {worded}: both speak of storm, 1 h earlier"
    assert why[worded] == f"holds 60 % of the word sequences of article {first}, 2 h later"
    assert why[ruled] == "in this story because you put it here"


def test_a_story_says_whose_text_it_is(store: SqliteStore, reader: StoreReader) -> None:
    """The agency of the text, or of its copies where it was cut off, and how many outlets did what to it."""
    _place(store, TEXT, outlet="wire", agency="Northern Wire", is_original=True)
    for outlet, text in (("a", TEXT), ("b", f"{TEXT} {words(100, start=900)}"), ("c", words(120))):
        _place(store, text, at=1, outlet=outlet, agency="Northern Wire" if outlet == "a" else None)
    _place(store, words(300, start=4000), outlet="first")
    _place(store, words(300, start=4000), at=1, outlet="second", agency="AFP")
    _place(store, words(300, start=8000), outlet="alone")

    stories = {story.source: story for story in reader.stories(EVER)}
    assert {source: story.lineage for source, story in stories.items()} == {
        "Wire": "Northern Wire text, carried by 2, shortened by 1",
        "First": "AFP text, carried by 2",
        "Alone": None,
    }
    assert [article.agency for article in stories["First"].articles] == [None, "AFP"]


def test_the_canonical_article_says_why_it_speaks(store: SqliteStore, reader: StoreReader) -> None:
    """Whatever rule chose it: the fullest text and the heavier feed are called so where nothing else speaks for them."""
    early, late, short = (_place(store, words(300 + at), at=at) for at in (0, 1, -200))
    why: dict[ArticleId, str] = {}
    for canonical in (early, late, short):
        copies = tuple(
            Copy(article=other, of=canonical, similarity=0.7) for other in (early, late, short) if other != canonical
        )
        story = Story(
            id=StoryId(1), members=(early, late, short), canonical=canonical, copies=copies, texts=1, sources=1,
            first_dated=NOON, last_dated=NOON,
        )  # fmt: skip
        with store.transaction():
            store.apply(Placement(ties=(), stories=(story,)), NOON)
        why |= {
            article.id: article.why
            for story in reader.stories(EVER)
            for article in story.articles
            if article.id == canonical
        }

    assert why == {
        early: "speaks for the story: its earliest complete text",
        late: "speaks for the story: its fullest text",
        short: "speaks for the story: its feed has the most weight",
    }


def test_the_most_widely_carried_story_is_first(store: SqliteStore, reader: StoreReader) -> None:
    """More sources, then more articles, then the later, then the older number."""
    ids = [_place(store, at=at, outlet="same") for at in (1, 2, 2, 0, 0)]
    wide = [_place(store, TEXT, at=at, outlet=f"o{at}") for at in (0, 1)]
    with store.transaction():
        store.apply(
            Placement(
                ties=(),
                stories=(
                    Story(id=StoryId(4), members=tuple(ids[3:]), canonical=ids[3], copies=(), texts=1, sources=1,
                          first_dated=NOON, last_dated=NOON),
                ),
            ),
            NOON,
        )  # fmt: skip

    assert _ids(reader) == [store.story_of(wide[0]), 4, 2, 3, 1]
    assert _ids(reader, limit=2) == [store.story_of(wide[0]), 4]
    assert _ids(reader, limit=0) == []


def test_a_day_is_half_open(store: SqliteStore, reader: StoreReader) -> None:
    """A story belongs to every span that one of its articles is dated in, the beginning included, the end not."""
    for at in (0, 5):
        _place(store, TEXT, at=at)

    spans = [(-1, 0), (0, 1), (1, 5), (5, 6), (6, 7)]
    assert [len(_ids(reader, since=hours(a), until=hours(b))) for a, b in spans] == [0, 1, 0, 1, 0]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"language": "de"}, [2]),
        ({"source": "KÜSTE"}, [2]),
        ({"source": "bay.ex"}, [1]),
        ({"source": "a"}, [1, 2, 3]),
        ({"source": "100%"}, []),
        ({"tag": "sea"}, [2, 3]),
        ({"tag": "se"}, []),
        ({"min_sources": 2}, [1]),
        ({"tag": "sea", "language": "en"}, [3]),
    ],
)
def test_stories_are_chosen_by_what_they_have(
    store: SqliteStore, reader: StoreReader, query: dict[str, Any], expected: list[int]
) -> None:
    """Language, source and tag ask for some article that has it; several conditions all hold."""
    (sea,) = _feeds(store, FeedConfig(url="https://s.example/", tags=("sea", "x")))
    _place(store, TEXT, language="en", outlet="bay")
    _place(store, TEXT, language="en", outlet="amber")
    german = _place(store, at=1, language="de", source=Source(site="küste.example", name="Küste"))
    _list(store, sea, german)
    _list(store, sea, _place(store, at=2, language="en", outlet="dam"))

    assert sorted(_ids(reader, **query)) == expected


def test_an_old_number_leads_to_the_story_it_became(store: SqliteStore, reader: StoreReader) -> None:
    """A merged story is found under both numbers; one that never was is not."""
    a, b = _place(store, at=1), _place(store, at=2)
    story = Story(
        id=StoryId(2), members=(a, b), canonical=a, copies=(Copy(article=b, of=a, similarity=0.5),), texts=1,
        sources=1, first_dated=hours(1), last_dated=hours(2),
    )  # fmt: skip
    with store.transaction():
        store.apply(Placement(ties=(tie(a, b),), stories=(story,), merged=((StoryId(1), StoryId(2)),)), NOON)

    merged = reader.story(StoryId(1))
    assert merged is not None
    assert merged.id == 2
    assert merged == reader.story(StoryId(2))
    assert reader.story(StoryId(3)) is None


def test_any_number_of_stories_takes_the_same_statements(store: SqliteStore, reader: StoreReader) -> None:
    """Reading a hundred stories asks SQLite no more often than reading one."""
    _place(store)

    def asked() -> list[int]:
        return [len(_statements(reader._sql, partial(read, EVER))) for read in (reader.stories, reader.listing)]

    one = asked()
    for at in range(1, 100):
        _place(store, at=at)

    assert len(_ids(reader)) == 100
    assert one == asked() == [10, 8]


def test_no_question_of_every_day_reads_a_whole_table(store: SqliteStore) -> None:
    """Candidates, unread entries and due feeds are all found through indexes."""
    (feed,) = _feeds(store, FeedConfig(url="https://s.example/"))
    id = _place(store, TEXT)
    entry, signature = Entry(key="k", guid=None, url=None, title="", digest=b""), sign("A headline", TEXT)

    def write() -> None:
        store.due(NOON)
        store.next_due()
        store.unread(feed, [entry])
        store.article_at(store.article(id)[0].url_keys)
        with store.transaction():
            other = store.add_article(article(TEXT, at=1), signature, NOON)
            place(store, other, signature, dated=hours(1), now=NOON)
            store.revise_article(id, article(TEXT), Signature(), NOON)
            store.list_entry(feed, entry, id, NOON)

    seen = _statements(store._sql, write)

    steps = _steps(store._sql, seen)
    assert len(set(seen)) > 20
    assert _scanned(store, steps) == set()
    assert "SEARCH feed USING INDEX feed_due (next_poll<?)" in steps


def test_no_page_reads_a_whole_table(store: SqliteStore, reader: StoreReader) -> None:
    """Today, listed or whole, another day, a story and a search are all found through indexes; sources and feeds are few."""
    _place(store, TEXT)

    def read() -> None:
        reader.stories(replace(EVER, until=NOON, tag="x", language="en"))
        reader.listing(replace(EVER, until=NOON, source="x", unread=True))
        reader.edition(replace(EVER, until=NOON))
        reader.listed([StoryId(1)])
        reader.tags()
        reader.story(StoryId(1))
        reader.search("ba", 5)

    steps = _steps(store._sql, _statements(reader._sql, read))

    assert len(steps) > 30
    assert _scanned(store, steps) <= {"source", "feed"}
    assert "SEARCH article USING COVERING INDEX article_dated (dated>? AND dated<?)" in steps


def test_nothing_of_feeds_is_read_from_all_articles(store: SqliteStore, reader: StoreReader) -> None:
    """How feeds are, counted by state or one by one, is told without going through the articles, stories or entries."""
    seen = _statements(
        reader._sql, lambda: (reader.feed_health(NOON), reader.health_counts(), reader.answered(), reader.feed_states())
    )

    steps = _steps(store._sql, seen)
    assert len(steps) > 4
    assert _scanned(store, steps) == {"feed", "poll"}
    assert "SEARCH entry USING COVERING INDEX entry_seen (feed_id=? AND first_seen>?)" in steps


def test_searching_finds_words_and_phrases(store: SqliteStore, reader: StoreReader) -> None:
    """All words must stand there, whatever their case and accents; headlines count more than texts."""
    in_text = _place(store, "The café by the harbour burnt down. " + words(100), title="Fire")
    in_title = _place(store, "It burnt. " + words(100, start=3000), title="Harbour café gone")
    _place(store, "The harbour. " + words(100, start=6000), title="Nothing")

    def found(query: str) -> list[int]:
        return [hit.article for hit in reader.search(query, 9)]

    assert found("HARBOUR cafe") == [in_title, in_text]
    assert found('"cafe by the harbour"') == [in_text]
    assert found("harb* burn*") == [in_title, in_text]
    assert found("harb") == []
    assert len(reader.search("harbour", 1)) == 1
    (hit,) = reader.search("by café", 9)
    assert (hit.story, hit.title, hit.source, hit.dated) == (1, "Fire", "Paper", NOON)
    assert hit.snippet.startswith("The \x02café\x03 \x02by\x03 the harbour burnt down.")


def test_scripts_without_spaces_are_searched_by_their_words(store: SqliteStore, reader: StoreReader) -> None:
    """A word inside an unbroken line of characters is found, alone and beside others."""
    quake = _place(store, "けさ東京で強い地震がありました。EV用の電池も。", title="地震速報")
    _place(store, "東京は地下鉄が混んでいる。震える寒さ。", title="天気")

    for query in ("地震", "強い地震", "東京 地震", "EV 電池", "速報"):
        assert [hit.article for hit in reader.search(query, 9)] == [quake]
    assert "東京で\x02強い地震\x03がありました" in reader.search("強い地震", 9)[0].snippet
    assert reader.search("震地", 9) == ()


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreReader]:
    path = tmp_path_factory.mktemp("store") / "news.db"
    with SqliteStore(path) as store:
        _place(store, 'a AND b NOT c "quoted" 地震')
        with StoreReader(path) as reader:
            yield reader


@settings(deadline=None, max_examples=300)
@given(st.text() | st.text(st.sampled_from('ab"*^:(){}+-\0 \\地ก็ANDORNEAR,;%_'), max_size=30))
@example('"')
@example("NEAR(a b")
@example("title : a")
@example("a" * 5000)
@example("word " * 40)
@example("\udcff a")
def test_any_words_are_searched_or_refused(searched: StoreReader, query: str) -> None:
    """Whatever is typed, a search gives hits or a UsageError."""
    try:
        assert len(searched.search(query, 3)) <= 1
    except UsageError:
        assert not re.search(r"[^\W_]", query) or len(query.split()) > MAX_WORDS


def test_a_search_follows_revisions(store: SqliteStore, reader: StoreReader) -> None:
    """Old words are no longer found, new ones are, in headline and text, together and each alone."""
    id = _place(store, "alpha", title="One")
    for title, text in (("Two", "beta"), ("Two", "gamma"), ("Three 三", "gamma"), ("Four", "delta")):
        with store.transaction():
            store.revise_article(id, article(text, title=title), Signature(), NOON)
    with store.transaction():
        store._sql.write("INSERT INTO article_search (article_search, rank) VALUES ('integrity-check', 1)")

    found = {
        word
        for word in ["one", "two", "three", "三", "four", "alpha", "beta", "gamma", "delta"]
        if reader.search(word, 9)
    }
    assert found == {"four", "delta"}


def test_stories_come_and_go_without_touching_the_search_index(store: SqliteStore) -> None:
    """Placing an article changes its row and those of its story, and nothing of the index."""
    with store.transaction():
        id = store.add_article(article(TEXT), Signature(), NOON)
    story = Story(
        id=None, members=(id,), canonical=id, copies=(), texts=1, sources=1, first_dated=NOON, last_dated=NOON
    )
    before = store._sql.raw.total_changes
    with store.transaction():
        seen = _statements(store._sql, lambda: store.apply(Placement(ties=(), stories=(story,)), NOON))

    # Inserted the story and moved the article; an index entry would be several rows more.
    assert store._sql.raw.total_changes - before == 2
    assert not any("article_search" in sql for sql in seen)


def _poll(store: SqliteStore, feed: FeedId, warning: str | None = None, **state: Any) -> None:
    parsed = ParsedFeed(version="rss20", title=None, link=None, language=None, entries=(), warning=warning)
    store.finish_poll(feed, FeedState(**state), parsed, NOON)


def test_feed_health_tells_how_each_feed_is_doing(store: SqliteStore, reader: StoreReader) -> None:
    """The state that the last poll left, or paused; a feed that was taken out is not shown."""
    names = ("new", "fine", "erroring", "throttled", "paused", "gone")
    config = [FeedConfig(url=f"https://{name}.example/", name=name, tags=(name,)) for name in names]
    _, fine, erroring, throttled, _, _ = _feeds(store, *config)
    _poll(store, fine, "odd", last_poll=NOON, last_success=NOON, next_poll=hours(1), health=Health.FINE)
    _poll(store, erroring, error="no answer", health=Health.ERRORING, health_since=NOON, health_why="no answer")
    _poll(store, throttled, error="asked to wait", health=Health.THROTTLED)
    _feeds(store, *config[:4], replace(config[4], enabled=False))

    health = reader.feed_health(NOON)
    assert [(feed.name, feed.state) for feed in health] == [(name, name) for name in names[:5]]
    assert (health[1].warning, health[1].known.last_success, health[1].known.next_poll) == ("odd", NOON, hours(1))
    assert (health[2].why, health[2].since, health[2].tags) == ("no answer", NOON, ("erroring",))
    assert health[2].url == "https://erroring.example/"
    assert reader.health_counts() == Counter(feed.state for feed in health)
    assert reader.answered() == (5, 1)
    view = {row["feed"]: row["state"] for row in store._sql.rows("SELECT feed, state FROM feed_health")}
    assert view == {feed.name: feed.state for feed in health}
    assert reader.counts() == (5, 0, 0)


def test_the_last_thirty_polls_of_a_feed_are_kept(store: SqliteStore, reader: StoreReader) -> None:
    """Each poll with what became of it, the latest last; the view shows a character for each of the same."""
    feed, other = _feeds(store, FeedConfig(url="https://a.example/"), FeedConfig(url="https://b.example/"))
    gone = Failed(kind=FailureKind.GONE, why="it is gone", status=410)
    store.finish_poll(other, FeedState(), None, NOON, Poll(at=NOON, kind="unchanged", status=304))
    for number in range(40):
        polled = Poll(at=hours(number), kind="read", status=200, entries=9, new=number % 2, wire_bytes=7, seconds=0.25)
        store.finish_poll(feed, FeedState(), None, hours(number), polled)
    last = Poll(at=hours(40), kind="failed", status=410, failure=gone)
    store.finish_poll(feed, FeedState(), None, hours(40), last)

    kept = reader.polls()
    assert (len(kept[feed]), kept[feed][-1], kept[feed][-2], len(kept[other])) == (30, last, polled, 1)
    marks = [row["last_30_polls"] for row in store._sql.rows("SELECT * FROM feed_health ORDER BY address")]
    assert marks == ["+-" * 14 + "+x", "."] == [health.marks for health in reader.feed_health(NOON)]


def test_each_change_of_state_is_kept(store: SqliteStore) -> None:
    """What a feed was, what it became, when and why: once for each change, not for each poll."""
    (feed,) = _feeds(store, FeedConfig(url="https://a.example/"))
    for hour, health in enumerate((Health.FINE, Health.FINE, Health.GONE, Health.GONE, Health.FINE)):
        store.finish_poll(feed, FeedState(health=health, health_why=f"for {health}"), None, hours(hour))

    changes = [tuple(row) for row in store._sql.rows("SELECT before, after, why FROM state_change ORDER BY id")]
    assert changes == [("new", "fine", "for fine"), ("fine", "gone", "for gone"), ("gone", "fine", "for fine")]


def test_feed_health_counts_articles_once(store: SqliteStore, reader: StoreReader) -> None:
    """An article listed twice counts once; a week's number looks at the last four, or as long as the feed is known."""
    (feed,) = _feeds(store, FeedConfig(url="https://a.example/"))
    recent, old = _place(store, at=0), _place(store, at=-24 * 40)
    for id, at in ((recent, 0), (recent, 1), (old, 2)):
        _list(store, feed, id, at=at)

    (health,) = reader.feed_health(hours(3))
    (later,) = reader.feed_health(hours(24 * 14))
    assert (health.articles, health.weekly) == (2, 1.0)
    assert later.weekly == 0.5
    assert reader.counts() == (1, 2, 2)


def test_a_feed_knows_how_many_articles_it_lists(store: SqliteStore) -> None:
    """Whatever entries come, lead on to another article or go with one that is removed, each article counts once."""
    one, two = _feeds(store, FeedConfig(url="https://a.example/"), FeedConfig(url="https://b.example/"))
    articles = [_place(store, at=at) for at in range(4)]

    def counted(*statements: str) -> list[int]:
        with store.transaction():
            for statement in statements:
                store._sql.write(statement)
        rows = store._sql.rows(
            "SELECT articles, (SELECT count(DISTINCT article_id) FROM entry WHERE feed_id = feed.id) FROM feed ORDER BY id"
        )
        assert [row[0] for row in rows] == [row[1] for row in rows]
        return [row[0] for row in rows]

    for at, (feed, number) in enumerate(((one, 0), (one, 0), (one, 1), (two, 0), (two, 2), (one, 3))):
        _list(store, feed, articles[number], at=at)
    assert counted() == [3, 2]
    assert counted("UPDATE entry SET article_id = 3 WHERE feed_id = 1 AND article_id = 2") == [3, 2]
    assert counted("UPDATE entry SET article_id = 3 WHERE feed_id = 1 AND article_id = 1 AND key = '1-0'") == [3, 2]
    assert counted("UPDATE entry SET article_id = 3 WHERE feed_id = 1 AND article_id = 1") == [2, 2]
    with store.transaction():
        store.drop_empty_stories(store.take_out(articles[2:3]))
        store.remove_articles(articles[2:3])
    assert counted() == [1, 1]


def test_the_view_of_today_speaks_to_people(path: Path, store: SqliteStore) -> None:
    """`todays_stories` shows the day's headlines under names that need no explanation."""
    with closing(StoreReader(path)._sql) as connection:
        today = connection.value("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")
        from_noon = (NOON.fromisoformat(f"{today}+00:00") - NOON) / timedelta(hours=1)
        _place(store, TEXT, at=from_noon, title="Now")
        _place(store, at=from_noon - 48, title="Before")
        rows = [dict(row) for row in connection.rows("SELECT * FROM todays_stories")]

    assert [(row["headline"], row["outlet"], row["sources"]) for row in rows] == [("Now", "Paper", 1)]
    assert list(rows[0]) == [
        "story", "headline", "outlet", "articles", "texts", "sources", "earliest", "latest", "language", "link",
    ]  # fmt: skip


def test_what_is_muted_is_read_in_few_statements(store: SqliteStore, reader: StoreReader) -> None:
    """The same number for one story as for ten, and no table of articles is read as a whole."""
    rules = tuple(MuteRule(kind=kind, what="coast") for kind in MuteKind)
    (feed,) = _feeds(store, FeedConfig(url="https://c.example/", tags=("coast",)))
    counted = []
    for number in range(10):
        _list(store, feed, _place(store, words(290, start=1000 * number), outlet=f"o{number}"))
        statements = _statements(reader._sql, lambda: reader.edition(replace(EVER, mute=rules)))
        counted.append(len(statements))
        assert reader.muted(replace(EVER, mute=rules)).keys() == set(_ids(reader))

    assert len(set(counted)) == 1
    assert _scanned(store, _steps(store._sql, statements)) <= {"source", "feed", "story"}
