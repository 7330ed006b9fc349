"""Copies: which articles carry one text.

`verify` turns candidates into ties by comparing the texts exactly. `texts` takes the articles that are to be told apart, with
all ties among them, and says which carry one text; it looks at all of them, never at the order in which they came.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from aggregator.core.copies.same_facts import same_facts
from aggregator.core.copies.similarity import Overlap, overlaps
from aggregator.core.linking import link
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.stories import Candidate, Member, Relation, Ruling, Tie, Verdict

#: The version of the rules of copies and of events; ties keep it, so that a change of the rule can be told apart from a change
#: of the news.
RULE = 2
#: Two texts are copies when half of all their word sequences are shared …
COPY_JACCARD = 0.5
#: … or when nearly all of the shorter one stands in the longer one: a text that was cut or built upon. Unrelated texts of
#: one outlet share boilerplate, hence a longer minimum for the shorter text than comparison as such asks for.
COPY_CONTAINMENT = 0.8
CONTAINMENT_SHINGLES = 60
#: From here on a text stands in good part in another: no copy of it, but made from it.
PART_CONTAINMENT = 0.5
#: Only articles this near in time are compared: a text that comes back after weeks is a new piece of news about an old one.
WINDOW = timedelta(days=14)
#: Candidates looked at for one article, those that share most with it. The largest set of copies in the English stream of
#: May 2020 has 19, and one copy is enough to find the story; a flood of one boilerplate text costs this much and no more.
CANDIDATES = 64
#: From this Jaccard on two articles are the same to the letter, but for a headline or a credit line: they stand or fall
#: together when texts are told apart. Of the 2,531 pairs of copies in that stream 1,268 reach it.
TWIN_JACCARD = 0.9
#: Ties kept of one article to one story, the strongest. Enough to know every pair in the largest set of that stream, and
#: what keeps a flood of copies linear.
TIES = 24
#: How much of all pairs of two sets of articles must be copies for the sets to be one text. A text that was cut out of a
#: longer one counts a little less: so a digest of two reports, each of which stands in it whole, leaves them two texts.
ONE_TEXT = 0.5
_CUT = 0.8


def verify(
    article: ArticleId, *, dated: datetime, shingles: bytes, facts: bytes, candidates: Iterable[Candidate]
) -> tuple[Tie, ...]:
    """Return a tie for each candidate whose word sequences are those of `article`, or a good part of them."""
    if not shingles:
        return ()
    comparable = [
        candidate
        for candidate in candidates
        if candidate.id != article and candidate.shingles and abs(candidate.dated - dated) <= WINDOW
    ]
    found = overlaps(shingles, [candidate.shingles for candidate in comparable])
    ties = []
    for candidate, shared in zip(comparable, found, strict=True):
        relation = related(shared, facts, candidate.facts)
        if relation is not None:
            ties.append(
                Tie(
                    a=min(article, candidate.id),
                    b=max(article, candidate.id),
                    relation=relation,
                    jaccard=round(shared.jaccard, 4),
                    containment=round(shared.containment, 4),
                    hours_apart=hours_apart(candidate.dated, dated),
                    rule=RULE,
                )
            )
    return tuple(ties)


def related(shared: Overlap, facts: bytes, other_facts: bytes) -> Relation | None:
    """Tell what two texts are to each other whose shingles overlap so much; None where that says nothing."""
    if is_copy(shared):
        return Relation.COPY if same_facts(facts, other_facts, shared) else Relation.TEMPLATE
    return Relation.PART if shared.containment >= PART_CONTAINMENT else None


def is_copy(shared: Overlap) -> bool:
    """Tell whether two texts that overlap so much are one text, whole, trimmed or built upon, if their facts agree."""
    if shared.jaccard >= COPY_JACCARD:
        return True
    return shared.containment >= COPY_CONTAINMENT and shared.shorter >= CONTAINMENT_SHINGLES


def strongest(ties: Iterable[Tie], candidates: Iterable[Candidate]) -> tuple[Tie, ...]:
    """Return the ties to be kept: to each story the `TIES` strongest, so that none loses its connection."""
    story_of = {candidate.id: candidate.story for candidate in candidates}
    by_story = defaultdict[StoryId, list[Tie]](list)
    for tie in sorted(ties, key=strength):
        by_story[story_of[tie.a] if tie.a in story_of else story_of[tie.b]].append(tie)
    return tuple(tie for several in by_story.values() for tie in several[:TIES])


def strength(tie: Tie) -> tuple[object, ...]:
    """Return what ties are sorted by, the strongest first."""
    return (-(tie.jaccard or 0.0), -(tie.containment or 0.0), -(tie.likeness or 0.0), tie.a, tie.b)


def hours_apart(one: datetime, other: datetime) -> float:
    """Return how far two times are apart, as ties tell it."""
    return round(abs(one - other) / timedelta(hours=1), 2)


def texts(members: Sequence[Member], ties: Iterable[Tie], rulings: Iterable[Ruling] = ()) -> list[list[Member]]:
    """Return which of `members` carry one text, the earliest first in each text and among the texts.

    Args:
        members: The articles to be told apart.
        ties: All that is known among them; those to others are left out.
        rulings: A reader's: articles that are to stand in different stories do not carry one text either.
    """
    order = sorted(members, key=lambda member: (member.dated, member.url, member.id))
    by_id = {member.id: member for member in order}
    apart = {
        (ruling.a, ruling.b)
        for ruling in rulings
        if ruling.verdict is Verdict.APART and ruling.a in by_id and ruling.b in by_id
    }
    copies = [
        tie
        for tie in ties
        if tie.relation is Relation.COPY and tie.a in by_id and tie.b in by_id and (tie.a, tie.b) not in apart
    ]
    leader = _leaders(order, copies, {id for pair in apart for id in pair})
    crowd = defaultdict[ArticleId, list[Member]](list)
    for member in order:
        crowd[leader[member.id]].append(member)
    found = link(
        list(crowd),
        _weights(copies, leader),
        ONE_TEXT,
        apart=[(leader[a], leader[b]) for a, b in sorted(apart) if leader[a] != leader[b]],
    )
    place = {member.id: number for number, member in enumerate(order)}
    return [
        sorted((member for first in text for member in crowd[first]), key=lambda member: place[member.id])
        for text in found
    ]


def _leaders(
    order: Sequence[Member], copies: Iterable[Tie], ruled: AbstractSet[ArticleId]
) -> dict[ArticleId, ArticleId]:
    """Let each article follow the earliest one whose twin it is, unless a reader spoke of it.

    Twins are as good as one article, which spares comparing all of a flood with all. Each is tied to the leader itself, so
    that no chain of small changes leads from one text to another.
    """
    twins = defaultdict[ArticleId, set[ArticleId]](set)
    for tie in copies:
        if (tie.jaccard or 0.0) >= TWIN_JACCARD:
            twins[tie.a].add(tie.b)
            twins[tie.b].add(tie.a)
    leader: dict[ArticleId, ArticleId] = {}
    for member in order:
        if member.id not in leader:
            leader[member.id] = member.id
            leader.update((twin, member.id) for twin in twins[member.id] if twin not in leader and twin not in ruled)
    return leader


def _weights(copies: Iterable[Tie], leader: Mapping[ArticleId, ArticleId]) -> dict[tuple[ArticleId, ArticleId], float]:
    weights: dict[tuple[ArticleId, ArticleId], float] = {}
    for tie in copies:
        a, b = leader[tie.a], leader[tie.b]
        if a != b:
            pair = (min(a, b), max(a, b))
            weights[pair] = max(weights.get(pair, 0.0), 1.0 if (tie.jaccard or 0.0) >= COPY_JACCARD else _CUT)
    return weights
