"""What a daemon does for its database once a day: it puts dates right, and removes what is too old or no longer needed."""

import logging
from datetime import timedelta

from aggregator.bootstrap import App, rules_of
from aggregator.daemon.logs import tell, tell_crash
from aggregator.domain.errors import StoreError
from aggregator.domain.settings import Settings
from aggregator.pipeline.pruning import date_some_anew, kept_since, prune_some, thin_some, thinned_before

#: On Sundays the search index is written anew, so that it holds the words of a week's old articles at most …
TIDY_DAY = 6
#: … by so many pages at a time, between which polls are recorded.
TIDY_PAGES = 500


class Upkeep:
    """Knows how long articles are kept."""

    def __init__(self, app: App, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    def reconfigure(self, settings: Settings) -> None:
        """Take up changed settings; what they say of old articles is done at the next time, so that a slip can be mended."""
        self._settings = settings

    async def tend(self) -> None:
        """Put dates right and remove what is too old or no longer needed, in small steps between which polls are recorded."""
        try:
            await self._date_anew()
            if self._settings.keep is not None:
                await self._prune(self._settings.keep)
                if self._app.clock().weekday() == TIDY_DAY:
                    await self._tidy()
            await self._thin()
        except StoreError as error:
            tell(logging.ERROR, "upkeep failed", problem=error, retry="tomorrow")
        except Exception as error:  # noqa: BLE001  # old articles are not worth a daemon
            tell_crash("upkeep broke off", error)

    async def _tidy(self) -> None:
        goes_on = await self._app.updater.in_writer(self._app.store.tidy_search, TIDY_PAGES, begin=True)
        while goes_on:
            goes_on = await self._app.updater.in_writer(self._app.store.tidy_search, TIDY_PAGES, begin=False)

    async def _date_anew(self) -> None:
        now, articles = self._app.clock(), 0
        while count := await self._app.updater.in_writer(date_some_anew, self._app.store, now):
            articles += count
        if articles:
            tell(logging.WARNING, "dated anew", articles=articles, why="the clock was ahead when they came")

    async def _thin(self) -> None:
        keys = 0
        before = await self._app.updater.in_writer(thinned_before, self._app.store, self._app.clock())
        while count := await self._app.updater.in_writer(thin_some, self._app.store, before):
            keys += count
        if keys:
            tell(logging.INFO, "thinned", keys=keys, dated_before=before.date())

    async def _prune(self, keep: timedelta) -> None:
        now, rules = self._app.clock(), rules_of(self._settings)
        articles = stories = 0
        before = await self._app.updater.in_writer(kept_since, self._app.store, keep, now)
        while True:
            step = await self._app.updater.in_writer(prune_some, self._app.store, before, now, rules=rules)
            if not step.articles:
                break
            articles, stories = articles + step.articles, stories + step.stories
        if articles:
            tell(logging.INFO, "pruned", articles=articles, stories=stories, older_than=f"{keep.days}d")
