"""How stories, articles and times look: as JSON, in a pipe and on a terminal. rich is only imported for a terminal."""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import click

from aggregator.core.printable import printable
from aggregator.core.secrecy import without_secrets

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

T = TypeVar("T")

#: Sources named before the rest is counted.
SOURCES_NAMED = 3


def on_terminal() -> bool:
    """Return whether stdout is a terminal, that is, whether a person looks."""
    return sys.stdout.isatty()


def console() -> "Console":
    """Return a rich console on stdout; it keeps to NO_COLOR by itself."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def say(text: str) -> None:
    """Tell the person something that is not what was asked for."""
    click.echo(without_secrets(text), err=True)


def print_json(value: object) -> None:
    """Print one JSON value; ASCII, so that nothing in it can play with a terminal."""
    click.echo(json.dumps(value, indent=2))


def print_json_line(value: object) -> None:
    """Print one JSON value on a line of its own."""
    click.echo(json.dumps(value))


def headline(title: str, url: str) -> "Text":
    """Return a title that opens its article when clicked."""
    from rich.text import Text

    text = printable(title) or "(no headline)"
    address = printable(url)
    return Text(text, style=f"link {address}" if address and " " not in address else "")


def first_names(names: Iterable[str]) -> str:
    """Name the first few, count the others: "BBC, Guardian, ANSA +28"."""
    known = [printable(name) for name in names]
    more = len(known) - SOURCES_NAMED
    return ", ".join(known[:SOURCES_NAMED]) + (f" +{more}" if more > 0 else "")


def minute(moment: datetime) -> str:
    """Return a time for a line in a pipe: UTC, fixed width."""
    return f"{moment:%Y-%m-%dT%H:%MZ}"


def progress(things: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """Yield `things`, counting them on a terminal's stderr where a person waits."""
    if not sys.stderr.isatty():
        yield from things
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # transient: the bar goes when the answer is there.
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield from bar.track(things, total=total, description=what)
