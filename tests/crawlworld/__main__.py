"""Live through a week and print its figures for README: `python -m tests.crawlworld`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.crawlworld.figures import figures
from tests.crawlworld.making import make_world
from tests.crawlworld.week import week


def main() -> None:
    """Print the table, and on stderr what went wrong."""
    with TemporaryDirectory() as folder:
        measured = figures(week(make_world(), Path(folder) / "news.db"))
    sys.stdout.write(measured.table() + "\n")
    sys.stderr.write(f"{measured.requests:,} requests took {measured.seconds:.0f} seconds.\n")
    sys.stderr.writelines(f"not in time: {death}\n" for death in measured.broken)


if __name__ == "__main__":
    main()
