"""Remove what is older than a person wants to keep, a little at a time, so that whoever else writes gets his turn.

::

    oldest articles ─take out─▶ stories that lost some ─as they stand─▶ Placement ─apply─▶ store
                    ─remove──▶ tombstones

    old articles    ─thin────▶ some of their keys
"""

from datetime import datetime, timedelta

from aggregator.core.clock import credible_until, kept_from
from aggregator.core.copies.copies import WINDOW
from aggregator.core.stories.rules import DEFAULT_RULES, Rules
from aggregator.domain.keeping import Pruned
from aggregator.pipeline.deciding import as_they_stand
from aggregator.pipeline.store_ports import Store

#: Articles of one transaction. Nearly all it writes are the keys by which they are found, some ninety rows of an article, each on
#: a page of its own: of 25 articles 3,000 rows and 8 MB of log, 30 ms of CPU; of old ones, that have a quarter of them, a third.
BATCH = 25
#: So long after the last that is compared with it an article comes to be found by some of its keys only, if not yet older …
LATE = timedelta(weeks=6)
#: … and so many of the others go in one transaction. They stand together: 130 KB of log, 2.5 ms of CPU.
THINNED = 5_000


def kept_since(store: Store, keep: timedelta, now: datetime) -> datetime:
    """Return from which date on articles are to be kept, however wrong the clock may be."""
    return kept_from(keep, now, store.newest_date())


def date_some_anew(store: Store, now: datetime, *, limit: int = BATCH) -> int:
    """Date articles that a clock had dated which was ahead, at most `limit`; return how many they were.

    They are dated now: when they really came nobody knows any more, but not later.
    """
    with store.transaction():
        latest = credible_until(now, store.newest_date())
        misdated = store.dated_after(latest, limit) if latest else ()
        if misdated:
            store.date_anew(misdated, now)
    return len(misdated)


def thinned_before(store: Store, now: datetime) -> datetime:
    """Return which articles are found by some of their keys only: those dated before, however wrong the clock may be."""
    return kept_since(store, WINDOW + LATE, now)


def thin_some(store: Store, before: datetime, *, limit: int = THINNED) -> int:
    """Remove most keys by which articles are found that are dated before a time, at most `limit`; return how many they were.

    What comes so late that it would be compared with them still finds nearly all.
    """
    with store.transaction():
        return store.thin(before, limit)


def prune_some(
    store: Store, before: datetime, now: datetime, *, rules: Rules = DEFAULT_RULES, limit: int = BATCH
) -> Pruned:
    """Remove the oldest articles dated before a time, at most `limit`, in one transaction; nothing is left to do after nought.

    Their stories are counted anew and keep their numbers; those that lose their last article go. What a reader merged, split
    or starred stays whole. What was removed is remembered, so that a feed that still lists it does not bring it back.
    """
    with store.transaction():
        going = store.prunable(before, limit)
        if not going:
            return Pruned()
        stories = store.take_out(going)
        store.apply(as_they_stand(store, store.members(stories), rules), now)
        gone = store.drop_empty_stories(stories)
        store.remove_articles(going)
    return Pruned(articles=len(going), stories=gone)
