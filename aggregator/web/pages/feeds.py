"""The feeds: what is gathered for `feeds.html`, and for `feed.html` of one of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.adapters.store import StoreReader
from aggregator.bootstrap.paths import Paths
from aggregator.core.config.difference import difference
from aggregator.core.crawling.doctor import Advice
from aggregator.core.crawling.listing import ListedFeed, advised, handle, listed, trouble_first
from aggregator.core.crawling.rhythm import daily
from aggregator.core.secrecy import without_secrets
from aggregator.domain.edits import FeedEdit, FeedValue, Removal
from aggregator.domain.errors import AggregatorError
from aggregator.domain.health import HealthChange, Poll
from aggregator.domain.reading import FeedHealth
from aggregator.domain.settings import FeedConfig
from aggregator.web.pages.sparkline import Bars, bars

_BLANKS = re.compile(r"^ | {2,}")
#: Days of a feed's rhythm that are drawn in the list, and on its own page.
DAYS, MORE_DAYS = 14, 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure:
    """An edit of feeds.yaml that helps a feed."""

    #: What the button says.
    button: str
    #: The edit, in words of that file.
    edit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A feed in the list."""

    feed: ListedFeed
    handle: str
    advice: Advice | None
    #: What to do about it; None where there is nothing to do.
    do: str | None
    cure: Cure | None
    #: Entries a day; None where none came.
    spark: Bars | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollLine:
    """A poll, told."""

    poll: Poll
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """A feed with its history."""

    row: Row
    #: Entries a day, over a longer time than in the list.
    spark: Bars | None
    polls: tuple[PollLine, ...]
    changes: tuple[HealthChange, ...]
    #: What the cure changes, line by line; empty where there is none, or it cannot be made.
    diff: tuple[str, ...]


def read_rows(feeds: Sequence[FeedConfig], healths: Sequence[FeedHealth], now: datetime) -> list[Row]:
    """Gather all feeds, those with trouble first."""
    rows = listed(feeds, healths)
    advices = advised(rows, now)
    return [_row(row, advices.get(handle(row.feed.url)), now) for row in trouble_first(rows)]


def read_feed_page(row: Row, reader: StoreReader | None, paths: Paths, now: datetime) -> FeedPage:
    """Gather what there is of one feed."""
    polls: tuple[Poll, ...] = ()
    changes: tuple[HealthChange, ...] = ()
    if reader is not None and row.feed.health is not None:
        polls, changes = reader.history(row.feed.health.id)
    return FeedPage(
        row=row,
        spark=bars(daily(row.feed.known.rhythm, now, MORE_DAYS)),
        polls=tuple(PollLine(poll=poll, told=told(poll)) for poll in polls),
        changes=tuple(replace(change, why=without_secrets(change.why)) for change in changes),
        diff=_diff(row.advice, paths),
    )


def told(poll: Poll) -> str:
    """Say what came of a poll."""
    if poll.failure is not None:
        return without_secrets(poll.failure.why)
    if poll.kind == "unchanged":
        return "nothing had changed"
    return f"{poll.new or 'nothing'} new of {poll.entries} {'entry' if poll.entries == 1 else 'entries'}"


def _row(feed: ListedFeed, advice: Advice | None, now: datetime) -> Row:
    return Row(
        feed=feed,
        handle=handle(feed.feed.url),
        advice=advice,
        do=without_secrets(advice.do) if advice else feed.cure,
        cure=_cure(advice.edit) if advice and advice.edit else None,
        spark=bars(daily(feed.known.rhythm, now, DAYS)),
    )


def _cure(edit: FeedEdit | Removal) -> Cure:
    match edit:
        case Removal():
            return Cure(button="Remove it", edit="")
        case FeedEdit(key="url"):
            return Cure(button="Take the new address", edit=f"url: {_written(edit.value)}")
        case _:
            return Cure(button="Switch it off", edit=f"{edit.key}: {_written(edit.value)}")


def _written(value: FeedValue) -> str:
    return without_secrets(value) if isinstance(value, str) else str(value).lower()


def _diff(advice: Advice | None, paths: Paths) -> tuple[str, ...]:
    if advice is None or advice.edit is None:
        return ()
    try:
        draft = FeedsFile(paths.config).draft([advice.edit])
    except AggregatorError:
        # Pressing the button tells why.
        return ()
    # As templates print it several blanks would be one, and YAML means something by them.
    lines = difference(draft.before, draft.after, paths.config.name)
    return tuple(_BLANKS.sub(lambda blanks: "\u00a0" * len(blanks.group()), line) for line in lines)
