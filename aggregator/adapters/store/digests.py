"""The table of digests: up to when each service was told of stories."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.times import to_text, to_time


class DigestTables:
    """Keeps which services have had their digest."""

    _sql: Connection

    def digests_told(self, services: Sequence[str], due: datetime) -> Mapping[str, datetime]:
        """Return up to when each of `services` was told.

        What was due when a service is first named counts as told; those that are named no more are forgotten.
        """
        named = json.dumps(list(services))
        with self._sql.joined():
            self._sql.write("DELETE FROM digest WHERE service NOT IN (SELECT value FROM json_each(?))", (named,))
            self._sql.write(
                "INSERT OR IGNORE INTO digest (service, told) SELECT value, ? FROM json_each(?)", (to_text(due), named)
            )
            return {row["service"]: to_time(row["told"]) for row in self._sql.rows("SELECT service, told FROM digest")}

    def set_digest_told(self, service: str, due: datetime) -> None:
        """Remember that a service was told up to `due`."""
        with self._sql.joined():
            self._sql.write("UPDATE digest SET told = ? WHERE service = ?", (to_text(due), service))
