"""`aggregator password`."""

import sys

import click

from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.domain.errors import UsageError

#: Characters. Guessing is slow, but a list of common passwords is short; twelve characters are in none of the short ones.
SHORTEST, LONGEST = 12, 1_000


@click.command()
@click.option("--off", is_flag=True, help="Remove it: the page is open to this machine again, and to nobody else.")
@click.pass_obj
def password(paths: Paths, *, off: bool) -> None:
    """Set the password of the page; it is asked twice and not shown, or read from a line of stdin.

    From then on the page asks for it, on this machine too; everybody who is logged in is logged out. A running daemon heeds it at once.
    """
    from aggregator.adapters.access_file import AccessFile

    file = AccessFile(paths.access)
    if off:
        show.say("the page has no password any more" if file.remove() else "the page had no password")
        return
    from aggregator.adapters.passwords import hashed

    file.set_password(hashed(_asked()))
    show.say("the page asks for the password from now on; whoever was logged in is logged out")


def _asked() -> str:
    if sys.stdin.isatty():
        given: str = click.prompt("password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        given = sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    if not SHORTEST <= len(given) <= LONGEST:
        raise UsageError(
            f"a password has {SHORTEST} characters at least ({LONGEST:,} at most), such as four words that have nothing to do"
            " with each other"
        )
    return given
