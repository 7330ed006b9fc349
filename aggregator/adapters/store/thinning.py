"""Most of the keys by which old articles are found go; see `parts`."""

from datetime import datetime

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.parts import going
from aggregator.adapters.store.times import to_seconds

# The rows that can go stand together, those of the oldest articles first.
_LAST_OF_SOME = """
    SELECT key, dated, article_id FROM band WHERE key >= ? AND key < ? ORDER BY key, dated, article_id LIMIT 1 OFFSET ?
"""
_REMOVE_SOME = "DELETE FROM band WHERE key >= ? AND (key, dated, article_id) <= (?, ?, ?)"
_REMOVE_ALL = "DELETE FROM band WHERE key >= ? AND key < ?"
_REMEMBER = """
    INSERT INTO thinned (id, before) VALUES (1, ?)
    ON CONFLICT (id) DO UPDATE SET before = excluded.before WHERE before < excluded.before
"""


class ThinningTables:
    """Thins out the keys of old articles."""

    _sql: Connection

    def thin(self, before: datetime, limit: int) -> int:
        """Remove keys of articles dated well before a time, at most `limit`; return how many.

        What is found so does not grow with the archive: what went is not looked at again.
        """
        seconds = to_seconds(before)
        rows = going(seconds)
        last = self._sql.row(_LAST_OF_SOME, (rows.start, rows.stop, limit - 1))
        if last is None:
            removed = self._sql.write(_REMOVE_ALL, (rows.start, rows.stop)).rowcount
        else:
            removed = self._sql.write(_REMOVE_SOME, (rows.start, *last)).rowcount
        if removed:
            self._sql.write(_REMEMBER, (seconds,))
        return removed


def may_be_missing(connection: Connection) -> range:
    """Return what may have stood in `band` and gone."""
    return going(connection.value("SELECT before FROM thinned") or 0)
