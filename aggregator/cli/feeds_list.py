"""`aggregator feeds list`: each feed of feeds.yaml and how it is."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import click

from aggregator.bootstrap import load_config, open_reader, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.core.crawling.listing import ListedFeed, feed_json, listed
from aggregator.core.printable import printable
from aggregator.domain.health import Health, Poll
from aggregator.domain.ids import FeedId
from aggregator.domain.reading import FeedHealth


@click.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
@click.pass_obj
def list_feeds(paths: Paths, *, as_json: bool) -> None:
    """List the feeds: how each is and since when, its last polls, the next one, articles a week, what to do.

    Of the last 30 polls, the latest last: + brought new articles, - none, . nothing had changed, x failed.
    """
    config = load_config(paths)
    polls: Mapping[FeedId, Sequence[Poll]] = {}
    healths: Sequence[FeedHealth] = ()
    if paths.database.exists():
        with open_reader(paths) as reader:
            healths = reader.feed_health(utc_now())
            polls = reader.polls() if as_json else polls
    rows = listed(config.feeds, healths)
    if as_json:
        show.print_json([feed_json(row, polls.get(row.health.id, ()) if row.health else ()) for row in rows])
        return
    if not rows:
        show.say("no feeds yet; add one with `aggregator feeds add URL`")
    elif show.on_terminal():
        _print_table(rows)
    else:
        _print_lines(rows)


HEADINGS = ("state", "since", "feed", "last polls", "next poll", "a week", "address", "trouble and cure")


def _cells(row: ListedFeed) -> tuple[str, ...]:
    return (
        row.state,
        _moment(row.health.since if row.health else None),
        printable(row.name),
        row.marks or "-",
        _moment(row.known.next_poll if row.feed.enabled else None),
        f"{row.health.weekly:.0f}" if row.health else "-",
        row.address,
        printable("; ".join(filter(None, (row.trouble, row.cure)))),
    )


def _moment(moment: datetime | None) -> str:
    return show.minute(moment) if moment else "-"


def _print_lines(rows: Iterable[ListedFeed]) -> None:
    """Print aligned lines, without headings, for other programs and for grep."""
    table = [_cells(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())


_STYLES = {
    Health.FINE: "green",
    Health.NEW: "cyan",
    Health.PAUSED: "dim",
    Health.QUIET: "yellow",
    Health.THROTTLED: "yellow",
}


def _print_table(rows: Iterable[ListedFeed]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in HEADINGS:
        if heading != "address":
            table.add_column(heading, justify="right" if heading == "a week" else "left", overflow="fold")
    for row in rows:
        state, since, name, marks, following, weekly, url, trouble = _cells(row)
        styled = Text(state, style=_STYLES.get(row.state, "red"))
        table.add_row(styled, since, Text(name, style=f"link {url}"), marks, following, weekly, trouble)
    show.console().print(table)
