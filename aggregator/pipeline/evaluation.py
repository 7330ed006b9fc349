"""Hold placed articles against the labels that a person gave them.

::

    [Line] ─place_all─▶ store ─found, labels─▶ cross ─▶ measures
                                                └─▶ worst errors ─members, ties, articles─▶ evidence
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product

from aggregator.core.evaluation.curve import Point, curve
from aggregator.core.evaluation.errors import (
    FalseMerge,
    FalseSplit,
    chains,
    ends,
    worst_merges,
    worst_splits,
)
from aggregator.core.evaluation.measures import Scores, adjusted_rand, b_cubed, cross, pair_scores
from aggregator.core.stories.placement import arrange
from aggregator.core.stories.similarity import Overlap, overlap
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.stories import Tie
from aggregator.pipeline.ports import Store

#: Pairs of articles shown of one error.
PAIRS_SHOWN = 3
#: Where the curve is measured: 0, .05 … 1.
THRESHOLDS = tuple(step / 20 for step in range(21))


@dataclass(frozen=True, slots=True, kw_only=True)
class PairEvidence:
    """What there is to say of two articles."""

    a: ArticleId
    b: ArticleId
    #: Of `a` and of `b`.
    titles: tuple[str, str]
    hours_apart: float
    #: How much of their word sequences they share; None where one is too short to be compared.
    shared: Overlap | None
    #: The ties that lead from `a` to `b`: one where they are tied themselves, none where nothing leads there.
    ties: tuple[Tie, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A false merge: articles of two gold clusters in one story."""

    story: StoryId
    #: Labels, the side with more articles first, and the articles of each in the story.
    labels: tuple[str, str]
    articles: tuple[int, int]
    wrong_pairs: int
    evidence: tuple[PairEvidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A false split: a gold cluster in several stories."""

    label: str
    #: (story, articles of the gold cluster in it), the largest part first.
    parts: tuple[tuple[StoryId, int], ...]
    wrong_pairs: int
    #: Of the largest part and each of the next ones.
    evidence: tuple[PairEvidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How well the stories of a store agree with labels. All but `articles` speaks of the labelled ones only."""

    articles: int
    labelled: int
    gold_clusters: int
    found_clusters: int
    pairs: Scores
    b_cubed: Scores
    adjusted_rand: float
    merges: tuple[Merge, ...]
    splits: tuple[Split, ...]


def evaluate(store: Store, labels: Sequence[str | None], *, worst: int) -> Evaluation:
    """Measure the stories that `batch.place_all` made.

    Args:
        store: Holds these articles only.
        labels: The gold cluster of each article in the order of their ids; None for one without a label.
        worst: How many false merges and how many false splits are told.
    """
    stories = {article: story for article, story, _ in store.placed()}
    labelled = dict(_labelled(stories, labels))
    table = cross(list(labelled.values()), [stories[article] for article in labelled])
    evidence = _EvidenceReader(store, stories, labelled)
    return Evaluation(
        articles=len(stories),
        labelled=len(labelled),
        gold_clusters=len(table.gold),
        found_clusters=len(table.found),
        pairs=pair_scores(table),
        b_cubed=b_cubed(table),
        adjusted_rand=adjusted_rand(table),
        merges=tuple(evidence.merge(error) for error in worst_merges(table, worst)),
        splits=tuple(evidence.split(error) for error in worst_splits(table, worst)),
    )


def measure_curve(store: Store, labels: Sequence[str | None]) -> Iterator[Point]:
    """Measure the stories that the same articles make at each of `THRESHOLDS`: the least Jaccard of a tie.

    Weaker ties, those that rest on containment first, are cut and the articles are arranged anew. So the curve begins
    with the stories as they stand and ends with every article on its own but for those whose texts are equal.
    """
    stories = {article: story for article, story, _ in store.placed()}
    labelled = dict(_labelled(stories, labels))
    members = tuple(replace(member, story=None) for member in store.members(set(stories.values())))
    ties = store.ties(set(stories.values()))

    def found_at(threshold: float) -> list[ArticleId]:
        placement = arrange(members, [tie for tie in ties if tie.jaccard >= threshold])
        found = {article: story.canonical for story in placement.stories for article in story.members}
        return [found[article] for article in labelled]

    return curve(list(labelled.values()), found_at, THRESHOLDS)


def _labelled(articles: Collection[ArticleId], labels: Sequence[str | None]) -> Iterator[tuple[ArticleId, str]]:
    for article, label in zip(sorted(articles), labels, strict=True):
        if label is not None:
            yield article, label


class _EvidenceReader:
    """Tells of errors what the store knows about the articles on either side."""

    def __init__(self, store: Store, stories: Mapping[ArticleId, StoryId], labelled: Mapping[ArticleId, str]) -> None:
        self._store = store
        self._sides: dict[tuple[str, StoryId], list[ArticleId]] = defaultdict(list)
        for article, label in labelled.items():
            self._sides[label, stories[article]].append(article)

    def merge(self, error: FalseMerge[str, StoryId]) -> Merge:
        one, other = (self._sides[label, error.found] for label in error.gold)
        return Merge(
            story=error.found,
            labels=error.gold,
            articles=error.articles,
            wrong_pairs=error.wrong_pairs,
            evidence=tuple(self._between(one, other, {error.found})),
        )

    def split(self, error: FalseSplit[str, StoryId]) -> Split:
        (largest, _), *others = error.parts
        evidence = (
            next(self._between(self._sides[error.gold, largest], self._sides[error.gold, story], {largest, story}))
            for story, _ in others[:PAIRS_SHOWN]
        )
        return Split(label=error.gold, parts=error.parts, wrong_pairs=error.wrong_pairs, evidence=tuple(evidence))

    def _between(self, one: list[ArticleId], other: list[ArticleId], stories: set[StoryId]) -> Iterator[PairEvidence]:
        """Yield the pairs that ties lead between; where there is none, the pair nearest in time."""
        ways = chains(self._store.ties(stories), one, other, PAIRS_SHOWN)
        for way in ways:
            yield self._pair(*ends(way, one), way)
        if not ways:
            dated = {member.id: member.dated for member in self._store.members(stories)}
            a, b = min(product(one, other), key=lambda pair: abs(dated[pair[0]] - dated[pair[1]]))
            yield self._pair(a, b, ())

    def _pair(self, a: ArticleId, b: ArticleId, ties: tuple[Tie, ...]) -> PairEvidence:
        (one, signed), (other, other_signed) = self._store.article(a), self._store.article(b)
        comparable = signed.shingles and other_signed.shingles
        return PairEvidence(
            a=a,
            b=b,
            titles=(one.title, other.title),
            hours_apart=round(abs(one.dated - other.dated) / timedelta(hours=1), 2),
            shared=overlap(signed.shingles, other_signed.shingles) if comparable else None,
            ties=ties,
        )
