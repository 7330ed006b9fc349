"""What readers do on the page: forms that are posted, and lead back to where they stood."""

from fastapi import APIRouter

from aggregator.bootstrap.paths import Paths
from aggregator.web.acts.answering import Answers, Refused
from aggregator.web.acts.feeds import FeedActs
from aggregator.web.acts.mute import MuteActs
from aggregator.web.acts.stories import StoryActs
from aggregator.web.bar import Bar
from aggregator.web.desk import Desk


def acts_router(paths: Paths, desk: Desk, bar: Bar, refused: Refused) -> APIRouter:
    """Return the addresses that forms are posted to."""
    router, answers = APIRouter(), Answers(bar, refused)
    StoryActs(paths, desk, bar).add_to(router, answers)
    FeedActs(desk.feeds).add_to(router, answers)
    MuteActs(desk.feeds).add_to(router, answers)
    return router
