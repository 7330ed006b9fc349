"""`aggregator digest`."""

from collections.abc import Sequence
from typing import Any

import click

from aggregator.bootstrap import open_reader, settings_in, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.bootstrap.reading import zone_of
from aggregator.cli import show
from aggregator.cli.choosing import choosing, query_of, told_empty
from aggregator.digest.gathering import STORIES, Digest, Form, heading, read_digest
from aggregator.domain.errors import AggregatorError, UsageError


@click.command()
@choosing
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=STORIES,
    show_default=True,
    help="At most so many stories, 0 for all.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in Form]),
    default=Form.MARKDOWN.value,
    show_default=True,
    help="What it is written as.",
)
@click.option("--send", is_flag=True, help="Send it to the services of `digest_to` now, rather than print it.")
@click.pass_obj
def digest(paths: Paths, /, *, limit: int, form: str, send: bool, **chosen: Any) -> None:
    """Write the day's stories as one text that ends: headlines, summaries, counts, outlets.

    `settings: digest` has the daemon send it every day.
    """
    addresses = _addresses(paths) if send else ()
    now = utc_now()
    query = query_of(paths, now, limit=None, **chosen)
    gathered = None
    if paths.database.exists():
        title = heading(query, now, zone_of(paths))
        with open_reader(paths) as reader:
            gathered = read_digest(reader, query, limit=limit or None, heading=title, now=now)
    if gathered is not None and gathered.muted and not gathered.total:
        show.say(f"{gathered.muted}; `aggregator today --muted` shows them")
    elif gathered is None or not gathered.total:
        show.say(told_empty(paths, query))
    elif send:
        _send(gathered, addresses)
    else:
        from aggregator.digest.rendering import written

        click.echo(written(gathered, Form(form)), nl=False)


def _addresses(paths: Paths) -> Sequence[str]:
    addresses = settings_in(paths).digest_services
    if not addresses:
        raise UsageError(f"there is no service to send it to; name one under `settings: digest_to` in {paths.config}")
    return addresses


def _send(gathered: Digest, addresses: Sequence[str]) -> None:
    from aggregator.adapters.notices import scheme
    from aggregator.digest.sending import deliver

    failed = 0
    for number, address in enumerate(addresses, 1):
        problem = deliver(address, gathered)
        failed += problem is not None
        show.say(f"service {number} ({scheme(address)}://…): {problem or 'sent'}")
    if failed:
        raise AggregatorError(f"{failed} of {len(addresses)} services did not get the digest; try again with --send")
