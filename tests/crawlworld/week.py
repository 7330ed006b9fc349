"""A week at the desk, with a stop, a kill and an impatient user."""

from pathlib import Path

from tests.crawlworld.desk import Lived, Span, live
from tests.crawlworld.model import DAY, Ill, World


def week(world: World, database: Path) -> Lived:
    """Live through a week; feeds that are to freeze were known before it."""
    stop, kill, end = 2.4 * DAY, 4.9 * DAY, 7 * DAY
    return live(
        world,
        database,
        (
            Span(begin=-5 * DAY, end=0, takes=lambda feed: feed.fault is not None and feed.fault.ill is Ill.FROZEN),
            Span(begin=0, end=stop, updates=(3_000, 9_000, 9_100, 0.9 * DAY, 1.7 * DAY)),
            Span(begin=stop + 90, end=kill, updates=(stop + 100, 3.1 * DAY, 4.4 * DAY), is_killed=True),
            Span(begin=kill + 5, end=end, updates=(kill + 6, 5.6 * DAY, 6.3 * DAY)),
        ),
    )
