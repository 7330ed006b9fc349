"""`aggregator merge`, `split` and `undo`."""

from collections.abc import Iterable

import click

from aggregator.bootstrap import open_reader, open_store, rules_of, settings_in, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.cli.today import print_lines
from aggregator.core.naming import read_article, read_name
from aggregator.domain.errors import UsageError
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.pipeline import deciding

#: Stories listed after one undo; that of a rebuild may touch thousands.
SHOWN = 10
_TAKE_BACK = "`aggregator undo` takes this back"


@click.command()
@click.argument("stories", nargs=-1, required=True, metavar="STORY STORY…")
@click.pass_obj
def merge(paths: Paths, *, stories: tuple[str, ...]) -> None:
    """Make one story of several, named by their numbers, for good: it holds through every rebuild."""
    wanted = [_story(word) for word in stories]
    rules = rules_of(settings_in(paths))
    with open_store(paths) as store:
        into = deciding.merge(store, wanted, utc_now(), rules=rules)
    click.echo(f"stories {_and(dict.fromkeys(wanted))} are one now, story {into}:")
    _print_stories(paths, [into])
    show.say(_TAKE_BACK)


@click.command()
@click.argument("story")
@click.argument("articles", nargs=-1, required=True, metavar="ARTICLE…")
@click.pass_obj
def split(paths: Paths, *, story: str, articles: tuple[str, ...]) -> None:
    """Take ARTICLEs out of STORY, for good, to stand together in a story of their own.

    An article is named by its number, as `aggregator story` shows it in brackets (12, a12 or [12]), or by its address.
    """
    wanted = _story(story)
    names = [read_article(word) for word in articles]
    rules = rules_of(settings_in(paths))
    with open_reader(paths) as reader:
        places, _ = reader.material(names)
    taken = [place.article for place in places if place.article is not None]
    with open_store(paths) as store:
        stories = deciding.split(store, wanted, taken, utc_now(), rules=rules)
        stands = store.stories_of(taken)
    what = "articles" if len(set(taken)) > 1 else "article"
    where = _and(sorted(set(stands.values())))
    click.echo(f"{what} {_and(sorted(set(taken)))} taken out of story {wanted}, now in story {where}:")
    _print_stories(paths, stories)
    show.say(_TAKE_BACK)


@click.command()
@click.pass_obj
def undo(paths: Paths) -> None:
    """Take back the last merge, split or rebuild; again, the one before it."""
    rules = rules_of(settings_in(paths))
    with open_store(paths) as store:
        decision = deciding.undo(store, utc_now(), rules=rules)
    stories = sorted({story for _, story in decision.before})
    made = show.minute(decision.made)
    again = f"; {len(stories):,} stories stand as before, among them" if len(stories) > SHOWN else ""
    click.echo(f"taken back: {decision.told} ({made}){again}:")
    _print_stories(paths, stories[:SHOWN])


def _print_stories(paths: Paths, stories: Iterable[StoryId]) -> None:
    with open_reader(paths) as reader:
        print_lines([view for story in stories if (view := reader.story(story)) is not None])


def _story(word: str) -> StoryId:
    name = read_name(word)
    if name.story is None:
        raise UsageError(f'"{word[:60]}" is no story; name stories by their numbers, which `aggregator today` shows')
    return name.story


def _and(numbers: Iterable[StoryId] | Iterable[ArticleId]) -> str:
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}" if most else last
