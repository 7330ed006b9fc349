"""The file that says who may see the page, and passwords as they are kept."""

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.adapters.access_file import AccessFile
from aggregator.adapters.passwords import NONE_FITS, fits, hashed
from aggregator.core.sessions import with_session
from aggregator.domain.access import Access
from aggregator.domain.errors import AggregatorError
from tests.builders import NOON


def test_a_password_is_kept_by_argon2id() -> None:
    """At the price of RFC 9106's second choice; letters with accents are the same however they are written."""
    kept = hashed("été à Łódź")

    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert fits(kept, "e\u0301te\u0301 a\u0300 Ło\u0301dz\u0301")
    assert not fits(kept, "ete a Lodz")


def test_looking_a_password_up_costs_the_same_where_there_is_none() -> None:
    """The hash that nothing fits has the same price; one that cannot be read is taken for it."""
    assert NONE_FITS.rpartition("$")[0].rpartition("$")[0] == "$argon2id$v=19$m=65536,t=3,p=4"
    assert not fits("no hash", "")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """By this process and any other; nobody else may read it, nothing is left beside it."""
    file = AccessFile(tmp_path / "new" / "news.db.access")
    assert (file.exists, file.read()) == (False, None)

    file.set_password("hash")
    assert file.change("hash", lambda access: with_session(access, "token", NOON))

    access = AccessFile(tmp_path / "new" / "news.db.access").read()
    assert access == file.read() == with_session(Access(password="hash"), "token", NOON)
    assert stat.S_IMODE((tmp_path / "new" / "news.db.access").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["news.db.access"]
    assert "hash" not in repr(access)


def test_a_log_in_by_an_old_password_changes_nothing(tmp_path: Path) -> None:
    """It was looked up before the password was changed, and comes after."""
    file = AccessFile(tmp_path / "access")
    assert not file.change("hash", lambda _: pytest.fail("there is nothing to change"))
    file.set_password("other")

    assert not file.change("hash", lambda access: with_session(access, "token", NOON))
    assert file.read() == Access(password="other")


def test_no_session_is_lost_where_two_log_in_at_once(tmp_path: Path) -> None:
    """Each change is made to what the one before it has left."""
    path = tmp_path / "access"
    AccessFile(path).set_password("hash")

    def log_in(number: int) -> None:
        AccessFile(path).change("hash", lambda access: with_session(access, f"token {number}", NOON))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(log_in, range(30)))

    access = AccessFile(path).read()
    assert access
    assert len({session.digest for session in access.sessions}) == 30


def test_a_removed_password_takes_the_sessions_with_it(tmp_path: Path) -> None:
    """It is one file."""
    file = AccessFile(tmp_path / "access")
    assert not file.remove()
    file.set_password("hash")

    assert file.remove()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_told_and_leaves_what_was_there(tmp_path: Path) -> None:
    """In one sentence with the path."""
    (tmp_path / "file").touch()
    with pytest.raises(AggregatorError, match="cannot be used"):
        AccessFile(tmp_path / "file" / "access").set_password("hash")
    (tmp_path / "access" / "full").mkdir(parents=True)
    file = AccessFile(tmp_path / "access")
    for act in (file.remove, lambda: file.set_password("hash")):
        with pytest.raises(AggregatorError, match=r"cannot be (?:removed|written)"):
            act()

    # Something is there that nobody understands: nobody is let in.
    assert file.read() == replace(Access(password=""))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["access", "file"]
