"""Do we find the copies? Measured against pairs that were counted exactly."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from aggregator.adapters.store import SqliteStore
from aggregator.core.evaluation.measures import set_scores
from aggregator.domain.stories import Tie
from aggregator.pipeline.batch import place_all, placed
from tests.quality.corpora import CORPORA, as_line, digest, read_lines
from tests.quality.gate import Figure

STREAM = CORPORA / "copies" / "stream_2020_en.jsonl.gz"
STREAM_PAIRS = CORPORA / "copies" / "stream_2020_en.pairs.jsonl.gz"
#: The pairs files count word sequences of five over title and text; what reaches this is a copy by any measure.
JACCARD = 0.5


def figures() -> Iterator[Figure]:
    """Place the whole stream as the daemon would and compare the ties it made with the exact pairs."""
    if not STREAM.exists():
        return
    articles = list(read_lines(STREAM))
    found = {_pair(articles, tie) for tie in ties_of(articles) if tie.jaccard >= JACCARD}
    true = {frozenset((line["a"], line["b"])) for line in read_lines(STREAM_PAIRS) if line["jaccard"] >= JACCARD}
    scores = set_scores(found, true)
    corpus = digest(STREAM, STREAM_PAIRS)
    yield Figure(name="stream_2020_en copies precision", value=scores.precision, digest=corpus, goal=0.999)
    yield Figure(name="stream_2020_en copies recall", value=scores.recall, digest=corpus, goal=0.999)


def ties_of(articles: list[dict[str, Any]]) -> tuple[Tie, ...]:
    """Place articles in their order into a store of their own; return every tie. Ids count from 1 in that order."""
    store = SqliteStore(":memory:")
    try:
        place_all(store, map(as_line, articles), datetime.now(UTC))
        return store.ties({place.story for place in placed(store)})
    finally:
        store.close()


def _pair(articles: list[dict[str, Any]], tie: Tie) -> frozenset[str]:
    return frozenset((articles[tie.a - 1]["id"], articles[tie.b - 1]["id"]))
