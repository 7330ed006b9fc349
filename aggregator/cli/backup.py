"""`aggregator backup` and `restore`."""

from pathlib import Path

import click

from aggregator.bootstrap import utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.core.crawling.etiquette import size
from aggregator.domain.keeping import Copied


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@click.pass_obj
def backup(paths: Paths, *, file: Path, force: bool) -> None:
    """Copy the database to FILE, as it is at one moment, while the daemon goes on.

    The copy is looked through before it gets its name; it has no free pages, so it may be smaller.
    """
    from aggregator.adapters.store.restoring import back_up

    copied = back_up(paths.database, file.absolute(), force=force)
    click.echo(f"{file}: {told(copied)}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def restore(paths: Paths, *, file: Path) -> None:
    """Put the backup FILE in the place of the database, which is kept beside it under another name.

    The daemon must have been stopped. FILE is looked through first and stays as it is.
    """
    from aggregator.adapters.store.restoring import restore as put_back
    from aggregator.daemon.lock import hold

    with hold(paths.pid_file, paths.database):
        restored, kept = put_back(paths.database, file.absolute(), utc_now())
    click.echo(f"{paths.database}: {told(restored)}")
    if kept:
        show.say(f"the database that was there is kept as {kept}; delete it when all is well")


def told(copied: Copied) -> str:
    """Say what a copy holds: "1.2 MB, 3 feeds, 120 articles, 80 stories"."""
    counts = (
        (copied.feeds, "feed", "feeds"),
        (copied.articles, "article", "articles"),
        (copied.stories, "story", "stories"),
    )
    return ", ".join(
        (size(copied.size), *(f"{number:,} {one if number == 1 else many}" for number, one, many in counts))
    )
