"""`aggregator reader-password`."""

import click

from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.web.address import HOST, PORT


@click.command()
@click.option("--off", is_flag=True, help="Remove it: no app may read any more.")
@click.option(
    "--url", default=f"http://{HOST}:{PORT}", show_default=True, help="Where apps reach the page, to be told with it."
)
@click.pass_obj
def reader_password(paths: Paths, *, off: bool, url: str) -> None:
    """Make a password for reader apps, and print it once with the addresses to enter.

    Apps that speak the Google Reader API or Fever read stories with it. Until there is one, those addresses do not exist. Another one
    takes the place of the one before, and every app has to log in anew.
    """
    from aggregator.adapters.reader_password import USER, ReaderPassword
    from aggregator.domain.errors import UsageError

    password = ReaderPassword(paths.reader_password)
    if off:
        told = "no app may read any more" if password.remove() else "there was no password, so no app could read"
        show.say(told)
        return
    if not paths.database.parent.is_dir():
        raise UsageError(f"there is no folder {paths.database.parent} yet; start `aggregator run` first")
    base = url.rstrip("/")
    print(f"user name                    {USER}")
    print(f"password                     {password.make()}")
    print(f"Google Reader API, FreshRSS  {base}/api/greader.php")
    print(f"Fever                        {base}/fever/")
    show.say("Write it down, it is not shown again; every app that used another one has to log in anew.")
