"""`aggregator story`."""

from datetime import tzinfo

import click

from aggregator.bootstrap import open_reader, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.bootstrap.reading import LastingConfig, muting_in, zone_in
from aggregator.cli import show
from aggregator.core.as_json import whole_story_json
from aggregator.core.explaining.notes import notes
from aggregator.core.printable import printable
from aggregator.domain.errors import UsageError
from aggregator.domain.ids import StoryId
from aggregator.domain.reading import StoryArticle, StoryView


@click.command()
@click.argument("id", type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def story(paths: Paths, *, id: int, as_json: bool) -> None:
    """Show all articles of story ID in order of time, which are copies of which, and why each is in.

    The number of a story that was merged into another leads to that one.
    """
    config = LastingConfig(paths).read()
    with open_reader(paths) as reader:
        found = reader.story(StoryId(id))
        if found is None:
            raise UsageError(f"there is no story {id}; `aggregator today` lists stories with their numbers")
        (found,) = reader.judged((found,), muting_in(config, utc_now()))
    if as_json:
        show.print_json(whole_story_json(found))
    else:
        print_story(found, zone_in(config))


def print_story(found: StoryView, zone: tzinfo | None) -> None:
    """Print a story for a person, in a pipe without styles; times are those of `zone`."""
    marks = ("read" if found.marks.read else found.marks.grown, "starred" if found.marks.starred else "")
    facts = [
        str(found.counts),
        *filter(None, marks),
        f"story {found.id}",
        *filter(None, (found.language, ", ".join(found.tags))),
    ]
    click.secho(printable(found.title) or "(no headline)", bold=True)
    click.echo(printable(" · ".join(facts)))
    if found.muted:
        click.echo(printable(f"muted by {found.muted}; lists leave it out"))
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
    for line in (article.why, *notes(article)):
        click.secho(f"{indent}{printable(line)}", dim=True)


def _percent(similarity: float | None) -> str:
    return "" if similarity is None else f" ({similarity:.0%})"
