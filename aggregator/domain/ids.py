"""Identities. An id is a number of the store; a `UrlKey` is what two spellings of one address have in common."""

from datetime import UTC, datetime
from typing import NewType

FeedId = NewType("FeedId", int)
ArticleId = NewType("ArticleId", int)
StoryId = NewType("StoryId", int)
SourceId = NewType("SourceId", int)

#: The canonical form of an address, made by `core.urls.url_key` and nowhere else. Compared, never fetched.
UrlKey = NewType("UrlKey", str)


def require_utc(moment: datetime) -> datetime:
    """Return `moment` in UTC.

    Raises:
        ValueError: `moment` is naive; a time without a zone has no meaning here.
    """
    if moment.tzinfo is None:
        message = f"naive datetime {moment!r}: every time in aggregator carries a zone"
        raise ValueError(message)
    return moment.astimezone(UTC)
