"""Watch a daemon live through the world's two days in seconds: `python -m tests.newsworld.demo [--keep]`.

Needs `.venv/bin/aggregator`; writes feeds.yaml, news.db and daemon.log afresh into a folder.
"""

import argparse
import json
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.newsworld.clock import END, WorldClock
from tests.newsworld.running import RunningWorld
from tests.newsworld.server import serve
from tests.newsworld.world import load_world

_ROOT = Path(__file__).parent.parent.parent
#: World seconds a second: 43 hours in 20 seconds.
_SPEED = 7740.0
#: Seconds without a page fetched after which nothing more is expected; three polls.
_QUIET = 3.0
#: Seconds after which the demo gives up: six times what it takes on two cores.
_PATIENCE = 180.0
#: Seconds that a daemon has to stop, by its own promise.
_GOODBYE = 10.0
#: How much of the pairs in stories must be right, and found: the world has look-alikes that are made one, and write-ups of
#: one event in such different words that they stand apart. Placed all at once it comes to .89 and .77.
_LEAST_PRECISION, _LEAST_RECALL = 0.8, 0.7


class DemoError(Exception):
    """The demo cannot go on."""


def main() -> int:
    """Run the demo; 0 when the day's stories were shown."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="keep world and daemon running until Ctrl-C")
    parser.add_argument("--folder", type=Path, default=Path(".demo"), help="where to write (default: %(default)s)")
    options = parser.parse_args()
    # A plain kill ends everything as Ctrl-C does, also where a shell starts us with Ctrl-C ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        return _demo(options.folder, keep=options.keep)
    except DemoError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _demo(folder: Path, *, keep: bool) -> int:
    world = load_world()
    clock = WorldClock("1 05:00", speed=_SPEED)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    began = time.monotonic()
    with serve(world, clock, on_feed=clock.start) as running:
        feeds_yaml = running.feeds_yaml({"every": "1s"})
        (folder / "feeds.yaml").write_text(feeds_yaml, encoding="utf-8")
        _tell(
            f"{len(world.articles)} articles of {len(running.sites)} outlets will appear within two days of 10 s each"
        )
        with _daemon(folder) as daemon:
            _watch(running, daemon, folder)
            if keep:
                _look(folder, running)
                with suppress(KeyboardInterrupt):
                    daemon.wait()
        _tell(f"stopped after {time.monotonic() - began:.0f} s; the stories of day 2:")
        failed = subprocess.run([*_command(folder), "today"], check=False).returncode or _judge(running, folder)
    _look(folder)
    return failed


def _command(folder: Path) -> list[str]:
    program = _ROOT / ".venv" / "bin" / "aggregator"
    return [str(program), "--config", str(folder / "feeds.yaml"), "--db", str(folder / "news.db")]


@contextmanager
def _daemon(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the daemon; it is stopped, kindly first, however the block ends."""
    with (folder / "daemon.log").open("wb") as log:
        # A session of its own: Ctrl-C reaches the demo alone, which then stops the daemon in order.
        daemon = subprocess.Popen([*_command(folder), "run"], stdout=log, stderr=log, start_new_session=True)
        try:
            yield daemon
        finally:
            daemon.terminate()
            try:
                daemon.wait(_GOODBYE)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


def _watch(running: RunningWorld, daemon: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until the two days are over and the daemon finds nothing new."""
    began = changed = time.monotonic()
    fetched = 0
    while running.clock.position < END or time.monotonic() - changed < _QUIET:
        time.sleep(0.2)
        if daemon.poll() is not None:
            end = (folder / "daemon.log").read_text(encoding="utf-8", errors="replace")[-2000:]
            raise DemoError(f"the daemon ended by itself ({daemon.returncode}):\n{end}")
        if time.monotonic() - began > _PATIENCE:
            raise DemoError(f"not done after {_PATIENCE:.0f} s; see {folder}/daemon.log")
        if fetched != running.pages_fetched():
            fetched, changed = running.pages_fetched(), time.monotonic()
        _progress(running.clock.position, fetched)
    if sys.stderr.isatty():
        sys.stderr.write("\n")


def _judge(running: RunningWorld, folder: Path) -> int:
    """Hold texts and stories of both days against what the world expects; 1 where a text differs or too many stories do."""
    since = running.clock.midnight.date().isoformat()
    command = [*_command(folder), "today", "--since", since, "--limit", "0", "--json"]
    stories = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    told: list[list[str]] = []
    texts: dict[int, list[str]] = {}
    for story in stories:
        known = [(article, found) for article in story["articles"] if (found := running.article_at(article["url"]))]
        told.append([found.id for _, found in known])
        for article, found in known:
            texts.setdefault(article["copy_of"] or article["id"], []).append(found.id)
    world = running.world
    mistakes, scores = list(world.mistakes(texts.values())), world.story_scores(told)
    good = scores.precision >= _LEAST_PRECISION and scores.recall >= _LEAST_RECALL
    _tell("\n".join(["", *mistakes]))
    _tell(
        f"both days: {sum(map(len, told))} articles in {len(texts)} texts; expected {len(world.articles)} in "
        f"{len(world.expected_copies())}: {'NOT as expected' if mistakes else 'as expected'}\n"
        f"{len(told)} stories of {len(world.expected_events())} events: of the pairs of articles put together "
        f"{scores.precision:.0%} belong together, of those that do {scores.recall:.0%} are; "
        f"{'at least' if good else 'NOT'} {_LEAST_PRECISION:.0%} and {_LEAST_RECALL:.0%}, as they should be"
    )
    return 1 if mistakes or not good else 0


def _progress(position: float, fetched: int) -> None:
    """Show how far the world has come, on a terminal only."""
    if sys.stderr.isatty():
        day, hour = divmod(int(min(position, END - 1)), 24)
        sys.stderr.write(f"\rday {day + 1}, {hour:02}:00, {fetched} pages fetched")
        sys.stderr.flush()


def _look(folder: Path, running: RunningWorld | None = None) -> None:
    """Say where to look."""
    command = shlex.join(_command(folder))
    _tell(
        f"""
look further:
  {command} today --json
  {command} story ID
  {command} search bridge
  datasette {folder}/news.db         # where datasette is installed
  {folder}/feeds.yaml, {folder}/daemon.log
  {shlex.quote(sys.executable)} -m tests.newsworld --expected   # what should be found"""
    )
    if running:
        addresses = "\n".join(f"  {site.root}/  {site.outlet.name}" for site in running.sites.values())
        _tell(f"the page: http://127.0.0.1:8080/ (another program there? {folder}/daemon.log tells)")
        _tell(f"the world goes on until Ctrl-C:\n{addresses}")


def _tell(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
