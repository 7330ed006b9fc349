"""`aggregator update`."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Generator, Iterator, Sequence
from contextlib import closing, suppress

import click

from aggregator.bootstrap import load_config, open_app
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.core.printable import printable
from aggregator.daemon.control import ask
from aggregator.daemon.lock import hold
from aggregator.daemon.logs import set_up_logging
from aggregator.daemon.outcomes import CycleReport
from aggregator.daemon.polls import Polls
from aggregator.domain.errors import AlreadyRunning, NotRunning, StoreError

#: Some feeds failed, the others are done.
PARTLY = 3
#: How long a holder of the database that answers no requests (another update, a daemon about to start) is waited for.
TURN_SECONDS = 300
_STEP = 0.5

Outcome = dict[str, object]


@click.command()
@click.argument("feeds", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a feed, as it ends.")
@click.pass_obj
def update(paths: Paths, *, feeds: tuple[str, ...], as_json: bool) -> int:
    """Poll all feeds, or those named (by name or address), now.

    A running daemon does the work if there is one. A site that asked to be left alone is left alone, and what
    holds by the server's own word is not asked for. Exits with 0 when all
    went well, 3 when some feeds failed, 1 on failure, 2 on wrong usage.
    """
    set_up_logging(level=logging.ERROR)
    failed = 0
    with closing(_outcomes(paths, feeds)) as outcomes:
        total = next(outcomes)["feeds"]
        assert isinstance(total, int)
        for outcome in show.progress(outcomes, "feeds", total):
            # A poll that a stopping daemon broke off did not do what was asked either.
            failed += outcome["kind"] in {"failed", "stopped"}
            if as_json:
                show.print_json_line(outcome)
            else:
                click.echo(line(outcome))
    if not total:
        show.say("there are no feeds yet; add one with `aggregator feeds add URL`")
    return PARTLY if failed else 0


def line(outcome: Outcome) -> str:
    """Return an outcome for a person: what became of it, the feed, and how many or why."""
    facts = []
    if outcome["kind"] == "read":
        facts = [f"{outcome[key]} {word}" for key, word in _TOLD if outcome[key] or key == "new"]
    if outcome["kind"] == "fresh":
        facts = [f"its server's last answer holds until {outcome['fresh_until']}"]
    if why := outcome["error"] or outcome["warning"]:
        facts.append(printable(str(why)))
    name = printable(str(outcome["feed"]))
    return f"{outcome['kind']!s:<9}  {name}" + (f"  {', '.join(facts)}" if facts else "")


_TOLD = (
    ("new", "new"),
    ("revised", "changed"),
    ("also_listed", "known from elsewhere"),
    ("pages_failed", "without their page"),
)


def _outcomes(paths: Paths, names: Sequence[str]) -> Generator[Outcome, None, None]:
    """Yield how many feeds there are, then what becomes of each: from the daemon, else from ourselves."""
    give_up = time.monotonic() + TURN_SECONDS
    told = False
    while True:
        with suppress(NotRunning):
            yield from ask(paths.socket, {"do": "update", "feeds": list(names)})
            return
        try:
            with hold(paths.pid_file, paths.database):
                yield from _in_process(paths, names)
                return
        except AlreadyRunning as error:
            if time.monotonic() > give_up:
                raise
            if not told:
                show.say(f"waiting for process {error.pid}, which works on {paths.database}")
                told = True
            time.sleep(_STEP)


def _in_process(paths: Paths, names: Sequence[str]) -> Iterator[Outcome]:
    """Do the daemon's work once, in an event loop that turns while an outcome is waited for."""
    with asyncio.Runner() as runner:
        outcomes = _update_once(paths, names)

        async def following() -> Outcome | None:
            return await anext(outcomes, None)

        async def end() -> None:
            await outcomes.aclose()

        try:
            while outcome := runner.run(following()):
                yield outcome
        finally:
            runner.run(end())


def _brought_up_to_date(articles: int) -> None:
    show.say(f"bringing the database up to date: {articles:,} articles are done")


async def _update_once(paths: Paths, names: Sequence[str]) -> AsyncGenerator[Outcome, None]:
    troubles: list[StoreError] = []

    def ended(_: CycleReport, trouble: StoreError | None) -> None:
        troubles.extend([trouble] if trouble else [])

    async with open_app(paths, load_config(paths), told=_brought_up_to_date) as app:
        polls = Polls(app, ended)
        async for outcome in polls.update(names):
            yield outcome
        await asyncio.gather(*polls.cycles)
    if troubles:
        raise troubles[0]
