"""Do we find the copies? Measured against pairs that were counted exactly."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aggregator.core.copies.similarity import overlap
from aggregator.core.evaluation.measures import set_scores
from aggregator.core.words.boilerplate import ARTICLES
from aggregator.domain.ids import ArticleId
from aggregator.domain.stories import Relation, Tie
from aggregator.pipeline.batch import Batch
from tests.builders import placed_lines
from tests.quality.corpora import CORPORA, as_line, digest, read_lines
from tests.quality.gate import Figure

STREAM = CORPORA / "copies" / "stream_2020_en.jsonl.gz"
STREAM_PAIRS = CORPORA / "copies" / "stream_2020_en.pairs.jsonl.gz"
#: The pairs files count word sequences of five over title and text; what reaches this is a copy by any measure.
JACCARD = 0.5
#: Of pairs below that, those whose shorter text stands so far in the longer one are to be found in one story at least.
CONTAINMENT = 0.5


def figures() -> Iterator[Figure]:
    """Place the whole stream and compare the ties and the stories with the exact pairs."""
    if not STREAM.exists():
        return
    articles, batch = stream()
    lines = list(read_lines(STREAM_PAIRS))
    found = {_pair(articles, tie) for tie in batch.ties if tie.relation is Relation.COPY and _is_close(tie)}
    true = {frozenset((line["a"], line["b"])) for line in lines if line["jaccard"] >= JACCARD}
    true |= set(_close_without_boilerplate(articles, lines))
    scores = set_scores(found, true)
    corpus = digest(STREAM, STREAM_PAIRS)
    yield Figure(name="stream_2020_en copies precision", value=scores.precision, digest=corpus, goal=0.999)
    yield Figure(name="stream_2020_en copies recall", value=scores.recall, digest=corpus, goal=0.999)
    contained = set(_contained(batch, articles, lines))
    together = {pair for pair in contained if _share_a_story(batch, articles, pair)}
    recall = set_scores(together, contained).recall
    yield Figure(name="stream_2020_en parts recall", value=recall, digest=corpus, goal=0.95)


@cache
def stream() -> tuple[list[dict[str, Any]], Batch]:
    """Return the stream and how its articles are placed; ids count from 1 in its order."""
    articles = list(read_lines(STREAM))
    return articles, placed_lines(map(as_line, articles), datetime.now(UTC))


def _is_close(tie: Tie) -> bool:
    return tie.jaccard is not None and tie.jaccard >= JACCARD


def _pair(articles: list[dict[str, Any]], tie: Tie) -> frozenset[str]:
    return frozenset((articles[tie.a - 1]["id"], articles[tie.b - 1]["id"]))


def _close_without_boilerplate(
    articles: list[dict[str, Any]], lines: Iterable[dict[str, Any]]
) -> Iterator[frozenset[str]]:
    """Yield the pairs that reach the Jaccard once lines are left out that stand in three articles of their outlet.

    Counted here in its own way: plain sets of runs of five words, as the pairs file was made.
    """
    spread: dict[tuple[str, str], set[str]] = defaultdict(set)
    for article in articles:
        for line in article["text"].split("\n"):
            spread[article["source"], line.strip()].add(article["title"])
    texts = {
        article["id"]: " ".join(
            line for line in article["text"].split("\n") if len(spread[article["source"], line.strip()]) < ARTICLES
        )
        for article in articles
    }
    titles = {article["id"]: article["title"] for article in articles}
    for pair in lines:
        one, other = (_runs(f"{titles[pair[side]]} {texts[pair[side]]}") for side in ("a", "b"))
        if pair["jaccard"] < JACCARD and len(one & other) >= JACCARD * len(one | other):
            yield frozenset((pair["a"], pair["b"]))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(*(words[start:] for start in range(5)), strict=False))


def _contained(
    batch: Batch, articles: list[dict[str, Any]], lines: Iterable[dict[str, Any]]
) -> Iterator[frozenset[str]]:
    """Yield the pairs of low Jaccard of which the shorter text stands in the longer one by half, counted exactly."""
    number = {article["id"]: ArticleId(place) for place, article in enumerate(articles, 1)}
    for line in lines:
        one, other = (batch.articles[number[line[side]]].signature.shingles for side in ("a", "b"))
        if line["jaccard"] < JACCARD and one and other and overlap(one, other).containment >= CONTAINMENT:
            yield frozenset((line["a"], line["b"]))


def _share_a_story(batch: Batch, articles: list[dict[str, Any]], pair: frozenset[str]) -> bool:
    story_of = _stories(batch)
    return len({story_of[place] for place, article in enumerate(articles, 1) if article["id"] in pair}) == 1


@cache
def _stories(batch: Batch) -> dict[int, int]:
    return {place.article: place.story for place in batch.placed()}
