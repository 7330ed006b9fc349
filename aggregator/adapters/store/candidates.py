"""Who may be a copy: articles that share a key with another, read for the exact check."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from aggregator.adapters.store.connection import Connection, listed
from aggregator.adapters.store.key_tables import BAND
from aggregator.adapters.store.signatures import shingles_of
from aggregator.adapters.store.times import to_seconds, to_text, to_time
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.stories import Candidate

_PLACED = """
    SELECT article.id, story_id, coalesce(copy_of, article.id) AS text, dated FROM json_each(?) AS near CROSS JOIN article ON article.id = near.value
    WHERE story_id IS NOT NULL AND dated BETWEEN ? AND ?
"""
_SHINGLES = """
    SELECT article_id, shingles, facts FROM json_each(?) AS best CROSS JOIN signature ON article_id = best.value
"""
_EARLIEST, _LATEST = "0", "Z"


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
        near = BAND.nearest(self._sql, set(keys), span, limit)
        shared = Counter(id for ids in near.values() for id in ids)
        del shared[article]
        if not shared:
            return ()
        placed = self._sql.rows(_PLACED, (listed(shared), to_text(since), to_text(until)))
        dated = [(to_time(row["dated"]), row) for row in placed]
        best = sorted(dated, key=lambda one: (-shared[one[1]["id"]], abs(one[0] - middle), one[1]["id"]))[:limit]
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
