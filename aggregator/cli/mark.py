"""`aggregator mark`."""

import click

from aggregator.bootstrap import open_store, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.domain.ids import StoryId
from aggregator.domain.marks import Mark
from aggregator.pipeline.marking import set_marks

#: What a person says, and which mark that sets or takes away.
WORDS = {
    "read": (Mark.READ, True),
    "unread": (Mark.READ, False),
    "starred": (Mark.STARRED, True),
    "unstarred": (Mark.STARRED, False),
}


@click.command()
@click.argument("word", type=click.Choice(list(WORDS)))
@click.argument("stories", nargs=-1, required=True, type=click.IntRange(min=1), metavar="STORY…")
@click.pass_obj
def mark(paths: Paths, *, word: str, stories: tuple[int, ...]) -> None:
    """Mark STORYs as read, unread, starred or unstarred.

    A story that was read stays so when more copies of its texts come; a new text brings it back. Starred stories are never
    pruned.
    """
    chosen, holds = WORDS[word]
    with open_store(paths) as store:
        living = set_marks(store, [StoryId(story) for story in stories], chosen, utc_now(), holds=holds)
    numbers = ", ".join(map(str, living))
    show.say(f"{'story' if len(living) == 1 else 'stories'} {numbers}: {word}")
