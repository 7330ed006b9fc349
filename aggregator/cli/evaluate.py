"""`aggregator evaluate`."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

import click

from aggregator.bootstrap.clustering import cluster
from aggregator.cli import show
from aggregator.cli.cluster import read_lines
from aggregator.core.evaluation.curve import Point
from aggregator.core.evaluation.measures import Scores
from aggregator.core.evaluation.svg import draw
from aggregator.core.printable import printable
from aggregator.domain.errors import AggregatorError
from aggregator.domain.lines import Line
from aggregator.domain.stories import Tie
from aggregator.pipeline.evaluation import Evaluation, PairEvidence, measure_curve
from aggregator.pipeline.evaluation import evaluate as measure

#: What the curve's threshold is, for its axis and its table.
THRESHOLD = "least mean likeness"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What the lines of the file call their articles and clusters, in their order."""

    ids: list[object] = field(default_factory=list)
    #: As JSON, for that tells 1 from true; None for a line without a label.
    labels: list[str | None] = field(default_factory=list)

    def id(self, article: int) -> object:
        """Return the id of an article by its number, which counts from 1."""
        return self.ids[article - 1]


@click.command()
@click.argument("file", metavar="GOLD.jsonl", type=click.File("rb"))
@click.option(
    "--worst",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    metavar="N",
    help="Errors of each kind to show.",
)
@click.option(
    "--curve",
    "image",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE.svg",
    help="Measure over the threshold too: a table, and an image in FILE.svg.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all of it as one JSON object.")
def evaluate(file: IO[bytes], worst: int, image: Path | None, as_json: bool) -> None:
    """Place labelled articles as `cluster` does, and tell how well the stories agree with the labels.

    GOLD.jsonl has lines as for `cluster`, each with "cluster" besides: a string, a number or a boolean that articles of
    one story share. A line where it is null is placed but not measured. "-" reads stdin.
    """
    named = Named()
    batch = cluster(show.progress(_lines(file, named), "articles"))
    if not any(named.labels):
        raise AggregatorError(f'{file.name}: no line has a "cluster" to measure by')
    evaluation = measure(batch, named.labels, worst=worst)
    points = list(measure_curve(batch, named.labels)) if image else []
    if image:
        _write(image, draw(points, title=f"Stories of {Path(file.name).name}", across=THRESHOLD))
    if as_json:
        show.print_json(_evaluation_json(evaluation, points, named))
    else:
        _print(evaluation, points, named)


def _write(image: Path, drawing: str) -> None:
    try:
        image.write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise AggregatorError(f"{image}: {error.strerror}") from error


def _lines(file: IO[bytes], named: Named) -> Iterator[Line]:
    """Yield the articles and note their ids and labels."""
    for value, line in read_lines(file, check=lambda value: _label(value.get("cluster"))):
        named.ids.append(value["id"])
        named.labels.append(_label(value.get("cluster")))
        yield line


def _label(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str | int | float):
        raise ValueError('"cluster" must be a string, a number, a boolean or null')  # noqa: TRY004  # all faults of a line are ValueErrors
    return json.dumps(value)


def _print(evaluation: Evaluation, points: Sequence[Point], named: Named) -> None:
    click.echo(
        f"{evaluation.articles:,} articles · {evaluation.labelled:,} labelled"
        f" · {evaluation.gold_clusters:,} gold clusters · {evaluation.found_clusters:,} found"
    )
    click.echo(f"\n{'':22}precision  recall     F1")
    for name, scores in (("pairs", evaluation.pairs), ("B-cubed", evaluation.b_cubed)):
        click.echo(f"{name:22}{_row(scores)}")
    click.echo(f"{'adjusted Rand index':22}{evaluation.adjusted_rand:9.4f}")
    _print_errors("Worst false merges", _merges(evaluation), named)
    _print_errors("Worst false splits", _splits(evaluation), named)
    _print_curve(points)


def _merges(evaluation: Evaluation) -> Iterator[tuple[str, Iterable[PairEvidence]]]:
    for merge in evaluation.merges:
        (one, other), (many, fewer) = map(_label_text, merge.labels), merge.articles
        yield f"{many} of {one} with {fewer} of {other}: {_count(merge.wrong_pairs, 'wrong pair')}", merge.evidence


def _splits(evaluation: Evaluation) -> Iterator[tuple[str, Iterable[PairEvidence]]]:
    for split in evaluation.splits:
        sizes = Counter(articles for _, articles in split.parts)
        parts = " + ".join(str(size) if times == 1 else f"{times} x {size}" for size, times in sizes.items())
        torn = f"{_count(split.wrong_pairs, 'pair')} torn apart"
        yield f"{_label_text(split.label)} in {len(split.parts)} stories, {parts}: {torn}", split.evidence


def _print_errors(heading: str, errors: Iterable[tuple[str, Iterable[PairEvidence]]], named: Named) -> None:
    for number, (error, evidence) in enumerate(errors, 1):
        if number == 1:
            click.echo(f"\n{heading}")
        click.echo(f"{number:3}. {error}")
        for pair in evidence:
            for article, title in zip((pair.a, pair.b), pair.titles, strict=True):
                click.echo(f"       {_id_text(named.id(article))}  {printable(title) or '(no headline)'}")
            click.echo(f"         {pair.hours_apart:g} h apart; {_tied(pair, named)}")


def _tied(pair: PairEvidence, named: Named) -> str:
    if len(pair.ties) == 1:
        return f"tied: {_tie_text(pair.ties[0])}"
    if pair.ties:
        return "tied by way of others: " + ", ".join(
            f"{_id_text(named.id(tie.a))} - {_id_text(named.id(tie.b))} ({_tie_text(tie)})" for tie in pair.ties
        )
    facts = [] if pair.likeness is None else [f"likeness {pair.likeness:.2f}"]
    if pair.shared is not None:
        facts.append(f"Jaccard {pair.shared.jaccard:.2f}, containment {pair.shared.containment:.2f}")
    return f"not tied: {', '.join(facts) or 'nothing in common'}"


def _tie_text(tie: Tie) -> str:
    if tie.likeness is not None:
        return f"likeness {tie.likeness:.2f}"
    return f"{tie.relation}, Jaccard {tie.jaccard:.2f}, containment {tie.containment:.2f}"


def _label_text(label: str) -> str:
    value = json.loads(label)
    return f'"{printable(value)}"' if isinstance(value, str) else label


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _id_text(value: object) -> str:
    return printable(value) if isinstance(value, str) else json.dumps(value)


def _print_curve(points: Sequence[Point]) -> None:
    if not points:
        return
    click.echo(f"\n{THRESHOLD:22}{'pairs: P, R, F1':>26}{'B-cubed: P, R, F1':>30}")
    for point in points:
        click.echo(f"{point.threshold:22.2f}{_row(point.pairs)}   {_row(point.b_cubed)}")


def _row(scores: Scores) -> str:
    return f"{scores.precision:9.4f}{scores.recall:8.4f}{scores.f1:7.4f}"


def _evaluation_json(evaluation: Evaluation, points: Sequence[Point], named: Named) -> dict[str, object]:
    return {
        "articles": evaluation.articles,
        "labelled": evaluation.labelled,
        "gold_clusters": evaluation.gold_clusters,
        "found_clusters": evaluation.found_clusters,
        "pairs": _scores_json(evaluation.pairs),
        "b_cubed": _scores_json(evaluation.b_cubed),
        "adjusted_rand": evaluation.adjusted_rand,
        "merges": [
            {
                "story": merge.story,
                "clusters": [
                    {"cluster": json.loads(label), "articles": articles}
                    for label, articles in zip(merge.labels, merge.articles, strict=True)
                ],
                "wrong_pairs": merge.wrong_pairs,
                "evidence": [_pair_json(pair, named) for pair in merge.evidence],
            }
            for merge in evaluation.merges
        ],
        "splits": [
            {
                "cluster": json.loads(split.label),
                "parts": [{"story": story, "articles": articles} for story, articles in split.parts],
                "wrong_pairs": split.wrong_pairs,
                "evidence": [_pair_json(pair, named) for pair in split.evidence],
            }
            for split in evaluation.splits
        ],
        "curve": [
            {
                "threshold": point.threshold,
                "pairs": _scores_json(point.pairs),
                "b_cubed": _scores_json(point.b_cubed),
            }
            for point in points
        ],
    }


def _pair_json(pair: PairEvidence, named: Named) -> dict[str, object]:
    return {
        "articles": [
            {"id": named.id(article), "title": title}
            for article, title in zip((pair.a, pair.b), pair.titles, strict=True)
        ],
        "hours_apart": pair.hours_apart,
        "jaccard": pair.shared and round(pair.shared.jaccard, 4),
        "containment": pair.shared and round(pair.shared.containment, 4),
        "likeness": pair.likeness and round(pair.likeness, 4),
        # Whatever a tie tells, it tells here too.
        "ties": [asdict(tie) | {"a": named.id(tie.a), "b": named.id(tie.b)} for tie in pair.ties],
    }


def _scores_json(scores: Scores) -> dict[str, float]:
    return {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1}
