"""The table of ties: what articles are to each other."""

import json
import sqlite3
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from aggregator.adapters.store.connection import Connection, listed
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.stories import Placement, Relation, Tie

_ADD_TIE = """
    INSERT INTO tie (a, b, relation, jaccard, containment, likeness, shared, hours_apart, rule)
    VALUES (:a, :b, :relation, :jaccard, :containment, :likeness, :shared, :hours_apart, :rule)
    ON CONFLICT (a, b) DO UPDATE SET relation = excluded.relation, jaccard = excluded.jaccard,
        containment = excluded.containment, likeness = excluded.likeness, shared = excluded.shared,
        hours_apart = excluded.hours_apart, rule = excluded.rule
    WHERE relation <> excluded.relation OR jaccard IS NOT excluded.jaccard OR containment IS NOT excluded.containment
        OR likeness IS NOT excluded.likeness OR shared <> excluded.shared
        OR hours_apart <> excluded.hours_apart OR rule <> excluded.rule
"""
_TIES = """
    SELECT tie.* FROM article AS first CROSS JOIN tie ON a = first.id CROSS JOIN article AS second ON second.id = b
    WHERE first.story_id IN (SELECT value FROM json_each(?1)) AND second.story_id IN (SELECT value FROM json_each(?1))
    ORDER BY a, b
"""
_EVENTS = """
    SELECT tie.* FROM json_each(?) AS wanted CROSS JOIN tie ON a = wanted.value WHERE relation = 'event'
"""
_COPYING = """
    SELECT other.story_id FROM json_each(:stories) AS wanted CROSS JOIN article AS own ON own.story_id = wanted.value
        CROSS JOIN tie ON a = own.id AND relation = 'copy' CROSS JOIN article AS other ON other.id = b
    UNION SELECT other.story_id FROM json_each(:stories) AS wanted CROSS JOIN article AS own ON own.story_id = wanted.value
        CROSS JOIN tie ON b = own.id AND relation = 'copy' CROSS JOIN article AS other ON other.id = a
"""


class TieTables:
    """Reads and writes ties."""

    _sql: Connection

    def ties(self, stories: Iterable[StoryId]) -> tuple[Tie, ...]:
        """All ties between articles of `stories`, by (a, b)."""
        return tuple(map(tie_of, self._sql.rows_of(list(stories), _TIES)))

    def copying(self, stories: Iterable[StoryId]) -> tuple[StoryId, ...]:
        """Return the stories that have an article tied as a copy to one of `stories`, by id."""
        rows = self._sql.rows(_COPYING, {"stories": listed(stories)})
        return tuple(sorted(StoryId(row["story_id"]) for row in rows if row["story_id"] is not None))

    def add_ties(self, ties: Iterable[Tie]) -> None:
        """Keep ties, in the place of what was known before of the same two articles."""
        self._sql.write_all(_ADD_TIE, [_tie_columns(tie) for tie in ties])

    def set_events(self, placement: Placement) -> None:
        """Let the ties of events be those of the placement, no others, among its members."""
        members = listed(member for story in placement.stories for member in story.members)
        kept = {(tie.a, tie.b) for tie in placement.events}
        known = {(row["a"], row["b"]): row for row in self._sql.rows(_EVENTS, (members,))}
        self._sql.write_all(
            "DELETE FROM tie WHERE id = ?", [(row["id"],) for pair, row in known.items() if pair not in kept]
        )
        # Most stand there already.
        self.add_ties(
            tie for tie in placement.events if (row := known.get((tie.a, tie.b))) is None or tie_of(row) != tie
        )


def tie_of(row: sqlite3.Row) -> Tie:
    """Read a row of the table of ties."""
    return Tie(
        a=ArticleId(row["a"]),
        b=ArticleId(row["b"]),
        relation=Relation(row["relation"]),
        jaccard=row["jaccard"],
        containment=row["containment"],
        likeness=row["likeness"],
        shared=_words(row["shared"]),
        hours_apart=row["hours_apart"],
        rule=row["rule"],
    )


@lru_cache(maxsize=4096)
def _words(shared: str) -> tuple[str, ...]:
    # The ties of a story are read with each article that may join it.
    return tuple(json.loads(shared))


def _tie_columns(tie: Tie) -> dict[str, Any]:
    return {
        "a": tie.a,
        "b": tie.b,
        "relation": tie.relation.value,
        "jaccard": tie.jaccard,
        "containment": tie.containment,
        "likeness": tie.likeness,
        "shared": json.dumps(tie.shared, ensure_ascii=False),
        "hours_apart": tie.hours_apart,
        "rule": tie.rule,
    }
