"""What the store keeps of texts and signatures, and who can read it."""

import sqlite3
import zlib
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.adapters.store import SqliteStore
from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.migrations import SCRIPTS, scripted
from aggregator.adapters.store.opening import migrate
from aggregator.adapters.store.signatures import packed, signature_columns
from aggregator.adapters.store.texts import octets, packed_text, sqlar_uncompress, unpacked_text
from aggregator.adapters.store.times import to_seconds, to_time
from aggregator.core.words.signature import sign
from aggregator.domain.ids import ArticleId
from aggregator.domain.keeping import FlawKind
from tests.builders import NOON, TEXT, article, words

PLACE = "news.db"


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("word " * 100)
@example("\0")
def test_a_text_comes_back_as_it_was(text: str) -> None:
    """Whatever its characters are, and whether it could be made shorter or not."""
    size = octets(text)
    assert size is not None
    assert unpacked_text(packed_text(text), size) == text


def test_a_text_is_never_kept_longer_than_it_is() -> None:
    """What cannot be made shorter is kept as it is."""
    assert packed_text("bridge") == b"bridge"
    assert len(packed_text("word " * 100)) < 20


def test_nothing_is_kept_of_nothing() -> None:
    """Most articles have no second text for scripts without spaces."""
    assert (packed_text(None), octets(None), sqlar_uncompress(None, None)) == (None, None, None)


def test_keys_are_not_kept_where_they_follow_from_the_shingles() -> None:
    """An article's own keys are found all the same, in the index and in its signature."""
    text = words(120)
    signature = sign("A headline", text)
    with SqliteStore(":memory:") as store:
        with store.transaction():
            id = store.add_article(article(text), signature, NOON)
        assert store._sql.value("SELECT bands FROM signature") is None
        assert store.article(id)[1] == signature
        assert store._sql.value("SELECT count(*) FROM band") == len(set(signature.bands))


def test_who_knows_the_format_reads_texts_and_searches(tmp_path: Path) -> None:
    """The function that the sqlite3 shell brings is all that the texts, the view and the search index ask for."""
    path = tmp_path / PLACE
    with SqliteStore(path) as store, store.transaction():
        store.add_article(article("The bridge is closed. " * 20), sign("", ""), NOON)
    raw = sqlite3.connect(path)
    raw.create_function(
        "sqlar_uncompress", 2, lambda kept, size: kept if kept is None or size == len(kept) else zlib.decompress(kept)
    )
    assert raw.execute(f"SELECT {TEXT} FROM body").fetchone() == ("The bridge is closed. " * 20,)
    found = raw.execute("SELECT body FROM article_search WHERE article_search MATCH '\"bridge is\"'").fetchone()
    raw.close()
    assert found == ("The bridge is closed. " * 20,)


def test_the_views_need_no_function(tmp_path: Path) -> None:
    """`todays_stories` and `feed_health` are read with any program that reads SQLite."""
    path = tmp_path / PLACE
    SqliteStore(path).close()
    raw = sqlite3.connect(path)
    assert (
        raw.execute("SELECT * FROM todays_stories").fetchall()
        == raw.execute("SELECT * FROM feed_health").fetchall()
        == []
    )
    raw.close()


def test_what_version_4_kept_is_packed(tmp_path: Path) -> None:
    """Texts, earlier versions and signatures read as before, keys that follow from nothing stay, and it is told how far it is."""
    text, other = words(300), "橋は閉鎖された。" * 30
    signature = sign("Bridge", text)
    old = sqlite3.connect(tmp_path / PLACE, isolation_level=None)
    migrate(Connection(old, "old"), scripted(SCRIPTS[:4]), 4)
    old.executescript(
        """
        INSERT INTO source (id, site, name) VALUES (1, 'paper.example', 'Paper');
        INSERT INTO article (id, url, title, source_id, is_original, summary, dated, first_seen, updated, text_from, text_length)
        VALUES (1, 'u', 'Bridge', 1, 0, '', '2026-03-02T12:00:00.000000Z', '', '', 'page', 21),
            (2, 'v', 'Bridge', 1, 0, '', '2026-03-02T12:00:00.000000Z', '', '', 'page', 21);
        """
    )
    old.execute("INSERT INTO body VALUES (1, ?, NULL), (2, ?, ?)", (text, other, other))
    old.execute("INSERT INTO version VALUES (1, 1, 'Before', ?, '', '')", (other,))
    insert = "INSERT INTO signature (article_id, shingles, bands, facts, terms) VALUES (?, ?, ?, ?, ?)"
    old.execute(insert, (1, signature.shingles, packed(signature.bands), signature.facts, signature.terms))
    old.execute(insert, (2, b"", packed((7,)), b"", None))
    told: list[int] = []
    migrate(Connection(old, "old"), scripted(SCRIPTS[:5], told.append), 5)
    old.close()
    assert told == [0]
    with SqliteStore(tmp_path / PLACE) as store:
        assert store.article(ArticleId(1))[1] == signature
        assert [store.article(ArticleId(id))[0].text for id in (1, 2)] == [text, other]
        assert store._sql.value(f"SELECT {TEXT} FROM version") == other
        assert store.article(ArticleId(2))[1].bands == (7,)
        assert store.unsigned() == (2,)
        assert store._sql.value("SELECT characters_size FROM body WHERE article_id = 2") == len(other.encode())
        assert store._sql.value("SELECT sum(length(text)) < sum(size) FROM body")
        with store.transaction():
            store._sql.write("INSERT INTO article_search (article_search, rank) VALUES ('integrity-check', 1)")


def test_what_version_10_found_copies_by_is_found_as_before(tmp_path: Path) -> None:
    """The keys of all articles, of whatever date, stand where this version puts them, and nothing is wrong."""
    times = ["1969-12-31T23:59:59.999999Z", "0099-03-02T12:00:00.000000Z", "2026-03-02T12:00:00.000000Z"]
    signatures = [sign("Bridge", words(300, start=100 * number)) for number in range(len(times))]
    old = sqlite3.connect(tmp_path / PLACE, isolation_level=None)
    migrate(Connection(old, "old"), scripted(SCRIPTS[:10]), 10)
    old.execute("INSERT INTO source (id, site, name) VALUES (1, 'paper.example', 'Paper')")
    for id, (dated, signature) in enumerate(zip(times, signatures, strict=True), 1):
        old.execute(
            "INSERT INTO article (id, url, title, source_id, is_original, summary, dated, first_seen, updated, text_from, text_length)"
            " VALUES (?, 'u', 'Bridge', 1, 0, '', ?, '', '', 'page', 21)",
            (id, dated),
        )
        kept = signature_columns(signature) | {"id": id}
        old.execute(
            "INSERT INTO signature (article_id, shingles, bands, facts, terms) VALUES (:id, :shingles, :bands, :facts, :terms)",
            kept,
        )
        rows = [(key, to_seconds(to_time(dated)), id) for key in set(signature.bands)]
        old.executemany("INSERT INTO band (key, dated, article_id) VALUES (?, ?, ?)", rows)
    old.close()
    told: list[int] = []

    with SqliteStore(tmp_path / PLACE, told.append) as store, SqliteStore(":memory:") as fresh:
        assert told == [0]
        with fresh.transaction():
            for dated, signature in zip(times, signatures, strict=True):
                fresh.add_article(article("text", url_keys=(), dated=to_time(dated)), signature, NOON)
        stored = "SELECT key, dated, article_id FROM band ORDER BY key, dated, article_id"
        assert [tuple(row) for row in store._sql.rows(stored)] == [tuple(row) for row in fresh._sql.rows(stored)]
        assert FlawKind.BANDS not in [flaw.kind for flaw in store.flaws()]
