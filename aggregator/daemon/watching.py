"""Watches feeds.yaml: a good change is taken up, a faulty one leaves the last good state as it is."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.bootstrap import load_config
from aggregator.bootstrap.paths import Paths
from aggregator.daemon.logs import tell
from aggregator.domain.errors import ConfigError, FeedsFileError
from aggregator.domain.settings import Config


class FeedsWatch:
    """Knows which state of feeds.yaml was last looked at, and what was wrong with it."""

    def __init__(self, paths: Paths, take_up: Callable[[Config], Awaitable[None]], *, seen: object) -> None:
        self._paths = paths
        self._file = FeedsFile(paths.config)
        self._take_up = take_up
        self._seen = seen
        self._lock = asyncio.Lock()
        #: What is wrong with feeds.yaml now, a line each; empty while it is good.
        self.faults: tuple[str, ...] = ()

    async def look(self, *, anyway: bool = False) -> None:
        """Take up feeds.yaml if it changed since the last look, or `anyway`."""
        async with self._lock:
            # Read before the file, so that a change in between is seen next time.
            fingerprint = self._file.fingerprint()
            if fingerprint == self._seen and not anyway:
                return
            self._seen = fingerprint
            await self._load()

    async def _load(self) -> None:
        try:
            config = await asyncio.to_thread(load_config, self._paths)
        except ConfigError as error:
            self.faults = tuple(str(fault) for fault in error.faults)
            for fault in error.faults:
                place = {"line": fault.line, "column": fault.column}
                tell(logging.ERROR, "config faulty", **place, problem=fault.problem, cure=fault.cure)
            tell(logging.WARNING, "config kept", file=self._paths.config, why="the last good state stays in force")
        except FeedsFileError as error:
            self.faults = (str(error),)
            tell(logging.ERROR, "config unreadable", file=self._paths.config, problem=error)
        else:
            self.faults = ()
            await self._take_up(config)
