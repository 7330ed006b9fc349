"""The tables of decisions: what a reader said of stories, and what a rebuild did to them."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.times import to_text, to_time
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.stories import Decision, DecisionKind, Ruling, Verdict

# Of several words on one pair the last one holds. A bare column beside max() is taken from the row that has the maximum
# (sqlite.org/lang_select.html#bareagg).
_RULINGS = """
    SELECT a, b, verdict, max(ruling.id) FROM json_each(:articles) AS first
    CROSS JOIN ruling ON a = first.value
    CROSS JOIN decision ON decision.id = decision_id AND undone IS NULL
    WHERE b IN (SELECT value FROM json_each(:articles))
    GROUP BY a, b ORDER BY a, b
"""
_LAST = "SELECT * FROM decision WHERE undone IS NULL ORDER BY id DESC LIMIT 1"


class DecisionTables:
    """Reads and writes decisions and rulings."""

    _sql: Connection

    def rulings(self, articles: Iterable[ArticleId]) -> tuple[Ruling, ...]:
        """Return what readers said of pairs among `articles` and did not take back, by (a, b)."""
        rows = self._sql.rows(_RULINGS, {"articles": json.dumps(list(articles))})
        return tuple(
            Ruling(a=ArticleId(row["a"]), b=ArticleId(row["b"]), verdict=Verdict(row["verdict"])) for row in rows
        )

    def decide(
        self,
        kind: DecisionKind,
        told: str,
        *,
        before: Mapping[ArticleId, StoryId],
        rulings: Iterable[Ruling] = (),
        now: datetime,
    ) -> None:
        """Keep a decision, with where the articles that it moves stood before, so that it can be undone."""
        decision = self._sql.write(
            "INSERT INTO decision (kind, made, told, before) VALUES (?, ?, ?, ?)",
            (kind.value, to_text(now), told, json.dumps(before)),
        ).lastrowid
        self._sql.write_all(
            "INSERT INTO ruling (decision_id, a, b, verdict) VALUES (?, ?, ?, ?)",
            [(decision, ruling.a, ruling.b, ruling.verdict.value) for ruling in rulings],
        )

    def last_decision(self) -> Decision | None:
        """Return the last decision that was not undone."""
        row = self._sql.row(_LAST)
        if row is None:
            return None
        before = tuple((ArticleId(int(id)), StoryId(story)) for id, story in json.loads(row["before"]).items())
        return Decision(
            id=row["id"],
            kind=DecisionKind(row["kind"]),
            made=to_time(row["made"]),
            told=row["told"],
            before=before,
        )

    def take_back(self, decision: int, now: datetime) -> None:
        """Let a decision no longer hold."""
        self._sql.write("UPDATE decision SET undone = ? WHERE id = ?", (to_text(now), decision))

    def forget_rebuilds(self, keep: int) -> None:
        """Drop what all but the last `keep` rebuilds did, for nobody will go back so far."""
        self._sql.write(
            "DELETE FROM decision WHERE kind = 'rebuild' AND id NOT IN"
            " (SELECT id FROM decision WHERE kind = 'rebuild' ORDER BY id DESC LIMIT ?)",
            (keep,),
        )
