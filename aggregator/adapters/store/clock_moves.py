"""What is done with stored times when the clock on the wall was set, and with dates that a wrong clock gave."""

from datetime import datetime, timedelta

from aggregator.adapters.store.connection import Connection, listed
from aggregator.adapters.store.key_tables import KEY_TABLES, SIGNED
from aggregator.adapters.store.times import to_seconds, to_text, to_time, to_time_or_none
from aggregator.core.clock import moved, was_set_back, whole_days
from aggregator.domain.ids import ArticleId

#: Times of our own that are to keep their distance from now, by table, and by which of them a row tells when it was written.
_OURS = {
    "feed": (
        "last_poll",
        ("next_poll", "last_poll", "last_success", "last_read", "rest_until", "fresh_until", "last_full",
         "trusted_until", "moved_since", "frozen_since", "state_since"),
    ),
    "budget": ("last", ("rest_until", "last", "slowed", "crawl_delay_until")),
    "robots": ("fetched", ("fetched", "expires")),
    "missing_page": ("due", ("due",)),
    "subscription": ("asked", ("asked", "confirmed", "expires", "last_push", "ended")),
}  # fmt: skip
#: A rhythm is known by the hours of the day.
_RHYTHM = ("observed_since", "last_arrival")
#: What was noted by a clock that was ahead was noted now at the latest.
_NOTED = (("poll", "at"), ("state_change", "at"), ("summary", "told"), ("digest", "told"))
_SPAN = """
    UPDATE story SET
        first_dated = (SELECT min(dated) FROM article WHERE story_id = story.id),
        last_dated = (SELECT max(dated) FROM article WHERE story_id = story.id)
    WHERE id IN (SELECT story_id FROM article WHERE id IN (SELECT value FROM json_each(?)))
"""
# One in a hundred is passed over: a few outlets date ahead, and are believed by a clock that is ahead itself.
_NEWEST = """
    SELECT dated FROM article WHERE {which} ORDER BY dated DESC LIMIT 1 OFFSET (SELECT count(*) / 100 FROM article)
"""


class ClockTables:
    """Moves times."""

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    def latest_time(self) -> datetime | None:
        """Return the latest time at which anything was asked of a server, by the clock of then; None before the first."""
        return to_time_or_none(
            self._sql.value(
                "SELECT max(at) FROM (SELECT max(last_poll) AS at FROM feed UNION SELECT max(last) FROM budget)"
            )
        )

    def heed_clock(self, now: datetime) -> None:
        """Move times if the clock was set back since an earlier run."""
        by = was_set_back(self.latest_time(), now)
        if by is not None:
            self.move_times(by, now, since=now)

    def move_times(self, by: timedelta, now: datetime, *, since: datetime) -> None:
        """Let all that was to come be as far away as before the clock was set by `by`, in one transaction.

        What was written from `since` to `now` was written by the clock as it is now.
        """
        self._sql.raw.create_function("moved", 2, _moved, deterministic=True)
        with self._sql.joined():
            # First, for it goes by the time of the last poll as well.
            fresh = {"since": to_text(since), "now": to_text(now)}
            self._sql.write(_moving("feed", "last_poll", _RHYTHM), fresh | {"by": whole_days(by).total_seconds()})
            for table, (written, columns) in _OURS.items():
                self._sql.write(_moving(table, written, columns), fresh | {"by": by.total_seconds()})
            for table, column in _NOTED:
                self._sql.write(f"UPDATE {table} SET {column} = :now WHERE {column} > :now", fresh)  # noqa: S608 (constants)

    def newest_date(self) -> datetime | None:
        """Return about the latest date that outlets gave their articles, else that articles have; None without any."""
        by_outlets = self._sql.value(_NEWEST.format(which="published = dated"))
        return to_time_or_none(by_outlets or self._sql.value(_NEWEST.format(which="1")))

    def dated_after(self, moment: datetime, limit: int) -> tuple[ArticleId, ...]:
        """Return articles dated after a time, at most `limit`."""
        rows = self._sql.rows("SELECT id FROM article WHERE dated > ? LIMIT ?", (to_text(moment), limit))
        return tuple(ArticleId(row["id"]) for row in rows)

    def date_anew(self, articles: tuple[ArticleId, ...], dated: datetime) -> None:
        """Date articles that a wrong clock had dated, in all places where their dates are kept."""
        misdated, text = (listed(articles),), to_text(dated)
        for row in self._sql.rows(SIGNED, misdated):
            for table in KEY_TABLES:
                keys = table.keys_of(row)
                table.remove(self._sql, row["article_id"], keys, to_seconds(to_time(row["dated"])))
                table.add(self._sql, row["article_id"], keys, to_seconds(dated))
        self._sql.write(
            "UPDATE article SET dated = :dated, first_seen = min(first_seen, :dated), updated = min(updated, :dated)"
            " WHERE id IN (SELECT value FROM json_each(:misdated))",
            {"dated": text, "misdated": misdated[0]},
        )
        self._sql.write(_SPAN, misdated)
        self._sql.profiles.forget(*articles)


def _moving(table: str, written: str, columns: tuple[str, ...]) -> str:
    assignments = ", ".join(f"{column} = moved({column}, :by)" for column in columns)
    return f"UPDATE {table} SET {assignments} WHERE coalesce({written} NOT BETWEEN :since AND :now, 1)"  # noqa: S608 (constants)


def _moved(text: str | None, seconds: float) -> str | None:
    return None if text is None else to_text(moved(to_time(text), timedelta(seconds=seconds)))
