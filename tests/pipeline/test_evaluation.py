"""Placed articles held against labels."""

from collections.abc import Sequence

import pytest

from aggregator.core.stories.rules import SAME_EVENT
from aggregator.domain.lines import Line
from aggregator.domain.stories import Relation
from aggregator.pipeline.batch import Batch
from aggregator.pipeline.evaluation import PAIRS_SHOWN, THRESHOLDS, Evaluation, evaluate, measure_curve
from tests.builders import NOON, hours, placed_lines, words
from tests.pipeline.archive import Report, three_events

#: 116 sequences of five words; one and the next share 86 (Jaccard .59: tied), one and the next but one 56 (not tied).
CHAINED = (words(120), words(120, start=30), words(120, start=60))
OTHER = words(120, start=5000)


def _placed(*texts: str) -> Batch:
    """Place texts an hour apart, headed A, B and so on."""
    lines = [Line(title=chr(65 + hour), text=text, published=hours(hour)) for hour, text in enumerate(texts)]
    return placed_lines(lines, NOON)


def _evaluated(texts: Sequence[str], labels: Sequence[str | None], worst: int = 10) -> Evaluation:
    return evaluate(_placed(*texts), labels, worst=worst)


def test_stories_as_labelled_are_perfect() -> None:
    """Where stories and labels agree every measure is 1 and no error is told."""
    done = _evaluated([CHAINED[0], CHAINED[0], OTHER], ["one", "one", "two"])

    assert (done.articles, done.labelled, done.gold_clusters, done.found_clusters) == (3, 3, 2, 2)
    assert (done.pairs.f1, done.b_cubed.f1, done.adjusted_rand) == (1, 1, 1)
    assert not done.merges
    assert not done.splits


def test_what_has_no_label_is_placed_but_not_measured() -> None:
    """An unlabelled article counts in no measure, yet it takes part in placing: here it ties the other two together."""
    done = _evaluated(CHAINED, ["one", None, "one"])

    assert (done.articles, done.labelled, done.gold_clusters, done.found_clusters) == (3, 2, 1, 1)
    assert done.pairs.recall == 1


def test_a_false_merge_tells_who_is_tied_to_whom() -> None:
    """The strongest ties between the two sides, with both titles, the time between, and how much they share."""
    done = _evaluated([CHAINED[0], CHAINED[1], CHAINED[0]], ["one", "two", "one"])

    (merge,) = done.merges
    strong, _ = merge.evidence
    assert (merge.labels, merge.articles, merge.wrong_pairs) == (("one", "two"), (2, 1), 2)
    assert (strong.a, strong.b, strong.titles, strong.hours_apart) == (1, 2, ("A", "B"), 1)
    assert strong.shared is not None
    (tie,) = strong.ties
    assert (tie.a, tie.b) == (1, 2)
    assert tie.jaccard == pytest.approx(strong.shared.jaccard, abs=1e-4)
    assert {pair.b for pair in merge.evidence} == {2}
    assert done.pairs.precision == pytest.approx(1 / 3)


def test_a_false_merge_by_way_of_others_tells_the_way() -> None:
    """Two articles that are not tied themselves are told with the ties that chain them."""
    done = _evaluated(CHAINED, ["one", None, "two"])

    ((pair,),) = [merge.evidence for merge in done.merges]
    assert (pair.a, pair.b, pair.titles, pair.hours_apart) == (1, 3, ("A", "C"), 2)
    assert [(tie.a, tie.b) for tie in pair.ties] == [(1, 2), (2, 3)]
    assert pair.shared is not None
    assert pair.shared.jaccard < 0.5


def test_a_false_split_tells_how_far_the_parts_are_from_each_other() -> None:
    """Of the largest part and each other one the pair most alike, or nearest in time, is told, with what little it shares."""
    done = _evaluated([CHAINED[0], CHAINED[0], words(120, start=104), "Brief."], ["one"] * 4)

    (split,) = done.splits
    near, brief = split.evidence
    assert [articles for _, articles in split.parts] == [2, 1, 1]
    assert split.wrong_pairs == 5
    assert (near.a, near.b, near.hours_apart, near.ties) == (1, 3, 2, ())
    assert near.shared is not None
    assert 0 < near.shared.jaccard < 0.5
    assert (brief.a, brief.b, brief.shared, brief.ties) == (2, 4, None, ())


def test_a_merge_by_likeness_tells_how_alike_the_sides_are() -> None:
    """Two texts of one story that share no word sequences are told with their likeness and the words that make it."""
    done = _evaluated([report.text for report in three_events()], ["one", "two", *[None] * 10])

    ((pair,),) = [merge.evidence for merge in done.merges]
    assert (pair.a, pair.b) == (1, 2)
    assert pair.likeness is not None
    assert pair.likeness >= SAME_EVENT
    assert pair.shared is not None
    assert pair.shared.jaccard == 0
    assert {tie.relation for tie in pair.ties} == {Relation.EVENT}


def test_only_the_worst_are_told_and_few_pairs_of_each() -> None:
    """As many errors as asked for, and of a large one no more pairs than a person reads."""
    texts = [OTHER] * 8 + [words(120, start=start) for start in range(10_000, 15_000, 1000)]
    labels = [*["one", "two"] * 3, "three", "three", *["one"] * 5]

    (merge,), (split,) = (done := _evaluated(texts, labels, worst=1)).merges, done.splits

    assert (merge.labels, merge.wrong_pairs, len(merge.evidence)) == (("one", "two"), 9, PAIRS_SHOWN)
    assert (split.label, len(split.parts), len(split.evidence)) == ("one", 6, PAIRS_SHOWN)


def test_labels_must_fit_the_articles() -> None:
    """A label too many or too few is a mistake of the caller, not a measure."""
    with pytest.raises(ValueError, match="argument"):
        _evaluated(CHAINED, ["one", "two"])


def test_the_curve_is_that_of_the_stories_at_each_threshold() -> None:
    """At the threshold of the rules it has the stories as they stand; the higher the less is found; copies stay together."""
    reports = [*three_events(), Report(number=20, events=(0,), telling=0, at=6)]
    labels = [str(report.events) for report in reports]
    batch = _placed(*(report.text for report in reports))
    points = {point.threshold: point for point in measure_curve(batch, labels)}

    done = evaluate(batch, labels, worst=0)
    assert tuple(points) == THRESHOLDS
    assert (points[SAME_EVENT].pairs, points[SAME_EVENT].b_cubed) == (done.pairs, done.b_cubed)
    recalls = [point.pairs.recall for point in points.values()]
    assert recalls == sorted(recalls, reverse=True)
    assert recalls[0] == 1
    assert points[1.0].pairs.precision == 1
    assert points[1.0].pairs.recall == pytest.approx(1 / 22)


def test_measuring_changes_nothing() -> None:
    """The stories are the same before and after, so measuring twice gives the same."""
    labels = ["one", "two", "three"]
    batch = _placed(*CHAINED)
    before, done = list(batch.placed()), evaluate(batch, labels, worst=10)

    list(measure_curve(batch, labels))

    assert evaluate(batch, labels, worst=10) == done
    assert list(batch.placed()) == before
