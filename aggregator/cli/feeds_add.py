"""`aggregator feeds add`: a feed's or a site's address becomes a feed of feeds.yaml, proved by fetching it once."""

import asyncio
import sys
from dataclasses import dataclass
from typing import TypeVar

import click

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.bootstrap import Paths, fetching, parse
from aggregator.cli import show
from aggregator.cli.feeds_fetching import fetched
from aggregator.core.config import table
from aggregator.core.config.checking import default_settings
from aggregator.core.config.kinds import Misfit
from aggregator.core.config.places import complete_url
from aggregator.core.config.table import Setting
from aggregator.core.config.tree import Listing, Node, Scalar, Span
from aggregator.core.feeds.discovery import FeedLink, feed_links
from aggregator.core.printable import printable
from aggregator.domain.errors import AggregatorError, UsageError
from aggregator.domain.feeds import ParsedFeed
from aggregator.domain.fetching import Failed, Response
from aggregator.domain.settings import FeedConfig, FullText, Settings
from aggregator.pipeline.ports import Fetcher

T = TypeVar("T")

_NOWHERE = Span(line=1, column=1, end_line=1, end_column=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """A feed that answered."""

    #: Where it is to be fetched from now on.
    url: str
    parsed: ParsedFeed


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
        url=_read(table.URL_KEY, complete_url(url.strip())),
        name=_read(table.NAME, name),
        tags=_read(table.TAGS_KEY, tags or None),
        every=_read(table.FEED_EVERY, every),
        weight=_read(table.WEIGHT, weight),
        full_text=_read(table.FULL_TEXT, full_text),
        user_agent=_read(table.USER_AGENT, user_agent),
    )
    file = FeedsFile(paths.config)
    file.refuse_known(wanted.url)
    feed = wanted if no_check else asyncio.run(_proved(file, wanted, pick))
    file.add(feed)
    show.say(f"added {printable(feed.name or feed.url)} to {paths.config}")


def _read(setting: Setting[T], given: str | tuple[str, ...] | None) -> T:
    """Read an option as feeds.yaml would."""
    node: Node
    match given:
        case None:
            return setting.value
        case str():
            node = Scalar(span=_NOWHERE, text=given, plain=False)
        case _:
            members = tuple(Scalar(span=_NOWHERE, text=text, plain=False) for text in given)
            node = Listing(span=_NOWHERE, members=members)
    try:
        return setting.kind.read(node)
    except Misfit as misfit:
        problem = misfit.problems[0]
        raise UsageError(f"{problem.what}; {problem.cure or f'write {setting.kind.form}'}") from None


async def _proved(file: FeedsFile, wanted: FeedConfig, pick: int | None) -> FeedConfig:
    """Fetch what `wanted` names and return the feed that is there."""
    settings = file.load().settings if file.path.exists() else default_settings()
    async with fetching(settings) as fetcher:
        proved = await _find(fetcher, settings, wanted, pick)
    entries = len(proved.parsed.entries)
    show.say(f"{printable(proved.parsed.title or proved.url)}: {entries} entries, {proved.parsed.version}")
    return FeedConfig(
        url=proved.url,
        name=wanted.name or _title(proved.parsed),
        tags=wanted.tags,
        every=wanted.every,
        weight=wanted.weight,
        full_text=wanted.full_text,
        user_agent=wanted.user_agent,
    )


def _title(parsed: ParsedFeed) -> str | None:
    try:
        return _read(table.NAME, printable(parsed.title or "")[:200])
    except UsageError:
        return None


async def _find(fetcher: Fetcher, settings: Settings, wanted: FeedConfig, pick: int | None) -> Proved:
    response = await _fetch(fetcher, wanted.url, wanted.user_agent)
    parsed = parse(response, settings)
    if isinstance(parsed, ParsedFeed):
        return Proved(url=_address(wanted.url, response), parsed=parsed)
    links = feed_links(response.body, response.url)
    if not links:
        raise AggregatorError(
            f"{wanted.url} is neither a feed nor a page that names one ({parsed.why}); look for the feed's own address"
        )
    link = _chosen(links, pick)
    response = await _fetch(fetcher, link.url, wanted.user_agent)
    parsed = parse(response, settings)
    if isinstance(parsed, Failed):
        raise AggregatorError(f"{wanted.url} names {link.url} as its feed, but: {parsed.why}")
    return Proved(url=_address(link.url, response), parsed=parsed)


async def _fetch(fetcher: Fetcher, url: str, user_agent: str | None) -> Response:
    answer = await fetched(fetcher, url, user_agent)
    if isinstance(answer, Response):
        return answer
    raise AggregatorError(f"{url}: {answer}; --no-check adds it all the same")


def _address(asked: str, response: Response) -> str:
    """Return where the feed is to be fetched from: where it has moved for good, else where it was asked for."""
    if response.moved_to and response.moved_to != asked:
        show.say(f"{asked} has moved for good; taking {response.moved_to}")
        return response.moved_to
    return asked


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
