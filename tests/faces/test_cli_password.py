"""`aggregator password`, and what it does to a page that is served."""

import os
import pty
import re
import subprocess
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from aggregator.adapters.access_file import AccessFile
from aggregator.adapters.passwords import fits
from aggregator.cli import cli
from aggregator.domain.errors import UsageError
from tests.faces.installed import PATIENCE, Place

GIVEN = "four words of mine"


def call(folder: Path, *words: str, given: str = "") -> Result:
    """Run `aggregator password WORDS` with a line on stdin."""
    places = [f"--config={folder / 'feeds.yaml'}", f"--db={folder / 'news.db'}"]
    return CliRunner().invoke(cli, [*places, "password", *words], input=given)


def kept(folder: Path) -> str:
    """Return the hash that is kept."""
    access = AccessFile(folder / "news.db.access").read()
    assert access
    return access.password


@pytest.mark.parametrize("line", [GIVEN, f"{GIVEN}\n", f"{GIVEN}\r\n", f"{GIVEN}\nmore\n"])
def test_a_program_writes_it_into_a_line(tmp_path: Path, line: str) -> None:
    """Read from stdin where that is no terminal; nothing of it is printed."""
    set_ = call(tmp_path, given=line)

    assert set_.exit_code == 0
    assert GIVEN not in set_.output
    assert fits(kept(tmp_path), GIVEN)


@pytest.mark.parametrize("given", ["", "\n", "elevenchars\n", "x" * 1_001])
def test_a_short_password_is_refused(tmp_path: Path, given: str) -> None:
    """And nothing is written."""
    refused = call(tmp_path, given=given)

    assert isinstance(refused.exception, UsageError)
    assert "12 characters" in str(refused.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_password_can_be_removed(tmp_path: Path) -> None:
    """Twice is told, and no failure."""
    call(tmp_path, given=GIVEN)

    assert [call(tmp_path, "--off").exit_code for _ in range(2)] == [0, 0]
    assert list(tmp_path.iterdir()) == []


def test_a_person_writes_it_twice_unseen(place: Place) -> None:
    """On the terminal: it is not shown, and asked again where the two are not the same."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        place.command("password"),
        env=place.environ,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        seen = b""
        for line in (GIVEN, "something else", GIVEN, GIVEN):
            before = len(seen)
            while not re.search(rb"(?:password|confirmation): *$", seen[before:], re.IGNORECASE):
                seen += os.read(ours, 1_000)
            os.write(ours, f"{line}\n".encode())
        assert process.wait(PATIENCE) == 0
    os.close(ours)

    assert GIVEN.encode() not in seen
    assert fits(kept(place.folder), GIVEN)


@pytest.mark.slow
def test_a_page_asks_for_a_password_as_soon_as_there_is_one(place: Place) -> None:
    """A daemon that runs heeds it, with what is kept for real; and its removal."""
    place.write()
    with place.daemon("--port=0") as daemon:
        found = re.search(r" info page url=(\S+)", daemon.wait_for(" page ")[0])
        assert found
        url = found[1]
        assert httpx.get(url).status_code == 200

        subprocess.run(
            place.command("password"), env=place.environ, input=GIVEN, text=True, check=True, timeout=PATIENCE
        )
        assert httpx.get(url).status_code == 303
        wrong = httpx.post(f"{url}login", data={"password": "four words of yours"})
        right = httpx.post(f"{url}login", data={"password": GIVEN})
        (told,) = daemon.wait_for(" wrong password ")
        assert (wrong.status_code, right.status_code) == (403, 303)
        assert "sender=127.0.0.1" in told
        assert httpx.get(url, cookies=right.cookies).status_code == 200

        place.call("password", "--off")
        assert httpx.get(url).status_code == 200
