"""Backups, the way back, and the copy that is kept before a database is brought up to date."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from aggregator.adapters.store import SqliteStore, StoreReader, restoring
from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.migrations import SCRIPTS, VERSION, scripted
from aggregator.adapters.store.opening import migrate
from aggregator.adapters.store.restoring import back_up, restore
from aggregator.adapters.store.texts import sqlar_uncompress
from aggregator.adapters.store.times import to_text
from aggregator.domain.articles import Signature
from aggregator.domain.errors import NewerDatabase, NotOurDatabase, StoreError, UsageError
from aggregator.domain.ids import ArticleId
from aggregator.domain.settings import FeedConfig
from tests.builders import NOON, TEXT, article

ROOT = Path(__file__).parents[2]
#: Runs a line of Python in a process that may write so many bytes into a file and no more.
_LIMITED = """
import resource, sys
from pathlib import Path
from aggregator.adapters.store import SqliteStore
from aggregator.adapters.store.restoring import back_up, restore
from aggregator.domain.errors import StoreError
from tests.builders import NOON
database, other = map(Path, sys.argv[2:4])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
try:
    exec(sys.argv[4])
except StoreError as error:
    print(error)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with a feed and an article."""
    path = tmp_path / "news.db"
    with SqliteStore(path) as store:
        store.sync_feeds([FeedConfig(url="https://paper.example/feed")], timedelta(hours=1), NOON)
        add(store, "The bridge is closed.")
    return path


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Where backups go."""
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder / "monday.db"


def add(store: SqliteStore, text: str) -> None:
    """Add an article."""
    with store.transaction():
        store.add_article(article(text), Signature(), NOON)


def noise(size: int) -> str:
    """Return a text that nothing makes shorter than so many bytes."""
    return Random(1).randbytes(size).hex()


def texts(path: Path) -> list[str]:
    """Return all texts, in order."""
    raw = sqlite3.connect(path)
    raw.create_function("sqlar_uncompress", 2, sqlar_uncompress)
    # Before version 5 a text was kept as it is.
    text = TEXT if raw.execute("PRAGMA user_version").fetchone()[0] >= 5 else "text"
    found = [text for (text,) in raw.execute(f"SELECT {text} FROM body ORDER BY article_id")]
    raw.close()
    return found


def limited(limit: int, database: Path, other: Path, code: str) -> str:
    """Return what a process says that runs `code` and may write so much into a file."""
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(limit), str(database), str(other), code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    return done.stdout


def names(folder: Path) -> set[str]:
    """Return the names of what lies in a folder."""
    return {file.name for file in folder.iterdir()}


def test_a_backup_is_a_private_file_of_its_own(path: Path, backup: Path) -> None:
    """It holds all that is stored, alone in one file that only its owner reads; what it holds is told."""
    with SqliteStore(path) as store:
        add(store, "Not yet in the file, but in its log.")
        copied = back_up(path, backup)

    assert (copied.feeds, copied.articles, copied.stories) == (1, 2, 0)
    assert copied.size == backup.stat().st_size
    assert backup.stat().st_mode & 0o777 == 0o600
    assert names(backup.parent) == {"monday.db"}
    assert texts(backup) == ["The bridge is closed.", "Not yet in the file, but in its log."]


def test_a_backup_while_another_writes_holds_whole_transactions(path: Path, backup: Path) -> None:
    """Each of many copies has both articles of each transaction or neither, and the writer is never turned away."""
    ended = threading.Event()
    failed: list[BaseException] = []

    def write() -> None:
        try:
            with SqliteStore(path) as store:
                for number in range(10_000):
                    if ended.is_set():
                        return
                    with store.transaction():
                        for half in ("first", "second"):
                            store.add_article(article(f"{number} {half}"), Signature(), NOON)
        except BaseException as error:  # noqa: BLE001 -- told by the test
            failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    counts = [back_up(path, backup, force=True).articles for _ in range(12)]
    ended.set()
    writer.join()

    assert failed == []
    assert all(count % 2 == 1 for count in counts)
    assert counts[-1] > counts[0]
    with SqliteStore(backup) as store:
        assert {flaw.kind.value for flaw in store.flaws()} == {"no-story"}


def test_what_is_there_is_not_overwritten(path: Path, backup: Path) -> None:
    """A file that is there stays unless one insists; a folder and the database itself always."""
    backup.write_text("something else")
    with pytest.raises(UsageError, match="--force"):
        back_up(path, backup)
    assert backup.read_text() == "something else"
    with pytest.raises(UsageError, match="folder"):
        back_up(path, backup.parent, force=True)
    backup.with_name("link.db").symlink_to(path)
    for own in (path, backup.with_name("link.db")):
        with pytest.raises(UsageError, match="database itself"):
            back_up(path, own, force=True)

    back_up(path, backup, force=True)

    assert texts(path) == texts(backup) == ["The bridge is closed."]


def test_a_place_that_cannot_be_written_is_told(path: Path, backup: Path) -> None:
    """A folder that is not there is a sentence."""
    with pytest.raises(StoreError, match="cannot be written"):
        back_up(path, backup.parent / "nowhere" / "monday.db")


def test_a_backup_without_room_leaves_the_one_before(path: Path, backup: Path) -> None:
    """A disk that fills up is a sentence; the backup that was there stays, and nothing half lies about."""
    back_up(path, backup)
    with SqliteStore(path) as store:
        add(store, noise(100_000))

    said = limited(40_000, path, backup, "back_up(database, other, force=True)")

    assert said.startswith(f"the copy {backup} cannot be written: the disk ")
    assert texts(backup) == ["The bridge is closed."]
    assert names(backup.parent) == {"monday.db"}


def test_what_a_killed_backup_left_is_removed(path: Path, backup: Path) -> None:
    """The half copy of a process that is no more goes; that of one which is at work stays."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for maker in (ended.pid, os.getppid()):
        backup.with_name(f".monday.db.{maker}.new").touch()
        backup.with_name(f".monday.db.{maker}.new-journal").touch()

    back_up(path, backup)

    assert names(backup.parent) == {
        "monday.db",
        f".monday.db.{os.getppid()}.new",
        f".monday.db.{os.getppid()}.new-journal",
    }


def test_a_damaged_database_is_not_backed_up(path: Path, backup: Path) -> None:
    """What cannot be read is no backup; the one before stays."""
    back_up(path, backup)
    with SqliteStore(path) as store:
        add(store, noise(250_000))
    spoil(path)
    with pytest.raises(StoreError, match="damaged; restore a backup"):
        back_up(path, backup, force=True)

    assert texts(backup) == ["The bridge is closed."]


def spoil(path: Path) -> None:
    """Overwrite the pages of a long text."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(os.urandom(size // 4))


def test_a_backup_comes_back_and_the_rest_is_kept(path: Path, backup: Path) -> None:
    """After a restore all is as it was when the backup was made, and what was written since lies beside."""
    back_up(path, backup)
    store = SqliteStore(path)
    add(store, "Written since, and still in the log.")
    restored, kept = restore(path, backup, NOON)
    store.close()

    assert kept == path.with_name("news.db.before-restore-20260302T120000Z")
    assert restored.articles == 1
    assert texts(path) == texts(backup) == ["The bridge is closed."]
    assert texts(kept) == ["The bridge is closed.", "Written since, and still in the log."]
    assert path.stat().st_mode & 0o777 == 0o600
    with SqliteStore(path) as store:
        add(store, "Goes on.")
        assert store._sql.value("PRAGMA integrity_check") == "ok"


def test_a_restore_needs_no_database_before(path: Path, backup: Path) -> None:
    """On a new machine there is nothing to be kept."""
    back_up(path, backup)
    fresh = path.with_name("fresh.db")

    assert restore(fresh, backup, NOON)[1] is None
    assert texts(fresh) == ["The bridge is closed."]


def test_a_damaged_database_is_set_aside_with_its_log(path: Path, backup: Path) -> None:
    """What cannot be read any more is kept as it is; the log of the old one never gets into the new one."""
    back_up(path, backup)
    store = SqliteStore(path)
    add(store, "In the log.")
    log = path.with_name("news.db-wal").read_bytes()
    shutil.copy(path, path.with_name("copy"))
    store.close()
    path.write_bytes(b"SQLite format 3\0" + os.urandom(4000))
    path.with_name("news.db-wal").write_bytes(log)

    _, kept = restore(path, backup, NOON)

    assert kept
    assert kept.read_bytes().startswith(b"SQLite format 3")
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == log
    assert texts(path) == ["The bridge is closed."]


def test_a_backup_of_an_older_version_is_brought_up_to_date(path: Path, backup: Path) -> None:
    """The backup itself stays as it is; no copy besides it is needed."""
    made_by(backup, VERSION - 1)
    before = backup.read_bytes()

    restore(path, backup, NOON)

    assert backup.read_bytes() == before
    with StoreReader(path) as reader:
        assert reader.counts()[:2] == (1, 1)
    assert not [name for name in names(path.parent) if ".before-v" in name]


@pytest.mark.parametrize("kind", ["missing", "empty", "text", "other", "newer", "damaged", "itself"])
def test_what_is_no_sound_backup_changes_nothing(path: Path, backup: Path, kind: str) -> None:
    """What is not there, not ours, of a newer version or damaged is told, and the database stays."""
    with SqliteStore(path) as store:
        add(store, noise(250_000))
    if kind in {"newer", "damaged"}:
        back_up(path, backup)
    raw = sqlite3.connect(backup) if kind in {"other", "newer"} else None
    match kind:
        case "empty":
            backup.touch()
        case "text":
            backup.write_text("Dear diary, this is not a database, but it is long enough to be looked at.")
        case "damaged":
            spoil(backup)
        case "itself":
            backup = path
        case _ if raw:
            raw.execute("CREATE TABLE other (id)" if kind == "other" else f"PRAGMA user_version = {VERSION + 1}")
            raw.close()
    before, files = path.read_bytes(), names(path.parent)
    expected = {
        "missing": (StoreError, "there is no file"),
        "empty": (NotOurDatabase, "not a database of aggregator"),
        "text": (NotOurDatabase, "not a database of aggregator"),
        "newer": (NewerDatabase, "update aggregator"),
        "other": (NotOurDatabase, "not a database of aggregator"),
        "damaged": (StoreError, "damaged"),
        "itself": (UsageError, "database itself"),
    }
    error, told = expected[kind]
    with pytest.raises(error, match=told):
        restore(path, backup, NOON)

    assert path.read_bytes() == before
    assert names(path.parent) == files


def test_a_restore_without_room_changes_nothing(path: Path, backup: Path) -> None:
    """A disk that fills up is a sentence; the database stays in its place."""
    with SqliteStore(path) as store:
        add(store, noise(100_000))
    back_up(path, backup)
    files = names(path.parent)

    said = limited(40_000, path, backup, "restore(database, other, NOON)")

    assert "cannot be written: the disk " in said
    assert names(path.parent) == files
    assert len(texts(path)) == 2


#: What an earlier version left: a feed, and an article in a story.
_CONTENT = """
    INSERT INTO feed (id, url, url_key, tags, weight, full_text, enabled, added, next_poll{column})
    VALUES (1, 'https://paper.example/feed', 'paper.example/feed', '[]', 1.0, 'auto', 1, '{noon}', '{noon}'{value});
    INSERT INTO source (id, site, name) VALUES (1, 'paper.example', 'Paper');
    INSERT INTO article (id, url, title, source_id, is_original, summary, dated, first_seen, updated, text_from, text_length)
    VALUES (1, 'https://paper.example/1', 'Bridge', 1, 0, '', '{noon}', '{noon}', '{noon}', 'page', 21);
    INSERT INTO body (article_id, text{size}) VALUES (1, 'The bridge is closed.'{octets});
    INSERT INTO signature (article_id, shingles, bands) VALUES (1, x'', x'');
    INSERT INTO article_url (url_key, article_id, is_own) VALUES ('paper.example/1', 1, 1);
    INSERT INTO entry (feed_id, key, article_id, digest, first_seen) VALUES (1, 'one', 1, x'00', '');
    INSERT INTO story (id, canonical_id, articles, texts, sources, first_dated, last_dated, first_seen, updated)
    VALUES (7, 1, 1, 1, 1, '{noon}', '{noon}', '{noon}', '{noon}');
    UPDATE article SET story_id = 7;
"""


@pytest.mark.parametrize("is_open", [False, True])
def test_what_was_set_aside_in_vain_is_put_back(path: Path, *, is_open: bool) -> None:
    """Where the restored file cannot take its place after all, the database has its name again, and its log."""
    store = SqliteStore(path)
    add(store, "In the log.")
    if not is_open:
        store.close()
    kept = restoring._set_aside(path, NOON)
    restoring._put_back(kept, path)
    store.close()

    assert names(path.parent) == {"news.db"}
    assert texts(path) == ["The bridge is closed.", "In the log."]


def made_by(path: Path, version: int) -> None:
    """Make a database as an earlier version left it."""
    raw = sqlite3.connect(path, isolation_level=None)
    migrate(Connection(raw, "old"), scripted(SCRIPTS[:version]), version)
    # Since version 3 a feed may have no interval of its own.
    column, value = (", every_seconds", ", 3600") if version < 3 else ("", "")
    # Since version 5 a text has its size beside it; one so short is not deflated.
    size, octets = (", size", ", 21") if version >= 5 else ("", "")
    raw.executescript(_CONTENT.format(noon=to_text(NOON), column=column, value=value, size=size, octets=octets))
    raw.close()


@pytest.mark.parametrize("version", range(1, VERSION))
def test_a_database_of_each_version_is_brought_up_to_date(tmp_path: Path, version: int) -> None:
    """What it holds is there and sound, its schema is that of a new one, and a copy of it lies beside."""
    path = tmp_path / "news.db"
    made_by(path, version)
    with SqliteStore(path) as store, SqliteStore(":memory:") as fresh:
        schema = "SELECT name, sql FROM sqlite_master ORDER BY name"
        assert list(map(tuple, store._sql.rows(schema))) == list(map(tuple, fresh._sql.rows(schema)))
        assert store._sql.value("SELECT count(*) FROM article_search WHERE article_search MATCH 'bridge'") == 1
        assert store.story_of(ArticleId(1)) == 7
        assert store.flaws() == ()

    copy = path.with_name(f"news.db.before-v{VERSION}")
    raw = sqlite3.connect(copy)
    assert raw.execute("PRAGMA user_version").fetchone() == (version,)
    raw.close()
    assert texts(copy) == ["The bridge is closed."]
    assert copy.stat().st_mode & 0o777 == 0o600


def test_only_the_last_copy_is_kept(tmp_path: Path) -> None:
    """The copy of an earlier change goes; the copies of other databases and other files stay."""
    path = tmp_path / "news.db"
    made_by(path, VERSION - 1)
    others = {"news.db.before-restore-20260302T120000Z", "other.db.before-v2"}
    for name in (*others, "news.db.before-v2"):
        path.with_name(name).touch()
    SqliteStore(path).close()

    assert names(tmp_path) == others | {"news.db", f"news.db.before-v{VERSION}"}


def test_nothing_is_copied_of_an_empty_database(tmp_path: Path) -> None:
    """A database that holds nothing needs no copy."""
    path = tmp_path / "news.db"
    raw = sqlite3.connect(path, isolation_level=None)
    migrate(Connection(raw, "old"), scripted(SCRIPTS[:2]), 2)
    raw.close()
    SqliteStore(path).close()

    assert names(tmp_path) == {"news.db"}


def test_without_room_for_the_copy_nothing_is_changed(tmp_path: Path) -> None:
    """The version stays, the sentence tells why, and with room it goes on."""
    path = tmp_path / "news.db"
    made_by(path, VERSION - 1)
    raw = sqlite3.connect(path, isolation_level=None)
    with Connection(raw, "old").transaction():
        raw.execute("UPDATE body SET text = ?, size = ?", ("word " * 60_000, 300_000))
    raw.close()

    said = limited(100_000, path, path, "SqliteStore(database)")

    assert "a copy of it must be kept before it is brought up to date" in said
    assert said.endswith("it is as it was\n")
    raw = sqlite3.connect(path)
    assert raw.execute("PRAGMA user_version").fetchone() == (VERSION - 1,)
    raw.close()
    SqliteStore(path).close()
    assert f"news.db.before-v{VERSION}" in names(tmp_path)


def test_a_copy_that_cannot_fit_is_not_begun(tmp_path: Path) -> None:
    """How much room is needed and left is told before anything is written."""
    path = tmp_path / "news.db"
    made_by(path, VERSION - 1)
    size = path.stat().st_size
    # With a hole at its end, which takes no room; SQLite knows where its own pages end.
    os.truncate(path, shutil.disk_usage(tmp_path).free + 2**30)
    with pytest.raises(StoreError, match=r"takes [\d,]+ MB and the disk has [\d,]+ MB left: make room"):
        SqliteStore(path)
    os.truncate(path, size)

    assert not [name for name in names(tmp_path) if ".before-v" in name]
    SqliteStore(path).close()
    assert f"news.db.before-v{VERSION}" in names(tmp_path)


def test_two_that_bring_it_up_to_date_keep_one_copy_of_the_old(tmp_path: Path) -> None:
    """Whoever comes second finds it done, and does not take the new for the old."""
    path = tmp_path / "news.db"
    made_by(path, VERSION - 1)
    code = "import sys; from aggregator.adapters.store import SqliteStore; SqliteStore(sys.argv[1]).close()"
    both = [subprocess.Popen([sys.executable, "-c", code, str(path)], cwd=ROOT) for _ in range(2)]

    assert [one.wait() for one in both] == [0, 0]
    raw = sqlite3.connect(path.with_name(f"news.db.before-v{VERSION}"))
    assert raw.execute("PRAGMA user_version").fetchone() == (VERSION - 1,)
    raw.close()
