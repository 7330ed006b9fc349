"""`aggregator story`."""

from datetime import tzinfo

import click

from aggregator.bootstrap import Paths, open_reader
from aggregator.cli import show
from aggregator.cli.times import zone_of
from aggregator.core.printable import printable
from aggregator.domain.articles import HeldBack
from aggregator.domain.errors import UsageError
from aggregator.domain.ids import StoryId
from aggregator.domain.reading import StoryArticle, StoryView

_WHY_HELD_BACK = {
    HeldBack.ROBOTS: "robots.txt asks us not to fetch its page, or cannot be had",
    HeldBack.NOINDEX: "its page asks not to be indexed",
    HeldBack.PAYWALL: "its page is behind a paywall",
}


@click.command()
@click.argument("id", type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def story(paths: Paths, *, id: int, as_json: bool) -> None:
    """Show all articles of story ID in order of time, which are copies of which, and why each is in.

    The number of a story that was merged into another leads to that one.
    """
    with open_reader(paths) as reader:
        found = reader.story(StoryId(id))
    if found is None:
        raise UsageError(f"there is no story {id}; `aggregator today` lists stories with their numbers")
    if as_json:
        show.print_json(whole_json(found))
    else:
        print_story(found, zone_of(paths))


def whole_json(found: StoryView) -> dict[str, object]:
    """Return a story as `today --json` has it, with whose text it is."""
    agencies = {str(article.id): article.agency for article in found.articles if article.agency}
    return show.story_json(found) | {"lineage": found.lineage, "agencies": agencies}


def print_story(found: StoryView, zone: tzinfo | None) -> None:
    """Print a story for a person, in a pipe without styles; times are those of `zone`."""
    facts = [str(found.counts), f"story {found.id}", *filter(None, (found.language, ", ".join(found.tags)))]
    click.secho(printable(found.title) or "(no headline)", bold=True)
    click.echo(printable(" · ".join(facts)))
    if found.lineage:
        click.echo(printable(found.lineage))
    click.echo(printable(found.url))
    if found.summary:
        click.echo(f"\n{printable(found.summary)}")
    for article in found.articles:
        click.echo()
        _print_article(article, zone)


def _print_article(article: StoryArticle, zone: tzinfo | None) -> None:
    moment = article.dated.astimezone(zone)
    indent = "  " if article.copy_of is None else "    "
    mark = "" if article.copy_of is None else f"copy of {article.copy_of}{_percent(article.similarity)}: "
    click.echo(f"{moment:%Y-%m-%d %H:%M}  {click.style(printable(article.source), bold=True)}  [{article.id}]")
    click.echo(f"{indent}{mark}{printable(article.title)}")
    click.secho(f"{indent}{printable(article.url)}", dim=True)
    for line in (article.why, _held_back(article), _changes(article), _listed(article)):
        if line:
            click.secho(f"{indent}{printable(line)}", dim=True)


def _percent(similarity: float | None) -> str:
    return "" if similarity is None else f" ({similarity:.0%})"


def _held_back(article: StoryArticle) -> str:
    return f"the feed's own text: {_WHY_HELD_BACK[article.held_back]}" if article.held_back else ""


def _changes(article: StoryArticle) -> str:
    # The first version counts too.
    changes = article.versions - 1
    return f"changed {changes} time{'' if changes == 1 else 's'} since it was first seen" if changes > 0 else ""


def _listed(article: StoryArticle) -> str:
    return f"listed by {', '.join(article.feeds)}" if article.feeds else ""
