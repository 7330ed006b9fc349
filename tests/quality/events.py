"""Do we group what tells one event? Measured against what people, or for the stream another program, put together."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.core.evaluation.measures import b_cubed, cross
from aggregator.pipeline.batch import Batch
from tests.builders import placed_lines
from tests.quality.copies import STREAM, stream
from tests.quality.corpora import CORPORA, as_line, digest, read_lines
from tests.quality.gate import Figure

EVENTS = CORPORA / "events"
#: Each set with what its B-cubed F1 aims at.
GOALS = {"allsides": 0.88, "basil": 0.98, "wikinews": 0.78}
FINANCE = CORPORA / "traps" / "finance_human_pairs.jsonl.gz"


def figures() -> Iterator[Figure]:
    """Place each set on its own, all with the same defaults."""
    for name, goal in GOALS.items():
        path = EVENTS / f"{name}.jsonl.gz"
        if path.exists():
            articles = list(read_lines(path))
            batch = placed_lines(map(as_line, articles), datetime.now(UTC))
            yield from _b_cubed(name, articles, batch, path, goal)
    if STREAM.exists():
        yield from _b_cubed("stream_2020_en threads", *stream(), STREAM, 0.82)
    if FINANCE.exists():
        yield from _finance()


def _b_cubed(name: str, articles: list[dict[str, Any]], batch: Batch, path: Path, goal: float) -> Iterator[Figure]:
    labels = [article["cluster"] or f"none {place}" for place, article in enumerate(articles)]
    scores = b_cubed(cross(labels, [place.story for place in batch.placed()]))
    corpus = digest(path)
    yield Figure(name=f"{name} events B-cubed precision", value=scores.precision, digest=corpus)
    yield Figure(name=f"{name} events B-cubed recall", value=scores.recall, digest=corpus)
    yield Figure(name=f"{name} events B-cubed F1", value=scores.f1, digest=corpus, goal=goal)


def _finance() -> Iterator[Figure]:
    """Place all articles of the pairs together; tell how many pairs are kept apart that should be, and put together."""
    pairs = list(read_lines(FINANCE))
    articles = {side["id"]: side for pair in pairs for side in (pair["a"], pair["b"])}
    batch = placed_lines((as_line(article | {"lang": "en"}) for article in articles.values()), datetime.now(UTC))
    story_of = dict(zip(articles, (place.story for place in batch.placed()), strict=True))
    tied: dict[str, list[bool]] = {"SAME": [], "DIFFERENT": []}
    for pair in pairs:
        tied[pair["label"]].append(story_of[pair["a"]["id"]] == story_of[pair["b"]["id"]])
    corpus = digest(FINANCE)
    different, same = (sum(tied[label]) / len(tied[label]) for label in ("DIFFERENT", "SAME"))
    yield Figure(name="finance DIFFERENT kept apart", value=1 - different, digest=corpus, goal=0.97)
    yield Figure(name="finance SAME together", value=same, digest=corpus, goal=0.80)
