"""The error tree. Expected failures of one feed or page are values (`fetching.Failed`); these are raised.

::

    AggregatorError                 anything a person is told in one sentence; the faces print it and exit 1
    ├── ConfigError                 feeds.yaml cannot be used; carries every fault, each with line, column and cure
    ├── FeedsFileError              feeds.yaml cannot be read, locked or written
    ├── UsageError                  the command was asked for something that does not exist or makes no sense; exit 2
    ├── StoreError                  the database cannot be used
    │   ├── NotOurDatabase          the file is a database, but not one of ours
    │   └── NewerDatabase           the file was written by a newer version
    ├── AlreadyRunning              another daemon holds this database; carries its PID
    ├── NotRunning                  a daemon was asked for and none runs
    └── OpmlError                   an OPML file cannot be read
"""

from dataclasses import dataclass
from pathlib import Path


class AggregatorError(Exception):
    """Something went wrong that a person can mend."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    """One thing wrong with feeds.yaml: where it stands and what to do about it.

    `line` and `column` count from 1, as editors do.
    """

    line: int
    column: int
    problem: str
    cure: str

    def __str__(self) -> str:
        """Read as compilers write: line:column: problem; cure."""
        return f"{self.line}:{self.column}: {self.problem}; {self.cure}"


class ConfigError(AggregatorError):
    """feeds.yaml has faults; all of them are told at once."""

    def __init__(self, path: Path | None, faults: tuple[Fault, ...]) -> None:
        """Keep where the faults stand."""
        self.path = path
        self.faults = tuple(sorted(faults))
        name = str(path) if path else "feeds.yaml"
        super().__init__("\n".join(f"{name}:{fault}" for fault in self.faults))


class FeedsFileError(AggregatorError):
    """feeds.yaml cannot be read, locked or written."""


class UsageError(AggregatorError):
    """The command was asked for something that does not exist or makes no sense."""


class StoreError(AggregatorError):
    """The database cannot be used."""


class NotOurDatabase(StoreError):
    """The file is a database, but aggregator did not make it."""


class NewerDatabase(StoreError):
    """The file was written by a newer version of aggregator."""


class AlreadyRunning(AggregatorError):
    """Another daemon holds this database."""

    def __init__(self, database: Path, pid: int | None) -> None:
        """Name the database and the process that holds it."""
        self.database = database
        self.pid = pid
        holder = f"process {pid}" if pid else "another process"
        super().__init__(f"{holder} already serves {database}; stop it with `aggregator stop`")


class NotRunning(AggregatorError):
    """No daemon runs on this database."""


class OpmlError(AggregatorError):
    """An OPML file cannot be read."""
