"""What a digest tells: gathered once, whatever it is written as."""

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING

from aggregator.core.days import day_name
from aggregator.core.shortening import shortened
from aggregator.core.stories.muting import told
from aggregator.core.stories.ranking import ranked
from aggregator.domain.reading import Counts, ListedStory, StoryQuery

if TYPE_CHECKING:
    from aggregator.adapters.store import StoreReader

#: Stories of a digest unless a person says otherwise: what one reads over a coffee.
STORIES = 20
#: Outlets named before the rest is counted.
_NAMED = 3
#: Characters of a summary.
_SUMMARY = 300


class Form(StrEnum):
    """What a digest can be written as."""

    MARKDOWN = "markdown"
    HTML = "html"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Stories in the order of the page, and what else there is."""

    heading: str
    #: Of all stories together.
    counts: Counts
    total: int
    stories: tuple[ListedStory, ...]
    #: What is left out because a rule mutes it: "4 stories muted: 3 by “royal wedding”, 1 by sport", or nothing.
    muted: str = ""

    def first(self, count: int) -> "Digest":
        """Return the digest with no more than so many stories."""
        return replace(self, stories=self.stories[:count])

    @property
    def sum(self) -> str:
        """What there is in all: "412 articles · 131 texts · 58 sources → 74 stories"."""
        return f"{self.counts} → {_stories(self.total)}"

    @property
    def subject(self) -> str:
        """The whole in a line, of our own words only."""
        return f"{self.heading}: {_stories(self.total)}"

    @property
    def ending(self) -> str:
        """What stands under the last story, so that one knows that it is."""
        more = self.total - len(self.stories)
        return f"{_stories(more)} more: `aggregator today` lists all." if more else "That is all."


def read_digest(reader: "StoreReader", query: StoryQuery, *, limit: int | None, heading: str, now: datetime) -> Digest:
    """Gather the stories that `query` asks for, the first `limit` in full."""
    edition = reader.edition(replace(query, limit=None))
    at = now if query.until is None else min(now, query.until)
    order = [story.id for story in ranked(edition.stories, at)]
    stories = reader.listed(order[:limit])
    muted = told(edition.muted.values())
    return Digest(heading=heading, counts=edition.counts, total=len(order), stories=stories, muted=muted)


def heading(query: StoryQuery, now: datetime, zone: tzinfo | None) -> str:
    """Return what the stories of a query are, in words: a day, or since when."""
    if query.since is None:
        return "Stories of all time"
    since = query.since.astimezone(zone)
    name = day_name(since.date(), now.astimezone(zone))
    return name if query.until is not None else f"Since {name}, {since:%H:%M}"


def facts(story: ListedStory) -> tuple[str, ...]:
    """Return what is said of a story beside its counts: what grew since it was read, and whose text it is."""
    marks = story.marks
    grown = marks.grown and f"{marks.grown} since you read it"
    told = ("read" if marks.read and not grown else grown, "starred" if marks.starred else "", story.lineage or "")
    return tuple(filter(None, told))


def outlets(story: ListedStory) -> str:
    """Name the first outlets and count the others: "BBC, Guardian, ANSA +28"."""
    more = len(story.carriers) - _NAMED
    return ", ".join(story.sources[:_NAMED]) + (f" +{more}" if more > 0 else "")


def summary(story: ListedStory) -> str:
    """Return a few lines of a story, cut between words."""
    return shortened(" ".join(story.summary.split()), _SUMMARY)


def _stories(count: int) -> str:
    return "1 story" if count == 1 else f"{count:,} stories"
