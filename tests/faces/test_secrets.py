"""Passwords and keys in the addresses of feeds: they work, and nobody gets to read them."""

import base64
import json
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Self

import pytest

from aggregator.daemon.control import ask
from tests.faces.installed import SETTINGS, Place, new_place

PASSWORD, KEY, NOTICES = "tops3cret", "k3yk3y", "n0tic3"
RSS = b"""<rss version="2.0"><channel><title>%s</title><item><title>Bridge closed at %s</title><link>/a</link></item><item><title>No link at %s</title>
<description>The council met on Monday.</description></item></channel></rss>"""


class Sealed:
    """A site that lets in who has the password or the key, and notes whether others got the password."""

    def __init__(self) -> None:
        self.let_in: list[str] = []
        self.astray: list[str] = []
        site = self
        login = "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                given = self.headers.get("Authorization")
                if self.path.startswith("/elsewhere"):
                    site.astray += [given] if given else []
                if self.path == "/leads-away.xml":
                    self.send_response(302)
                    self.send_header("Location", f"http://localhost:{site.server.server_port}/elsewhere.xml")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                is_open = given == login or f"key={KEY}" in self.path or self.path.startswith("/elsewhere")
                site.let_in += [self.path] if is_open else []
                name = self.path[1:6].encode()
                self.send_response(200 if is_open else 401)
                body = RSS % (name, name, name) if is_open else b""
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, args=(0.02,))

    def address(self, path: str, password: str = "") -> str:
        """Return an address, with a password if there is one."""
        login = f"me:{password}@" if password else ""
        return f"http://{login}127.0.0.1:{self.server.server_port}{path}"

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def site() -> Iterator[Sealed]:
    """Serve the site."""
    with Sealed() as site:
        yield site


@pytest.fixture
def place(tmp_path: Path, site: Sealed) -> Iterator[Place]:
    """A place with feeds that have secrets in their addresses; half of them fail."""
    settings = f'{SETTINGS}  notify: ["nosuch://me:{NOTICES}@127.0.0.1/", "json://me:{NOTICES}@127.0.0.1:9/"]\n'
    addresses = (
        site.address("/first.xml", PASSWORD),
        site.address(f"/other.xml?key={KEY}"),
        site.address("/wrong.xml", f"{PASSWORD}-not"),
        site.address(f"/wrong.xml?token={KEY}-not"),
        site.address("/leads-away.xml", PASSWORD),
    )
    with new_place(tmp_path) as place:
        feeds = [f'{{url: "{address}", full_text: never}}' for address in addresses]
        place.write(*feeds, settings=settings)
        yield place


def told(place: Place, *words: str) -> str:
    """Return all that a command prints."""
    done = place.call(*words)
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def assert_no_secret(text: str) -> None:
    """Assert that no secret can be read, neither as it is nor as it was sent."""
    sent = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    for secret in (PASSWORD, KEY, NOTICES, sent):
        assert secret not in text


@pytest.mark.slow
def test_no_command_shows_a_secret(place: Place, site: Sealed) -> None:
    """Feeds with a password or a key are read by commands, which show them without; so are the failures of those that fail."""
    said = told(place, "update") + told(place, "update", "--json")
    assert {path.partition("?")[0] for path in site.let_in} >= {"/first.xml", "/other.xml"}
    assert site.astray == []
    for words in (
        *(("feeds", "list"), ("feeds", "list", "--json"), ("feeds", "check"), ("feeds", "doctor"), ("status",)),
        *(("feeds", "doctor", "--json"), ("today", "--json"), ("status", "--json"), ("etiquette", "--json")),
        ("feeds", "add", site.address("/first.xml", PASSWORD)),
        ("feeds", "add", site.address("/another.xml", PASSWORD)),
        ("feeds", "add", site.address("/worse.xml", f"{PASSWORD}-not")),
        ("update", site.address("/unknown.xml", PASSWORD)),
        ("feeds", "remove", site.address("/unknown.xml", PASSWORD)),
        ("feeds", "remove", site.address("/another.xml", PASSWORD)),
    ):
        said += told(place, *words)

    assert_no_secret(said)
    assert f"me:***@127.0.0.1:{site.server.server_port}/wrong.xml" in said
    assert "/wrong.xml?token=***" in said


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_log_holds_a_secret(place: Place, site: Sealed, form: str) -> None:
    """What the daemon writes and answers names no secret, whether feeds are read or fail, are added or faulty."""
    with place.daemon("-v", "--log-format", form) as daemon:
        daemon.wait_for("polled", times=5)
        status = json.dumps(list(ask(place.runtime / "aggregator" / _socket(place), {"do": "status"})))
        place.write(f'{{url: "{site.address("/first.xml", PASSWORD)}", wieght: 2}}')
        daemon.wait_for("wieght")
        place.write(f'{{url: "ftp://me:{PASSWORD}@127.0.0.1/feed"}}')
        daemon.wait_for("http or https")
        daemon.end()
        log = daemon.log.read_text()

    assert_no_secret(log + status)
    assert "me:***@127.0.0.1" in log


def _socket(place: Place) -> str:
    (socket,) = (place.runtime / "aggregator").glob("*.sock")
    return socket.name


@pytest.mark.slow
def test_all_files_are_ours_alone(tmp_path: Path, site: Sealed) -> None:
    """Whatever the mask, database, write-ahead log, shared memory, lock, log, socket, backups and copies have the mode 0600."""
    before = os.umask(0o022)
    try:
        with new_place(tmp_path) as place:
            place.write(f'{{url: "{site.address("/first.xml", PASSWORD)}", full_text: never}}')
            assert place.call("start").returncode == 0
            assert place.call("update").returncode == 0
            assert place.call("backup", str(tmp_path / "monday.db")).returncode == 0
            running = _modes(tmp_path) | _modes(place.runtime)
            assert place.call("stop").returncode == 0
            assert place.call("restore", str(tmp_path / "monday.db")).returncode == 0
            after = _modes(tmp_path)
    finally:
        os.umask(before)

    kinds = (".db", ".db-wal", ".db-shm", ".pid", ".log", ".sock")
    assert {kind for kind in kinds for name in running if name.endswith(kind)} == set(kinds)
    assert any(".before-restore-" in name for name in after)
    assert {name: mode for name, mode in (running | after).items() if mode != 0o600} == {}


def _modes(folder: Path) -> dict[str, int]:
    """Return the modes of all that lies in a folder, but for what the person wrote."""
    found = (path for path in folder.rglob("*") if not path.is_dir() and path.name != "feeds.yaml")
    return {path.name: path.stat().st_mode & 0o777 for path in found}
