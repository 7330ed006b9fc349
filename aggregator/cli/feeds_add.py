"""`aggregator feeds add`: a feed's or a site's address becomes a feed of feeds.yaml, proved by fetching it once."""

import asyncio
import sys
from dataclasses import replace

import click

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.bootstrap.finding import finding
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.core.config import table
from aggregator.core.config.checking import default_settings
from aggregator.core.config.places import complete_url
from aggregator.core.config.values import own_name, read_value
from aggregator.core.feeds.discovery import FeedLink
from aggregator.core.printable import printable
from aggregator.domain.errors import AggregatorError, UsageError
from aggregator.domain.settings import FeedConfig, FullText
from aggregator.pipeline.finding import Missing, Page


@click.command()
@click.argument("url")
@click.option("--name", help=table.NAME.help + f"  [{table.NAME.default}]")
@click.option("--tag", "tags", multiple=True, help="A tag; may be given several times.")
@click.option("--every", metavar="DURATION", help=table.FEED_EVERY.help + f"  [{table.FEED_EVERY.default}]")
@click.option("--weight", metavar="NUMBER", help=table.WEIGHT.help + f"  [{table.WEIGHT.default}]")
@click.option("--full-text", type=click.Choice([choice.value for choice in FullText]), help=table.FULL_TEXT.help)
@click.option("--user-agent", help=table.USER_AGENT.help)
@click.option("--no-check", is_flag=True, help="Do not fetch it; URL must be a feed's own address.")
@click.option("--pick", type=click.IntRange(min=1), metavar="N", help="Take the Nth of the feeds that a page names.")
@click.pass_obj
def add(
    paths: Paths,
    *,
    url: str,
    name: str | None,
    tags: tuple[str, ...],
    every: str | None,
    weight: str | None,
    full_text: str | None,
    user_agent: str | None,
    no_check: bool,
    pick: int | None,
) -> None:
    """Add a feed: URL is its address, or that of a site that names its feeds.

    It is fetched once to prove it. A feed that is there under another spelling of its address is refused.
    """
    wanted = FeedConfig(
        url=read_value(table.URL_KEY, complete_url(url.strip())),
        name=read_value(table.NAME, name),
        tags=read_value(table.TAGS_KEY, tags or None),
        every=read_value(table.FEED_EVERY, every),
        weight=read_value(table.WEIGHT, weight),
        full_text=read_value(table.FULL_TEXT, full_text),
        user_agent=read_value(table.USER_AGENT, user_agent),
    )
    file = FeedsFile(paths.config)
    file.refuse_known(wanted.url)
    feed = wanted if no_check else asyncio.run(_proved(file, wanted, pick))
    file.add(feed)
    show.say(f"added {printable(feed.name or feed.url)} to {paths.config}")


async def _proved(file: FeedsFile, wanted: FeedConfig, pick: int | None) -> FeedConfig:
    """Fetch what `wanted` names and return the feed that is there."""
    settings = file.load().settings if file.path.exists() else default_settings()
    async with finding(settings, user_agent=wanted.user_agent) as finder:
        found = await finder.look(wanted.url)
        if isinstance(found, Page):
            found = await finder.prove(found, _chosen(found.links, pick))
    if isinstance(found, Missing):
        raise AggregatorError(f"{found.why}; --no-check adds it all the same" if found.unanswered else found.why)
    if found.moved_from is not None:
        show.say(f"{found.moved_from} has moved for good; taking {found.url}")
    entries = len(found.parsed.entries)
    show.say(f"{printable(found.parsed.title or found.url)}: {entries} entries, {found.parsed.version}")
    return replace(wanted, url=found.url, name=wanted.name or own_name(found.parsed))


def _chosen(links: tuple[FeedLink, ...], pick: int | None) -> FeedLink:
    """Return the one that is wanted of several: the only one, the one picked, or the one a person names when asked."""
    if len(links) == 1 and pick is None:
        return links[0]
    listing = "\n".join(
        f"  {number}  {printable(link.title) or '(no title)'}  {link.url}" for number, link in enumerate(links, 1)
    )
    if pick is None:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError(f"the page names several feeds; choose one with --pick N:\n{listing}")
        show.say(f"The page names several feeds:\n{listing}")
        pick = click.prompt("Which one", type=click.IntRange(1, len(links)), default=1, err=True)
    if pick > len(links):
        raise UsageError(f"the page names {len(links)} feeds, so there is no {pick}:\n{listing}")
    return links[pick - 1]
