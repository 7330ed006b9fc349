"""The robots.txt of sites, so that a restart asks none of them again."""

from datetime import datetime, timedelta

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.times import to_text, to_time
from aggregator.domain.crawling import RobotsFile

#: A file that ran out so long ago is of a site that no feed leads to any more.
_IDLE = timedelta(days=60)

_KEEP = """
    INSERT INTO robots (origin, fetched, expires, status, body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (origin) DO UPDATE SET
        fetched = excluded.fetched, expires = excluded.expires, status = excluded.status, body = excluded.body
"""


class RobotsTables:
    """Reads and writes what is known of each robots.txt."""

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    def robots(self, origin: str) -> RobotsFile | None:
        """Return what is known of an origin's robots.txt, expired or not."""
        row = self._sql.row("SELECT * FROM robots WHERE origin = ?", (origin,))
        if row is None:
            return None
        return RobotsFile(
            origin=row["origin"],
            fetched=to_time(row["fetched"]),
            expires=to_time(row["expires"]),
            status=row["status"],
            body=row["body"],
        )

    def keep_robots(self, file: RobotsFile, now: datetime) -> None:
        """Put `file` in the place of what was known of its origin, and forget what nobody has asked for in months."""
        with self._sql.joined():
            self._sql.write("DELETE FROM robots WHERE expires < ?", (to_text(now - _IDLE),))
            self._sql.write(_KEEP, (file.origin, to_text(file.fetched), to_text(file.expires), file.status, file.body))
