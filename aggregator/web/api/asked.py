"""What programs may ask for: parameters, and cursors."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from aggregator.core.days import day_span, read_since, today
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.listing import ArticlePlace
from aggregator.web.api.models import LARGEST

_LONGEST = 200
#: As far as an article's date is believed, and as far as anybody looks.
_YEARS = range(1990, 2200)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _is_date_time(value: object) -> object:
    if not isinstance(value, str) or not _DATE_TIME.fullmatch(value):
        raise ValueError("write a time of RFC 3339, such as 2026-11-23T06:00:00Z")
    return value.upper()


def _in_utc(moment: datetime) -> datetime:
    """Return a time in UTC; at both ends of the calendar that may be none, and then the end itself is meant."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)


def _is_date(value: object) -> object:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError("write a date such as 2026-11-23")
    return value


Id = Annotated[int, Path(ge=1, le=LARGEST, description="Its number")]
Moment = Annotated[
    datetime,
    BeforeValidator(_is_date_time),
    AfterValidator(_in_utc),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Ago = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}[mhdw]$")]
Date = Annotated[date, BeforeValidator(_is_date), WithJsonSchema({"type": "string", "format": "date"})]
NamedDay = Date | Literal["today", "yesterday"]

Since = Annotated[Moment | Ago | None, Query(description="From this time on, or so long ago: 90m, 24h, 3d, 1w")]
Until = Annotated[Moment | None, Query(description="Before this time")]
Tag = Annotated[str | None, Query(min_length=1, max_length=_LONGEST, description="Of a feed that carries it")]
Language = Annotated[str | None, Query(pattern=r"^[a-z]{2}$", description="Two letters of ISO 639-1")]
Source = Annotated[str | None, Query(min_length=1, max_length=_LONGEST, description="Part of an outlet's name or site")]
MinSources = Annotated[int, Query(ge=1, le=10_000, description="Carried by so many outlets")]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many")]
Words = Annotated[
    str, Query(min_length=1, max_length=_LONGEST, description='Words, "a phrase", or the beginning of one with *')
]
StoryCursor = Annotated[str | None, Query(pattern=r"^s[1-9][0-9]{0,17}$", description="`next` of the part before")]
ArticleCursor = Annotated[
    str | None, Query(pattern=r"^a[0-9]{1,17}-[1-9][0-9]{0,17}$", description="`next` of the part before")
]


def moment(since: datetime | str | None, now: datetime) -> datetime | None:
    """Return the time that `since` means."""
    if isinstance(since, str):
        return read_since(since, now, UTC)
    return since


def span(
    day: NamedDay | None, since: datetime | None, until: datetime | None, *, now: datetime, zone: tzinfo | None
) -> tuple[datetime | None, datetime | None]:
    """Return from when to when stories are wanted: what all that was said have in common."""
    if day is None:
        return since, until
    begin, end = day_span(named(day, now, zone), zone)
    return max(filter(None, (begin, since))), min(filter(None, (end, until)))


def named(day: NamedDay, now: datetime, zone: tzinfo | None) -> date:
    """Return a day by its date; of a year that no news is of, one that is as empty."""
    if not isinstance(day, date):
        return today(now, zone) - timedelta(days=day == "yesterday")
    if day.year in _YEARS:
        return day
    return date(_YEARS[0] if day.year < _YEARS[0] else _YEARS[-1], 1, 1)


def story_cursor(last: StoryId) -> str:
    """Return the cursor of what comes after a story."""
    return f"s{last}"


def before_story(cursor: str | None) -> StoryId | None:
    """Read a cursor of stories."""
    return None if cursor is None else StoryId(int(cursor[1:]))


def article_cursor(last: ArticlePlace) -> str:
    """Return the cursor of what comes after an article."""
    return f"a{(last.dated - _EPOCH) // timedelta(microseconds=1)}-{last.id}"


def after_article(cursor: str | None) -> ArticlePlace | None:
    """Read a cursor of articles."""
    if cursor is None:
        return None
    dated, _, id = cursor[1:].partition("-")
    return ArticlePlace(dated=_EPOCH + timedelta(microseconds=int(dated)), id=ArticleId(int(id)))
