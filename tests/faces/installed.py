"""The installed command, driven as a person or systemd drives it, with places of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any, Self

COMMAND = Path(sys.executable).parent / "aggregator"
#: Nothing in these tests takes so long unless it is broken.
PATIENCE = 30.0

SETTINGS = """\
settings:
  every: 1s
  site_delay: 0s
  workers: 1
  timezone: UTC
  allow_networks: ["127.0.0.0/8"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A feeds.yaml, a database and an environment that nobody else uses."""

    folder: Path
    runtime: Path

    @property
    def config(self) -> Path:
        """Its feeds.yaml."""
        return self.folder / "feeds.yaml"

    @property
    def database(self) -> Path:
        """Its database."""
        return self.folder / "news.db"

    @property
    def environ(self) -> dict[str, str]:
        """The environment: what the machine needs and nothing of the person's own."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
        return kept | {"HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.runtime), "TZ": "UTC"}

    def write(self, *feeds: str, settings: str = SETTINGS) -> None:
        """Write feeds.yaml; a feed is its lines after the dash."""
        listed = "".join(f"  - {feed}\n" for feed in feeds)
        self.config.write_text(f"{settings}feeds:\n{listed}" if feeds else f"{settings}feeds: []\n")

    def command(self, *words: str) -> list[str]:
        """Return the command line of `aggregator WORDS` here; a daemon serves a page where that is asked for only."""
        is_daemon = words[:1] in {("run",), ("start",)}
        quiet = ["--no-web"] if is_daemon and not any(word.startswith(("--port", "--host")) for word in words) else []
        return [str(COMMAND), f"--config={self.config}", f"--db={self.database}", *words, *quiet]

    def call(self, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        """Run `aggregator WORDS` to its end."""
        return subprocess.run(
            self.command(*words),
            env=self.environ | environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def json(self, *words: str) -> Any:
        """Return what `aggregator WORDS --json` prints."""
        return json.loads(self.call(*words, "--json").stdout)

    @contextmanager
    def daemon(self, *options: str, **environ: str) -> Iterator["RunningDaemon"]:
        """Run `aggregator run` while the block runs."""
        log = self.folder / "stderr.log"
        with (
            log.open("w") as stderr,
            subprocess.Popen(
                self.command("run", *options), env=self.environ | environ, stdin=subprocess.DEVNULL, stderr=stderr
            ) as process,
        ):
            daemon = RunningDaemon(process=process, log=log)
            try:
                daemon.wait_for("started")
                yield daemon
            finally:
                process.kill()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningDaemon:
    """A daemon in the foreground and what it wrote."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def lines(self, part: str = "") -> list[str]:
        """Return the lines of its log that have `part`."""
        return [line for line in self.log.read_text().splitlines() if part in line]

    def wait_for(self, part: str, times: int = 1) -> list[str]:
        """Return its lines with `part` as soon as there are so many."""
        wait_until(lambda: len(self.lines(part)) >= times or self.process.poll() is not None)
        found = self.lines(part)
        assert len(found) >= times, self.log.read_text()
        return found

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def end(self) -> int:
        """Tell it to stop and return its exit code."""
        self.signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def wait_until(true: Callable[[], object], patience: float = PATIENCE) -> None:
    """Return as soon as `true` is."""
    give_up = time.monotonic() + patience
    while not true():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.02)


@contextmanager
def new_place(folder: Path) -> Iterator[Place]:
    """Make a place; its runtime folder has a short name, for sockets need one."""
    with TemporaryDirectory() as runtime:
        place = Place(folder=folder, runtime=Path(runtime))
        place.write()
        try:
            yield place
        finally:
            place.call("stop")


class Outlet:
    """A site on loopback: /NAME.xml is a feed with its text inside, /hang… never answers, /broken… is no feed."""

    def __init__(self) -> None:
        self.titles: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self.ended = Event()
        outlet = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outlet.asked.append(self.path)
                if self.path.startswith("/hang"):
                    outlet.ended.wait(PATIENCE)
                    return
                body = b"404" if self.path.startswith("/broken") else outlet.feed(self.path)
                self.send_response(404 if body == b"404" else 200)
                self.send_header("Content-Type", "application/rss+xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,))

    def url(self, path: str) -> str:
        """Return the address of `path`."""
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def lists(self, name: str, *titles: str) -> str:
        """Have the feed /NAME.xml list `titles`; return a feed for feeds.yaml."""
        self.titles[f"/{name}.xml"] = list(titles)
        return f"{{url: {self.url(f'/{name}.xml')}, name: {name}, full_text: never}}"

    def feed(self, path: str) -> bytes:
        """Return the RSS of `path`."""
        now = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
        entries = "".join(
            f"<item><title>{title}</title><link>{self.url('/' + title.replace(' ', '-'))}</link><pubDate>{now}</pubDate>"
            f"<description>{title}. The council met on Monday and spoke of it at length.</description></item>"
            for title in self.titles.get(path, [])
        )
        return f"<rss version='2.0'><channel><title>{path}</title>{entries}</channel></rss>".encode()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
