"""Say in a sentence why an article stands in its story, and whose text a story carries."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from aggregator.domain.ids import ArticleId
from aggregator.domain.stories import Relation

ALONE = "on its own so far"
UNTIED = "in this story by way of others"
RULED = "in this story because you put it here"
#: What `speaks` says of the article that stands first by a rule of `core.stories.canonical`.
_AGENCY = "speaks for the story: it stands at the agency that wrote it"
_EARLIEST = "speaks for the story: its earliest complete text"
_FULLEST = "speaks for the story: its fullest text"
_WEIGHTIEST = "speaks for the story: its feed has the most weight"
#: From here on two texts differ by less than the headline or a byline, and a percentage would only puzzle.
SAME = 0.995
#: An outlet carries a text whole when they differ by a headline, a byline or a mended typo, or when it only adds to it. Of
#: the 2,531 pairs of stream_2020_en with a Jaccard from .5 on, 1,187 have .9 and more.
CARRIED_JACCARD = 0.9
#: All but the word sequences that a cut breaks.
CARRIED_CONTAINMENT = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What ties an article to another, seen from the article that is explained."""

    other: ArticleId
    #: See `domain.stories.Tie`.
    relation: Relation
    jaccard: float = 0.0
    containment: float = 0.0
    shared: tuple[str, ...] = ()
    #: Whether the explained article is the longer of the two.
    is_longer: bool = False
    #: How much later than the other it is dated; negative when it is earlier.
    later: timedelta


class Treatment(IntEnum):
    """What an outlet made of a text that is not its own, the least first."""

    CARRIED = 0
    SHORTENED = 1
    EDITED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprint:
    """An article that carries an agency's text, held against the article that speaks for that text."""

    outlet: str
    jaccard: float = 1.0
    containment: float = 1.0
    is_longer: bool = False


def speaks(*, is_original: bool, is_earliest: bool, is_fullest: bool) -> str:
    """Say why the canonical article of a story speaks for it.

    Args:
        is_original: It stands at the agency that its text credits.
        is_earliest: It is the earliest of the complete texts.
        is_fullest: No text of the story is longer.
    """
    if is_original:
        return _AGENCY
    if is_earliest:
        return _EARLIEST
    return _FULLEST if is_fullest else _WEIGHTIEST


def lineage(agency: str, reprints: Iterable[Reprint]) -> str:
    """Say whose text it is and how many outlets did what to it: "Reuters text, carried by 12, edited by 3".

    An outlet that has it several times counts once, by the article that changed least.
    """
    least: dict[str, Treatment] = {}
    for reprint in reprints:
        least[reprint.outlet] = min(treatment(reprint), least.get(reprint.outlet, Treatment.EDITED))
    counts = Counter(least.values())
    parts = [f"{kind.name.lower()} by {counts[kind]:,}" for kind in Treatment if counts[kind]]
    return ", ".join([f"{agency} text", *parts])


def treatment(reprint: Reprint) -> Treatment:
    """Tell what an outlet made of a text."""
    is_within = reprint.containment >= CARRIED_CONTAINMENT
    if reprint.jaccard >= CARRIED_JACCARD or (is_within and reprint.is_longer):
        return Treatment.CARRIED
    return Treatment.SHORTENED if is_within else Treatment.EDITED


def tied(evidence: Evidence) -> str:
    """Say what an article has in common with another, and which came first."""
    what = _told(evidence) if evidence.relation is Relation.EVENT else _shared(evidence)
    return f"{what}, {_apart(evidence.later)}"


def _told(evidence: Evidence) -> str:
    words = f": both speak of {', '.join(evidence.shared)}" if evidence.shared else ""
    return f"tells the same event as article {evidence.other}{words}"


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
