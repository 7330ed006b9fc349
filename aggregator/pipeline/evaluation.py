"""Hold placed articles against the labels that a person gave them.

::

    [Line] ─place_all─▶ Batch ─found, labels─▶ cross ─▶ measures
                                                └─▶ worst errors ─members, ties, articles─▶ evidence
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from aggregator.core.copies.copies import hours_apart
from aggregator.core.copies.similarity import Overlap, overlap
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
from aggregator.core.stories.rules import Rules
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.stories import Tie
from aggregator.pipeline.batch import Batch

#: Pairs of articles shown of one error.
PAIRS_SHOWN = 3
#: Where the curve is measured: .05, .1 … 1.
THRESHOLDS = tuple(step / 20 for step in range(1, 21))


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
    #: How much they tell of one event; None where that is nothing, or each stands for a copy of another.
    likeness: float | None
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


def evaluate(batch: Batch, labels: Sequence[str | None], *, worst: int) -> Evaluation:
    """Measure the stories of a batch.

    Args:
        batch: The articles.
        labels: The gold cluster of each article in the order of their ids; None for one without a label.
        worst: How many false merges and how many false splits are told.
    """
    stories = {place.article: place.story for place in batch.placed()}
    labelled = dict(_labelled(stories, labels))
    table = cross(list(labelled.values()), [stories[article] for article in labelled])
    evidence = _EvidenceReader(batch, stories, labelled)
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


def measure_curve(batch: Batch, labels: Sequence[str | None]) -> Iterator[Point]:
    """Measure the stories that the same articles make at each of `THRESHOLDS`: the mean likeness that makes an event."""
    labelled = dict(_labelled(batch.articles, labels))

    def found_at(threshold: float) -> list[ArticleId]:
        placement = batch.arranged(Rules(same_event=threshold))
        found = {article: story.canonical for story in placement.stories for article in story.members}
        return [found[article] for article in labelled]

    return curve(list(labelled.values()), found_at, THRESHOLDS)


def _labelled(articles: Collection[ArticleId], labels: Sequence[str | None]) -> Iterator[tuple[ArticleId, str]]:
    for article, label in zip(sorted(articles), labels, strict=True):
        if label is not None:
            yield article, label


class _EvidenceReader:
    """Tells of errors what the batch knows about the articles on either side."""

    def __init__(self, batch: Batch, stories: Mapping[ArticleId, StoryId], labelled: Mapping[ArticleId, str]) -> None:
        self._batch = batch
        self._story_of = stories
        self._ties: dict[StoryId, list[Tie]] = defaultdict(list)
        for tie in (*batch.ties, *batch.placement.events):
            for story in {stories[tie.a], stories[tie.b]}:
                self._ties[story].append(tie)
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
        """Yield the pairs that ties lead between; where there is none, the pair most alike."""
        ties = {(tie.a, tie.b): tie for story in sorted(stories) for tie in self._ties[story]}
        known = [tie for tie in ties.values() if {self._story_of[tie.a], self._story_of[tie.b]} <= stories]
        ways = chains(known, one, other, PAIRS_SHOWN)
        for way in ways:
            yield self._pair(*ends(way, one), way)
        if not ways:
            yield self._pair(*min(product(one, other), key=self._unlike), ())

    def _unlike(self, pair: tuple[ArticleId, ArticleId]) -> tuple[float, float]:
        one, other = (self._batch.articles[id].member for id in pair)
        return -(self._batch.likeness(*pair) or 0.0), hours_apart(one.dated, other.dated)

    def _pair(self, a: ArticleId, b: ArticleId, ties: tuple[Tie, ...]) -> PairEvidence:
        one, other = self._batch.articles[a], self._batch.articles[b]
        comparable = one.signature.shingles and other.signature.shingles
        return PairEvidence(
            a=a,
            b=b,
            titles=(one.title, other.title),
            hours_apart=hours_apart(one.member.dated, other.member.dated),
            shared=overlap(one.signature.shingles, other.signature.shingles) if comparable else None,
            likeness=self._batch.likeness(a, b),
            ties=ties,
        )
