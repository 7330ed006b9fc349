"""Serve the news world, or tell which stories it makes: `python -m tests.newsworld --serve | --expected`."""

import argparse
import sys
import threading
from pathlib import Path

from tests.newsworld.clock import WorldClock
from tests.newsworld.server import serve
from tests.newsworld.world import load_world


def main() -> int:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m tests.newsworld", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--serve", action="store_true", help="serve the world until Ctrl-C")
    what.add_argument("--expected", action="store_true", help="print the expected stories")
    parser.add_argument("--speed", type=float, default=0.0, help="world seconds a real second, from the first poll on")
    parser.add_argument("--at", default="1 05:00", help="where the world begins, e.g. '2 09:00' (default: %(default)s)")
    parser.add_argument("--write", type=Path, metavar="FEEDS.YAML", help="write a feeds.yaml of all feeds")
    options = parser.parse_args()
    world = load_world()
    if options.expected:
        print(*world.expected_table(), sep="\n")
        return 0
    clock = WorldClock(options.at, speed=options.speed)
    with serve(world, clock, on_feed=clock.start) as running:
        if options.write:
            options.write.write_text(running.feeds_yaml(), encoding="utf-8")
        print(f"ready: {len(running.sites)} outlets, {running.outlet_url('northern-wire')}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
