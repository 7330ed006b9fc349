"""The command line: stdout carries what was asked for, stderr the rest.

Commands are imported when they run, so that `aggregator --help` stays instant.
"""

import importlib
import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from aggregator import __version__
from aggregator.core.secrecy import without_secrets
from aggregator.domain.errors import AggregatorError, UsageError

#: Each command: the room it lives in, its name there, and its line in `--help`.
COMMANDS = {
    "run": ("run", "run", "Poll the feeds and serve the page until told to stop (systemd, Docker, a terminal)."),
    "start": ("run", "start", "Start the daemon in the background."),
    "stop": ("run", "stop", "Stop the daemon."),
    "status": ("run", "status", "Tell whether the daemon runs and how its feeds are."),
    "logs": ("logs", "logs", "Show the background daemon's log."),
    "serve": ("serve", "serve", "Serve the page alone, without polling."),
    "password": ("password", "password", "Set the page's password, or remove it."),
    "update": ("update", "update", "Poll all feeds, or those named, now."),
    "feeds": ("feeds", "feeds", "Add, remove, list, check and cure feeds; read and write OPML."),
    "reader-password": ("reader_password", "reader_password", "Let reader apps in: make their password, or remove it."),
    "etiquette": ("etiquette", "etiquette", "Tell what each site got from us, and whether we behaved."),
    "today": ("today", "today", "List the day's stories, most carried first."),
    "digest": ("digest", "digest", "Write the day's stories as one text that ends, or send it."),
    "story": ("story", "story", "Show all articles of a story and why they are in it."),
    "mark": ("mark", "mark", "Mark stories as read, unread, starred or not."),
    "mute": ("mute", "mute", "Leave stories out of lists by word, source or tag; see what that hides."),
    "explain": ("explain", "explain", "Tell why articles are together, or why they are not."),
    "merge": ("decide", "merge", "Make one story of several, for good."),
    "split": ("decide", "split", "Take articles out of a story, for good."),
    "undo": ("decide", "undo", "Take back the last merge, split or rebuild."),
    "search": ("search", "search", "Find articles by words."),
    "rebuild": ("rebuild", "rebuild", "Arrange the stories anew from what is stored; try settings out."),
    "backup": ("backup", "backup", "Copy the database to a file while the daemon goes on."),
    "restore": ("backup", "restore", "Put a backup in the place of the database."),
    "check": ("check", "check", "Look through the whole database; repair what can be."),
    "prune": ("prune", "prune", "Remove articles older than you want to keep."),
    "cluster": ("cluster", "cluster", "Find stories and copies in a file of articles."),
    "evaluate": ("evaluate", "evaluate", "Measure the stories against a file of labelled articles."),
    "mcp": ("mcp", "mcp", "Answer an assistant's questions about the stories (MCP, over stdio)."),
    "completion": ("completion", "completion", "Print the completion script of a shell."),
}
#: As a shell tells of a process that SIGINT ended.
INTERRUPTED = 130


class LazyCommands(click.Group):
    """A group that knows its commands' names and summaries without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Import the command of that name."""
        if cmd_name not in COMMANDS:
            return None
        room, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"aggregator.cli.{room}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's signature
        """Write the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, _, summary) in COMMANDS.items()])


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="feeds.yaml to use.  [AGGREGATOR_CONFIG]"
)
@click.option("--db", type=click.Path(path_type=Path), metavar="FILE", help="Database to use.  [AGGREGATOR_DB]")
@click.version_option(__version__, prog_name="aggregator", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, config: Path | None, db: Path | None) -> None:
    """Read many news feeds, fold copies of one text, list each event once.

    Feeds are listed in ./feeds.yaml, or in feeds.yaml under $XDG_CONFIG_HOME/aggregator.
    """
    from aggregator.bootstrap.paths import find_paths

    ctx.obj = find_paths(config, db, os.environ)
    # See no-color.org; click itself does not ask.
    if os.environ.get("NO_COLOR"):
        ctx.color = False


def main() -> NoReturn:
    """Run the command line and exit: 0 well, 1 failure, 2 usage, 3 told by the command, 130 interrupted."""
    try:
        code = cli.main(prog_name="aggregator", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whatever is still buffered has nowhere to go; the interpreter would complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except (KeyboardInterrupt, click.Abort):
        code = INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except AggregatorError as error:
        click.echo(f"aggregator: {without_secrets(str(error))}", err=True)
        code = 2 if isinstance(error, UsageError) else 1
    sys.exit(code if isinstance(code, int) else 0)
