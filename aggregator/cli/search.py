"""`aggregator search`."""

import re

import click

from aggregator.bootstrap import open_reader
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.core.as_json import hit_json
from aggregator.core.printable import printable, printable_part
from aggregator.domain.reading import SearchHit

_MARKED = re.compile("\x02(.*?)\x03", re.DOTALL)


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many articles.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.pass_obj
def search(paths: Paths, *, words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find articles whose headline or text has all WORDS, best first."""
    with open_reader(paths) as reader:
        hits = reader.search(" ".join(words), limit)
    if as_json:
        show.print_json([hit_json(hit) for hit in hits])
        return
    for hit in hits:
        print_hit(hit)
    if not hits:
        show.say("no article has all these words; try fewer, or their beginnings with *")


def print_hit(hit: SearchHit) -> None:
    """Print a hit as a block of three lines, the words found in bold."""
    click.secho(printable(hit.title) or "(no headline)", bold=True)
    click.echo(f"    {show.minute(hit.dated)}  {printable(hit.source)}  story {hit.story}  {printable(hit.url)}")
    click.echo(f"    {snippet(hit.snippet)}")


def snippet(marked: str) -> str:
    """Return a snippet with its hits in bold; click drops that again where stdout is no terminal."""
    parts = _MARKED.split(re.sub(r"\s+", " ", marked))
    # re.split puts what the parentheses caught, the hits, at the odd places.
    return "".join(
        click.style(printable_part(part), bold=True) if odd % 2 else printable_part(part)
        for odd, part in enumerate(parts)
    )
