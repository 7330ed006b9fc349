"""Where everything lies: the configuration, the database, the log, the socket."""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Where everything lies. What belongs to a database is found through the database, whoever asks."""

    config: Path
    database: Path
    state: Path
    runtime: Path

    @property
    def pid_file(self) -> Path:
        """The lock beside the database that says which process serves it."""
        return self.database.with_name(self.database.name + ".pid")

    @property
    def access(self) -> Path:
        """Who may see the page: the password's hash and the sessions, beside the database."""
        return self.database.with_name(self.database.name + ".access")

    @property
    def reader_password(self) -> Path:
        """What proves the password of reader apps, beside the database."""
        return self.database.with_name(self.database.name + ".readers")

    @property
    def pictures(self) -> Path:
        """The folder beside the database with pictures that the page has shown."""
        return self.database.with_name(self.database.name + ".pictures")

    @property
    def log_file(self) -> Path:
        """Where a daemon in the background writes."""
        return self.state / f"{self._mark}.log"

    @property
    def socket(self) -> Path:
        """Where a running daemon listens for commands; short, for such paths may have 100 bytes at most."""
        return self.runtime / f"{self._mark}.sock"

    @property
    def _mark(self) -> str:
        digest = hashlib.sha256(os.fsencode(self.database)).hexdigest()
        return f"{self.database.stem[:20]}-{digest[:8]}"


def find_paths(config: Path | None, database: Path | None, environ: Mapping[str, str]) -> Paths:
    """Choose the places: flag, then environment, then ./feeds.yaml (the configuration only), then XDG."""
    home = Path(environ.get("HOME") or Path.home())

    def xdg(variable: str, *fallback: str) -> Path:
        value = environ.get(variable, "")
        # The XDG specification has relative values ignored.
        place = Path(value) if Path(value).is_absolute() else home.joinpath(*fallback)
        return place / "aggregator"

    config = config or _from(environ, "AGGREGATOR_CONFIG")
    if config is None:
        local = Path("feeds.yaml")
        config = local if local.exists() else xdg("XDG_CONFIG_HOME", ".config") / "feeds.yaml"
    # systemd names its folders itself; see systemd.exec(5).
    state = _from(environ, "STATE_DIRECTORY") or xdg("XDG_STATE_HOME", ".local", "state")
    data = _from(environ, "STATE_DIRECTORY") or xdg("XDG_DATA_HOME", ".local", "share")
    database = database or _from(environ, "AGGREGATOR_DB") or data / "news.db"
    return Paths(
        config=config.expanduser().absolute(),
        database=database.expanduser().resolve(),
        state=state,
        runtime=_runtime(environ),
    )


def _from(environ: Mapping[str, str], variable: str) -> Path | None:
    value = environ.get(variable)
    return Path(value) if value else None


def _runtime(environ: Mapping[str, str]) -> Path:
    place = environ.get("XDG_RUNTIME_DIR", "")
    if place and Path(place).is_absolute():
        return Path(place) / "aggregator"
    return Path(tempfile.gettempdir()) / f"aggregator-{os.getuid()}"
