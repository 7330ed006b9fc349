"""`aggregator serve`, and where the page is served for `run` and `start`."""

from collections.abc import Callable
from typing import Any

import click

from aggregator.adapters.access_file import AccessFile
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.web.address import HOST, PORT, UNENCRYPTED, Address, chosen


def where(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say where the page is served."""
    host = click.option(
        "--host",
        default=HOST,
        show_default=True,
        help="Serve the page there; elsewhere than on this machine with a password only.",
    )
    port = click.option(
        "--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="The page's port; 0 for any."
    )
    return host(port(command))


def address_of(paths: Paths, host: str, port: int) -> Address:
    """Return where the page is to be served.

    Raises:
        UsageError: it may not be served there.
    """
    return chosen(host, port, has_password=AccessFile(paths.access).exists)


@click.command()
@where
@click.pass_obj
def serve(paths: Paths, *, host: str, port: int) -> None:
    """Serve the page alone, without polling; a daemon may be at work on the database or not."""
    address = address_of(paths, host, port)
    from aggregator.web.serving import serve as serve_page

    serve_page(paths, address, began=_began, crashed=_crashed)


def _began(address: Address) -> None:
    show.say(f"the page is at {address.url}; Ctrl-C ends it")
    if not address.is_ours_alone:
        show.say(f"warning: {UNENCRYPTED}")


def _crashed(error: Exception) -> None:
    import traceback

    show.say("".join(traceback.format_exception(error)))
