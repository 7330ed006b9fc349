"""The pages and their addresses: the day, a story, a search, the feeds."""

import hashlib
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import date, tzinfo
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from aggregator.adapters.store import StoreReader
from aggregator.bootstrap import open_reader, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.bootstrap.reading import LastingConfig, muting_in, zone_in
from aggregator.core.days import read_day, today
from aggregator.core.secrecy import without_secrets
from aggregator.domain.errors import AggregatorError, OpmlError, UsageError
from aggregator.domain.ids import StoryId
from aggregator.domain.reading import FeedHealth, StoryView
from aggregator.domain.settings import MuteRule, Pictures
from aggregator.web.bar import Bar
from aggregator.web.forms import own_path, with_token
from aggregator.web.pages.feeds import Row, read_feed_page, read_rows
from aggregator.web.pages.mute import Wanted, read_mute_page
from aggregator.web.pages.rendering import KINDS, Renderer, Static
from aggregator.web.pages.search import read_search
from aggregator.web.pages.story import read_story_page
from aggregator.web.pages.today import Filters, read_day_page

#: SQLite's largest number; nothing has a larger one.
_LARGEST = 2**63 - 1
#: A word of a filter or a search; what is longer is no word.
_LONGEST = 200
#: As far as an article's date is believed, and as far as anybody looks.
_YEARS = range(1990, 2200)
_HTML = "text/html; charset=utf-8"
_READ = ("GET", "HEAD")

Word = Annotated[str, Query(max_length=_LONGEST)]
Number = Annotated[int, Query(ge=1, le=10_000)]
Shown = Annotated[str, Query(pattern="^(unread|starred)?$")]
Muted = Annotated[str, Query(pattern="^(show)?$")]


class Pages:
    """Answers requests. What is not asynchronous here runs in a thread, with a reader of its own."""

    def __init__(self, paths: Paths, bar: Bar | None = None) -> None:
        """Show buttons where there is a bar that tells what they did."""
        self._paths = paths
        self._bar = bar
        self._config = LastingConfig(paths)
        self._static = Static()
        self._renderer = Renderer(self._static)

    def router(self) -> APIRouter:
        """Return the addresses of the pages."""
        router = APIRouter()
        routes: dict[str, Callable[..., Response]] = {
            "/": self.today,
            "/day/{day}": self.day,
            "/story/{id}": self.story,
            "/search": self.search,
            "/mute": self.mute,
            "/feeds": self.feeds,
            "/feeds/{handle}": self.feed,
            "/static/{name}": self.static,
        }
        for path, endpoint in routes.items():
            router.add_api_route(path, endpoint, methods=list(_READ), response_model=None)
        return router

    def today(
        self,
        request: Request,
        *,
        tag: Word = "",
        lang: Word = "",
        source: Word = "",
        min: Number = 1,
        show: Shown = "",
        muted: Muted = "",
        page: Number = 1,
    ) -> Response:
        """Show today's stories; before the first start, what is to be done."""
        filters = replace(_filters(tag, lang, source, min, show), muted=bool(muted))
        return self._day(request, today(utc_now(), self._zone()), filters, page)

    def day(
        self,
        request: Request,
        day: str,
        *,
        tag: Word = "",
        lang: Word = "",
        source: Word = "",
        min: Number = 1,
        show: Shown = "",
        muted: Muted = "",
        page: Number = 1,
    ) -> Response:
        """Show the stories of another day."""
        try:
            date = read_day(day, utc_now(), self._zone())
        except ValueError as error:
            raise HTTPException(HTTPStatus.NOT_FOUND, str(error)) from error
        if date.year not in _YEARS:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"No news is of the year {date.year}.")
        filters = replace(_filters(tag, lang, source, min, show), muted=bool(muted))
        return self._day(request, date, filters, page)

    def story(self, request: Request, id: Annotated[int, Path(ge=1, le=_LARGEST)]) -> Response:
        """Show a story; the number of one that was merged leads to the one that lives."""
        if not self._paths.database.exists():
            return self._start(request)
        with self._reader() as reader:
            story: StoryView | None = reader.story(StoryId(id))
            if story is None:
                raise HTTPException(
                    HTTPStatus.NOT_FOUND, f"There is no story {id}. It may have been removed for its age."
                )
            if story.id != id:
                # Asked again each time: the merge may be taken back.
                kept = {"cache-control": "private, no-cache"}
                return RedirectResponse(_with_done(f"/story/{story.id}", request), HTTPStatus.MOVED_PERMANENTLY, kept)
            (story,) = reader.judged((story,), self._mute())
            page = read_story_page(reader, story)
        return self._page(request, "story.html", page=page)

    def search(self, request: Request, q: Word = "") -> Response:
        """Show what a search finds."""
        if not self._paths.database.exists():
            return self._start(request)
        with self._reader() as reader:
            search = read_search(reader, q)
        return self._page(request, "search.html", search=search)

    def feeds(self, request: Request) -> Response:
        """Show how the feeds are."""
        return self._page(request, "feeds.html", rows=self._rows())

    def mute(
        self, request: Request, *, word: Word = "", source: Word = "", tag: Word = "", until: Word = ""
    ) -> Response:
        """Show what lists leave out, and what a rule would hide that is not yet one."""
        wanted = Wanted(word=word.strip(), source=source.strip(), tag=tag.strip(), until=until.strip())
        now, config = utc_now(), self._config.read()
        with self._reader() if self._paths.database.exists() else nullcontext() as reader:
            page = read_mute_page(reader, config, wanted, now)
        return self._page(request, "mute.html", mute=page)

    def feed(self, request: Request, handle: Annotated[str, Path(max_length=_LONGEST)]) -> Response:
        """Show a feed with its history."""
        row = next((row for row in self._rows() if row.handle == handle), None)
        if row is None:
            told = "There is no such feed. It may have been removed, or have moved to another address."
            raise HTTPException(HTTPStatus.NOT_FOUND, told)
        if row.feed.health is None:
            return self._page(request, "feed.html", feed=read_feed_page(row, None, self._paths, utc_now()))
        with self._reader() as reader:
            page = read_feed_page(row, reader, self._paths, utc_now())
        return self._page(request, "feed.html", feed=page)

    def static(self, name: str) -> Response:
        """Return the style sheet, the script or the icon; their addresses change when they do."""
        if name not in KINDS:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        headers = {"cache-control": "private, max-age=31536000, immutable"}
        return Response(self._static.files[name], media_type=KINDS[name], headers=headers)

    def refused(self, request: Request, error: Any) -> Response:
        """Say that there is no such page."""
        told = (
            "There is nothing at this address."
            if error.detail == HTTPStatus(error.status_code).phrase
            else error.detail
        )
        answer = self._page(request, "error.html", status=error.status_code, heading="Not here", told=told)
        answer.headers.update(error.headers or {})
        return answer

    def misunderstood(self, request: Request, _: Any) -> Response:
        """Say that an address makes no sense."""
        told = "The address has something in it that this page does not understand."
        return self._page(request, "error.html", status=HTTPStatus.BAD_REQUEST, heading="Not understood", told=told)

    def not_done(self, request: Request, error: AggregatorError, back: str) -> Response:
        """Say why what was asked for was not done, with the way back."""
        status = HTTPStatus.BAD_REQUEST if isinstance(error, (UsageError, OpmlError)) else HTTPStatus.CONFLICT
        return self._page(request, "error.html", status=status, heading="Not done", told=str(error), back=back)

    def store_failed(self, request: Request, error: Any) -> Response:
        """Say what is wrong with the database."""
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return self._page(request, "error.html", status=status, heading="The database cannot be read", told=str(error))

    def broken(self, request: Request, _: Any) -> Response:
        """Say that it is our fault."""
        told = "This is a mistake in the program, not yours. What happened is in its log."
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return self._page(request, "error.html", status=status, heading="That went wrong", told=told)

    def _day(self, request: Request, day: date, filters: Filters, page: int) -> Response:
        if not self._paths.database.exists():
            return self._start(request)
        now, zone, mute = utc_now(), self._zone(), self._mute()
        with self._reader() as reader:
            shown = read_day_page(reader, day, filters, page, now=now, zone=zone, mute=mute)
        return self._page(request, "today.html", day=shown)

    def _start(self, request: Request) -> Response:
        config = self._config.read()
        names = [feed.name or without_secrets(feed.url) for feed in config.feeds if feed.enabled] if config else []
        return self._page(request, "start.html", waiting=names)

    def _rows(self) -> list[Row]:
        now, config = utc_now(), self._config.read()
        healths: tuple[FeedHealth, ...] = ()
        if self._paths.database.exists():
            with self._reader() as reader:
                healths = reader.feed_health(now)
        return read_rows(config.feeds if config else (), healths, now)

    def _zone(self) -> tzinfo | None:
        return zone_in(self._config.read())

    def _mute(self) -> tuple[MuteRule, ...]:
        return muting_in(self._config.read(), utc_now())

    def _reader(self) -> AbstractContextManager[StoreReader]:
        return open_reader(self._paths)

    def _page(self, request: Request, template: str, *, status: int = HTTPStatus.OK, **shown: Any) -> Response:
        asked, config = request.query_params, self._config.read()
        done = asked.get("done", "")
        frame = {
            "here": request.url.path,
            "words": asked.get("q", "")[:_LONGEST],
            "paths": self._paths,
            "acts": self._bar is not None,
            "pictures": config is not None and config.settings.pictures is Pictures.PROXY,
            "notice": self._bar.shown(done) if self._bar else None,
            "done": done,
            # Where forms lead back to.
            "back": own_path(f"{request.url.path}?{request.url.query}"),
        }
        text = self._renderer.render(template, now=utc_now(), zone=zone_in(config), **(frame | shown))
        body = text.encode(errors="replace")
        mark = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
        headers = {"etag": mark, "cache-control": "private, no-cache"}
        if status == HTTPStatus.OK and mark in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(body, status_code=status, media_type=_HTML, headers=headers)


def _filters(tag: str, lang: str, source: str, least: int, show: str) -> Filters:
    tag, lang, source = tag.strip(), lang.strip().lower(), source.strip()
    return Filters(tag=tag or None, lang=lang or None, source=source or None, min=least, show=show or None)


def _with_done(path: str, request: Request) -> str:
    token = request.query_params.get("done", "")
    return with_token(path, token) if re.fullmatch(r"[\w-]{1,40}", token, re.ASCII) else path
