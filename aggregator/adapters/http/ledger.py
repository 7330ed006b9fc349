"""Writes down every request that goes over the wire, as the site that gets it sees it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import httpx

from aggregator.adapters.http.hops import Hop
from aggregator.domain.crawling import Visit
from aggregator.domain.fetching import STATUS_NOT_MODIFIED


@dataclass(slots=True)
class Line:
    """A request that is under way, and what came of it so far."""

    reply: httpx.Response | None = None


class Ledger:
    """The requests since it was last read."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._visits: list[Visit] = []
        #: Requests that are under way.
        self.open_lines = 0

    @contextmanager
    def line(self, hop: Hop) -> Iterator[Line]:
        """Write down the request that is made inside, however that ends."""
        begun = self._clock()
        line = Line()
        self.open_lines += 1
        try:
            yield line
        finally:
            self.open_lines -= 1
            self._visits.append(_visit(hop, begun, line.reply))

    def drain(self) -> tuple[Visit, ...]:
        """Return the requests that ended since the last call."""
        visits = tuple(self._visits)
        self._visits = []
        return visits


def _visit(hop: Hop, begun: datetime, reply: httpx.Response | None) -> Visit:
    request = hop.request
    unchanged = reply is not None and reply.status_code == STATUS_NOT_MODIFIED and hop.conditional
    return Visit(
        site=hop.site,
        at=begun,
        purpose=request.purpose,
        conditional=hop.conditional,
        status=None if reply is None else reply.status_code,
        wire_bytes=0 if reply is None else reply.num_bytes_downloaded,
        saved_bytes=request.known_bytes if unchanged else 0,
        early=request.not_before is not None and begun < request.not_before,
    )
