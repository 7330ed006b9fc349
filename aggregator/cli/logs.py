"""`aggregator logs`."""

import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import click

from aggregator.bootstrap.paths import Paths
from aggregator.domain.errors import AggregatorError

_STEP = 0.2


@click.command()
@click.option("-f", "--follow", is_flag=True, help="Go on with what is logged from now on, until Ctrl-C.")
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    help="Begin with the last so many lines.",
)
@click.pass_obj
def logs(paths: Paths, *, follow: bool, lines: int) -> None:
    """Show the log of a daemon that `aggregator start` started."""
    try:
        log = _open(paths.log_file)
    except OSError as error:
        raise AggregatorError(
            f"there is no log {paths.log_file}: it is kept when `aggregator start` starts the daemon; "
            "`aggregator run` logs to its terminal, systemd to `journalctl -u aggregator`"
        ) from error
    with log:
        for line in deque(log, maxlen=lines):
            click.echo(line, nl=False)
        if not follow:
            return
        for line in _new_lines(log, paths.log_file):
            click.echo(line, nl=False)


def _open(file: Path) -> TextIO:
    return file.open(encoding="utf-8", errors="replace")


def _new_lines(log: TextIO, file: Path) -> Iterator[str]:
    """Yield what is written to `log` and, when that is rotated away, to its successors under the same name."""
    current = log
    while True:
        yield from current
        time.sleep(_STEP)
        with suppress(OSError):
            if file.stat().st_ino != os.fstat(current.fileno()).st_ino:
                # What was written before it lost its name.
                yield from current
                current = _open(file)
