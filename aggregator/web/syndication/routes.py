"""The addresses of the feeds: `/stories.atom`, `/stories.rss`, `/stories.json`."""

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from aggregator.adapters.store import StoreReader
from aggregator.bootstrap import open_reader, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.domain.errors import UsageError
from aggregator.domain.listing import News
from aggregator.domain.reading import StoryQuery
from aggregator.web.freshness import answer
from aggregator.web.syndication.bulletin import Place, Wanted, bulletin
from aggregator.web.syndication.forms import MEDIA_TYPES, WRITERS

Word = Annotated[str, Query(max_length=200)]
#: Days that are looked through; more only where these have too few stories.
_WINDOWS = (timedelta(days=3), timedelta(days=30))


class Feeds:
    """Answers feed readers. Each request runs in a thread, with a reader of its own."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    def router(self) -> APIRouter:
        """Return the addresses of the feeds."""
        router = APIRouter()
        router.add_api_route("/stories.{form}", self.stories, methods=["GET", "HEAD"], response_model=None)
        return router

    def stories(
        self,
        request: Request,
        form: str,
        *,
        tag: Word = "",
        language: Word = "",
        source: Word = "",
        min_sources: Annotated[int, Query(ge=1, le=10_000)] = 1,
        q: Word = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Response:
        """Return the stories that last told something new, the latest first."""
        if form not in WRITERS:
            raise HTTPException(HTTPStatus.NOT_FOUND, "Feeds of stories end in .atom, .rss or .json.")
        words = (word.strip() or None for word in (tag, language.lower(), source, q))
        wanted = Wanted(
            **dict(zip(("tag", "language", "source", "words"), words, strict=True)), min_sources=min_sources
        )
        with open_reader(self._paths) as reader:
            place = Place(base=f"{request.url.scheme}://{request.headers['host']}", founded=reader.founded())
            try:
                news = _read(reader, wanted, limit)
            except UsageError as error:
                raise HTTPException(HTTPStatus.BAD_REQUEST, str(error)) from error
        feed = bulletin(news, wanted, place, request.url.path)
        media_type = MEDIA_TYPES[form]
        # JSON is UTF-8 always; XML says so itself, and some read the header only.
        charset = "" if form == "json" else "; charset=utf-8"
        return answer(request, WRITERS[form](feed), media_type=f"{media_type}{charset}", changed=feed.updated)


def _read(reader: StoreReader, wanted: Wanted, limit: int) -> tuple[News, ...]:
    query = StoryQuery(
        tag=wanted.tag,
        language=wanted.language,
        source=wanted.source,
        min_sources=wanted.min_sources,
        words=wanted.words,
    )
    now = utc_now()
    news: tuple[News, ...] = ()
    for window in _WINDOWS:
        news = reader.news(replace(query, since=now - window), limit)
        if len(news) == limit:
            break
    return news
