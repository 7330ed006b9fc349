"""Structured log lines: an event, and what there is to tell of it, with the same keys everywhere.

::

    2026-11-23T02:51:36Z info polled feed="BBC World" kind=read entries=25 new=3 seconds=0.41
    {"time": "2026-11-23T02:51:36Z", "level": "info", "event": "polled", "feed": "BBC World", …}

No value can forge a line: what is not printable is escaped.
"""

import json
import logging
import logging.handlers
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path

from aggregator.core.printable import escaped, quoted
from aggregator.core.secrecy import without_secrets

log = logging.getLogger("aggregator")

#: A log of 10 MB holds some 60,000 polls: a week of 100 feeds every 15 minutes; five more are kept.
LOG_BYTES = 10_000_000
LOGS_KEPT = 5
#: They tell of every request and every job; our own lines say it better.
_CHATTY = (
    "httpx",
    "httpcore",
    "apscheduler",
    "trafilatura",
    "htmldate",
    "courlan",
    "charset_normalizer",
    "asyncio",
    "uvicorn",
)


class LogFormat(StrEnum):
    """How log lines are written."""

    TEXT = "text"
    JSON = "json"


def tell(level: int, event: str, /, **fields: object) -> None:
    """Log `event` with `fields`; those that are None are left out."""
    log.log(level, event, extra={"fields": fields})


def tell_migration(articles: int) -> None:
    """Log how far bringing the database up to date is."""
    tell(logging.INFO, "bringing the database up to date", articles=articles)


def tell_crash(event: str, error: BaseException, /, **fields: object) -> None:
    """Log `event` as an error, with the traceback of `error`."""
    log.error(event, exc_info=error, extra={"fields": fields})


class TextFormatter(logging.Formatter):
    """Writes key=value lines; the lines of a traceback are indented, so that none passes for an event."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the traceback's lines after it."""
        values = _values(record)
        head = f"{values.pop('time')} {values.pop('level')} {escaped(str(values.pop('event')))}"
        trace = str(values.pop("traceback", ""))
        line = " ".join([head, *(f"{key}={quoted(_text(value))}" for key, value in values.items())])
        return "\n".join([line, *(f"    {escaped(part)}" for part in trace.splitlines())])


class JsonFormatter(logging.Formatter):
    """Writes one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object."""
        # ASCII only, so that every control character and every mark that turns text is an escape.
        return json.dumps(_values(record), default=str)


def private(path: str, flags: int) -> int:
    """Open a file as `open` has it done; a new one is ours alone, for a log tells what a person reads."""
    return os.open(path, flags, 0o600)


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """A log file that nobody else reads, nor those that follow when it is full."""

    def _open(self) -> TextIOWrapper:
        # Path.open takes no opener.
        opened = open(  # noqa: SIM115
            self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=private
        )
        assert isinstance(opened, TextIOWrapper)
        return opened


def set_up_logging(*, level: int, form: LogFormat = LogFormat.TEXT, file: Path | None = None) -> None:
    """Send log lines to `file`, which is rotated, or to stderr."""
    handler: logging.Handler
    if file is None:
        handler = logging.StreamHandler(sys.stderr)
    else:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = _PrivateFile(
            file, maxBytes=LOG_BYTES, backupCount=LOGS_KEPT, encoding="utf-8", errors="backslashreplace"
        )
    handler.setFormatter(JsonFormatter() if form is LogFormat.JSON else TextFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    log.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _values(record: logging.LogRecord) -> dict[str, object]:
    moment = datetime.fromtimestamp(record.created, UTC)
    values: dict[str, object] = {
        "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "level": record.levelname.lower(),
        "event": record.getMessage(),
    }
    if record.name != log.name:
        values["logger"] = record.name
    fields: Mapping[str, object] = getattr(record, "fields", {})
    values |= {key: value for key, value in fields.items() if value is not None}
    if record.exc_info:
        values["traceback"] = logging.Formatter().formatException(record.exc_info)
    return {key: _harmless(value) for key, value in values.items()}


def _harmless(value: object) -> object:
    """Return a value in which no password can be read, whoever put it there."""
    if isinstance(value, tuple):
        return tuple(map(_harmless, value))
    return value if value is None or isinstance(value, bool | int | float) else without_secrets(str(value))


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:.2f}" if isinstance(value, float) else str(value)
