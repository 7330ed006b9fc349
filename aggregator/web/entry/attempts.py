"""How often somebody gave a wrong password of late, and how long he has to wait for it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

#: Addresses that are remembered; beyond, the one that failed longest ago is forgotten.
MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How many wrong passwords are borne, and what follows. In seconds."""

    free: int
    #: The first wait; each further wrong password doubles it.
    first: float
    longest: float
    #: After so long without one all are forgotten.
    memory: float

    def wait(self, failures: int) -> float:
        """Return how long to wait after the last of so many."""
        beyond = failures - self.free
        return min(self.first * 2.0 ** min(beyond, 30), self.longest) if beyond >= 0 else 0.0


#: 5 at once, then one after 30 s, 1 min, 2 min … at most one an hour.
EACH = Patience(free=5, first=30.0, longest=3_600.0, memory=86_400.0)
#: From all addresses together 30 at once, then one after 5 s, 10 s … at most one a minute: who is known is not held up by it.
ALL = Patience(free=30, first=5.0, longest=60.0, memory=3_600.0)
_EVERYBODY = ""


class Attempts:
    """Wrong passwords by who gave them; in the memory of this process, for its loop alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        #: How many, and when the last one was.
        self._failed: dict[str, tuple[int, float]] = {}
        #: Addresses from which the right one came.
        self._known: dict[str, None] = {}

    def wait(self, sender: str) -> float:
        """Return how many seconds no password of a sender is looked at, the right one neither; 0 for none."""
        place = _place(sender)
        each = self._wait(place, EACH)
        return each if place in self._known else max(each, self._wait(_EVERYBODY, ALL))

    def failed(self, sender: str) -> None:
        """Keep that a sender gave a wrong password."""
        self._count(_place(sender), EACH)
        self._count(_EVERYBODY, ALL)

    def succeeded(self, sender: str) -> None:
        """Keep that a sender gave the right one."""
        place = _place(sender)
        self._failed.pop(place, None)
        self._known.pop(place, None)
        self._known[place] = None
        _bound(self._known)

    def _wait(self, place: str, patience: Patience) -> float:
        failures, last = self._of_late(place, patience)
        return max(last + patience.wait(failures) - self._clock(), 0.0)

    def _count(self, place: str, patience: Patience) -> None:
        failures, _ = self._of_late(place, patience)
        self._failed.pop(place, None)
        self._failed[place] = (failures + 1, self._clock())
        _bound(self._failed)

    def _of_late(self, place: str, patience: Patience) -> tuple[int, float]:
        failures, last = self._failed.get(place, (0, self._clock()))
        return (failures, last) if self._clock() - last < patience.memory else (0, self._clock())


def _place(sender: str) -> str:
    """Return whom an address belongs to: one who has an IPv6 network has all addresses in it."""
    try:
        address = ip_address(sender)
    except ValueError:
        return sender
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((address.packed, 64), strict=False))


def _bound(remembered: dict[str, Any]) -> None:
    if len(remembered) > MOST:
        del remembered[next(iter(remembered))]
