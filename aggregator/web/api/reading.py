"""What programs read. Each request runs in a thread, with a reader of its own."""

from contextlib import AbstractContextManager
from datetime import tzinfo
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from aggregator import __version__
from aggregator.adapters.store import StoreReader
from aggregator.bootstrap import open_reader, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.bootstrap.reading import LastingConfig, muting_in, zone_in
from aggregator.core import as_json
from aggregator.core.crawling.listing import feed_json, listed
from aggregator.core.days import day_span, iso
from aggregator.core.stories.ranking import ranked
from aggregator.domain.errors import UsageError
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.listing import ArticleQuery
from aggregator.domain.reading import StoryQuery
from aggregator.web.api import asked, models
from aggregator.web.api.conditional import Conditional
from aggregator.web.api.problems import told
from aggregator.web.monitoring.checkup import AskDaemon, check_up


class Reading:
    """Answers programs that read."""

    def __init__(self, paths: Paths, ask: AskDaemon | None) -> None:
        self._paths = paths
        self._ask = ask
        self._config = LastingConfig(paths)

    def router(self) -> APIRouter:
        """Return its addresses."""
        router = APIRouter(route_class=Conditional)
        numbered = told(HTTPStatus.NOT_FOUND)
        router.get("/stories", responses=told())(self.stories)
        router.get("/stories/{id}", responses=numbered)(self.story)
        router.get("/days/{day}", responses=told())(self.day)
        router.get("/articles", responses=told())(self.articles)
        router.get("/articles/{id}", responses=numbered)(self.article)
        router.get("/search", responses=told())(self.search)
        router.get("/feeds", responses=told())(self.feeds)
        router.get("/health", responses=told())(self.health)
        return router

    def stories(
        self,
        *,
        day: Annotated[asked.NamedDay | None, Query(description="Of that day")] = None,
        since: asked.Since = None,
        until: asked.Until = None,
        tag: asked.Tag = None,
        language: asked.Language = None,
        source: asked.Source = None,
        min_sources: asked.MinSources = 1,
        unread: Annotated[bool, Query(description="With something new to read")] = False,
        starred: bool = False,
        cursor: asked.StoryCursor = None,
        limit: asked.Limit = 50,
    ) -> models.Stories:
        """List stories, the newest first; those that come meanwhile are not in the way of who reads on by the cursor."""
        now = utc_now()
        begin, end = asked.span(day, asked.moment(since, now), until, now=now, zone=self._zone())
        query = StoryQuery(
            since=begin,
            until=end,
            tag=tag,
            language=language,
            source=source,
            min_sources=min_sources,
            unread=unread,
            starred=starred,
            before=asked.before_story(cursor),
            limit=limit + 1,
        )
        with self._reader() as reader:
            found = reader.judged(reader.newest(query), muting_in(self._config.read(), now))
        shown = [models.ListedStory.model_validate(as_json.listed_story_json(story)) for story in found[:limit]]
        return models.Stories(
            stories=shown, next=asked.story_cursor(found[limit - 1].id) if len(found) > limit else None
        )

    def story(self, id: asked.Id) -> models.WholeStory:
        """Return a story with its articles, and why each is in it; a number of one that was merged leads to that one."""
        with self._reader() as reader:
            found = reader.story(StoryId(id))
            if found is None:
                why = f"there is no story {id}; it may have been removed for its age"
                raise HTTPException(HTTPStatus.NOT_FOUND, why)
            (found,) = reader.judged((found,), muting_in(self._config.read(), utc_now()))
        return models.WholeStory.model_validate(as_json.whole_story_json(found))

    def day(
        self,
        day: asked.NamedDay,
        *,
        tag: asked.Tag = None,
        language: asked.Language = None,
        source: asked.Source = None,
        min_sources: asked.MinSources = 1,
        limit: asked.Limit = 50,
    ) -> models.Day:
        """Return a day's stories in the order in which the page shows them."""
        now, zone = utc_now(), self._zone()
        date = asked.named(day, now, zone)
        begin, end = day_span(date, zone)
        query = StoryQuery(since=begin, until=end, tag=tag, language=language, source=source, min_sources=min_sources)
        with self._reader() as reader:
            edition = reader.edition(query)
            order = ranked(edition.stories, min(now, end))[:limit]
            listing = reader.listed([story.id for story in order])
            stories = reader.judged(listing, muting_in(self._config.read(), now))
        return models.Day(
            day=date.isoformat(),
            counts=models.Counts.model_validate(as_json.counts_json(edition.counts)),
            total=len(edition.stories),
            languages=list(edition.languages),
            stories=[models.ListedStory.model_validate(as_json.listed_story_json(story)) for story in stories],
        )

    def articles(
        self,
        *,
        since: asked.Since = None,
        until: asked.Until = None,
        language: asked.Language = None,
        source: asked.Source = None,
        cursor: asked.ArticleCursor = None,
        limit: asked.Limit = 50,
    ) -> models.Articles:
        """List articles by themselves, the latest first."""
        query = ArticleQuery(
            since=asked.moment(since, utc_now()),
            until=until,
            language=language,
            source=source,
            after=asked.after_article(cursor),
            limit=limit + 1,
        )
        with self._reader() as reader:
            found = reader.articles(query)
        shown = [models.Article.model_validate(as_json.article_json(article)) for article in found[:limit]]
        return models.Articles(
            articles=shown, next=asked.article_cursor(found[limit - 1].place) if len(found) > limit else None
        )

    def article(self, id: asked.Id) -> models.WholeArticle:
        """Return an article with its text, and what it said before."""
        with self._reader() as reader:
            found = reader.article(ArticleId(id))
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"there is no article {id}; it may have been removed for its age")
        return models.WholeArticle.model_validate(as_json.whole_article_json(found))

    def search(self, *, q: asked.Words, limit: asked.Limit = 20) -> models.Hits:
        """Find articles whose headline or text has all words, the best first."""
        with self._reader() as reader:
            try:
                found = reader.search(q, limit)
            except UsageError as error:
                return models.Hits(hits=[], problem=str(error))
        return models.Hits(hits=[models.Hit.model_validate(as_json.hit_json(hit)) for hit in found], problem=None)

    def feeds(self) -> models.Feeds:
        """List the feeds of feeds.yaml, how each is, its last polls, and what to do about it."""
        config = self._config.read()
        with self._reader() as reader:
            rows = listed(config.feeds if config else (), reader.feed_health(utc_now()))
            polls = reader.polls()
        shown = [feed_json(row, polls.get(row.health.id, ()) if row.health else ()) for row in rows]
        return models.Feeds(feeds=[models.Feed.model_validate(feed) for feed in shown])

    def health(self) -> models.Checked:
        """Tell how things are; `/healthz` says the same by its status."""
        found = check_up(self._paths, self._ask)
        figures = found.figures
        return models.Checked(
            status="failing" if found.trouble else "ok",
            trouble=list(found.trouble),
            daemon=found.vital is not None,
            version=__version__,
            feeds=dict(figures.feeds) if figures else {},
            articles=figures.articles if figures else 0,
            stories=figures.stories if figures else 0,
            due=figures.due if figures else 0,
            last_poll=iso(figures.last_poll) if figures else None,
            last_cycle=iso(found.vital.last_cycle) if found.vital else None,
        )

    def _zone(self) -> tzinfo | None:
        return zone_in(self._config.read())

    def _reader(self) -> AbstractContextManager[StoreReader]:
        return open_reader(self._paths)
