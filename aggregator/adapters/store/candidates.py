"""Who may be a copy: articles that share a key with another, read for the exact check."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from aggregator.adapters.store.connection import Connection, listed
from aggregator.adapters.store.signatures import shingles_of
from aggregator.adapters.store.times import to_seconds, to_text, to_time
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.stories import Candidate

# All that share any key, unless these are very many: then each key is looked up for itself.
_SHARING_ANY = """
    SELECT {table}.key, article_id FROM json_each(?) AS wanted
    CROSS JOIN {table} ON {table}.key = wanted.value AND dated BETWEEN ? AND ?
    LIMIT ?
"""
# As one value: in a flood of one text rows would cost half of all.
_SHARING = """
    SELECT json_group_array(article_id) FROM (
        SELECT article_id FROM {table} WHERE key = ? AND dated BETWEEN ? AND ? ORDER BY {order} LIMIT ?)
"""
_PLACED = """
    SELECT article.id, story_id, coalesce(copy_of, article.id) AS text, dated FROM json_each(?) AS near CROSS JOIN article ON article.id = near.value
    WHERE story_id IS NOT NULL AND dated BETWEEN ? AND ?
"""
_SHINGLES = """
    SELECT article_id, shingles, facts FROM json_each(?) AS best CROSS JOIN signature ON article_id = best.value
"""
_EARLIEST, _LATEST = "0", "Z"
#: Keys that may have as many articles as are looked at before each key is looked up for itself.
FLOODED = 4


class CandidateTables:
    """Reads candidates."""

    _sql: Connection

    def candidates(
        self,
        article: ArticleId,
        keys: Iterable[int],
        *,
        middle: datetime,
        since: datetime,
        until: datetime,
        limit: int,
    ) -> tuple[Candidate, ...]:
        """Return placed articles other than `article` that share an LSH band with it and are dated in [since, until].

        `keys` are its bands. Most shared bands first, then the nearest in time to `middle`, then the lowest id; at most
        `limit`.
        """
        span = (to_seconds(since), to_seconds(middle), to_seconds(until))
        wanted = set(keys)
        shared = Counter(id for ids in nearest_in_time(self._sql, "band", wanted, span, limit).values() for id in ids)
        del shared[article]
        if not shared:
            return ()
        placed = self._sql.rows(_PLACED, (listed(shared), to_text(since), to_text(until)))
        near = [(to_time(row["dated"]), row) for row in placed]
        best = sorted(near, key=lambda one: (-shared[one[1]["id"]], abs(one[0] - middle), one[1]["id"]))[:limit]
        return self._as_candidates(row for _, row in best)

    def comparable(self, articles: Iterable[ArticleId]) -> tuple[Candidate, ...]:
        """Return placed articles as candidates, in that order."""
        return self._as_candidates(self._sql.rows(_PLACED, (listed(articles), _EARLIEST, _LATEST)))

    def _as_candidates(self, rows: Iterable[sqlite3.Row]) -> tuple[Candidate, ...]:
        rows = list(rows)
        signed = {row["article_id"]: row for row in self._sql.rows(_SHINGLES, (listed(row["id"] for row in rows),))}
        return tuple(
            Candidate(
                id=ArticleId(row["id"]),
                story=StoryId(row["story_id"]),
                text=ArticleId(row["text"]),
                dated=to_time(row["dated"]),
                shingles=shingles_of(signed[row["id"]]["shingles"]),
                facts=signed[row["id"]]["facts"],
            )
            for row in rows
        )


def nearest_in_time(
    connection: Connection, table: str, keys: Iterable[int], span: tuple[int, int, int], limit: int
) -> dict[int, list[int]]:
    """Return by key the articles that have it in `table`: of very many the `limit` nearest in time, on either side.

    So a flood of one text costs no more than `limit` asks for, and without a flood nothing is left out.

    Args:
        connection: To the database.
        table: One with the columns key, dated and article_id; a name of ours, never a stranger's.
        keys: What is looked for.
        span: Earliest, middle and latest time, in seconds since 1970.
        limit: See above.
    """
    since, _, until = span
    wanted = list(keys)
    many = 2 * limit + 1
    sharing, most = _SHARING_ANY.format(table=table), many * min(len(wanted), FLOODED)
    found = connection.rows(sharing, (listed(wanted), since, until, most))
    if len(found) == most:
        return {key: _nearest(connection, table, key, span, limit) for key in wanted}
    near = dict[int, list[int]]()
    for key, article in found:
        near.setdefault(key, []).append(article)
    for key, ids in near.items():
        if len(ids) >= many:
            near[key] = _nearest(connection, table, key, span, limit)
    return near


def _nearest(connection: Connection, table: str, key: int, span: tuple[int, int, int], limit: int) -> list[int]:
    since, middle, until = span
    after = _SHARING.format(table=table, order="dated, article_id")
    found = _ids(connection, after, (key, since, until, 2 * limit + 1))
    if len(found) > 2 * limit:
        before = _SHARING.format(table=table, order="dated DESC, article_id DESC")
        found = _ids(connection, before, (key, since, middle, limit + 1))
        found += _ids(connection, after, (key, middle + 1, until, limit))
    return found


def _ids(connection: Connection, sql: str, parameters: tuple[int, ...]) -> list[int]:
    found: list[int] = json.loads(connection.value(sql, parameters))
    return found
