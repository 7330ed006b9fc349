"""The day's stories: what is gathered for `today.html`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from urllib.parse import urlencode

from aggregator.adapters.store import StoreReader
from aggregator.core.days import day_span, today
from aggregator.core.emptiness import Empty, why_empty
from aggregator.core.secrecy import without_secrets
from aggregator.core.stories.muting import told
from aggregator.core.stories.ranking import ranked
from aggregator.domain.ids import StoryId
from aggregator.domain.reading import Carrier, Counts, Edition, ListedStory, StoryQuery
from aggregator.domain.settings import MuteRule
from aggregator.web.pages.sparkline import Sparkline, sparkline

#: Stories on a page: with them it stays under 100 KB.
PER_PAGE = 50
#: Of the day before, below the line.
_TEASED = 5
#: Outlets named under a headline before the rest is counted.
_NAMED = 3
#: Tags and languages to choose from; more are no choice.
_TAGS, _LANGUAGES = 14, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What was asked for beside the day."""

    tag: str | None = None
    lang: str | None = None
    source: str | None = None
    min: int = 1
    #: Only what is "unread", only what is "starred", or nothing of the kind.
    show: str | None = None
    #: Only what rules mute.
    muted: bool = False

    @property
    def is_any(self) -> bool:
        """Whether anything is left out."""
        return self != Filters()

    def query(self, **changed: object) -> str:
        """Return them as the end of an address, some of them `changed`."""
        least = self.min if self.min > 1 else None
        given = {"tag": self.tag, "lang": self.lang, "source": self.source, "min": least, "show": self.show}
        given |= {"muted": "show" if self.muted else None}
        kept = {name: value for name, value in (given | changed).items() if value}
        return f"?{urlencode(kept)}" if kept else "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A story in the list."""

    story: ListedStory
    #: The first outlets.
    chips: tuple[Carrier, ...]
    #: Outlets that are not named.
    more: int
    spark: Sparkline | None
    #: The rule that mutes it.
    muted: MuteRule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day, or one page of it."""

    day: date
    is_today: bool
    #: Now, or the day's last moment: times of another day are shown with their date.
    at: datetime
    filters: Filters
    counts: Counts
    stories: int
    #: What is left out because a rule mutes it, or shown in place of the rest: "4 stories muted: 3 by …, 1 by …", or nothing.
    muted: str
    cards: tuple[Card, ...]
    page: int
    pages: int
    tags: tuple[str, ...]
    languages: tuple[str, ...]
    #: Why there is nothing to show; None where there is.
    empty: Empty | None
    #: Names of feeds that are read for the first time now.
    waiting: tuple[str, ...]
    #: The first stories of the day before.
    before: tuple[ListedStory, ...]

    @property
    def yesterday(self) -> date:
        """The day before."""
        return self.day - timedelta(days=1)

    @property
    def tomorrow(self) -> date:
        """The day after."""
        return self.day + timedelta(days=1)

    @property
    def unread(self) -> tuple[StoryId, ...]:
        """Stories of this page that have something to read."""
        return tuple(card.story.id for card in self.cards if not card.story.marks.read)

    @property
    def rest(self) -> int:
        """Stories on later pages."""
        return max(self.stories - self.page * PER_PAGE, 0)


def read_day_page(
    reader: StoreReader,
    day: date,
    filters: Filters,
    page: int,
    *,
    now: datetime,
    zone: tzinfo | None,
    mute: tuple[MuteRule, ...] = (),
) -> Day:
    """Gather a page of a day, without what rules mute."""
    query = _query(day, filters, zone, mute)
    edition = reader.edition(query)
    order = [story.id for story in ranked(edition.stories, min(now, _last_moment(query)))]
    pages = max(-(-len(order) // PER_PAGE), 1)
    page = min(page, pages)
    views = reader.listed(order[(page - 1) * PER_PAGE : page * PER_PAGE])
    return Day(
        day=day,
        is_today=day == today(now, zone),
        at=min(now, _last_moment(query)),
        filters=filters,
        counts=edition.counts,
        stories=len(order),
        muted=told(edition.muted.values()),
        cards=tuple(card(view, edition.muted.get(view.id)) for view in views),
        page=page,
        pages=pages,
        tags=_choices(reader.tags(), filters.tag, _TAGS),
        languages=_choices(_languages(reader, query, edition), filters.lang, _LANGUAGES),
        # Where all is muted it is told which rules do it.
        empty=None if order or edition.muted else why_empty(*reader.answered(), query),
        waiting=_waiting(reader) if day == today(now, zone) else (),
        before=_teased(reader, day, filters, zone, mute) if page == pages else (),
    )


def card(story: ListedStory, muted: MuteRule | None = None) -> Card:
    """Lay out a story for the list."""
    chips = story.carriers[:_NAMED]
    more, spark = len(story.carriers) - len(chips), sparkline(story.arrivals)
    return Card(story=story, chips=chips, more=more, spark=spark, muted=muted)


def _query(day: date, filters: Filters, zone: tzinfo | None, mute: tuple[MuteRule, ...]) -> StoryQuery:
    begin, end = day_span(day, zone)
    return StoryQuery(
        since=begin,
        until=end,
        tag=filters.tag,
        language=filters.lang,
        source=filters.source,
        min_sources=filters.min,
        unread=filters.show == "unread",
        starred=filters.show == "starred",
        mute=mute,
        muted=filters.muted,
    )


def _languages(reader: StoreReader, query: StoryQuery, edition: Edition) -> tuple[str, ...]:
    """Return what there is to choose from; a choice does not take away the others."""
    return edition.languages if query.language is None else reader.edition(replace(query, language=None)).languages


def _last_moment(query: StoryQuery) -> datetime:
    assert query.until  # a day has an end
    return query.until - timedelta(seconds=1)


def _waiting(reader: StoreReader) -> tuple[str, ...]:
    return tuple(map(without_secrets, reader.waiting()))


def _teased(
    reader: StoreReader, day: date, filters: Filters, zone: tzinfo | None, mute: tuple[MuteRule, ...]
) -> tuple[ListedStory, ...]:
    query = _query(day - timedelta(days=1), filters, zone, mute)
    order = ranked(reader.edition(query).stories, _last_moment(query))
    return reader.listed([story.id for story in order[:_TEASED]])


def _choices(known: Sequence[str], chosen: str | None, most: int) -> tuple[str, ...]:
    shown = tuple(known[:most])
    return shown if chosen is None or chosen in shown else (*shown, chosen)
