"""Place a file of articles: the daemon's own code over a store of its own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from aggregator.core.stories.signature import sign
from aggregator.core.stories.wire import agency_of, is_original
from aggregator.core.urls import site
from aggregator.domain.articles import Article, Source, TextFrom
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.pipeline.placing import place
from aggregator.pipeline.ports import Store

#: Articles a transaction: a commit costs as much as some ten articles.
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One article of a file; what is None is unknown."""

    title: str | None = None
    text: str | None = None
    published: datetime | None = None
    source: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where the article of a line went; `article` and `copy_of` count the lines from 1."""

    article: ArticleId
    story: StoryId
    copy_of: ArticleId | None


def place_all(store: Store, lines: Iterable[Line], now: datetime) -> None:
    """Place the articles of `lines` in their order into an empty `store`.

    Each line is an article of its own, even where addresses repeat. One without a date stands under the latest date seen
    before it, `now` if there is none: a file is mostly in order of time.
    """
    latest: datetime | None = None
    source = iter(lines)
    while batch := list(islice(source, BATCH)):
        with store.transaction():
            for line in batch:
                if line.published is not None:
                    latest = max(latest or line.published, line.published)
                _place(store, line, dated=line.published or latest or now, now=now)


def placed(store: Store) -> Iterator[Placed]:
    """Say where each article went, in the order of the lines."""
    return (Placed(article=article, story=story, copy_of=copy_of) for article, story, copy_of in store.placed())


def _place(store: Store, line: Line, *, dated: datetime, now: datetime) -> None:
    title, text = line.title or "", line.text or ""
    source = _source(line)
    credit = agency_of(text, author=None, source_site=source.site, source_name=source.name)
    article = Article(
        url=line.url or "",
        url_keys=(),
        title=title,
        text=text,
        text_from=TextFrom.FEED if text else TextFrom.NOWHERE,
        summary="",
        source=source,
        agency=credit.name if credit else None,
        is_original=is_original(credit, source_site=source.site, source_name=source.name),
        published=line.published,
        dated=dated,
    )
    signature = sign(title, text)
    id = store.add_article(article, signature, now)
    place(store, id, dated=dated, shingles=signature.shingles, now=now)


def _source(line: Line) -> Source:
    try:
        home = site(line.url) if line.url else ""
    except ValueError:
        home = ""
    name = line.source or home or "unknown"
    return Source(site=line.source or home or "unknown", name=name)
