"""Which stories are wanted: the options that `today` and `digest` share, and why there may be none."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from aggregator.bootstrap import open_reader
from aggregator.bootstrap.paths import Paths
from aggregator.bootstrap.reading import LastingConfig, muting_in, zone_in
from aggregator.cli.times import wanted_span
from aggregator.core.emptiness import Empty, why_empty
from aggregator.daemon.lock import holder
from aggregator.domain.reading import StoryQuery

_OPTIONS = (
    click.option("--since", metavar="24h|DATE", help="Stories of the last while, or since a day; instead of today's."),
    click.option("--day", metavar="DATE", help="Stories of that day: a date such as 2026-11-23, or yesterday."),
    click.option("--tag", help="Only stories that a feed with this tag carries."),
    click.option("--lang", metavar="XX", help="Only stories in this language (two letters)."),
    click.option("--source", metavar="NAME", help="Only stories that this source carries; a part of its name will do."),
    click.option(
        "--min-sources",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        help="Only stories that so many sources carry.",
    ),
    click.option("--unread", is_flag=True, help="Only stories with something new to read."),
    click.option(
        "--starred", is_flag=True, help="Only starred stories; of all time unless --since or --day says otherwise."
    ),
)


def choosing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which stories are wanted."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def query_of(paths: Paths, now: datetime, *, limit: int | None, **chosen: Any) -> StoryQuery:
    """Return what a person asked for by these options.

    Raises:
        UsageError: the times exclude each other, or one cannot be understood.
    """
    since, day, lang = chosen["since"], chosen["day"], chosen["lang"]
    all_time = chosen["starred"] and not (since or day)
    config = LastingConfig(paths).read()
    span = (None, None) if all_time else wanted_span(since, day, now=now, zone=zone_in(config))
    return StoryQuery(
        since=span[0],
        until=span[1],
        tag=chosen["tag"],
        language=lang and lang.lower(),
        source=chosen["source"],
        min_sources=chosen["min_sources"],
        unread=chosen["unread"],
        starred=chosen["starred"],
        mute=muting_in(config, now),
        muted=chosen.get("muted", False),
        limit=limit,
    )


def told_empty(paths: Paths, query: StoryQuery) -> str:
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
            return _told_unfit(query)
        case Empty.NOTHING_YET if holder(paths.pid_file) is None:
            return f"no story in this time, and no daemon runs; {begin}"
        case Empty.NOTHING_YET:
            return "no story in this time yet; look further back with --since 24h"


def _told_unfit(query: StoryQuery) -> str:
    if query.muted:
        return "no story that fits is muted; `aggregator mute list` shows the rules"
    way = "star one with `aggregator mark starred STORY`" if query.starred else "for more time with --since 3d"
    return f"no story fits; ask for less, or {way}"
