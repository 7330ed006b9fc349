"""Kill -9 at random moments under load, and what is left each time: `python -m tests.end_to_end.kills [KILLS] [SEED]`."""

import random
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.end_to_end.desk import LOOKS, WorldDesk
from tests.newsworld.clock import WorldClock
from tests.newsworld.server import serve
from tests.newsworld.world import load_world

#: Seconds after its start in which an update is killed: while it loads, opens, asks, reads, records and places.
_SPAN = (0.3, 3.0)


@dataclass(slots=True)
class Left:
    """What the kills left behind."""

    kills: int = 0
    #: Kills that came while the update was at work, not after it.
    in_time: int = 0
    #: Articles that a kill found recorded, summed up: each was there afterwards as well.
    held: int = 0
    articles: int = 0
    missing: int = 0


def live_through(folder: Path, kills: int, seed: int) -> Left:
    """Live through the world's two days with updates that are killed, and one at each look that is not; check after each.

    Raises:
        AssertionError: the database is unsound, or something that was recorded is gone, is twice or is half there.
    """
    chance = random.Random(seed)
    left = Left()
    with serve(load_world(), WorldClock("1 09:00")) as world:
        desk = WorldDesk(folder, world)
        for number, at in enumerate(LOOKS):
            world.clock.advance_to(at)
            for _ in range(kills * (number + 1) // len(LOOKS) - kills * number // len(LOOKS)):
                world.latency = chance.choice((0.0, 0.005, 0.02))
                _kill(desk, chance.uniform(*_SPAN), left)
            world.latency = 0.0
            desk.update()
        left.articles = len(desk.articles())
        left.missing = len(world.world.by_id) - left.articles
        _is_sound(desk)
    return left


def _kill(desk: WorldDesk, after: float, left: Left) -> None:
    before = _recorded(desk)
    running = desk.begin("update")
    time.sleep(after)
    left.kills += 1
    left.in_time += running.poll() is None
    running.send_signal(signal.SIGKILL)
    running.wait()
    if not desk.database.exists() or not desk.rows("SELECT name FROM sqlite_master"):
        return  # it was killed before there was anything to lose
    _is_sound(desk)
    after_it = _recorded(desk)
    assert before <= after_it, before - after_it
    left.held += len(after_it)


def _recorded(desk: WorldDesk) -> set[tuple[object, ...]]:
    """Return what must never be lost: which articles there are, at which addresses, and their earlier versions."""
    if not desk.database.exists() or not desk.rows("SELECT name FROM sqlite_master"):
        return set()
    articles = desk.rows("SELECT article_id, url_key FROM article_url WHERE is_own")
    versions = desk.rows("SELECT article_id, title, text FROM version")
    return {*articles, *versions}


def _is_sound(desk: WorldDesk) -> None:
    """Let the installed command look through the whole database, and look ourselves for halves and doubles."""
    desk.run("check")
    assert desk.rows("SELECT count(*) FROM article WHERE story_id IS NULL") == [(0,)]
    assert not desk.rows("SELECT url_key FROM article_url WHERE is_own GROUP BY url_key HAVING count(*) > 1")


def main() -> None:
    """Kill as often as was asked for, and say what was left."""
    kills, seed = (*map(int, sys.argv[1:]), *(200, 1)[len(sys.argv) - 1 :])
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        left = live_through(Path(folder), kills, seed)
    seconds = time.monotonic() - started
    print(f"{left.kills} kills, {left.in_time} of them amid the work, in {seconds:.0f} s")
    print(
        f"{left.articles} articles at the end, {left.missing} missing; what had been recorded was there each time ({left.held:,})"
    )


if __name__ == "__main__":
    main()
