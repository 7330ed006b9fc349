"""`aggregator run`, `start`, `stop` and `status`."""

import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import click

from aggregator.bootstrap import open_reader
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.cli.serve import address_of, where
from aggregator.core.printable import printable
from aggregator.daemon.control import ask
from aggregator.daemon.lock import holder
from aggregator.daemon.logs import LogFormat, private, set_up_logging
from aggregator.domain.errors import AggregatorError, AlreadyRunning, NotRunning, StoreError

#: `systemctl status` says so too.
NOT_RUNNING = 3
#: A daemon answers within a second or two; a database that is migrated may take longer.
START_SECONDS = 60
#: A daemon promises to end within 10 seconds.
STOP_SECONDS = 15
_STEP = 0.1
#: An answer about the state comes at once from a loop that turns.
_PATIENCE = 5.0

_log_format = click.option(
    "--log-format",
    type=click.Choice([form.value for form in LogFormat]),
    default=LogFormat.TEXT.value,
    show_default=True,
    help="How log lines look.",
)
_quiet = click.option("-q", "--quiet", is_flag=True, help="Log only what is wrong.")
_verbose = click.option("-v", "--verbose", is_flag=True, help="Log what helps to find a fault.")
_no_web = click.option("--no-web", is_flag=True, help="Serve no page.")


@click.command()
@_log_format
@click.option(
    "--log-file", type=click.Path(path_type=Path), metavar="FILE", help="Log there, not to stderr; rotated at 10 MB."
)
@_quiet
@_verbose
@where
@_no_web
@click.pass_obj
def run(
    paths: Paths,
    *,
    log_format: str,
    log_file: Path | None,
    quiet: bool,
    verbose: bool,
    host: str,
    port: int,
    no_web: bool,
) -> None:
    """Poll the feeds until told to stop, and serve the page.

    SIGTERM and SIGINT stop, SIGHUP reads feeds.yaml again (a change is seen without it). A second daemon on one database
    is refused.
    """
    page = None if no_web else address_of(paths, host, port)
    from aggregator.daemon.loop import run as serve

    level = logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO
    try:
        set_up_logging(level=level, form=LogFormat(log_format), file=log_file)
    except OSError as error:
        raise AggregatorError(f"the log {log_file} cannot be written: {error.strerror}") from error
    serve(paths, os.environ, page)


@click.command()
@_log_format
@_quiet
@_verbose
@where
@_no_web
@click.pass_obj
def start(paths: Paths, *, log_format: str, quiet: bool, verbose: bool, host: str, port: int, no_web: bool) -> None:
    """Start the daemon in the background and wait until it answers."""
    page = ["--no-web"] if no_web else [f"--host={address_of(paths, host, port).host}", f"--port={port}"]
    if pid := holder(paths.pid_file):
        raise AlreadyRunning(paths.database, pid)
    options = [f"--log-format={log_format}", f"--log-file={paths.log_file}", *["-q"] * quiet, *["-v"] * verbose, *page]
    places = [f"--config={paths.config}", f"--db={paths.database}"]
    try:
        paths.log_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # What the daemon says before its log is open, and what Python says of a crash, is not lost either.
        with open(paths.log_file, "a", opener=private) as log:
            before = log.tell()
            process = subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
                [sys.executable, "-m", "aggregator", *places, "run", *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    except OSError as error:
        raise AggregatorError(f"the log {paths.log_file} cannot be written: {error.strerror}") from error
    _wait_for(process, paths, log_from=before)
    click.echo(f"aggregator runs as process {process.pid}; log: {paths.log_file}")


@click.command()
@click.pass_obj
def stop(paths: Paths) -> None:
    """Stop the daemon; wait until the article in hand is finished."""
    pid = holder(paths.pid_file)
    if not pid:
        raise NotRunning(f"no daemon runs on {paths.database}")
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    give_up = time.monotonic() + STOP_SECONDS
    while holder(paths.pid_file) == pid:
        if time.monotonic() > give_up:
            raise AggregatorError(
                f"process {pid} has not ended after {STOP_SECONDS} seconds; `kill -9 {pid}` loses nothing"
            )
        time.sleep(_STEP)
    click.echo(f"process {pid} has stopped")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def status(paths: Paths, *, as_json: bool) -> int:
    """Tell whether the daemon runs and how its feeds are; exits with 0 when it runs, 3 when not."""
    facts = _facts(paths)
    if as_json:
        show.print_json(facts)
    else:
        for line in status_lines(facts):
            click.echo(line)
    return 0 if facts["running"] else NOT_RUNNING


def status_lines(facts: dict[str, object]) -> list[str]:
    """Return the lines of `status`; a fact that is missing has none."""
    running = (
        f"running as process {facts['pid']} since {facts.get('since', 'just now')}"
        if facts["running"]
        else "not running"
    )
    lines = [("daemon", running), ("database", facts["database"]), ("config", facts["config"])]
    feeds, cycle = facts["feeds"], facts.get("last_cycle")
    if isinstance(feeds, dict):
        lines.append(("feeds", ", ".join(f"{count} {state}" for state, count in feeds.items()) or "none"))
    if facts.get("next_poll"):
        lines.append(("next poll", facts["next_poll"]))
    if facts.get("page"):
        lines.append(("page", facts["page"]))
    if facts.get("subscriptions"):
        lines.append(("pushed", f"{facts['subscriptions']} by hubs (WebSub)"))
    if isinstance(cycle, dict):
        told = " ".join(f"{key}={value}" for key, value in cycle.items() if key != "ended")
        lines.append(("last cycle", f"{cycle['ended']}  {told}"))
    faults = facts.get("config_faults")
    if isinstance(faults, list):
        lines += [("fault", f"{facts['config']}:{fault} (the last good state is in force)") for fault in faults]
    if facts.get("store_fault"):
        lines.append(("fault", facts["store_fault"]))
    return [f"{name + ':':<12}{printable(str(value))}" for name, value in lines]


def _facts(paths: Paths) -> dict[str, object]:
    pid = holder(paths.pid_file)
    facts: dict[str, object] = {"running": pid is not None, "pid": pid or None}
    with suppress(AggregatorError):
        facts |= next(ask(paths.socket, {"do": "status"}, patience=_PATIENCE))
    return facts | {"config": str(paths.config), "database": str(paths.database), "feeds": _feed_states(paths)}


def _feed_states(paths: Paths) -> dict[str, int] | None:
    """Count the feeds by state; None where there is no database to ask."""
    with suppress(StoreError), open_reader(paths) as reader:
        return {str(state): number for state, number in reader.health_counts().items()}
    return None


def _wait_for(process: "subprocess.Popen[bytes]", paths: Paths, *, log_from: int) -> None:
    """Return when the daemon answers.

    Raises:
        AggregatorError: it died, or does not answer in time; what it logged says why.
    """
    give_up = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < give_up:
        with suppress(AggregatorError):
            if next(ask(paths.socket, {"do": "status"}, patience=_PATIENCE))["pid"] == process.pid:
                return
        time.sleep(_STEP)
    with paths.log_file.open("rb") as log:
        log.seek(log_from)
        said = log.read().decode(errors="replace").strip()
    state = "ended at once" if process.poll() is not None else f"does not answer after {START_SECONDS} seconds"
    raise AggregatorError(f"the daemon {state}; its log {paths.log_file} says:\n{said}")
