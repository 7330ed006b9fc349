"""Opening the database, its schema, its errors, and what other processes see of it."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.adapters.store import SqliteStore, StoreReader
from aggregator.adapters.store.connection import Connection, translated
from aggregator.adapters.store.migrations import SCRIPTS, VERSION, scripted
from aggregator.adapters.store.opening import APPLICATION_ID, migrate
from aggregator.adapters.store.times import to_text
from aggregator.domain.articles import Signature
from aggregator.domain.errors import NewerDatabase, NotOurDatabase, StoreError
from aggregator.pipeline.rebuild import rebuild
from aggregator.pipeline.store_ports import Store
from tests.builders import NOON, article, hours, placed
from tests.pipeline.archive import Archive, Report, three_events

_ADD = """
import sys, time
from aggregator.adapters.store import SqliteStore
from aggregator.domain.articles import Signature
from tests.builders import NOON, article
store = SqliteStore(sys.argv[1])
with store.transaction():
    for number in range(int(sys.argv[2])):
        store.add_article(article(f"text {number}", at=number, outlet=sys.argv[3]), Signature(bands=(1, 2)), NOON)
    print("ready", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "news.db"


def _schema(raw: sqlite3.Connection) -> list[tuple[str, str]]:
    return [tuple(row) for row in raw.execute("SELECT name, sql FROM sqlite_master ORDER BY name")]


def _add(store: SqliteStore, *texts: str) -> None:
    """Add an article with each of the texts, all in one transaction."""
    with store.transaction():
        for number, text in enumerate(texts):
            store.add_article(article(text, at=number), Signature(), NOON)


def _child(path: Path, *, count: int, outlet: str) -> subprocess.Popen[str]:
    """Start a process that adds articles and keeps its transaction open until it is sent a line."""
    return subprocess.Popen(
        [sys.executable, "-c", _ADD, str(path), str(count), outlet],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


@pytest.fixture
def writing(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of a transaction."""
    with SqliteStore(path) as store:
        _add(store, "before")
    with _child(path, count=50, outlet="other") as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        yield child
        if child.poll() is None:
            child.communicate("\n")


def test_a_new_database_is_marked_as_ours_and_private(tmp_path: Path) -> None:
    """A new file gets its folder, mode 0600, our application id and the schema's version."""
    path = tmp_path / "some" / "folder" / "news.db"
    with SqliteStore(path) as store:
        raw = store._sql.raw
        pragmas = [raw.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
        manners = [raw.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "foreign_keys")]
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}

    assert pragmas == [APPLICATION_ID, VERSION]
    assert manners == ["wal", 1]
    assert modes == {"news.db": 0o600, "news.db-wal": 0o600, "news.db-shm": 0o600}


def test_the_store_fits_its_port() -> None:
    """The store has every method of the port with the port's types; the type checker sees to it."""
    with SqliteStore(":memory:") as store:
        port: Store = store
        assert port.due(NOON) == ()


def test_a_migrated_schema_equals_a_fresh_one(path: Path) -> None:
    """Wherever a database stopped in the history, bringing it up to date gives the schema of a new one."""
    with SqliteStore(":memory:") as fresh:
        expected = _schema(fresh._sql.raw)
    for known in range(VERSION + 1):
        old = path.with_name(f"version-{known}.db")
        raw = sqlite3.connect(old, isolation_level=None)
        migrate(Connection(raw, "old"), scripted(SCRIPTS[:known]), known)
        raw.close()
        with SqliteStore(old) as store:
            assert _schema(store._sql.raw) == expected


def _made_by_version_1(path: Path) -> list[Report]:
    """Make a database as version 1 left it, with twelve articles, a twin in one story with what it copies, and a tie."""
    reports = [*three_events(), Report(number=20, events=(0,), telling=0, at=6)]
    raw = sqlite3.connect(path, isolation_level=None)
    migrate(Connection(raw, "old"), scripted(SCRIPTS[:1]), 1)
    raw.execute("BEGIN")
    for id, report in enumerate(reports, 1):
        url, dated = f"https://paper-{report.number}.example/a", to_text(hours(report.at))
        raw.execute(
            "INSERT INTO source (id, site, name) VALUES (?, ?, ?)", (id, f"paper-{report.number}.example", "Paper")
        )
        raw.execute(
            "INSERT INTO article (id, url, title, source_id, is_original, language, summary, published, dated, first_seen, updated,"
            " text_from, text_length) VALUES (?, ?, 'A headline', ?, 0, 'en', '', ?, ?, ?, ?, 'page', ?)",
            (id, url, id, dated, dated, dated, dated, len(report.text)),
        )
        raw.execute("INSERT INTO body (article_id, text) VALUES (?, ?)", (id, report.text))
        raw.execute("INSERT INTO signature (article_id, shingles, bands) VALUES (?, x'01', x'02')", (id,))
        raw.execute("INSERT INTO band (key, dated, article_id) VALUES (1, 0, ?)", (id,))
        raw.execute("INSERT INTO article_url (url_key, article_id, is_own, claimed) VALUES (?, ?, 1, 0)", (url, id))
        if report.number != 20:
            raw.execute(
                "INSERT INTO story (id, canonical_id, articles, texts, sources, first_dated, last_dated, first_seen, updated)"
                " VALUES (?, ?, 1, 1, 1, ?, ?, ?, ?)",
                (id, id, dated, dated, dated, dated),
            )
            raw.execute("UPDATE article SET story_id = ? WHERE id = ?", (id, id))
    raw.execute("UPDATE article SET story_id = 1, copy_of = 1, similarity = 0.9 WHERE id = 13")
    raw.execute("UPDATE story SET articles = 2, sources = 2 WHERE id = 1")
    raw.execute("INSERT INTO tie (a, b, jaccard, containment, hours_apart, rule) VALUES (1, 13, 0.9, 1, 6, 1)")
    raw.execute("COMMIT")
    raw.close()
    return reports


def test_a_database_of_version_1_loses_nothing(path: Path) -> None:
    """Articles, texts and stories are as they were; what was compared of a text is to be made anew."""
    reports = _made_by_version_1(path)
    with SqliteStore(path) as store:
        by_date = sorted(range(1, 14), key=lambda number: (reports[number - 1].at, number))
        assert store.unsigned() == tuple(by_date)
        assert [store.article(id)[0].text for id in sorted(store.unsigned())] == [report.text for report in reports]
        assert placed(store) == [*((id, id, None) for id in range(1, 13)), (13, 1, 1)]
        assert store.ties(store.stories_since(None)) == ()
        assert store._sql.value("SELECT count(*) FROM band") == 0
        assert store._sql.value("PRAGMA integrity_check") == "ok"
        assert store._sql.rows("PRAGMA foreign_key_check") == []


def test_a_rebuild_completes_a_database_of_version_1(path: Path) -> None:
    """Every article is signed, copies are found and events grouped as if the articles had come to this version."""
    reports = _made_by_version_1(path)
    with SqliteStore(path) as store, Archive.told(reports) as fresh:
        rebuild(store, hours(100))
        fresh.rebuild()

        assert not store.has_unsigned()
        assert [(id, copy_of) for id, _, copy_of in placed(store)] == [
            (id, copy_of) for id, _, copy_of in placed(fresh.store)
        ]
        for table in ("signature", "band", "key_term"):
            columns = f"SELECT * FROM {table} ORDER BY 1, 2, 3"
            assert list(map(tuple, store._sql.rows(columns))) == list(map(tuple, fresh.store._sql.rows(columns)))
        sets = {frozenset(id for id, own, _ in placed(store) if own == story) for _, story, _ in placed(store)}
        assert sets == {frozenset({1, 2, 3, 4, 13}), frozenset({5, 6, 7, 8}), frozenset({9, 10, 11, 12})}


def test_a_migration_that_fails_changes_nothing() -> None:
    """A schema is brought up to date wholly or not at all."""
    raw = sqlite3.connect(":memory:", isolation_level=None)
    with pytest.raises(FileNotFoundError):
        migrate(Connection(raw, "new"), scripted((*SCRIPTS, "9999_missing.sql")), 2)

    assert _schema(raw) == []
    assert raw.execute("PRAGMA user_version").fetchone()[0] == 0
    raw.close()


def test_the_schema_explains_itself() -> None:
    """Every table and view says what it is for, and SQLite keeps it."""
    with SqliteStore(":memory:") as store:
        statements = {
            row["name"]: row["sql"]
            for row in store._sql.rows("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'view')")
        }
    ours = {name for name in statements if not name.startswith(("sqlite_", "_sqlite", "article_search"))}

    assert len(ours) >= 15
    assert {name for name in ours if "\n    -- " not in statements[name]} == set()
    assert not any("]" in name for name in statements)


def test_every_foreign_key_is_indexed() -> None:
    """Each foreign key is the first column of an index, so that following it back needs no scan."""
    with SqliteStore(":memory:") as store:
        tables = [table for table in store._sql.database.tables if not table.virtual_table_using]
        bare = [
            (table.name, key.column)
            for table in tables
            for key in table.foreign_keys
            if key.column not in {index.columns[0] for index in table.indexes} | set(table.pks)
        ]

    assert bare == []


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be looked at", b"\0" * 5000])
def test_a_file_that_is_no_database_is_left_alone(path: Path, content: bytes) -> None:
    """A file of another kind is refused by name, with a cure, and not touched."""
    path.write_bytes(content)
    for kind in (SqliteStore, StoreReader):
        with pytest.raises(NotOurDatabase, match=r"news\.db.*--db"):
            kind(path)

    assert path.read_bytes() == content


def test_a_database_of_another_program_is_left_alone(path: Path) -> None:
    """A database that aggregator did not make is refused and keeps every byte, even one in WAL mode."""
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE bookmark (id INTEGER PRIMARY KEY)")
    other.commit()
    before = path.read_bytes()
    for kind in (SqliteStore, StoreReader):
        with pytest.raises(NotOurDatabase, match=r"news\.db.*--db"):
            kind(path)

    assert path.read_bytes() == before
    other.close()


def test_a_database_of_a_newer_version_is_left_alone(path: Path) -> None:
    """A database that a newer version wrote is refused and keeps every byte."""
    SqliteStore(path).close()
    raw = sqlite3.connect(path)
    raw.execute(f"PRAGMA user_version = {VERSION + 1}")
    raw.close()
    before = path.read_bytes()
    for kind in (SqliteStore, StoreReader):
        with pytest.raises(NewerDatabase, match=r"news\.db.*update aggregator"):
            kind(path)

    assert path.read_bytes() == before


@pytest.mark.parametrize("exists", [True, False])
def test_a_reader_without_a_database_tells_what_to_do(path: Path, *, exists: bool) -> None:
    """A reader makes no file; it names the command that does."""
    if exists:
        path.touch()
    with pytest.raises(StoreError, match="aggregator run"):
        StoreReader(path)

    assert path.exists() is exists


def test_a_place_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """A folder in the place of the file is a sentence, not a traceback."""
    with pytest.raises(StoreError, match="--db"):
        SqliteStore(tmp_path)


def test_a_reader_cannot_write(path: Path) -> None:
    """Nothing can be written through a reader."""
    SqliteStore(path).close()
    with StoreReader(path) as reader, pytest.raises(StoreError, match="may not be written"):
        reader._sql.rows("DELETE FROM article RETURNING id")


def test_a_full_disk_is_a_sentence_and_leaves_nothing_half(path: Path) -> None:
    """A disk that fills up in a transaction fails the whole of it, and the store goes on when there is room."""
    with SqliteStore(path) as store:
        pages = store._sql.value("PRAGMA page_count")
        store._sql.rows(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StoreError, match="disk is full"):
            _add(store, *("word " * 2000 for _ in range(50)))
        assert store._sql.value("SELECT count(*) FROM article") == 0
        store._sql.rows("PRAGMA max_page_count = 100000")
        _add(store, "word " * 2000)
        assert store._sql.value("SELECT count(*) FROM article") == 1


def test_a_database_locked_for_too_long_is_a_sentence(path: Path) -> None:
    """Waiting for a writer that never ends gives up with a sentence."""
    with SqliteStore(path) as holder, SqliteStore(path) as waiter:
        waiter._sql.rows("PRAGMA busy_timeout = 10")
        with holder.transaction(), pytest.raises(StoreError, match="locked for too long"), waiter.transaction():
            pass


def test_a_damaged_database_is_a_sentence(path: Path) -> None:
    """A file with garbage in its middle is told as damaged."""
    with SqliteStore(path) as store:
        _add(store, *(f"text {number}" for number in range(200)))
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    with pytest.raises(StoreError, match="damaged"), SqliteStore(path) as store:
        store._sql.rows("SELECT * FROM article")


@pytest.mark.parametrize("sql", ["SELECT nothing FROM nowhere", "INSERT INTO tie (a, b) VALUES (2, 1)"])
def test_a_mistake_of_ours_is_not_disguised(sql: str) -> None:
    """What no person can mend passes as the library raised it."""
    with SqliteStore(":memory:") as store, pytest.raises(sqlite3.Error), translated("news.db"), store.transaction():
        store._sql.raw.execute(sql)


def test_a_transaction_in_a_transaction_is_refused() -> None:
    """Re-entrance is a bug and says so; the outer transaction is undone."""
    with SqliteStore(":memory:") as store:

        def nest() -> None:
            with store.transaction():
                store.add_article(article("text"), Signature(), NOON)
                with store.transaction():
                    pass

        with pytest.raises(RuntimeError):
            nest()
        assert store._sql.value("SELECT count(*) FROM article") == 0


def test_a_write_outside_a_transaction_is_refused() -> None:
    """Articles are written in transactions only."""
    with SqliteStore(":memory:") as store, pytest.raises(RuntimeError):
        store.add_article(article("text"), Signature(), NOON)


def test_another_thread_may_use_the_store() -> None:
    """The store is not bound to the thread that opened it."""
    with SqliteStore(":memory:") as store:
        found: list[object] = []
        thread = threading.Thread(target=lambda: found.append(store.due(NOON)))
        thread.start()
        thread.join()

    assert found == [()]


def test_readers_are_not_blocked_by_a_writer(path: Path, writing: subprocess.Popen[str]) -> None:
    """While another process writes, a reader sees the state before, at once; afterwards the state after."""
    with StoreReader(path) as reader:
        reader._sql.rows("PRAGMA busy_timeout = 0")
        assert reader.counts() == (0, 1, 0)
        writing.communicate("\n")
        assert reader.counts() == (0, 51, 0)


def test_two_writers_wait_for_each_other(path: Path, writing: subprocess.Popen[str]) -> None:
    """A second writer waits for the first and then goes on; neither loses anything."""
    with SqliteStore(path) as store:
        release = threading.Timer(0.2, writing.communicate, args=("\n",))
        release.start()
        with store.transaction():
            seen = store._sql.value("SELECT count(*) FROM article")
            store.add_article(article("after"), Signature(), NOON)
        release.join()
    with StoreReader(path) as reader:
        assert (seen, reader.counts()) == (51, (0, 52, 0))


def test_two_processes_may_make_the_database_at_once(path: Path) -> None:
    """Whoever comes second to a new file finds the schema made, and both write."""
    with _child(path, count=3, outlet="one") as one, _child(path, count=3, outlet="two") as two:
        for child in (one, two):
            # Both may go on as soon as it is their turn.
            assert child.stdin is not None
            child.stdin.write("\n")
            child.stdin.flush()
        for child in (one, two):
            child.communicate()
    with StoreReader(path) as reader:
        assert (one.returncode, two.returncode, reader.counts()) == (0, 0, (0, 6, 0))


def test_a_killed_writer_leaves_nothing_half(path: Path, writing: subprocess.Popen[str]) -> None:
    """After kill -9 in mid-transaction the database is sound, what was committed is there and nothing else is."""
    writing.send_signal(signal.SIGKILL)
    writing.wait()
    with SqliteStore(path) as store:
        assert store._sql.value("PRAGMA integrity_check") == "ok"
        counts = {
            table: store._sql.value(f"SELECT count(*) FROM {table}") for table in ("article", "body", "band", "source")
        }
        with store.transaction():
            store._sql.write("INSERT INTO article_search (article_search, rank) VALUES ('integrity-check', 1)")

    assert counts == {"article": 1, "body": 1, "band": 0, "source": 1}
