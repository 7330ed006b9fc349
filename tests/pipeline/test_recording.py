"""Whether what was read is a new article, a known one, or a known one that changed."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.core.articles import Read
from aggregator.core.stories.rules import Rules
from aggregator.core.urls import url_key
from aggregator.core.words.signature import sign
from aggregator.domain.articles import Article, TextFrom
from aggregator.domain.feeds import Entry, EntryToRead
from aggregator.domain.ids import ArticleId, FeedId
from aggregator.domain.settings import Canonical, FeedConfig
from aggregator.pipeline.recording import Recorded, record, record_listing
from tests.builders import NOON, article, hours, placed, words

URL = "https://paper.example/news/bridge"
TEXT = words(120)
OTHER_TEXT = words(120, start=5000)
FIRST, SECOND, HEAVY = FeedId(1), FeedId(2), FeedId(3)


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    """Return a store with two plain feeds and one of more weight."""
    with SqliteStore(":memory:") as store:
        feeds = [
            FeedConfig(url=f"https://feed-{number}.example/", weight=weight) for number, weight in enumerate((1, 1, 5))
        ]
        store.sync_feeds(feeds, hours(1) - NOON, NOON)
        yield store


def _task(store: SqliteStore, feed: FeedId, key: str, url: str | None, title: str = "", **more: Any) -> EntryToRead:
    """Return what the store says is to be read of an entry as it looks now."""
    digest = hashlib.sha256(repr((url, title, more)).encode()).digest()
    (task,) = store.unread(feed, [Entry(key=key, guid=key, url=url, title=title, digest=digest, **more)])
    return task


def _read(text: str, *keys: str, title: str = "A headline", claims: tuple[str, ...] = (), **more: Any) -> Read:
    made = article(
        text,
        title=title,
        url=keys[0] if keys else "https://paper.example/",
        url_keys=tuple(map(url_key, keys)),
        claimed_keys=tuple(map(url_key, claims)),
        **more,
    )
    return Read(article=made, signature=sign(title, text))


def _record(
    store: SqliteStore,
    text: str,
    url: str | None = URL,
    *,
    feed: FeedId = FIRST,
    key: str | None = None,
    title: str = "A headline",
    claims: tuple[str, ...] = (),
    **more: Any,
) -> Recorded:
    """Record an article at `url` as the whole line would have read it, under the entry `key` of a feed."""
    version = {"summary": text} if "summary" not in more else {"summary": more.pop("summary")}
    task = _task(store, feed, key or url or title, url, title, **version)
    read = _read(text, *([url] if url else []), title=title, claims=claims, **more)
    return record(store, feed, task, read, hours(1))


def _articles(store: SqliteStore) -> list[Article]:
    return [store.article(ArticleId(row["id"]))[0] for row in store._sql.rows("SELECT id FROM article ORDER BY id")]


def _versions(store: SqliteStore) -> list[str]:
    return [row["title"] for row in store._sql.rows("SELECT title FROM version ORDER BY id")]


def test_a_first_reading_is_a_new_article(store: SqliteStore) -> None:
    """What nobody has seen becomes an article with a story of its own, listed by its feed."""
    assert _record(store, TEXT) == Recorded.NEW

    assert [made.text for made in _articles(store)] == [TEXT]
    assert [(article, copy_of) for article, _, copy_of in placed(store)] == [(1, None)]
    assert store._sql.value("SELECT count(*) FROM entry WHERE feed_id = 1 AND article_id = 1") == 1


def test_a_decorated_entry_is_the_same_article(store: SqliteStore) -> None:
    """An entry that looks otherwise but says the same leaves the article as it is, and is not read again."""
    _record(store, TEXT)

    assert _record(store, TEXT, summary="Now with a longer teaser") == Recorded.SAME
    assert _versions(store) == []
    known = Entry(key=URL, guid=URL, url=URL, title="A headline", summary="Now with a longer teaser", digest=b"")
    assert store.unread(FIRST, [known])[0].article == 1


@pytest.mark.parametrize(("text", "title"), [(TEXT + " More.", "A headline"), (TEXT, "A better headline")])
def test_a_changed_text_or_title_is_a_version(store: SqliteStore, text: str, title: str) -> None:
    """A change is a new version of the same article, and the one before is kept."""
    _record(store, TEXT)

    assert _record(store, text, title=title) == Recorded.REVISED
    (made,) = _articles(store)
    assert (made.title, made.text) == (title, text)
    assert _versions(store) == ["A headline"]


def test_blanks_are_no_change(store: SqliteStore) -> None:
    """Text and title that differ in whitespace only are the same."""
    _record(store, TEXT)

    assert _record(store, TEXT.replace(" ", "\n", 3), title="A  headline") == Recorded.SAME


def test_one_address_in_two_feeds_is_one_article(store: SqliteStore) -> None:
    """The second feed adds an entry, not an article, however it spells the address."""
    _record(store, TEXT)
    spelled = URL.replace("https", "http").replace("paper", "www.paper") + "/amp?utm_source=rss"

    assert _record(store, TEXT, spelled, feed=SECOND) == Recorded.ALSO_LISTED
    assert len(_articles(store)) == 1
    assert store._sql.value("SELECT count(*) FROM entry WHERE article_id = 1") == 2


def test_a_listing_of_a_known_address_needs_no_reading(store: SqliteStore) -> None:
    """An address that is known already is listed at once, without an article having been read."""
    _record(store, TEXT)

    assert record_listing(store, SECOND, _task(store, SECOND, "k", URL + "?utm_source=b"), NOON)
    assert store._sql.value("SELECT article_id FROM entry WHERE feed_id = 2") == 1


@pytest.mark.parametrize(
    ("url", "own"),
    [("https://paper.example/else", True), (URL, False), (None, True)],
    ids=["unknown", "shared", "none"],
)
def test_a_listing_must_name_a_known_article(store: SqliteStore, url: str | None, own: bool) -> None:
    """What is not known, or shares its address with other entries, must be read."""
    _record(store, TEXT)

    assert not record_listing(store, SECOND, _task(store, SECOND, "k", url, url_is_own=own), NOON)
    assert store._sql.value("SELECT count(*) FROM entry") == 1


@pytest.mark.parametrize("first", ["proxy", "direct"])
def test_an_address_that_redirects_to_another_is_one_article(store: SqliteStore, first: str) -> None:
    """A feed that links through a counting service and one that links directly meet in one article, in any order."""
    proxy = "https://counting.example/r/8871"
    ways: dict[str, dict[str, Any]] = {"proxy": {"url": proxy, "claims": (URL,)}, "direct": {"url": URL}}
    _record(store, TEXT, **ways.pop(first))
    ((_, other),) = ways.items()

    assert _record(store, TEXT, feed=SECOND, **other) == Recorded.ALSO_LISTED
    (made,) = _articles(store)
    assert set(made.url_keys) == {url_key(proxy), url_key(URL)}


def test_two_addresses_that_claim_one_are_one_article(store: SqliteStore) -> None:
    """Two addresses whose pages name one canonical address and carry one text are one article."""
    _record(store, TEXT, "https://paper.example/sport/1", claims=(URL,))

    assert (
        _record(
            store,
            TEXT + " More.",
            "https://paper.example/local/1",
            feed=SECOND,
            claims=(URL,),
            title="A headline | Local",
        )
        == Recorded.REVISED
    )
    assert len(_articles(store)) == 1


def test_addresses_add_up(store: SqliteStore) -> None:
    """Each address that an article turns out to have, or to claim, leads to it from then on."""
    first, second, third = (f"https://paper.example/{number}" for number in range(3))
    _record(store, TEXT, first)
    assert _record(store, TEXT, second, feed=SECOND, claims=(first, third)) == Recorded.ALSO_LISTED
    assert _record(store, TEXT, third, feed=HEAVY) == Recorded.ALSO_LISTED

    assert _articles(store)[0].url_keys == tuple(map(url_key, (first, second, third)))


def test_a_canonical_address_that_all_pages_share_merges_nothing(store: SqliteStore) -> None:
    """Where every page of a site names one address, articles of different texts stay apart, and so does that address."""
    landing = ("https://paper.example/home",)
    for number in range(3):
        text = words(120, start=1000 * number) + " " + words(10, start=9000)
        assert _record(store, text, f"https://paper.example/{number}", title=f"Piece {number}", claims=landing) == (
            Recorded.NEW
        )
    assert _record(store, words(120, start=7000), landing[0], title="Start") == Recorded.NEW

    assert len(_articles(store)) == 4


def test_a_form_that_all_pages_lead_to_merges_nothing(store: SqliteStore) -> None:
    """Articles that all ended at one consent form, and so carry its text, stay apart: their headlines differ."""
    form = "https://paper.example/your-privacy"
    for number, title in enumerate(("Bridge closed for repairs", "Mayor resigns", "Storm over the harbour")):
        assert _record(store, TEXT, f"{URL}-{number}", title=title, claims=(form,)) == Recorded.NEW


def test_tiny_texts_with_a_claimed_address_need_the_same_headline(store: SqliteStore) -> None:
    """Texts too short to be compared are one article only under one headline."""
    form = ("https://paper.example/form",)
    _record(store, "Read on.", "https://paper.example/1", title="Bridge closed", claims=form)

    assert _record(store, "Read on.", "https://paper.example/2", title="Bridge opened", claims=form) == Recorded.NEW
    assert _record(store, "Read.", "https://paper.example/3", title="BRIDGE closed!", claims=form) != Recorded.NEW
    assert len(_articles(store)) == 2


def test_one_guid_for_everything_makes_articles_by_address(store: SqliteStore) -> None:
    """A feed that gives each new article the same guid brings a new article with each new address."""
    for number in range(3):
        outcome = _record(
            store, words(120, start=1000 * number), f"{URL}-{number}", key="the guid", title=f"Piece {number}"
        )
        assert outcome == Recorded.NEW

    assert len(_articles(store)) == 3
    assert [row["article_id"] for row in store._sql.rows("SELECT article_id FROM entry")] == [3]


def test_a_new_address_under_the_same_guid_is_the_same_article(store: SqliteStore) -> None:
    """A new headline often changes the address; the same guid and text tell that it is the article of before."""
    _record(store, TEXT, key="guid")

    assert _record(store, TEXT, URL + "-reopens", key="guid", title="Wholly new words") == Recorded.REVISED
    (made,) = _articles(store)
    assert (made.title, made.url) == ("Wholly new words", URL + "-reopens")
    assert made.url_keys == (url_key(URL + "-reopens"), url_key(URL))


def test_an_entry_keeps_its_article_through_any_change(store: SqliteStore) -> None:
    """Under the same key and address even a wholly new text is a version."""
    _record(store, TEXT)

    assert _record(store, OTHER_TEXT, title="Other words") == Recorded.REVISED
    assert len(_articles(store)) == 1


def test_an_entry_that_moves_to_a_known_address_is_listed_there(store: SqliteStore) -> None:
    """An entry whose new address belongs to another article goes over to that one."""
    _record(store, TEXT, key="guid")
    _record(store, OTHER_TEXT, URL + "-2", feed=SECOND, title="Another")

    assert _record(store, OTHER_TEXT, URL + "-2", key="guid", title="Another") == Recorded.ALSO_LISTED
    assert store._sql.value("SELECT article_id FROM entry WHERE feed_id = 1") == 2


def test_entries_that_share_an_address_are_known_by_their_keys(store: SqliteStore) -> None:
    """Entries that all link to one home page are articles of their own, and change under their keys."""
    home = "https://paper.example/"

    def recorded(key: str, text: str, title: str) -> Recorded:
        task = _task(store, FIRST, key, home, title, summary=text, url_is_own=False)
        return record(store, FIRST, task, _read(text, title=title, text_from=TextFrom.FEED), NOON)

    assert recorded("a", TEXT, "First") == Recorded.NEW
    assert recorded("b", OTHER_TEXT, "Second") == Recorded.NEW
    assert recorded("a", TEXT, "First, changed") == Recorded.REVISED
    assert [made.title for made in _articles(store)] == ["First, changed", "Second"]


@pytest.mark.parametrize(
    ("before", "after"),
    [(TextFrom.PAGE, TextFrom.FEED), (TextFrom.PAGE, TextFrom.NOWHERE), (TextFrom.FEED, TextFrom.FEED)],
)
def test_a_teaser_does_not_push_out_the_text(store: SqliteStore, before: TextFrom, after: TextFrom) -> None:
    """When only a feed's teaser can be had this time, the text stays; there is no version."""
    _record(store, TEXT, text_from=before)
    teaser = "" if after is TextFrom.NOWHERE else words(20)

    assert _record(store, teaser, text_from=after) == Recorded.SAME
    assert [made.text for made in _articles(store)] == [TEXT]


def test_a_new_headline_counts_even_without_the_page(store: SqliteStore) -> None:
    """When the page cannot be had, the feed's new headline is a version, with the text of before."""
    _record(store, TEXT)

    assert _record(store, words(20), title="A correction", text_from=TextFrom.FEED) == Recorded.REVISED
    (made,) = _articles(store)
    assert (made.title, made.text, made.text_from) == ("A correction", TEXT, TextFrom.PAGE)
    assert store.article(ArticleId(1))[1] == sign("A headline", TEXT)


def test_the_page_pushes_out_the_teaser(store: SqliteStore) -> None:
    """Text of the page takes the place of the teaser that had to do; a feed may correct its own text."""
    _record(store, words(20), text_from=TextFrom.FEED)

    assert _record(store, words(18), text_from=TextFrom.FEED) == Recorded.REVISED
    assert _record(store, TEXT) == Recorded.REVISED
    assert [(made.text, made.text_from) for made in _articles(store)] == [(TEXT, TextFrom.PAGE)]


def test_a_corrected_page_may_be_shorter(store: SqliteStore) -> None:
    """What a page says now is what counts, even where it says less."""
    _record(store, TEXT)

    assert _record(store, words(40)) == Recorded.REVISED
    assert [made.text for made in _articles(store)] == [words(40)]


def test_a_changed_article_is_placed_anew(store: SqliteStore) -> None:
    """An article whose text becomes another's copy joins its story; with a text of its own again it leaves."""
    _record(store, TEXT, "https://agency.example/1")
    _record(store, OTHER_TEXT, URL)
    joined = _stories(store, TEXT)
    left = _stories(store, OTHER_TEXT)

    assert joined == {(1, 2)}
    assert left == {(1,), (2,)}


def _stories(store: SqliteStore, text: str) -> set[tuple[int, ...]]:
    """Revise the article at URL and return which articles stand together then."""
    assert _record(store, text, URL) == Recorded.REVISED
    stories: dict[int, list[int]] = {}
    for id, story, _ in placed(store):
        stories.setdefault(story, []).append(id)
    return set(map(tuple, stories.values()))


@pytest.mark.parametrize("order", [(FIRST, HEAVY), (HEAVY, FIRST)])
def test_weight_decides_between_equals(store: SqliteStore, order: tuple[FeedId, ...]) -> None:
    """Of two copies of one minute the one of the weightier feed speaks for the story, whichever came first."""
    urls = {FIRST: "https://alpha.example/1", HEAVY: "https://omega.example/1"}
    for feed in order:
        _record(store, TEXT, urls[feed], feed=feed)

    canonical = "SELECT url FROM article JOIN story ON canonical_id = article.id"
    assert [row["url"] for row in store._sql.rows(canonical)] == [urls[HEAVY]]


def test_the_rule_of_the_settings_decides_who_speaks() -> None:
    """Under `fullest` the longer one speaks for a story that the earlier one speaks for by default."""
    longer = TEXT + " " + words(5, start=9000)
    for rule, canonical in ((Canonical.ORIGINAL, 1), (Canonical.FULLEST, 2)):
        with SqliteStore(":memory:") as fresh:
            fresh.sync_feeds([FeedConfig(url="https://feed-0.example/")], timedelta(hours=1), NOON)
            for url, text, at in (("https://a.example/1", TEXT, 0), ("https://b.example/1", longer, 1)):
                read = _read(text, url, dated=hours(at))
                record(fresh, FIRST, _task(fresh, FIRST, url, url), read, hours(at), rules=Rules(canonical=rule))

            assert fresh._sql.value("SELECT canonical_id FROM story") == canonical


def test_a_listing_in_a_weightier_feed_counts_at_once(store: SqliteStore) -> None:
    """An article that a weightier feed lists too speaks for its equals from then on."""
    _record(store, TEXT, "https://alpha.example/1")
    _record(store, TEXT, "https://omega.example/1")
    record_listing(store, HEAVY, _task(store, HEAVY, "k", "https://omega.example/1"), NOON)

    assert store._sql.value("SELECT canonical_id FROM story") == 2


def test_recording_is_all_or_nothing(store: SqliteStore) -> None:
    """What cannot be recorded whole leaves no trace: no article, no address, no entry."""
    task = _task(store, FIRST, "k", URL)

    with pytest.raises(ValueError, match="naive"):
        record(store, FIRST, task, _read(TEXT, URL), hours(1).replace(tzinfo=None))

    assert [
        store._sql.value(f"SELECT count(*) FROM {table}") for table in ("article", "article_url", "entry", "band")
    ] == ([0, 0, 0, 0])
