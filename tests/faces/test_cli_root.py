import importlib.metadata
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from aggregator import __version__
from aggregator.cli import COMMANDS, cli
from tests.faces.installed import COMMAND

HEAVY = (
    "apscheduler",
    "asyncio",
    "feedparser",
    "httpx",
    "lxml",
    "numpy",
    "rich",
    "ruamel",
    "sqlite_utils",
    "trafilatura",
)


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    """`aggregator --help` is instant because it imports click and little else."""
    code = (
        f"import sys; sys.argv = ['aggregator', *{words!r}]\n"
        "from aggregator.cli import main\n"
        "try: main()\n"
        f"finally: print(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr, end='')"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr == ""


def test_every_command_is_there_with_its_summary() -> None:
    """The table of commands, which `--help` shows, names commands that exist, and each has help of its own."""
    context = click.Context(cli)
    shown = CliRunner().invoke(cli, ["--help"]).output

    for name, (_, _, summary) in COMMANDS.items():
        command = cli.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.help
        assert summary in " ".join(shown.split())


def test_the_version_is_that_of_the_package() -> None:
    """`--version` prints it."""
    done = subprocess.run([COMMAND, "--version"], capture_output=True, text=True, check=True)

    assert done.stdout == f"aggregator {__version__}\n"
    assert importlib.metadata.version("aggregator") == __version__


def test_python_m_aggregator_works_too() -> None:
    """The package can be run where no script is installed."""
    done = subprocess.run([sys.executable, "-m", "aggregator", "--help"], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("Usage: aggregator ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(shell: str) -> None:
    """Each script calls the command back for its answers."""
    done = subprocess.run([COMMAND, "completion", shell], capture_output=True, text=True, check=True)

    assert "_AGGREGATOR_COMPLETE" in done.stdout


def test_completion_answers() -> None:
    """A shell that asks what begins with "to" is told "today"."""
    environ = {"_AGGREGATOR_COMPLETE": "bash_complete", "COMP_WORDS": "aggregator to", "COMP_CWORD": "1"}

    done = subprocess.run([COMMAND], env=environ, capture_output=True, text=True, check=True)

    assert done.stdout == "plain,today\n"


def test_the_unit_and_the_image_call_commands_that_exist() -> None:
    """What the deployment files run is known to the command line."""
    deploy = Path(__file__).parents[2] / "scripts" / "deploy"

    assert "/bin/aggregator run\n" in (deploy / "aggregator.service").read_text()
    assert 'CMD ["aggregator", "run"]' in (deploy / "Dockerfile").read_text()
    assert {"run", "status"} <= set(COMMANDS)
