"""`aggregator check`."""

from collections.abc import Sequence

import click

from aggregator.bootstrap import open_store, rules_of, settings_in, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.core.printable import printable
from aggregator.domain.keeping import Flaw

#: Exits: faults that are still there, and faults that are no more.
LEFT, REPAIRED = 1, 3
#: What mending one thing may bring to light is mended too: below a faulty index of SQLite there may be more.
ROUNDS = 3


@click.command()
@click.option(
    "--repair", is_flag=True, help="Make anew what follows from the articles; the daemon must have been stopped."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def check(paths: Paths, *, repair: bool, as_json: bool) -> int:
    """Look through the whole database: its pages, and whether all that it says of the articles is so.

    Exits with 0 when it is sound, 1 when faults are left, 3 when all that there were are repaired.
    """
    if not repair:
        with open_store(paths) as store:
            found = left = store.flaws()
    else:
        found, left = _repair(paths)
    if as_json:
        show.print_json(
            {
                "database": str(paths.database),
                "sound": not left,
                "faults": [_as_json(flaw, repaired=repair and not _is_in(flaw, left)) for flaw in found],
            }
        )
    else:
        _print(found, left)
    return LEFT if left else REPAIRED if found else 0


def _repair(paths: Paths) -> tuple[tuple[Flaw, ...], tuple[Flaw, ...]]:
    """Return what was wrong, and what of it still is."""
    from aggregator.daemon.lock import hold
    from aggregator.pipeline.mending import mend

    rules = rules_of(settings_in(paths))
    found: dict[object, Flaw] = {}
    with hold(paths.pid_file, paths.database), open_store(paths) as store:
        left = store.flaws()
        for _ in range(ROUNDS):
            found = {flaw.kind: flaw for flaw in left} | found
            if all(flaw.cure for flaw in left):
                break
            mend(store, left, utc_now(), rules=rules)
            left = store.flaws()
    return tuple(found.values()), left


def _print(found: Sequence[Flaw], left: Sequence[Flaw]) -> None:
    if not found:
        click.echo("the database is sound")
    for flaw in found:
        is_left = _is_in(flaw, left)
        examples = f" ({', '.join(map(printable, flaw.examples))}{', …' if flaw.count > len(flaw.examples) else ''})"
        click.secho(f"{flaw.count:,} {flaw.what}{examples if flaw.examples else ''}", bold=is_left)
        click.echo(f"  {_cure(flaw)}" if is_left else "  repaired")


def _cure(flaw: Flaw) -> str:
    return flaw.cure or "`aggregator check --repair` makes that anew"


def _is_in(flaw: Flaw, flaws: Sequence[Flaw]) -> bool:
    return any(other.kind == flaw.kind for other in flaws)


def _as_json(flaw: Flaw, *, repaired: bool) -> dict[str, object]:
    return {
        "kind": flaw.kind.value,
        "count": flaw.count,
        "what": flaw.what,
        "examples": list(flaw.examples),
        "repaired": repaired,
        "cure": None if repaired else _cure(flaw),
    }
