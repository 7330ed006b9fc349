"""What a daemon does for its database once a day: it removes what is older than `settings: keep` says."""

import logging
from datetime import timedelta

from aggregator.bootstrap import App, rules_of, utc_now
from aggregator.daemon.logs import tell, tell_crash
from aggregator.domain.errors import StoreError
from aggregator.domain.settings import Settings
from aggregator.pipeline.pruning import prune_some


class Upkeep:
    """Knows how long articles are kept."""

    def __init__(self, app: App, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    def reconfigure(self, settings: Settings) -> None:
        """Take up changed settings; what they say of old articles is done at the next time, so that a slip can be mended."""
        self._settings = settings

    async def tend(self) -> None:
        """Remove what is too old, in small steps between which polls are recorded."""
        if self._settings.keep is None:
            return
        try:
            await self._prune(self._settings.keep)
        except StoreError as error:
            tell(logging.ERROR, "upkeep failed", problem=error, retry="tomorrow")
        except Exception as error:  # noqa: BLE001  # old articles are not worth a daemon
            tell_crash("upkeep broke off", error)

    async def _prune(self, keep: timedelta) -> None:
        now, rules = utc_now(), rules_of(self._settings)
        articles = stories = 0
        while True:
            step = await self._app.updater.in_writer(prune_some, self._app.store, now - keep, now, rules=rules)
            if not step.articles:
                break
            articles, stories = articles + step.articles, stories + step.stories
        if articles:
            tell(logging.INFO, "pruned", articles=articles, stories=stories, older_than=f"{keep.days}d")
