"""`aggregator completion`."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of SHELL; load it with `source <(aggregator completion bash)`."""
    from aggregator.cli import cli

    kind = get_completion_class(shell)
    assert kind
    click.echo(kind(cli, {}, "aggregator", "_AGGREGATOR_COMPLETE").source())
