"""Old articles go with all that belongs to them, and do not come back."""

from collections.abc import Iterator

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.core.articles import FeedFacts, read_article
from aggregator.domain.feeds import EntryToRead
from aggregator.domain.ids import FeedId
from aggregator.domain.keeping import Pruned
from aggregator.pipeline.deciding import merge, split, undo
from aggregator.pipeline.pruning import BATCH, prune_some
from aggregator.pipeline.recording import Recorded, record, record_missing
from tests.builders import NOON, hours, words
from tests.pipeline.archive import Archive, Report, three_events
from tests.pipeline.fakes import Desk, failure, listed

FEED, SECOND_FEED = "https://paper.example/feed", "https://radio.example/feed"
OLD, NEW = "https://paper.example/news/bridge", "https://paper.example/news/harbour"
OLD_TEXT, NEW_TEXT = words(120), words(120, start=5000)
#: Before NOON, when the desk's clock starts.
OLD_DATE, NEW_DATE = "2026-02-20T12:00:00Z", "2026-03-02T11:00:00Z"
BEFORE = hours(-100)
#: Tables with a row for each article, or several, and the column that names it.
OF_ARTICLES = (
    *(("article", "id"), ("body", "article_id"), ("version", "article_id"), ("article_url", "article_id")),
    *(("entry", "article_id"), ("signature", "article_id"), ("band", "article_id"), ("key_term", "article_id")),
    *(("tie", "a"), ("tie", "b"), ("ruling", "a"), ("ruling", "b"), ("article_search", "rowid")),
)


def prune(store: SqliteStore, *, before: float, limit: int = 100) -> Pruned:
    """Remove all that is dated before so many hours after noon; return how much that was."""
    articles = stories = 0
    while (step := prune_some(store, hours(before), hours(before), limit=limit)).articles:
        articles, stories = articles + step.articles, stories + step.stories
    return Pruned(articles=articles, stories=stories)


def found(store: SqliteStore, word: str) -> list[int]:
    """Return the articles that a search for a word finds."""
    rows = store._sql.rows("SELECT rowid FROM article_search WHERE article_search MATCH ? ORDER BY rowid", (word,))
    return [row["rowid"] for row in rows]


@pytest.fixture
def archive() -> Iterator[Archive]:
    """Three events of one day, and three others six weeks later."""
    with Archive.told([*three_events(), *three_events(first=100, at=1000.0)]) as archive:
        archive.rebuild(at=1020)
        yield archive


def test_what_is_old_goes_without_a_trace(archive: Archive) -> None:
    """No table and no search knows an article any more; the others are as they were, and the database is sound."""
    old = [int(archive.id(number)) for number in range(12)]
    young = {number: archive.story(number) for number in range(100, 112)}
    word = archive.store.article(archive.id(0))[0].text.split()[0]
    assert set(found(archive.store, word)) & set(old)

    pruned = prune(archive.store, before=500)

    assert pruned == Pruned(articles=12, stories=3)
    for table, column in OF_ARTICLES:
        left = {row[0] for row in archive.store._sql.rows(f"SELECT {column} FROM {table}")}
        assert not left & set(old), table
    assert not set(found(archive.store, word)) & set(old)
    assert {number: archive.story(number) for number in young} == young
    assert archive.store.flaws() == ()


def test_the_search_index_loses_what_was_removed(archive: Archive) -> None:
    """Written anew in steps of a page, it is as small as if the old articles had never been, and finds what is left."""

    def size() -> int:
        return int(archive.store._sql.value("SELECT sum(length(block)) FROM article_search_data"))

    full = size()
    prune(archive.store, before=500)
    begin = True
    while archive.store.tidy_search(1, begin=begin):
        begin = False

    assert size() < 0.6 * full
    assert len(found(archive.store, archive.store.article(archive.id(100))[0].text.split()[0])) > 0
    assert archive.store.flaws() == ()


def test_small_steps_come_to_the_same(archive: Archive) -> None:
    """However few articles a transaction takes, the same go and each step leaves a sound database."""
    steps = []
    while (step := prune_some(archive.store, hours(500), hours(1020), limit=5)).articles:
        steps.append(step.articles)
        assert archive.store.flaws() == ()

    assert steps == [5, 5, 2]
    assert archive.store.count_prunable(hours(500)).articles == 0


def test_a_count_beforehand_tells_what_goes(archive: Archive) -> None:
    """What a dry run tells is what goes then."""
    told = archive.store.count_prunable(hours(500))
    pruned = prune(archive.store, before=500)

    assert (told.articles, told.stories, told.kept) == (pruned.articles, pruned.stories, 0)


def test_a_story_that_loses_some_is_counted_anew() -> None:
    """It keeps its number; counts, dates, copies and who speaks for it are those of the articles that stay."""
    reports = [Report(number=number, events=(0,), telling=number // 2, at=20.0 * number) for number in range(4)]
    others = [Report(number=20 + number, events=(9 + number,), at=10.0) for number in range(12)]
    with Archive.told([*reports, *others, Report(number=90, events=(50,), at=90.0)]) as archive:
        archive.rebuild()
        story = archive.story(0)
        assert archive.standing() | dict.fromkeys(range(4), story) == archive.standing()

        prune(archive.store, before=30)

        (row,) = archive.store._sql.rows("SELECT * FROM story WHERE id = ?", (story,))
        assert (row["articles"], row["texts"], row["sources"]) == (2, 1, 2)
        assert row["canonical_id"] == archive.id(2)
        assert archive.store.story_of(archive.id(3)) == story
        assert archive.store.flaws() == ()


def test_what_a_reader_merged_or_split_stays_whole(archive: Archive) -> None:
    """Stories with a ruling keep all their articles, until it is taken back."""
    one, other, third = (archive.story(number) for number in (0, 4, 8))
    merge(archive.store, [one, other], NOON)
    split(archive.store, third, [archive.id(8)], NOON)
    before = archive.standing()

    assert prune(archive.store, before=500) == Pruned()
    assert archive.store.count_prunable(hours(500)).kept == 12
    assert archive.standing() == before

    undo(archive.store, NOON)
    undo(archive.store, NOON)
    assert prune(archive.store, before=500).articles == 12
    assert archive.store.flaws() == ()


def test_a_rebuild_can_be_undone_after_a_pruning(archive: Archive) -> None:
    """What the rebuild moved and is still there goes back; what is gone is in nobody's way."""
    moved = archive.store.last_decision()
    assert moved
    assert {id for id, _ in moved.before} & {archive.id(number) for number in range(12)}
    prune(archive.store, before=500)

    undo(archive.store, hours(1021))

    assert archive.store.flaws() == ()
    archive.rebuild(at=1021)
    assert archive.store.flaws() == ()


def test_numbers_are_not_given_again() -> None:
    """The article with the highest number stays until another has come, so that no number names two articles."""
    with Archive.told([Report(number=1, events=(1,)), Report(number=2, events=(2,), at=-200)]) as archive:
        assert prune(archive.store, before=100) == Pruned(articles=1, stories=1)
        highest = archive.id(2)

        archive.tell(Report(number=3, events=(3,), at=200))

        assert archive.id(3) > highest
        assert prune(archive.store, before=100).articles == 1


def test_words_of_every_script_leave_the_index() -> None:
    """Scripts without spaces are cut for the index; they leave it cut in the same way, after an edit too."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, listed(OLD, "桥梁关闭", content_text="桥梁关闭。" * 200, date_published=OLD_DATE))
        desk.only()
        desk.clock.move(1)
        desk.web.feed(
            FEED,
            listed(OLD, "桥梁重新开放", content_text="桥梁重新开放。" * 200, date_published=OLD_DATE),
            listed(NEW, "Harbour", content_text=words(400), date_published=NEW_DATE),
        )
        desk.only()
        assert desk.rows("SELECT count(*) FROM version") == [(1,)]
        assert found(desk.store, "桥") == [1]

        prune_some(desk.store, BEFORE, NOON)

        assert found(desk.store, "桥") == []
        assert desk.titles() == ["Harbour"]
        assert desk.store.flaws() == ()


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A feed that listed an old and a new article, of which the old one was removed."""
    with Desk(FEED, SECOND_FEED) as desk:
        desk.web.feed(FEED, _old(), listed(NEW, "Harbour", date_published=NEW_DATE))
        desk.web.feed(SECOND_FEED)
        desk.web.page(OLD, OLD_TEXT)
        desk.web.page(NEW, NEW_TEXT)
        desk.update(all_feeds=True)
        assert prune_some(desk.store, BEFORE, NOON).articles == 1
        assert desk.titles() == ["Harbour"]
        desk.web.asked.clear()
        yield desk


def _old(**more: str) -> dict[str, object]:
    return listed(OLD, "Bridge closed", date_published=OLD_DATE, **more)


def test_a_feed_that_still_lists_it_is_not_read_again(desk: Desk) -> None:
    """Neither as it was nor changed is the entry read; a new one beside it is."""
    more = "https://paper.example/news/more"
    desk.web.page(more, words(120, start=9000))
    for old in (_old(summary="Now with a word more."), _old(id="another guid")):
        desk.clock.move(1)
        desk.web.feed(FEED, old, listed(NEW, "Harbour", date_published=NEW_DATE), listed(more, "More"))
        desk.update(all_feeds=True)

    assert desk.web.pages_asked() == [more]
    assert desk.titles() == ["Harbour", "More"]


def test_another_feed_does_not_bring_it_back(desk: Desk) -> None:
    """Under its address in any spelling it is neither asked for nor recorded."""
    desk.web.feed(SECOND_FEED, listed(f"{OLD}?utm_source=radio", "Bridge closed"))
    desk.update(all_feeds=True)

    assert desk.web.pages_asked() == []
    assert desk.titles() == ["Harbour"]


def test_another_address_does_not_bring_it_back(desk: Desk) -> None:
    """An address that leads to it is read once, as nobody can know, and not again."""
    proxy = "https://radio.example/link/1"
    desk.web.page(proxy, OLD_TEXT, ends_at=OLD)
    for summary in ("One.", "Two."):
        desk.clock.move(1)
        desk.web.feed(SECOND_FEED, listed(proxy, "Bridge closed", summary=summary, date_published=OLD_DATE))
        desk.update(all_feeds=True)

    assert desk.web.pages_asked() == [proxy]
    assert desk.titles() == ["Harbour"]


def test_a_claim_does_not_silence_what_is_new(desk: Desk) -> None:
    """Where a page of another date merely claims the address, as pages of some sites claim the front page, it is news."""
    other = "https://radio.example/news/1"
    desk.web.page(other, words(120, start=7000), head=f'<link rel="canonical" href="{OLD}">')
    desk.web.feed(SECOND_FEED, listed(other, "Bridge opens again", date_published=NEW_DATE))
    desk.update(all_feeds=True)

    assert desk.titles() == ["Harbour", "Bridge opens again"]


def test_what_is_removed_while_it_is_read_stays_removed() -> None:
    """An article that goes between the reading of its entry and the recording is not recorded, nor missed."""
    with Desk(FEED) as desk:
        desk.web.feed(FEED, _old(), listed(NEW, "Harbour", date_published=NEW_DATE))
        desk.web.page(NEW, NEW_TEXT)
        desk.web.answers[OLD] = failure()
        desk.only()
        desk.clock.move(1)
        (missing,) = desk.store.missing_pages(FeedId(1), desk.clock(), limit=9)
        prune_some(desk.store, BEFORE, NOON)

        task = EntryToRead(entry=missing.entry, article=missing.article, tries=1)
        read = read_article(task.entry, None, FeedFacts(url=FEED, name="The Feed"), NOON)
        assert record(desk.store, FeedId(1), task, read, NOON) is Recorded.REMOVED
        record_missing(desk.store, FeedId(1), task, NOON)

        assert desk.titles() == ["Harbour"]
        assert desk.store.missing_pages(FeedId(1), hours(100), limit=9) == ()
        assert desk.store.flaws() == ()


def test_a_step_writes_a_few_thousand_rows(archive: Archive) -> None:
    """The rows of an article are its keys and some thirty others, and a step is of a few articles, so others wait a moment only."""
    keys = archive.store._sql.value(
        "SELECT count(*) FROM band JOIN article ON id = article_id WHERE article.dated < '2026-04'"
    )
    before = archive.changes()
    pruned = prune_some(archive.store, hours(500), hours(1020))
    # What is searched has rows in tables of its own, which SQLite fills.
    assert pruned.articles == 12 <= BATCH
    assert archive.changes() - before <= keys + 60 * pruned.articles
    assert BATCH <= 25
