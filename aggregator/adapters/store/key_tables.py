"""The tables that find articles by keys: what stands in them of an article, and which articles are near in time."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from aggregator.adapters.store.connection import Connection, listed
from aggregator.adapters.store.parts import in_part, in_parts
from aggregator.adapters.store.signatures import bands_of, key_terms_of
from aggregator.adapters.store.thinning import may_be_missing

#: Keys that may have as many articles as are looked at before each key is looked up for itself.
FLOODED = 4
#: What says of some articles what stands of them in these tables.
SIGNED = """
    SELECT article_id, dated, shingles, bands, key_terms FROM json_each(?) AS wanted
    CROSS JOIN signature ON article_id = wanted.value CROSS JOIN article ON article.id = article_id
"""
# All that share any key, unless these are very many: then each key is looked up for itself.
_SHARING_ANY = """
    SELECT {table}.key, article_id FROM json_each(?) AS wanted
    CROSS JOIN {table} ON {table}.key = wanted.value AND dated BETWEEN ? AND ?
    LIMIT ?
"""
# As one value: in a flood of one text rows would cost half of all.
_ALL = f"SELECT json_group_array(article_id) FROM ({_SHARING_ANY})"  # noqa: S608 (constants)
_IN_ORDER = """
    SELECT json_group_array(article_id) FROM (
        SELECT article_id FROM {table} WHERE key = ? AND dated BETWEEN ? AND ? ORDER BY {order} LIMIT ?)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTable:
    """A table with the columns key, dated (seconds since 1970) and article_id, which together are its primary key."""

    name: str
    #: The keys of an article, from a row of what is kept of its signature.
    keys_of: Callable[[sqlite3.Row], tuple[int, ...]]
    #: What stands in the table for a key of an article dated so.
    stands_as: Callable[[int, int], int]
    #: All that may stand there for a key of articles dated from one time to another, in order of time.
    may_stand_as: Callable[[int, int, int], Sequence[int]]
    #: What of it the table may lack, although articles have it.
    may_lack: Callable[[Connection], range]

    def standing(self, keys: Iterable[int], dated: int) -> tuple[int, ...]:
        """Return what stands in the table for the keys of an article, ascending."""
        return tuple(sorted({self.stands_as(key, dated) for key in keys}))

    def add(self, connection: Connection, article: int, keys: Iterable[int], dated: int) -> None:
        """Let an article be found by `keys`."""
        connection.write_all(
            f"INSERT INTO {self.name} (key, dated, article_id) VALUES (?, ?, ?)",  # noqa: S608 (constants)
            [(key, dated, article) for key in self.standing(keys, dated)],
        )

    def remove(self, connection: Connection, article: int, keys: Iterable[int], dated: int) -> None:
        """Let an article be found by `keys` no more."""
        connection.write_all(
            f"DELETE FROM {self.name} WHERE key = ? AND dated = ? AND article_id = ?",  # noqa: S608 (constants)
            [(key, dated, article) for key in self.standing(keys, dated)],
        )

    def nearest(
        self, connection: Connection, keys: Iterable[int], span: tuple[int, int, int], limit: int
    ) -> dict[int, list[int]]:
        """Return by key the articles that have it: of very many the `limit` nearest in time, on either side.

        So a flood of one text costs no more than `limit` asks for, and without a flood nothing is left out.

        Args:
            connection: To the database.
            keys: What is looked for.
            span: Earliest, middle and latest time, in seconds since 1970.
            limit: See above.
        """
        since, _, until = span
        sought = list(keys)
        wanted = {standing: key for key in sought for standing in self.may_stand_as(key, since, until)}
        many = 2 * limit + 1
        most = many * min(len(sought), FLOODED)
        found = connection.rows(_SHARING_ANY.format(table=self.name), (listed(wanted), since, until, most))
        if len(found) == most:
            return {key: self._nearest(connection, key, span, limit) for key in sought}
        near = dict[int, list[int]]()
        for standing, article in found:
            near.setdefault(wanted[standing], []).append(article)
        for key, ids in near.items():
            if len(ids) >= many:
                near[key] = self._nearest(connection, key, span, limit)
        return near

    def _nearest(self, connection: Connection, key: int, span: tuple[int, int, int], limit: int) -> list[int]:
        since, middle, until = span
        standing = listed(self.may_stand_as(key, since, until))
        every = _ALL.format(table=self.name)
        found: list[int] = json.loads(connection.value(every, (standing, since, until, 2 * limit + 1)))
        if len(found) > 2 * limit:
            found = self._first(connection, key, (since, middle), limit + 1, backwards=True)
            found += self._first(connection, key, (middle + 1, until), limit)
        return found

    def _first(
        self, connection: Connection, key: int, span: tuple[int, int], limit: int, *, backwards: bool = False
    ) -> list[int]:
        """Return the earliest articles of a span that have a key, or the latest, at most `limit`."""
        order = "dated DESC, article_id DESC" if backwards else "dated, article_id"
        in_order = _IN_ORDER.format(table=self.name, order=order)
        found = list[int]()
        standing = self.may_stand_as(key, *span)
        for one in reversed(standing) if backwards else standing:
            if len(found) < limit:
                found += json.loads(connection.value(in_order, (one, *span, limit - len(found))))
        return found


def _itself(key: int, *_: int) -> int:
    return key


def _only_itself(key: int, *_: int) -> tuple[int]:
    return (key,)


def _nothing(_: Connection) -> range:
    return range(0)


#: Finds articles whose texts may be alike.
BAND = KeyTable(name="band", keys_of=bands_of, stands_as=in_part, may_stand_as=in_parts, may_lack=may_be_missing)
#: Finds articles that may tell one event. It only holds the days that are compared, a part of time itself.
KEY_TERM = KeyTable(
    name="key_term", keys_of=key_terms_of, stands_as=_itself, may_stand_as=_only_itself, may_lack=_nothing
)
KEY_TABLES = (BAND, KEY_TERM)
