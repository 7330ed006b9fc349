"""What is learned of each site's pages, so that a restart need not learn it anew."""

from datetime import datetime, timedelta

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.times import to_text
from aggregator.core.wrappers.forms import from_json, to_json
from aggregator.domain.wrappers import Wrapper

#: After so long without a change a wrapper is forgotten: most sites that are seen once are not seen again, and what a
#: steady one knows is learned anew from a few pages.
_IDLE = timedelta(days=60)

_KEEP = """
    INSERT INTO wrapper (site, changed, learned) VALUES (?, ?, ?)
    ON CONFLICT (site) DO UPDATE SET changed = excluded.changed, learned = excluded.learned
"""


class WrapperTables:
    """Reads and writes the wrappers of sites."""

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    def wrapper(self, site: str) -> Wrapper | None:
        """Return what was learned of a site's pages."""
        row = self._sql.row("SELECT learned FROM wrapper WHERE site = ?", (site,))
        return from_json(row["learned"]) if row else None

    def keep_wrapper(self, site: str, wrapper: Wrapper, now: datetime) -> None:
        """Put `wrapper` in the place of what was known of a site, and forget what has not changed for months."""
        with self._sql.joined():
            self._sql.write("DELETE FROM wrapper WHERE changed < ?", (to_text(now - _IDLE),))
            self._sql.write(_KEEP, (site, to_text(now), to_json(wrapper)))
