"""Stories as reader apps ask for them, where there are many."""

from datetime import timedelta
from pathlib import Path

from aggregator.adapters.store import SqliteStore, StoreReader
from aggregator.adapters.store.streams import _wanted
from aggregator.domain.ids import FeedId
from aggregator.domain.streams import StreamQuery
from tests.builders import NOON


def test_lists_look_at_nothing_beyond_their_window(tmp_path: Path) -> None:
    """No statement goes through a whole table but that of feeds, and what is unread is told from an index."""
    path = tmp_path / "news.db"
    SqliteStore(path).close()
    since = NOON - timedelta(days=30)
    with StoreReader(path) as reader:
        for query in (
            StreamQuery(since=since),
            StreamQuery(since=since, read=False, changed_since=NOON),
            StreamQuery(since=since, read=True, starred=False, feeds=((FeedId(1),),), without=(FeedId(2),)),
        ):
            sql, parameters = _wanted(query)
            plan = [row["detail"] for row in reader._sql.rows(f"EXPLAIN QUERY PLAN {sql}", parameters)]

            assert not [
                step for step in plan if step.startswith(("SCAN article", "SCAN entry", "SCAN story", "SCAN mark"))
            ]
            assert any("USING COVERING INDEX article_dated (dated>?)" in step for step in plan)
            if query.read is not None:
                assert any("told USING INDEX article_told (story_id=?)" in step for step in plan)
