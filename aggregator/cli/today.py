"""`aggregator today`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from aggregator.bootstrap import open_reader, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.cli.choosing import choosing, query_of, told_empty
from aggregator.core.as_json import story_json
from aggregator.core.days import age
from aggregator.core.printable import printable
from aggregator.core.stories.muting import told
from aggregator.domain.reading import ListedStory, StoryQuery

if TYPE_CHECKING:
    from aggregator.adapters.store import StoreReader

Read = TypeVar("Read", bound=ListedStory)

#: What a person scrolls through; a pipe and --json get everything unless --limit says otherwise.
TERMINAL_LIMIT = 40
#: Cells of a line that the number, the age and the gaps take where they are widest.
_OTHER_COLUMNS = 20


@click.command()
@choosing
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    help=f"At most so many, 0 for all.  [default: {TERMINAL_LIMIT} on a terminal, else all]",
)
@click.option("--muted", is_flag=True, help="Only stories that mute rules leave out, each with its rule.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.pass_obj
def today(paths: Paths, /, *, limit: int | None, as_json: bool, **chosen: Any) -> None:
    """List the day's stories, most carried first."""
    now = utc_now()
    query = query_of(paths, now, limit=_bound(limit, as_json=as_json), **chosen)
    stories: Sequence[ListedStory]
    if as_json:
        stories, left_out = whole, _ = _read(paths, query, lambda reader: reader.stories(query))
        show.print_json([story_json(story) for story in whole])
    else:
        stories, left_out = _read(paths, query, lambda reader: reader.listing(query))
        if show.on_terminal():
            print_table(stories, now)
        else:
            print_lines(stories)
    if left_out:
        show.say(f"{left_out}; --muted shows them")
    elif not stories:
        show.say(told_empty(paths, query))
    elif query.limit and len(stories) == query.limit and limit is None:
        show.say(f"the {query.limit} most carried stories; --limit 0 shows all")


def print_lines(stories: Sequence[ListedStory]) -> None:
    """Print a story a line: id, time, counts, headline, sources, address; two spaces or more between."""
    for story in stories:
        title = printable(story.title) or "(no headline)"
        parts = (
            f"{story.id:>6}  {show.minute(story.first_dated)}  {story.counts!s:<38}",
            title,
            f"[{show.first_names(story.sources)}]",
            printable(story.url),
            *_muted(story),
        )
        click.echo("  ".join(parts))


def print_table(stories: Sequence[ListedStory], now: datetime) -> None:
    """Print a table as wide as the terminal."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column("story", justify="right", style="cyan", no_wrap=True)
    table.add_column("headline", ratio=1)
    table.add_column("age", justify="right", style="dim", no_wrap=True)
    room = show.console().width - _OTHER_COLUMNS
    for story in stories:
        headline = show.headline(story.title, story.url)
        headline.stylize("dim" if story.marks.read else "bold")
        if story.marks.starred:
            headline = Text.assemble(("★ ", "yellow"), headline)
        carried = Text(f"\n{story.counts}", style="green")
        if story.marks.grown:
            carried.append(f"  {story.marks.grown}", style="yellow")
        names = Text(f"  {show.first_names(story.sources)}", style="dim")
        lineage = printable(story.lineage or "")
        if lineage and carried.cell_len + names.cell_len + len(lineage) + 2 <= room:
            names.append(f"  {lineage}")
        for rule in _muted(story):
            names.append(f"  {rule}")
        table.add_row(str(story.id), Text.assemble(headline, carried, names), age(story.first_dated, now))
    if stories:
        show.console().print(table)


def _bound(limit: int | None, *, as_json: bool) -> int | None:
    if limit is None:
        return TERMINAL_LIMIT if show.on_terminal() and not as_json else None
    return limit or None


def _muted(story: ListedStory) -> tuple[str, ...]:
    return (f"muted by {printable(str(story.muted))}",) if story.muted else ()


def _read(paths: Paths, query: StoryQuery, read: Callable[[StoreReader], Sequence[Read]]) -> tuple[Sequence[Read], str]:
    """Return the stories, and what is told of those that are left out."""
    if not paths.database.exists():
        return (), ""
    with open_reader(paths) as reader:
        left_out = "" if query.muted else printable(told(reader.muted(query).values()))
        return read(reader), left_out
