"""The labelled news that quality is measured on: where it lies, how it is read, and its digest."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.domain.lines import Line

#: Beside the project, where present. The texts belong to their outlets, so the project itself holds none of them.
CORPORA = Path(__file__).parents[3] / "shared" / "corpora"


def digest(*paths: Path) -> str:
    """Return a short SHA-256 over files, so that a floor is only ever compared on the corpus it was pinned on."""
    sha = hashlib.sha256()
    for path in paths:
        sha.update(path.read_bytes())
    return sha.hexdigest()[:16]


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Read a gzipped JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def as_line(article: dict[str, Any]) -> Line:
    """Take what `aggregator cluster` would take of an article; labels stay behind."""
    published = article.get("published")
    return Line(
        title=article.get("title"),
        text=article.get("text"),
        published=_moment(published) if published else None,
        source=article.get("source"),
        url=article.get("url"),
        language=article.get("lang"),
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
