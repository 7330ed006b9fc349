"""What the daemon does beside polling, by the day: upkeep of the database and of memory, the summary, the digest."""

from aggregator.adapters import garbage
from aggregator.bootstrap import App
from aggregator.bootstrap.paths import Paths
from aggregator.daemon import hours
from aggregator.daemon.digests import Digests
from aggregator.daemon.summary import Summaries
from aggregator.daemon.timetable import Timetable
from aggregator.daemon.upkeep import Upkeep
from aggregator.domain.settings import Settings


class Chores:
    """The rooms that have a time of day."""

    def __init__(self, app: App, paths: Paths, settings: Settings) -> None:
        self.upkeep = Upkeep(app, settings)
        self._summaries = Summaries(app, settings)
        self._digests = Digests(app, paths, settings)

    def enter(self, timetable: Timetable) -> None:
        """Put them into a timetable."""
        timetable.daily(hours.AFTER_NIGHT, self.upkeep.tend, at_once=True)
        timetable.daily(hours.AFTER_NIGHT, _look_for_garbage)
        timetable.daily(hours.MORNING, self._summaries.tell_daily)
        timetable.every(hours.DIGEST_LOOK, self._digests.look, at_once=True)

    async def catch_up(self) -> None:
        """Tell what was not told in time, as the daemon did not run."""
        await self._summaries.catch_up()

    async def reconfigure(self, settings: Settings) -> None:
        """Take up changed settings."""
        self.upkeep.reconfigure(settings)
        await self._summaries.reconfigure(settings)
        await self._digests.reconfigure(settings)


async def _look_for_garbage() -> None:
    """Find what is garbage by now among what was left out; the loop stands still for a fifth of a second."""
    garbage.look_everywhere()
