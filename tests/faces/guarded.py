"""A page with a password, over real HTTP, whose clock a test moves."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from argon2 import PasswordHasher

from aggregator.adapters.access_file import AccessFile
from aggregator.bootstrap.paths import Paths
from aggregator.web.entry.door import Door
from tests.builders import NOON
from tests.faces.paged import Served, paths_of, serving

PASSWORD = "three small lighthouses, ünlit"
#: The same algorithm at a price that tests can pay; what it costs stands in each hash.
CHEAP = PasswordHasher(1, 8, 1)


@dataclass(kw_only=True, slots=True)
class Hands:
    """A clock and a stopwatch that go together."""

    now: datetime = NOON
    seconds: float = 1_000.0

    def move(self, span: timedelta) -> None:
        """Let time pass."""
        self.now += span
        self.seconds += span.total_seconds()


@dataclass(kw_only=True, slots=True)
class Locked:
    """A page that asks for a password."""

    served: Served
    paths: Paths
    hands: Hands = field(default_factory=Hands)

    @property
    def client(self) -> httpx.Client:
        """A browser, which keeps cookies and follows nothing."""
        return self.served.client

    def give(self, password: str = PASSWORD, **headers: str) -> httpx.Response:
        """Send the log-in form."""
        return self.client.post("/login", data={"password": password}, headers=headers)

    def show(self, path: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
        """Ask as a program does, with no cookie."""
        self.client.cookies.clear()
        return self.client.get(path, auth=("any", password), headers=headers)

    def forget(self) -> None:
        """Make it as if it were new."""
        lock(self.paths)
        self.client.cookies.clear()
        self.paths.config.write_text("feeds: []\n")
        self.hands.move(timedelta(days=2))

    def proof(self) -> str:
        """Return what forms of the page send along."""
        found = re.search(r'name="proof" value="([0-9a-f]{64})"', self.client.get("/").text)
        assert found
        return found[1]

    @property
    def is_in(self) -> bool:
        """Whether the browser is let in."""
        return self.client.get("/").status_code == 200


def lock(paths: Paths, password: str = PASSWORD) -> None:
    """Set a password that is quickly looked up."""
    AccessFile(paths.access).set_password(CHEAP.hash(password.encode()))


@contextmanager
def locked_page(
    folder: Path, *, acts: bool = True, is_open_without: bool = True, password: str | None = PASSWORD
) -> Iterator[Locked]:
    """Serve a page with a password while the block runs; None: with the one that it has."""
    paths, hands = paths_of(folder), Hands()
    if password is not None:
        lock(paths, password)
    door = Door(paths.access, is_open_without=is_open_without, clock=lambda: hands.now, steady=lambda: hands.seconds)
    with serving(paths, acts=acts, door=door) as served:
        yield Locked(served=served, paths=paths, hands=hands)
        assert served.crashes == []
