"""Say in a sentence why an article stands in its story."""

from dataclasses import dataclass
from datetime import timedelta

from aggregator.domain.ids import ArticleId

ALONE = "on its own so far"
UNTIED = "in this story, though it shares no text with the others"
#: What `speaks` says of the article that stands first by the rule in `core.canonical`.
_AGENCY = "speaks for the story: it stands at the agency that wrote it"
_EARLIEST = "speaks for the story: its earliest complete text"
#: From here on two texts differ by less than the headline or a byline, and a percentage would only puzzle.
SAME = 0.995


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What ties an article to another, seen from the article that is explained."""

    other: ArticleId
    #: See `domain.stories.Tie`.
    jaccard: float
    containment: float
    #: Whether the explained article is the longer of the two.
    is_longer: bool
    #: How much later than the other it is dated; negative when it is earlier.
    later: timedelta


def speaks(*, is_original: bool) -> str:
    """Say why the canonical article of a story speaks for it."""
    return _AGENCY if is_original else _EARLIEST


def tied(evidence: Evidence) -> str:
    """Say what an article has in common with another, and which came first."""
    return f"{_shared(evidence)}, {_apart(evidence.later)}"


def _shared(evidence: Evidence) -> str:
    if evidence.jaccard >= SAME:
        return f"the same text as article {evidence.other}"
    # Rounded down: "100 %" is only said of all, and then it is called so.
    share = "all" if evidence.containment >= 1 else f"{int(evidence.containment * 100)} %"
    if evidence.is_longer:
        return f"holds {share} of the word sequences of article {evidence.other}"
    return f"{share} of its word sequences stand in article {evidence.other}"


def _apart(later: timedelta) -> str:
    apart = abs(later)
    if apart < timedelta(seconds=30):
        return "at the same time"
    direction = "later" if later > timedelta() else "earlier"
    if apart < timedelta(minutes=59.5):
        return f"{apart / timedelta(minutes=1):.0f} min {direction}"
    if apart < timedelta(hours=47.5):
        return f"{apart / timedelta(hours=1):.0f} h {direction}"
    return f"{apart / timedelta(days=1):.0f} days {direction}"
