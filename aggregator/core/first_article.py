"""Reads a first article when it is imported, so that whoever comes after finds everything ready.

Tables, rules and the model that tells languages apart are made at their first use, which takes .7 s. Processes that are
forked after this share what was made, in time and in memory.
"""

from datetime import UTC, datetime

from aggregator.core.articles import FeedFacts, read_article
from aggregator.domain.feeds import Entry
from aggregator.domain.fetching import Response

_PAGE = "<html><head><title>A first article</title></head><body><article>{}</article></body></html>".format(
    "".join(f"<p>The first of many articles is read on day {day}, before any other one comes.</p>" for day in range(20))
)
_URL = "https://first.example/article"

read_article(
    Entry(key="first", guid=None, url=_URL, title="A first article", digest=b""),
    Response(url=_URL, body=_PAGE.encode(), content_type="text/html"),
    FeedFacts(url=_URL, name="First"),
    datetime(2026, 1, 1, tzinfo=UTC),
)
