"""`aggregator rebuild`."""

from collections.abc import Sequence

import click

from aggregator.bootstrap import open_store, rules_of, settings_in, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.core.config.overrides import overridden
from aggregator.core.printable import printable
from aggregator.core.stories.evidence import SAME
from aggregator.domain.errors import UsageError
from aggregator.domain.ids import ArticleId
from aggregator.domain.stories import Relation, Tie
from aggregator.pipeline.rebuild import TOLD, Change, Rebuilt, open_since
from aggregator.pipeline.rebuild import rebuild as arrange_anew
from aggregator.pipeline.store_ports import Store

#: Sizes told of what merged or split, the largest.
PARTS = 6

Titles = dict[ArticleId, str]


@click.command()
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help="With --dry-run: as if feeds.yaml said so; same_event and canonical. May be repeated.",
)
@click.option("--all", "everything", is_flag=True, help="All stories, not only those of the last 14 days.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def rebuild(paths: Paths, *, dry_run: bool, assignments: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Arrange the stories anew from what is stored: those that news may still join, which the last 14 days touched.

    What you merged and split stays so.
    """
    if assignments and not dry_run:
        raise UsageError(
            "--set only tries a setting out, with --dry-run; to keep it, write it under `settings:` in"
            f" {paths.config} and rebuild without --set"
        )
    rules = rules_of(overridden(settings_in(paths), assignments))
    now = utc_now()
    with open_store(paths) as store:
        report = arrange_anew(store, now, since=None if everything else open_since(now), rules=rules, dry_run=dry_run)
        titles = _titles(store, report)
    if as_json:
        show.print_json(_report_json(report, titles, dry_run=dry_run))
    elif report.articles:
        _print(report, titles, dry_run=dry_run)
    else:
        kind = "there are no articles yet" if everything else "no story has an article of the last 14 days"
        more = "`aggregator update` polls the feeds" if everything else "--all takes the older ones too"
        click.echo(f"nothing to rebuild: {kind}; {more}")


def _titles(store: Store, report: Rebuilt) -> Titles:
    told = (*report.merges[:TOLD], *report.splits[:TOLD])
    return {id: store.article(id)[0].title for change in told for id in change.examples}


def _print(report: Rebuilt, titles: Titles, *, dry_run: bool) -> None:
    before = f"{_count(report.stories_before, 'story', 'stories')} of {_count(report.articles, 'article', 'articles')}"
    if not report.moved:
        click.secho(f"{before} {'would stay' if dry_run else 'stay'} as they are", bold=True)
        return
    after = _count(report.stories_after, "story", "stories")
    moved = _count(report.moved, "article", "articles")
    if dry_run:
        click.secho(f"{before} would be {after}; {moved} would move", bold=True)
        _print_changes("would merge", "stories of {} articles would become one", report.merges, titles)
        _print_changes("would split", "one story would become stories of {} articles", report.splits, titles)
    else:
        click.secho(f"{before} are now {after}; {moved} moved", bold=True)
        _print_changes("merged", "stories of {} articles became one", report.merges, titles)
        _print_changes("split", "one story became stories of {} articles", report.splits, titles)
        show.say("`aggregator undo` rolls it back")


def _print_changes(what: str, how: str, changes: Sequence[Change], titles: Titles) -> None:
    if not changes:
        return
    among = f", the {TOLD} largest" if len(changes) > TOLD else ""
    click.echo(f"\nstories that {what}: {len(changes):,}{among}")
    for change in changes[:TOLD]:
        click.echo(f"\n  {how.format(_sizes(change))}")
        for id in change.examples:
            click.echo(f"    [{id}] {printable(titles[id]) or '(no headline)'}")
        click.secho(f"    {printable(_why(change))}", dim=True)


def _sizes(change: Change) -> str:
    """Name how many articles the parts have: "12, 3 and 1"."""
    sizes = [f"{size:,}" for _, size in change.parts]
    if len(sizes) > PARTS:
        return f"{', '.join(sizes[:PARTS])} and, {len(sizes) - PARTS:,} times, fewer"
    return f"{', '.join(sizes[:-1])} and {sizes[-1]}"


def _why(change: Change) -> str:
    """Say in a line what the two examples have in common."""
    tie = change.tie
    if tie is not None and tie.relation is not Relation.EVENT:
        return _by_words(tie)
    words = f"both speak of {', '.join(change.shared)}" if change.shared else "hardly a telling word is in both"
    return words if change.likeness is None else f"likeness {change.likeness:.2f}; {words}"


def _by_words(tie: Tie) -> str:
    if (tie.jaccard or 0.0) >= SAME:
        return "the same text"
    what = "one text" if tie.relation is Relation.COPY else "in part one text"
    return f"{what}: {int((tie.containment or 0.0) * 100)} % of the shorter one stands in the other"


def _report_json(report: Rebuilt, titles: Titles, *, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "articles": report.articles,
        "stories_before": report.stories_before,
        "stories_after": report.stories_after,
        "moved": report.moved,
        "merges": len(report.merges),
        "splits": len(report.splits),
        "largest_merges": [_change_json(change, titles) for change in report.merges[:TOLD]],
        "largest_splits": [_change_json(change, titles) for change in report.splits[:TOLD]],
    }


def _change_json(change: Change, titles: Titles) -> dict[str, object]:
    return {
        "parts": [{"story": story, "articles": size} for story, size in change.parts],
        "examples": [{"id": id, "title": titles[id]} for id in change.examples],
        "why": _why(change),
        "likeness": change.likeness,
        "shared": change.shared,
    }


def _count(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"
