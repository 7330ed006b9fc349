"""`aggregator prune`."""

import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from aggregator.bootstrap import open_store, rules_of, settings_in, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.core.config.kinds import Unfit, read_duration
from aggregator.core.config.table import KEEP
from aggregator.domain.errors import UsageError
from aggregator.domain.keeping import Prunable, Pruned

if TYPE_CHECKING:
    from aggregator.adapters.store import SqliteStore
    from aggregator.core.stories.rules import Rules


@click.command()
@click.option("--older-than", metavar="DURATION", required=True, help="Articles dated so long ago: 90d, at least 7d.")
@click.option("--dry-run", is_flag=True, help="Only tell how much would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def prune(paths: Paths, *, older_than: str, dry_run: bool, yes: bool) -> None:
    """Remove articles that are older than you want to keep, with all that belongs to them; they do not come back.

    Stories that you merged, split or starred stay whole. A daemon may be at work meanwhile; `settings: keep` has it do this nightly.
    """
    now = utc_now()
    span = _span(older_than)
    with open_store(paths) as store:
        before = _before(store, span, now)
        found = store.count_prunable(before)
        if dry_run or not found.articles:
            click.echo(_told(found, "would go"))
            return
        if not yes:
            _ask(found)
        pruned = _prune(store, before, now, rules_of(settings_in(paths)))
    click.echo(f"{_articles(pruned.articles)} and {_stories(pruned.stories)} are removed")
    show.say("the file keeps its size, its free pages are used again; `aggregator backup` makes a copy without them")


def _before(store: "SqliteStore", span: timedelta, now: datetime) -> datetime:
    from aggregator.pipeline.pruning import kept_since

    before = kept_since(store, span, now)
    if before < now - span:
        show.say(
            f"the newest articles are of {before + span:%Y-%m-%d}, so age is counted from then; is the clock right?"
        )
    return before


def _prune(store: "SqliteStore", before: datetime, now: datetime, rules: "Rules") -> Pruned:
    from aggregator.pipeline.pruning import prune_some

    articles = stories = 0
    # In small steps, so that a daemon never waits long for its turn.
    while (step := prune_some(store, before, now, rules=rules)).articles:
        articles, stories = articles + step.articles, stories + step.stories
    return Pruned(articles=articles, stories=stories)


def _ask(found: Prunable) -> None:
    if not sys.stdin.isatty():
        raise UsageError(
            f"{_told(found, 'would go')}; say --yes where nobody can be asked, or --dry-run to see this only"
        )
    click.confirm(f"{_told(found, 'would go')}. Remove for good?", abort=True)


def _told(found: Prunable, verb: str) -> str:
    kept = f"; {_articles(found.kept)} as old stay in stories that you merged, split or starred" if found.kept else ""
    if not found.articles:
        return f"nothing to remove{kept}"
    return f"{_articles(found.articles)} {verb}, with them {_stories(found.stories)}{kept}"


def _articles(number: int) -> str:
    return f"{number:,} {'article' if number == 1 else 'articles'}"


def _stories(number: int) -> str:
    return f"{number:,} {'story' if number == 1 else 'stories'}"


def _span(older_than: str) -> timedelta:
    """Read what `settings: keep` would take as well."""
    try:
        span = read_duration(older_than.strip())
    except Unfit as unfit:
        raise UsageError(f"--older-than: {unfit.what}; {unfit.cure or 'write such as 90d'}") from None
    low, high = KEEP.kind.bounds or ("", "")
    if not read_duration(low) <= span <= read_duration(high):
        raise UsageError(f"--older-than: {older_than} is not from {low} to {high}")
    return span
