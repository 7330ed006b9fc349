"""The table of subscriptions: small, so it is read and written whole rows at a time."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.times import to_text, to_time_or_none
from aggregator.domain.ids import FeedId
from aggregator.domain.websub import Hub, Subscription

_TIMES = ("asked", "confirmed", "expires", "last_push", "ended")
_PLAIN = ("token", "secret", "callback", "tries", "pushes", "refused")
_COLUMNS = ("feed_id", "hub", "topic", *_PLAIN, *_TIMES)
_KEEP = f"""
    INSERT INTO subscription ({", ".join(_COLUMNS)}) VALUES ({", ".join(f":{name}" for name in _COLUMNS)})
    ON CONFLICT (token) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "token")}
"""  # noqa: S608 (our own names of columns)


class SubscriptionTables:
    """Reads and writes what is between hubs and us."""

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Return all subscriptions, ended ones too."""
        return tuple(map(_subscription, self._sql.rows("SELECT * FROM subscription ORDER BY feed_id, token")))

    def keep_subscriptions(self, kept: Iterable[Subscription], forgotten: Iterable[str] = ()) -> None:
        """Write subscriptions as they are now, and drop those of the tokens `forgotten`, in one transaction."""
        # A feed has one that was not ended: the old one is ended before the new one comes.
        ordered = sorted(kept, key=lambda one: one.ended is None)
        with self._sql.joined():
            self._sql.write_all("DELETE FROM subscription WHERE token = ?", [(token,) for token in forgotten])
            self._sql.write_all(_KEEP, [_columns(one) for one in ordered])


def _subscription(row: sqlite3.Row) -> Subscription:
    values: dict[str, Any] = {name: row[name] for name in _PLAIN}
    values |= {name: to_time_or_none(row[name]) for name in _TIMES}
    return Subscription(feed=FeedId(row["feed_id"]), hub=Hub(url=row["hub"], topic=row["topic"]), **values)


def _columns(subscription: Subscription) -> dict[str, object]:
    return {
        "feed_id": subscription.feed,
        "hub": subscription.hub.url,
        "topic": subscription.hub.topic,
        **{name: getattr(subscription, name) for name in _PLAIN},
        **{name: to_text(getattr(subscription, name)) for name in _TIMES},
    }
