"""Real feed files of real outlets, untouched, served over loopback and read by the installed command."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.core.feeds.test_real_feeds import ARCHIVE, FILES, listed_in, real_feeds
from tests.end_to_end.desk import Desk

pytestmark = pytest.mark.slow


@contextmanager
def served(files: dict[str, bytes]) -> Iterator[str]:
    """Serve `files` by their names; yield the root address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = files[self.path.lstrip("/")]
            self.send_response(200)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: ARG002 (the base class names it so)
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.skipif(not ARCHIVE.exists(), reason=f"the corpus of real feeds is not at {ARCHIVE}")
def test_real_feeds_are_read_or_their_trouble_is_told(tmp_path: Path) -> None:
    """Every well-formed file gives its entries; each other one gives entries, or its error stands in `feeds list`."""
    files = dict(real_feeds())
    assert len(files) == FILES
    with served(files) as root:
        # Their articles live in a net that tests must not reach, so the feeds' own texts have to do.
        feeds = "".join(f"  - {{url: {root}/{name}, name: {name}, full_text: never}}\n" for name in files)
        config = f"settings: {{site_delay: 0s, allow_networks: [127.0.0.0/8]}}\nfeeds:\n{feeds}"
        desk = Desk(tmp_path, config)
        outcomes = desk.update(status=3)
        listed = {feed["name"]: feed for feed in json.loads(desk.run("feeds", "list", "--json"))}

    wrong: list[str] = []
    for name, body in files.items():
        expected, outcome = listed_in(body), outcomes[name]
        if expected is not None:
            if outcome["kind"] != "read" or outcome["entries"] != expected:
                wrong.append(f"{name}: {expected} expected, {outcome}")
        elif not outcome["entries"] and not listed[name]["error"]:
            wrong.append(f"{name}: {expected} expected, {outcome}")
    assert not wrong
    assert desk.rows("PRAGMA integrity_check") == [("ok",)]
    assert desk.rows("SELECT count(*) FROM entry WHERE article_id NOT IN (SELECT id FROM article)") == [(0,)]
