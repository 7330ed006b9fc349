"""`aggregator feeds check`: is feeds.yaml sound, and does every feed answer?"""

import asyncio
from collections.abc import Iterator

import click

from aggregator.bootstrap import fetching, load_config, parse
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.core.printable import printable
from aggregator.core.secrecy import without_secrets
from aggregator.domain.fetching import Failed, NotModified, Purpose, Request
from aggregator.domain.settings import Config, FeedConfig, Settings
from aggregator.pipeline.ports import Fetcher

#: Some feeds failed, the others are well.
PARTLY = 3


@click.command()
@click.option("--offline", is_flag=True, help="Only read feeds.yaml; fetch nothing.")
@click.pass_obj
def check(paths: Paths, *, offline: bool) -> int:
    """Read feeds.yaml and fetch each feed once; nothing is recorded.

    Exits with 0 when all is well, 3 when some feeds failed or Apprise does not understand a member of notify or digest_to, 1 when feeds.yaml has faults, which are all told.
    """
    config = load_config(paths)
    enabled = sum(feed.enabled for feed in config.feeds)
    show.say(f"{paths.config} is sound: {len(config.feeds)} feeds, {enabled} of them enabled")
    failed = _say_notify(config)
    if offline:
        return PARTLY if failed else 0
    for feed, why in show.progress(_checked(config), "feeds", enabled):
        failed += why is not None
        name = printable(feed.name or without_secrets(feed.url))
        click.echo(f"fine    {name}" if why is None else f"failed  {name}  {printable(why)}")
    return PARTLY if failed else 0


def _say_notify(config: Config) -> int:
    """Name the services that Apprise does not understand, without repeating them; return how many they are."""
    from aggregator.adapters.notices import not_understood

    count = 0
    for key, addresses in (("notify", config.settings.notify), ("digest_to", config.settings.digest_to or ())):
        for number, scheme in not_understood(addresses):
            show.say(f"{key}: member {number} ({scheme}://…) is not an address that Apprise understands")
            count += 1
    return count


def _checked(config: Config) -> Iterator[tuple[FeedConfig, str | None]]:
    """Yield each enabled feed with what is wrong with it, in the order of the file, while the others are fetched."""
    with asyncio.Runner() as runner:
        opened = fetching(config.settings)
        fetcher = runner.run(opened.__aenter__())
        tasks: list[tuple[FeedConfig, asyncio.Task[str | None]]] = []
        try:
            loop = runner.get_loop()
            tasks += [
                (feed, loop.create_task(_trouble(fetcher, feed, config.settings)))
                for feed in config.feeds
                if feed.enabled
            ]
            for feed, task in tasks:
                yield feed, runner.run(_result(task))
        finally:
            for _, task in tasks:
                task.cancel()
            runner.run(opened.__aexit__(None, None, None))


async def _result(task: asyncio.Task[str | None]) -> str | None:
    return await task


async def _trouble(fetcher: Fetcher, feed: FeedConfig, settings: Settings) -> str | None:
    """Return why `feed` cannot be read; None when it can."""
    response = await fetcher.fetch(Request(url=feed.url, purpose=Purpose.FEED, user_agent=feed.user_agent))
    match response:
        case Failed():
            return response.why
        case NotModified():
            return None
        case _:
            # In a thread, so that the other answers are not kept waiting.
            parsed = await asyncio.to_thread(parse, response, settings)
            return parsed.why if isinstance(parsed, Failed) else None
