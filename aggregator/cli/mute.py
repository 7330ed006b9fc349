"""`aggregator mute`: what lists leave out."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import click

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.bootstrap import load_config, open_reader, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.bootstrap.reading import zone_in
from aggregator.cli import show
from aggregator.core.config.values import read_rule
from aggregator.core.days import today
from aggregator.core.printable import printable
from aggregator.core.stories.muting import LOOK_BACK, Hidden, in_force
from aggregator.domain.reading import StoryQuery
from aggregator.domain.settings import MuteRule

_WHATS = (
    click.option("--word", metavar="WORD", help="A word or phrase in the headline."),
    click.option("--source", metavar="NAME", help="An outlet, by name or site, where nobody else carries the story."),
    click.option("--tag", help="A tag that each article of the story has through its feed."),
)
_UNTIL = click.option("--until", metavar="DATE", help="The last day on which the rule holds.  [default: for good]")


def what(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say what is muted."""
    for option in reversed(_WHATS):
        command = option(command)
    return command


@click.group()
def mute() -> None:
    """Leave stories out of `today`, the digest and the page's lists, by word, source or tag.

    Nothing is deleted: lists say how many they leave out, search finds all, and starred stories are never muted. The rules are kept in
    feeds.yaml.
    """


@mute.command()
@what
@_UNTIL
@click.pass_obj
def add(paths: Paths, /, *, until: str | None, **given: str | None) -> None:
    """Mute what has a word in its headline, or what only one source or tag carries."""
    rule = read_rule(given, until)
    FeedsFile(paths.config).mute(rule)
    show.say(printable(f"muted: {_line(rule, _week(paths, [rule]), utc_now(), paths)}"))


@mute.command()
@what
@click.pass_obj
def remove(paths: Paths, /, **given: str | None) -> None:
    """Take a rule back; its stories are in lists again at once."""
    rule = read_rule(given)
    removed = FeedsFile(paths.config).unmute(rule.kind, rule.what)
    show.say(printable(f"no longer muted: {removed}"))


@mute.command(name="list")
@click.pass_obj
def list_rules(paths: Paths) -> None:
    """List the rules, each with how many stories of the last 7 days it hides."""
    rules = load_config(paths).mute
    week, now = _week(paths, rules), utc_now()
    for rule in rules:
        click.echo(printable(_line(rule, week, now, paths)))
    if not rules:
        show.say("nothing is muted; `aggregator mute preview --word WORD` shows what a rule would hide")


@mute.command()
@what
@_UNTIL
@click.pass_obj
def preview(paths: Paths, /, *, until: str | None, **given: str | None) -> None:
    """List the stories of the last 7 days that a rule would hide, without adding it."""
    from aggregator.cli.today import print_lines, print_table

    rule, now = read_rule(given, until), utc_now()
    week = _week(paths, [rule])
    if week is None:
        show.say(f"nothing was polled yet, there is no {paths.database}")
        return
    with open_reader(paths) as reader:
        stories = reader.listed(week.by_rule[rule])
    if show.on_terminal():
        print_table(stories, now)
    else:
        print_lines(stories)
    show.say(printable(f"{rule} would hide {week.told(rule)}"))


def _week(paths: Paths, rules: Sequence[MuteRule]) -> Hidden | None:
    if not paths.database.exists():
        return None
    with open_reader(paths) as reader:
        return reader.hidden(StoryQuery(since=utc_now() - LOOK_BACK, mute=tuple(rules)))


def _line(rule: MuteRule, week: Hidden | None, now: datetime, paths: Paths) -> str:
    """Write a rule with when it ends and what it hides."""
    line = str(rule)
    if rule.until:
        ended = not in_force([rule], today(now, zone_in(load_config(paths))))
        line += f", {'ended after' if ended else 'until'} {rule.until.isoformat()}"
    return line if week is None else f"{line}: {week.told(rule)}"
