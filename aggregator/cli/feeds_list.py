"""`aggregator feeds list`: each feed of feeds.yaml and how it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import click

from aggregator.bootstrap import Paths, load_config, open_reader, utc_now
from aggregator.cli import show
from aggregator.core.printable import printable
from aggregator.core.urls import url_key
from aggregator.daemon.outcomes import iso
from aggregator.domain.ids import UrlKey
from aggregator.domain.reading import FeedHealth
from aggregator.domain.settings import FeedConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A feed as it is written, and as the database knows it if it does."""

    feed: FeedConfig
    health: FeedHealth | None

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.feed.name or (self.health.name if self.health else "") or self.feed.url

    @property
    def state(self) -> str:
        """How it is, in one word; what feeds.yaml says goes before what the database still believes."""
        if not self.feed.enabled:
            return "paused"
        return "new" if self.health is None or self.health.state == "paused" else self.health.state


@click.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
@click.pass_obj
def list_feeds(paths: Paths, *, as_json: bool) -> None:
    """List the feeds: state, last success, next poll, articles a week, error if any."""
    known = _health(paths)
    rows = [Row(feed=feed, health=known.get(url_key(feed.url))) for feed in load_config(paths).feeds]
    if as_json:
        show.print_json([_as_json(row) for row in rows])
        return
    if not rows:
        show.say("no feeds yet; add one with `aggregator feeds add URL`")
    elif show.on_terminal():
        _print_table(rows)
    else:
        _print_lines(rows)


def _health(paths: Paths) -> dict[UrlKey, FeedHealth]:
    if not paths.database.exists():
        return {}
    with open_reader(paths) as reader:
        return {url_key(health.url): health for health in reader.feed_health(utc_now())}


def _as_json(row: Row) -> dict[str, object]:
    health = row.health
    return {
        "url": row.feed.url,
        "name": row.name,
        "tags": list(row.feed.tags),
        "state": row.state,
        "last_success": iso(health.last_success) if health else None,
        "last_poll": iso(health.last_poll) if health else None,
        "next_poll": iso(health.next_poll) if health else None,
        "articles": health.articles if health else 0,
        "weekly": round(health.weekly, 1) if health else 0.0,
        "error": health.error if health else None,
        "warning": health.warning if health else None,
    }


HEADINGS = ("state", "feed", "last success", "next poll", "a week", "address", "trouble")


def _cells(row: Row) -> tuple[str, ...]:
    health = row.health
    return (
        row.state,
        printable(row.name),
        _moment(health.last_success if health else None),
        _moment(health.next_poll if health and row.feed.enabled else None),
        f"{health.weekly:.0f}" if health else "-",
        row.feed.url,
        printable((health.error or health.warning or "") if health else ""),
    )


def _moment(moment: datetime | None) -> str:
    return show.minute(moment) if moment else "-"


def _print_lines(rows: Iterable[Row]) -> None:
    """Print aligned lines, without headings, for other programs and for grep."""
    table = [_cells(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())


_STYLES = {"fine": "green", "failing": "red", "resting": "yellow", "new": "cyan", "paused": "dim"}


def _print_table(rows: Iterable[Row]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in HEADINGS:
        if heading != "address":
            table.add_column(heading, justify="right" if heading == "a week" else "left", overflow="fold")
    for row in rows:
        state, name, last, following, weekly, url, trouble = _cells(row)
        linked = Text(name, style=f"link {url}")
        table.add_row(Text(state, style=_STYLES.get(state, "")), linked, last, following, weekly, trouble)
    show.console().print(table)
