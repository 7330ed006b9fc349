"""`aggregator feeds`: the feeds of feeds.yaml, changed and looked at."""

import sys
from pathlib import Path

import click

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.bootstrap import load_config, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.cli.feeds_add import add
from aggregator.cli.feeds_check import check
from aggregator.cli.feeds_doctor import doctor
from aggregator.cli.feeds_list import list_feeds
from aggregator.cli.feeds_naming import named
from aggregator.core.config.mute_keys import MUTE_KEYS
from aggregator.core.config.opml import MAX_SIZE, read_opml, write_opml
from aggregator.core.config.table import FEED_KEYS, SETTINGS
from aggregator.core.printable import printable
from aggregator.core.secrecy import without_secrets
from aggregator.domain.errors import OpmlError, UsageError


class FeedsGroup(click.Group):
    """A group whose help tells the keys of feeds.yaml too."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (click's signature)
        """Write the table of settings."""
        tables = (
            ("the settings of feeds.yaml", SETTINGS),
            ("each feed of feeds.yaml", FEED_KEYS),
            ("each rule under `mute` of feeds.yaml", MUTE_KEYS),
        )
        for title, settings in tables:
            with formatter.section(f"Keys of {title}"):
                formatter.write_dl([(one.name, f"{one.help}  [{one.default}]") for one in settings])


@click.group(cls=FeedsGroup)
def feeds() -> None:
    """Add, remove, list, check and cure feeds; read and write OPML.

    All of it is kept in feeds.yaml, which may be edited by hand just as well. A running daemon takes up changes by itself.
    """


@feeds.command()
@click.argument("feed", metavar="URL|NAME")
@click.pass_obj
def remove(paths: Paths, *, feed: str) -> None:
    """Remove a feed, by its address in any spelling or its name. Its articles stay."""
    file = FeedsFile(paths.config)
    found = named(file.load().feeds, feed)
    if not found:
        raise UsageError(f"no feed {printable(feed)} in {paths.config}; `aggregator feeds list` shows them")
    if len(found) > 1:
        several = "\n".join(f"  {one.url}" for one in found)
        raise UsageError(f"several feeds are called {printable(feed)}; name one by its address:\n{several}")
    removed = file.remove(found[0].url)
    show.say(f"removed {printable(removed.name or without_secrets(removed.url))}; its articles stay")


@feeds.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.pass_obj
def import_feeds(paths: Paths, *, file: Path) -> None:
    """Add the feeds of an OPML file; - reads stdin. Folders become tags, feeds that are there already stay as they are."""
    opml = read_opml(_content(file))
    for warning in opml.warnings:
        show.say(printable(warning))
    added = FeedsFile(paths.config).add_missing(opml.feeds)
    known = len(opml.feeds) - len(added)
    show.say(f"{len(added)} added, {known} there already, {len(opml.warnings)} warnings")


@feeds.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@click.pass_obj
def export(paths: Paths, *, file: Path | None) -> None:
    """Write the feeds as OPML 2.0, to stdout or FILE; tags become folders, nothing is lost on the way back."""
    content = write_opml(load_config(paths).feeds, "aggregator feeds", utc_now())
    if file is None or str(file) == "-":
        sys.stdout.buffer.write(content)
        return
    try:
        file.write_bytes(content)
    except OSError as error:
        raise OpmlError(f"{file} cannot be written: {error.strerror}") from error


def _content(file: Path) -> bytes:
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(MAX_SIZE + 1)
        with file.open("rb") as opened:
            return opened.read(MAX_SIZE + 1)
    except OSError as error:
        raise OpmlError(f"{file} cannot be read: {error.strerror}") from error


feeds.add_command(add)
feeds.add_command(check)
feeds.add_command(doctor)
feeds.add_command(list_feeds)
