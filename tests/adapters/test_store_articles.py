"""Articles, the addresses they are known by, and the entries that list them."""

import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.adapters.store import SqliteStore
from aggregator.adapters.store.key_tables import BAND
from aggregator.adapters.store.times import to_seconds
from aggregator.core.words.signature import keys_of
from aggregator.domain.articles import Article, HeldBack, Signature, Source, TextFrom
from aggregator.domain.feeds import Entry, EntryToRead
from aggregator.domain.ids import ArticleId, FeedId, UrlKey
from aggregator.domain.settings import FeedConfig
from aggregator.domain.stories import Placement, Story
from tests.builders import NOON, TEXT, article, hours, tie

SHINGLES = b"\1\0\0\0\2\0\0\0"
SIGNATURE = Signature(shingles=SHINGLES, bands=keys_of(SHINGLES))
KEYS = tuple(UrlKey(f"paper.example/{letter}") for letter in "abcd")

plain_text = st.text(st.characters(exclude_categories=["Cs"]))
moments = st.datetimes().map(lambda moment: moment.replace(tzinfo=NOON.tzinfo))
articles = st.builds(
    Article,
    url=plain_text,
    url_keys=st.lists(plain_text.map(UrlKey), unique=True, max_size=3).map(tuple),
    title=plain_text,
    text=plain_text,
    text_from=st.sampled_from(TextFrom),
    summary=plain_text,
    author=st.none() | plain_text,
    source=st.builds(Source, site=plain_text, name=plain_text),
    agency=st.none() | plain_text,
    is_original=st.booleans(),
    language=st.none() | plain_text,
    published=st.none() | moments,
    dated=moments,
    image=st.none() | plain_text,
    held_back=st.none() | st.sampled_from(HeldBack),
)
hashes = st.lists(st.integers(0, 2**32 - 1), unique=True, max_size=5).map(
    lambda values: struct.pack(f"<{len(values)}I", *sorted(values))
)
signatures = st.builds(
    lambda shingles, facts, terms: Signature(shingles=shingles, bands=keys_of(shingles), facts=facts, terms=terms),
    shingles=hashes,
    facts=hashes,
    terms=hashes.map(lambda packed: packed + bytes(range(1, len(packed) // 4 + 1))),
)


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    with SqliteStore(":memory:") as store:
        yield store


def _add(store: SqliteStore, article: Article, signature: Signature = SIGNATURE, *, at: float = 0) -> ArticleId:
    with store.transaction():
        return store.add_article(article, signature, hours(at))


def _known(*keys: str, text: str = "text", claimed: tuple[UrlKey, ...] = ()) -> Article:
    return article(text, url_keys=tuple(map(UrlKey, keys)), claimed_keys=claimed)


def _feeds(store: SqliteStore, count: int = 1) -> list[FeedId]:
    config = [FeedConfig(url=f"https://feed-{number}.example/") for number in range(count)]
    store.sync_feeds(config, hours(1) - NOON, NOON)
    return [due.feed.id for due in store.all_feeds()]


def _entry(key: str = "k", *, digest: bytes = b"1", url: str | None = "https://paper.example/a") -> Entry:
    return Entry(key=key, guid=None, url=url, title="", digest=digest)


def _list(store: SqliteStore, feed: FeedId, entry: Entry, article: ArticleId) -> int:
    """List an entry and return how many rows that changed."""
    before = store._sql.raw.total_changes
    with store.transaction():
        store.list_entry(feed, entry, article, NOON)
    return store._sql.raw.total_changes - before


@settings(deadline=None)
@given(articles, signatures)
def test_an_article_comes_back_as_it_was_recorded(article: Article, signature: Signature) -> None:
    """Whatever characters and times an article has, it is read as it was written."""
    with SqliteStore(":memory:") as store:
        id = _add(store, article, signature)
        assert store.article(id) == (article, signature)
        assert store.headline_and_text(id) == (article.title, article.text)


@settings(deadline=None)
@given(articles, signatures, articles, signatures)
def test_a_revised_article_comes_back_as_it_is_now(
    before: Article, signature: Signature, after: Article, new_signature: Signature
) -> None:
    """A revision replaces everything but the date and the addresses of before."""
    with SqliteStore(":memory:") as store:
        id = _add(store, before, signature)
        with store.transaction():
            store.revise_article(id, after, new_signature, hours(1))
        stored, stored_signature = store.article(id)
        bands = [row["key"] for row in store._sql.rows("SELECT key FROM band ORDER BY key")]

    # A revision that has an address of its own puts it first; the others follow in the order in which they came.
    keys = tuple(dict.fromkeys((*after.url_keys[:1], *before.url_keys, *after.url_keys)))
    assert stored == replace(after, dated=before.dated, url_keys=keys, source=stored.source, claimed_keys=())
    assert stored.source.site == after.source.site
    assert stored_signature == new_signature
    assert bands == list(BAND.standing(new_signature.bands, to_seconds(before.dated)))


def test_an_unknown_article_is_a_mistake(store: SqliteStore) -> None:
    """Asking for an article that never was raises what Python raises for it."""
    with pytest.raises(LookupError):
        store.article(ArticleId(1))
    with pytest.raises(LookupError):
        store.headline_and_text(ArticleId(1))


def test_a_naive_time_is_refused(store: SqliteStore) -> None:
    """A time without a zone never gets into the database."""
    with pytest.raises(ValueError, match="naive"):
        _add(store, article("text", published=NOON.replace(tzinfo=None)))


def test_a_revision_keeps_what_was_said_before(store: SqliteStore) -> None:
    """Each change of title or text leaves a version behind, with when it was seen and when it was replaced."""
    first = article("one", title="First")
    id = _add(store, first)
    changes = (replace(first, text="two"), replace(first, text="two", title="Second"))
    for at, changed in enumerate(changes, start=1):
        with store.transaction():
            store.revise_article(id, changed, SIGNATURE, hours(at))

    versions = store._sql.rows(f"SELECT title, {TEXT}, substr(seen, 12, 2), substr(replaced, 12, 2) FROM version")
    assert [tuple(row) for row in versions] == [("First", "one", "12", "13"), ("First", "two", "13", "14")]
    assert store._sql.value("SELECT versions FROM article") == 2


def test_a_revision_that_says_the_same_is_no_version(store: SqliteStore) -> None:
    """A new author or image is taken up without a version."""
    first = article("one")
    id = _add(store, first)
    with store.transaction():
        store.revise_article(id, replace(first, author="A. Writer"), SIGNATURE, hours(1))

    assert store.article(id)[0].author == "A. Writer"
    row = store._sql.row("SELECT versions, updated = first_seen AS unchanged FROM article")
    assert row is not None
    assert tuple(row) == (0, 1)
    assert store._sql.value("SELECT count(*) FROM version") == 0


def test_a_revision_drops_ties_and_touches_its_story(store: SqliteStore) -> None:
    """Ties spoke of the old text; the story has changed with its article."""
    first = article("one")
    a, b, c = _add(store, first), _add(store, article("two")), _add(store, article("three"))
    ties = tuple(tie(x, y) for x, y in ((a, b), (a, c), (b, c)))
    story = Story(
        id=None, members=(a, b, c), canonical=a, copies=(), texts=3, sources=1, first_dated=NOON, last_dated=NOON
    )
    with store.transaction():
        store.apply(Placement(ties=ties, stories=(story,)), NOON)
        store.revise_article(b, replace(first, text="new"), SIGNATURE, hours(2))

    id = store.story_of(b)
    assert id is not None
    assert [(left.a, left.b) for left in store.ties([id])] == [(a, c)]
    assert store._sql.value("SELECT substr(updated, 12, 2) FROM story") == "14"


def test_an_outlet_is_one_source_and_keeps_its_first_name(store: SqliteStore) -> None:
    """Articles of one site share a source; its bare address as a name gives way to a real one, once."""
    for name in ("paper.example", "The Paper", "Paper Online"):
        id = _add(store, article(name, source=Source(site="paper.example", name=name)))

    assert store.article(id)[0].source == Source(site="paper.example", name="The Paper")
    assert store._sql.value("SELECT count(*) FROM source") == 1


def test_the_first_known_key_decides(store: SqliteStore) -> None:
    """Keys are asked in their order; unknown ones are passed over."""
    first, second = _add(store, _known(KEYS[0])), _add(store, _known(KEYS[1]))

    assert store.article_at((KEYS[2], KEYS[1], KEYS[0])) == second
    assert store.article_at((KEYS[0], KEYS[1])) == first
    assert store.article_at((KEYS[2],)) is None
    assert store.article_at(()) is None


addings = st.lists(
    st.tuples(st.integers(0, 2), st.lists(st.sampled_from(KEYS), unique=True), st.booleans()), max_size=8
)


@settings(deadline=None)
@given(addings)
def test_addresses_go_to_whom_the_rule_gives_them(addings: list[tuple[int, list[UrlKey], bool]]) -> None:
    """A key stays with its first article; a claim alone gives way to an article that has the key."""
    known: dict[UrlKey, int] = {}
    claimed: dict[UrlKey, int] = {}
    with SqliteStore(":memory:") as store:
        ids = [_add(store, _known()) for _ in range(3)]
        for place, keys, is_claim in addings:
            with store.transaction():
                store.add_addresses(ids[place], keys, claimed=is_claim)
            for key in keys:
                if is_claim and key not in known:
                    claimed.setdefault(key, place)
                elif not is_claim and key not in known:
                    known[key] = place
                    claimed.pop(key, None)
        for key in KEYS:
            assert store.article_at((key,)) == (ids[known[key]] if key in known else None)
            assert store.article_at((key,), claimed=True) == (ids[claimed[key]] if key in claimed else None)


def test_claims_are_no_addresses_of_an_article(store: SqliteStore) -> None:
    """What an article merely claims is found as a claim and not told as its address."""
    id = _add(store, _known(KEYS[0], claimed=(KEYS[1], KEYS[0])))

    assert store.article(id)[0].url_keys == (KEYS[0],)
    assert store.article_at((KEYS[1],), claimed=True) == id
    assert store.article_at((KEYS[0],), claimed=True) is None


def test_an_entry_is_unread_until_it_is_listed(store: SqliteStore) -> None:
    """New entries come in their order, listed ones not at all, changed ones with the article they became."""
    (feed,) = _feeds(store)
    id = _add(store, article("text"))
    _list(store, feed, _entry("old"), id)
    _list(store, feed, _entry("changed"), id)
    changed = _entry("changed", digest=b"2")

    assert store.unread(feed, [_entry("new"), _entry("old"), changed, _entry("newer")]) == (
        EntryToRead(entry=_entry("new")),
        EntryToRead(entry=changed, article=id),
        EntryToRead(entry=_entry("newer")),
    )


@pytest.mark.parametrize(
    ("url", "changed"),
    [
        ("https://paper.example/a", False),
        ("http://www.paper.example/a?utm_source=rss", False),
        ("https://paper.example/b", True),
        ("no address", True),
        (None, True),
    ],
)
def test_another_spelling_is_no_changed_address(store: SqliteStore, url: str | None, *, changed: bool) -> None:
    """Only another page under the same key counts as a changed address."""
    (feed,) = _feeds(store)
    _list(store, feed, _entry(), _add(store, article("text")))
    (task,) = store.unread(feed, [_entry(digest=b"2", url=url)])

    assert task.url_changed is changed


def test_an_entry_without_address_keeps_having_none(store: SqliteStore) -> None:
    """No address before and none now is no change."""
    (feed,) = _feeds(store)
    _list(store, feed, _entry(url=None), _add(store, article("text")))
    (task,) = store.unread(feed, [_entry(url=None, digest=b"2")])

    assert not task.url_changed


listings = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(["", "k", "K", "k\0", "é"]), st.binary(max_size=1), st.integers(0, 1))
)


@settings(deadline=None)
@given(listings)
def test_listing_is_remembered_by_feed_and_key(listings: list[tuple[int, str, bytes, int]]) -> None:
    """What was listed last under a feed and key is what is known; listing it again changes no row."""
    expected: dict[tuple[int, str], tuple[bytes, int]] = {}
    with SqliteStore(":memory:") as store:
        feeds = _feeds(store, 2)
        ids = [_add(store, article("text")) for _ in range(2)]
        for feed, key, digest, place in listings:
            known: Any = expected.get((feed, key))
            rows = _list(store, feeds[feed], _entry(key, digest=digest), ids[place])
            # One, and that of the feed that counts its articles.
            assert bool(rows) == (known != (digest, place))
            expected[feed, key] = (digest, place)
        for (feed, key), (digest, place) in expected.items():
            assert store.unread(feeds[feed], [_entry(key, digest=digest)]) == ()
            (task,) = store.unread(feeds[feed], [_entry(key, digest=b"other")])
            assert task.article == ids[place]
