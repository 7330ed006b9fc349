"""`aggregator mcp`."""

from importlib.util import find_spec

import click

from aggregator.bootstrap.paths import Paths
from aggregator.domain.errors import AggregatorError


@click.command()
@click.pass_obj
def mcp(paths: Paths) -> None:
    """Answer an assistant's questions about the stories, over stdin and stdout (Model Context Protocol).

    An assistant's program starts it and ends it. It reads only, and needs no daemon.
    """
    if find_spec("mcp") is None:
        raise AggregatorError(
            "the package mcp is not installed; `scripts/bootstrap --mcp` or `pip install 'aggregator[mcp]'` brings it"
        )
    from aggregator.mcp.server import serve

    serve(paths)
