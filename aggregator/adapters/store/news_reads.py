"""When stories last told something new: what feed readers are to be told, and no more than that."""

from collections.abc import Iterable

from aggregator.adapters.store.connection import Connection, listed

#: `story.updated` moves with every copy that joins. Here a text counts from when the first of its articles was seen, so that
#: neither more copies nor a late copy that comes to stand for the text change anything.
_TOLD = """
    SELECT story.id, max(
        (SELECT max(seen) FROM (
            SELECT min(first_seen) AS seen FROM article WHERE story_id = story.id GROUP BY coalesce(copy_of, id))),
        CASE WHEN versions THEN canonical.updated ELSE '' END,
        CASE WHEN EXISTS (SELECT 1 FROM article AS other WHERE other.story_id = story.id
                          AND other.first_seen < canonical.first_seen AND other.title = canonical.title)
             THEN '' ELSE canonical.first_seen END,
        coalesce((SELECT max(made) FROM article AS member CROSS JOIN ruling ON ruling.a = member.id
                  CROSS JOIN decision ON decision.id = decision_id
                  WHERE member.story_id = story.id AND verdict = 'together' AND kind = 'merge' AND undone IS NULL), '')
    ) AS told
    FROM json_each(?) AS wanted CROSS JOIN story ON story.id = wanted.value
    CROSS JOIN article AS canonical ON canonical.id = canonical_id
"""


def latest_told(connection: Connection, statement: str, parameters: dict[str, object], limit: int) -> dict[int, str]:
    """Return when each of the `limit` stories that last told something new did so, the latest first.

    `statement` lists stories by `story.updated`, the latest first, as many as its parameter `limit` says: a story told
    nothing new after that, so those that it lists last need no look.
    """
    looked = 2 * limit
    while True:
        rows = connection.rows(statement, parameters | {"limit": looked})
        told = _told(connection, (row["id"] for row in rows))
        first = dict(sorted(told.items(), key=lambda pair: (pair[1], pair[0]), reverse=True)[:limit])
        if len(rows) < looked or (len(first) == limit and min(first.values()) >= rows[-1]["updated"]):
            return first
        looked *= 4


def _told(connection: Connection, stories: Iterable[int]) -> dict[int, str]:
    return {row["id"]: row["told"] for row in connection.rows(_TOLD, (listed(stories),))}
