"""`aggregator today`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import click

from aggregator.bootstrap import Paths, open_reader, utc_now
from aggregator.bootstrap.reading import zone_of
from aggregator.cli import show
from aggregator.cli.times import wanted_span
from aggregator.core.days import age
from aggregator.core.emptiness import Empty, why_empty
from aggregator.core.printable import printable
from aggregator.daemon.lock import holder
from aggregator.domain.reading import ListedStory, StoryQuery

if TYPE_CHECKING:
    from aggregator.adapters.store import StoreReader

Read = TypeVar("Read", bound=ListedStory)

#: What a person scrolls through; a pipe and --json get everything unless --limit says otherwise.
TERMINAL_LIMIT = 40
#: Cells of a line that the number, the age and the gaps take where they are widest.
_OTHER_COLUMNS = 20


@click.command()
@click.option("--since", metavar="24h|DATE", help="Stories of the last while, or since a day; instead of today's.")
@click.option("--day", metavar="DATE", help="Stories of that day: a date such as 2026-11-23, or yesterday.")
@click.option("--tag", help="Only stories that a feed with this tag carries.")
@click.option("--lang", metavar="XX", help="Only stories in this language (two letters).")
@click.option("--source", metavar="NAME", help="Only stories that this source carries; a part of its name will do.")
@click.option(
    "--min-sources",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Only stories that so many sources carry.",
)
@click.option("--unread", is_flag=True, help="Only stories with something new to read.")
@click.option(
    "--starred", is_flag=True, help="Only starred stories; of all time unless --since or --day says otherwise."
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    help=f"At most so many, 0 for all.  [default: {TERMINAL_LIMIT} on a terminal, else all]",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.pass_obj
def today(
    paths: Paths,
    *,
    since: str | None,
    day: str | None,
    tag: str | None,
    lang: str | None,
    source: str | None,
    min_sources: int,
    unread: bool,
    starred: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    """List the day's stories, most carried first."""
    now = utc_now()
    span = (None, None) if starred and not (since or day) else wanted_span(since, day, now=now, zone=zone_of(paths))
    query = StoryQuery(
        since=span[0],
        until=span[1],
        tag=tag,
        language=lang and lang.lower(),
        source=source,
        min_sources=min_sources,
        unread=unread,
        starred=starred,
        limit=_bound(limit, as_json=as_json),
    )
    stories: Sequence[ListedStory]
    if as_json:
        stories = whole = _read(paths, lambda reader: reader.stories(query))
        show.print_json([show.story_json(story) for story in whole])
    else:
        stories = _read(paths, lambda reader: reader.listing(query))
        if show.on_terminal():
            print_table(stories, now)
        else:
            print_lines(stories)
    if not stories:
        show.say(_why_empty(paths, query))
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
        table.add_row(str(story.id), Text.assemble(headline, carried, names), age(story.first_dated, now))
    if stories:
        show.console().print(table)


def _bound(limit: int | None, *, as_json: bool) -> int | None:
    if limit is None:
        return TERMINAL_LIMIT if show.on_terminal() and not as_json else None
    return limit or None


def _read(paths: Paths, read: Callable[[StoreReader], Sequence[Read]]) -> Sequence[Read]:
    if not paths.database.exists():
        return ()
    with open_reader(paths) as reader:
        return read(reader)


def _why_empty(paths: Paths, query: StoryQuery) -> str:
    """Say why there is nothing to read and what to do about it."""
    begin = "`aggregator start` polls in the background, `aggregator update` polls once"
    if not paths.database.exists():
        return f"nothing was polled yet, there is no {paths.database}; {begin}"
    with open_reader(paths) as reader:
        feeds, answered = reader.answered()
    match why_empty(feeds, answered, query):
        case Empty.NO_FEEDS:
            return f"there are no feeds yet; add one with `aggregator feeds add URL`, then {begin}"
        case Empty.NOTHING_READ:
            return f"no feed was read yet; {begin}, and `aggregator feeds list` tells what fails"
        case Empty.NOTHING_FITS:
            way = "star one with `aggregator mark starred STORY`" if query.starred else "for more time with --since 3d"
            return f"no story fits; ask for less, or {way}"
        case Empty.NOTHING_YET if holder(paths.pid_file) is None:
            return f"no story in this time, and no daemon runs; {begin}"
        case Empty.NOTHING_YET:
            return "no story in this time yet; look further back with --since 24h"
