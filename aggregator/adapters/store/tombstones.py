"""What was removed for its age is remembered by a number each, so that it never comes back as new."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from hashlib import blake2b

from aggregator.adapters.store.connection import Connection, listed
from aggregator.adapters.store.times import to_seconds
from aggregator.domain.ids import FeedId, UrlKey

#: Bytes of a mark. Of a hundred million marks one in 10^11 is another one's by chance.
_MARK_BYTES = 8
_DAY_SECONDS = 86_400
#: Two feeds may date one article on either side of midnight.
_ABOUT = timedelta(days=1)

_BURY = "INSERT INTO tombstone (mark, day) VALUES (?, ?) ON CONFLICT (mark) DO NOTHING"
_FIND = "SELECT 1 FROM json_each(?) AS wanted CROSS JOIN tombstone ON mark = wanted.value WHERE day BETWEEN ? AND ?"
_ALL_DAYS = (-(2**40), 2**40)


def entry_mark(feed: FeedId, key: str) -> int:
    """Return what is remembered of an entry."""
    return _mark("entry", f"{feed}\0{key}")


def address_mark(key: UrlKey) -> int:
    """Return what is remembered of an address."""
    return _mark("address", key)


def day_of(moment: datetime) -> int:
    """Return the day of a time, in days since 1970."""
    return to_seconds(moment) // _DAY_SECONDS


def _mark(kind: str, text: str) -> int:
    # Keys come from feeds, so they may hold lone surrogates.
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_MARK_BYTES, person=kind.encode())
    return int.from_bytes(digest.digest(), "little", signed=True)


class TombstoneTables:
    """Reads and writes tombstones."""

    _sql: Connection

    def is_buried(self, feed: FeedId, key: str) -> bool:
        """Tell whether the article that a feed listed under `key` was removed for its age."""
        return self._is_any([entry_mark(feed, key)], _ALL_DAYS)

    def was_removed(self, keys: Iterable[UrlKey], *, dated: datetime | None = None) -> bool:
        """Tell whether an article known by any of `keys` was removed for its age; with `dated`, one of about that date."""
        days = _ALL_DAYS if dated is None else (day_of(dated - _ABOUT), day_of(dated + _ABOUT))
        return self._is_any([address_mark(key) for key in keys], days)

    def bury_entry(self, feed: FeedId, key: str, dated: datetime) -> None:
        """Let an entry never be read again: it lists an article that was removed for its age."""
        self._sql.write(_BURY, (entry_mark(feed, key), day_of(dated)))

    def bury(self, marks: Collection[tuple[int, int]]) -> None:
        """Keep marks, each with the day of its article."""
        self._sql.write_all(_BURY, marks)

    def _is_any(self, marks: list[int], days: tuple[int, int]) -> bool:
        return bool(marks) and self._sql.row(_FIND, (listed(marks), *days)) is not None
