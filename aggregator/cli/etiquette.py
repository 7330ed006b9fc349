"""`aggregator etiquette`: what each site got from us, and whether we behaved."""

from collections.abc import Sequence
from datetime import timedelta

import click

from aggregator.bootstrap import open_reader, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.core.config.kinds import Unfit, read_duration
from aggregator.core.crawling.etiquette import share, size, total, worst_first
from aggregator.core.days import iso
from aggregator.core.printable import printable
from aggregator.domain.crawling import SiteHours
from aggregator.domain.errors import UsageError

#: Some server was asked before the time that it had named.
EARLY = 3
#: So long it is remembered what sites got.
LONGEST = timedelta(days=30)

#: "cond." are the requests for feeds with validators, "304" those that were answered so; an 80 columns wide screen has no more.
HEADINGS = ("site", "requests", "peak/h", "cond.", "304", "received", "saved", "429/503", "early")


@click.command()
@click.option(
    "--since", default="7d", show_default=True, metavar="DURATION", help="How far back: 24h, 7d, at most 30d."
)
@click.option("--worst", type=click.IntRange(min=1), metavar="N", help="Name the N worst sites only.  [all]")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def etiquette(paths: Paths, *, since: str, worst: int | None, as_json: bool) -> int:
    """Tell what each site got from us, the worst first, and in sum.

    Exits with 3 when a server was asked before the time that it had named, which never should be.
    """
    start = (utc_now() - _span(since)).replace(minute=0, second=0, microsecond=0)
    with open_reader(paths) as reader:
        sites = worst_first(reader.site_hours(start))
    whole, named = total(sites), sites[:worst]
    if as_json:
        facts = {"since": iso(start), "sites": [_as_json(site) for site in named], "total": _as_json(whole)}
        show.print_json(facts)
    elif not sites:
        show.say(f"no site was asked for anything since {show.minute(start)}")
    elif show.on_terminal():
        _print_table(named, whole)
    else:
        _print_lines((*named, whole))
    if whole.early:
        show.say(f"{_early(whole.early)} before the time that the server had named: that is a fault; please report it")
    elif sites and not as_json:
        show.say(f"no server was asked before the time that it had named, of {whole.requests:,} requests")
    return EARLY if whole.early else 0


def _early(count: int) -> str:
    return "1 request came" if count == 1 else f"{count:,} requests came"


def _span(since: str) -> timedelta:
    try:
        span = read_duration(since.strip())
    except Unfit as unfit:
        raise UsageError(f"--since: {unfit.what}; {unfit.cure or 'write such as 24h or 7d'}") from None
    if not timedelta(0) < span <= LONGEST:
        raise UsageError(f"--since: {since} is not from 1s to {LONGEST.days}d; what is older is forgotten")
    return span


def _as_json(site: SiteHours) -> dict[str, object]:
    return {
        "site": site.site,
        "requests": site.requests,
        "busiest_hour": site.busiest_hour,
        "feed_requests": site.feeds,
        "conditional_share": _rounded(share(site.conditional, site.feeds)),
        "unchanged_share": _rounded(share(site.unchanged, site.feeds)),
        "wire_bytes": site.wire_bytes,
        "saved_bytes": site.saved_bytes,
        "throttled": site.throttled,
        "early": site.early,
    }


def _rounded(part: float | None) -> float | None:
    return None if part is None else round(part, 3)


def _cells(site: SiteHours) -> tuple[str, ...]:
    return (
        printable(site.site),
        f"{site.requests:,}",
        f"{site.busiest_hour:,}",
        _percent(share(site.conditional, site.feeds)),
        _percent(share(site.unchanged, site.feeds)),
        size(site.wire_bytes),
        size(site.saved_bytes),
        f"{site.throttled:,}",
        f"{site.early:,}",
    )


def _percent(part: float | None) -> str:
    return "-" if part is None else f"{part:.0%}"


def _print_lines(sites: Sequence[SiteHours]) -> None:
    """Print aligned lines, without headings, the sum last, for other programs and for grep."""
    # No blanks within a field, so that it is a field for awk too.
    table = [tuple(cell.replace(" ", "") for cell in _cells(site)) for site in sites]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())


def _print_table(sites: Sequence[SiteHours], whole: SiteHours) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in HEADINGS:
        is_site = heading == "site"
        table.add_column(heading, justify="left" if is_site else "right", overflow="fold", no_wrap=not is_site)
    for site in sites:
        bad = site.early or site.throttled
        table.add_row(*_cells(site), style="red" if site.early else "yellow" if bad else "")
    table.add_row(*_cells(whole), style="bold")
    show.console().print(table)
