"""README tells every command, option, setting and dependency, or this fails."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import click
import pytest

from aggregator.cli import cli
from aggregator.core.config.mute_keys import MUTE_KEYS
from aggregator.core.config.table import FEED_KEYS, SETTINGS, Setting
from aggregator.core.crawling.backoff import BACKOFFS
from aggregator.core.crawling.health import judge
from aggregator.domain.feeds import FeedState
from aggregator.domain.fetching import FailureKind
from aggregator.domain.health import Health
from tests.builders import NOON

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _commands(group: click.Group, names: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _commands(command, (*names, name))
        else:
            yield " ".join((*names, name)), command


COMMANDS = dict(_commands(cli))


def _row(name: str) -> str:
    """Return the line of README's tables that tells of a command."""
    rows = [line for line in README.splitlines() if re.match(rf"\| `aggregator {name}[ `]", line)]
    return rows[0] if rows else ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_told_with_its_options(name: str) -> None:
    """A command has a row of its own, and the row names each of its options."""
    row = _row(name)
    options = {
        option
        for parameter in COMMANDS[name].params
        for option in parameter.opts
        if option.startswith("-") and option != "--help" and (option.startswith("--") or len(parameter.opts) == 1)
    }
    # A short form stands for the long one.
    shorts = {opt: short for p in COMMANDS[name].params for opt in p.opts for short in p.opts if len(short) == 2}

    assert row
    assert not {option for option in options if f"`{option}" not in row and f"`{shorts.get(option, option)}" not in row}


def table(settings: Sequence[Setting[object]]) -> str:
    """Return the README table of some settings."""
    lines = ["| key | default | what it is |", "|---|---|---|"]
    for setting in settings:
        bounds = f" {setting.bounds[0]} to {setting.bounds[1]}." if setting.bounds else ""
        lines.append(f"| `{setting.name}` | {setting.default} | {setting.help}{bounds} |")
    return "\n".join(lines)


def test_every_setting_is_told() -> None:
    """The tables of settings are those of the code, word for word."""
    assert table(SETTINGS) in README
    assert table(FEED_KEYS) in README
    assert table(MUTE_KEYS) in README


def test_every_variable_is_told() -> None:
    """Each environment variable that the code reads is in README."""
    code = "\n".join(path.read_text() for path in (ROOT / "aggregator").rglob("*.py"))
    variables = set(re.findall(r'"((?:AGGREGATOR|XDG)_[A-Z_]+)"', code))

    assert variables >= {"AGGREGATOR_CONFIG", "AGGREGATOR_DB"}
    assert not {name for name in variables if name not in README}


def test_every_dependency_has_its_reason() -> None:
    """README says why each library is here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = [re.split(r"[<>=~! ]", line)[0] for line in project["dependencies"]]

    assert not [name for name in names if f"**{name}**".lower() not in README.lower()]


def test_every_script_is_told() -> None:
    """Each script is in README."""
    scripts = [path.name for path in (ROOT / "scripts").iterdir() if path.is_file() and path.suffix == ""]

    assert not [name for name in scripts if f"scripts/{name}" not in README]


def test_every_state_of_a_feed_is_told() -> None:
    """The table of states has each of them, and no other."""
    told = re.findall(r"^\| `([a-z-]+)` \|", _between("<!-- states:", "\n\n"), re.MULTILINE)

    assert told == [str(health) for health in Health]


def test_every_way_of_failing_is_told_with_its_pauses() -> None:
    """The table of failures has what core.crawling.backoff and core.crawling.health do."""
    table = _between("<!-- failures:", "\n\n")
    for kind, (first, longest) in BACKOFFS.items():
        (row,) = (line for line in table.splitlines() if f"(`{kind}`)" in line)
        pauses = ["–", "–"] if kind in (FailureKind.THROTTLED, FailureKind.RESTING) else [_span(first), _span(longest)]
        health, _ = judge(FeedState(error="", error_kind=kind.value), NOON)
        assert [cell.strip() for cell in row.split("|")[2:5]] == [*pauses, f"`{health}`"]


def _between(start: str, end: str) -> str:
    return README.partition(start)[2].partition(end)[0]


def _span(pause: timedelta) -> str:
    hours = pause / timedelta(hours=1)
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.0f} h" if hours <= 24 else f"{hours / 24:.0f} days"
