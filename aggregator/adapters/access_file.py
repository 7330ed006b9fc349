"""The file beside the database that says who may see the page.

It is no part of the database, so that no backup of the news has it, and restoring one neither brings back an old password nor
takes away the present one.
"""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from aggregator.adapters.private_file import alone_in, write_private
from aggregator.domain.access import NOBODY, Access, Session
from aggregator.domain.errors import AggregatorError


class AccessFile:
    """The file; there is none while there is no password. For any thread, and for several processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: tuple[object, Access] | None = None

    @property
    def exists(self) -> bool:
        """Whether there is a password."""
        return self._fingerprint() is not None

    def read(self) -> Access | None:
        """Return who may see the page, None where there is no password. A file that makes no sense lets nobody in."""
        fingerprint = self._fingerprint()
        if fingerprint is None:
            return None
        known = self._known
        if known is not None and known[0] == fingerprint:
            return known[1]
        try:
            access = _access(self._path.read_bytes())
        except OSError:
            # It may be readable the next time.
            return NOBODY
        # One assignment, for threads share this.
        self._known = (fingerprint, access)
        return access

    def set_password(self, kept: str) -> None:
        """Keep another password, by its hash; everybody is logged out.

        Raises:
            AggregatorError: it cannot be written.
        """
        with alone_in(self._path.parent):
            self._write(Access(password=kept))

    def remove(self) -> bool:
        """Remove the password, and with it all sessions; tell whether there was one.

        Raises:
            AggregatorError: it cannot be removed.
        """
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise AggregatorError(f"{self._path} cannot be removed: {error.strerror}") from error
        return True

    def change(self, password: str, changed: Callable[[Access], Access]) -> bool:
        """Change who may see the page unless the password is another one than `password` by now; tell whether it was done.

        Raises:
            AggregatorError: it cannot be written.
        """
        with alone_in(self._path.parent):
            access = self.read()
            if access is None or access.password != password:
                return False
            self._write(changed(access))
            return True

    def _fingerprint(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError:
            # Something is there, or may be.
            return (0, 0, 0)
        return (status.st_mtime_ns, status.st_size, status.st_ino)

    def _write(self, access: Access) -> None:
        sessions = [
            {"digest": one.digest, "made": one.made.isoformat(), "used": one.used.isoformat()}
            for one in access.sessions
        ]
        write_private(self._path, json.dumps({"password": access.password, "sessions": sessions}).encode())


def _access(content: bytes) -> Access:
    try:
        kept = json.loads(content)
        return Access(password=str(kept["password"]), sessions=tuple(map(_session, kept["sessions"])))
    except (ValueError, LookupError, TypeError):
        return NOBODY


def _session(kept: Any) -> Session:
    made, used = (datetime.fromisoformat(kept[name]) for name in ("made", "used"))
    if made.tzinfo is None or used.tzinfo is None:
        raise ValueError
    return Session(digest=str(kept["digest"]), made=made, used=used)
