"""The order of a day's stories on the page: how many tell them on their own, how many carry them, and how fresh they are."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import log2

from aggregator.domain.reading import Carried

#: A story whose last article is so much older must be carried by twice as many to stand as high. Half a day: what was
#: big in the morning is still above what is small in the evening.
HALVING = timedelta(hours=12)
#: How much outlets that carry another's text count beside those that wrote their own: a wire report that thirty
#: outlets reprint is news that thirty desks chose, but one voice.
CARRYING = 0.5


def ranked(stories: Iterable[Carried], now: datetime) -> list[Carried]:
    """Return stories in the order in which they are shown; of equal ones the later story first."""
    return sorted(stories, key=lambda story: (-weight(story, now), -story.id))


def weight(story: Carried, now: datetime) -> float:
    """Return how high a story stands at `now`; one more is twice the outlets, or `HALVING` fresher."""
    own = min(story.counts.texts, story.counts.sources)
    voices = own + CARRYING * (story.counts.sources - own)
    return log2(voices) - max(now - story.last_dated, timedelta()) / HALVING
