"""A file of any size for `aggregator cluster`: `python -m tests.bench.lines FILE ARTICLES`.

Its news is invented: events that outlets tell in the two days after them, some in words of their own and some in those of
another, above a line that the outlet puts under all it prints. The events come day by day, the articles of a day in order.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

from tests.bench.archive import SHARES, SIZES, WORDS, Desk

#: Articles of a day; outlets.
A_DAY, OUTLETS = 1_700, 400
#: The share of articles whose text is another's.
_COPIED = 0.25
#: Hours between an event and half of what is told of it.
_HALF = 8.0
_SEED = 1
_BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


def lines() -> Iterator[dict[str, object]]:
    """Yield articles without end."""
    chance = random.Random(_SEED)
    desk = Desk(_SEED, WORDS)
    ids, events = count(1), count(1)
    for day in count():
        told: list[dict[str, object]] = []
        while len(told) < A_DAY:
            begin = _BEGIN + timedelta(days=day, seconds=chance.randrange(86_400))
            told += _of_event(next(events), chance.choices(SIZES, SHARES)[0], begin, desk, chance)
        told.sort(key=lambda line: str(line["published"]))
        yield from ({"id": f"article-{next(ids)}", **line} for line in told)


def _of_event(event: int, size: int, begin: datetime, desk: Desk, chance: random.Random) -> Iterator[dict[str, object]]:
    texts: list[tuple[str, str]] = []
    for outlet in chance.sample(range(OUTLETS), size):
        if not texts or chance.random() >= _COPIED:
            texts.append(desk.telling(event))
        title, text = texts[-1]
        hours = min(chance.expovariate(0.693 / _HALF), 96.0)
        yield {
            "title": title,
            "text": f"{text}\nPaper {outlet} is written by people who live where you do; subscribe to it.",
            "published": (begin + timedelta(hours=hours)).isoformat(timespec="seconds"),
            "source": f"Paper {outlet}",
            "lang": "en",
        }


def main() -> int:
    """Write the file."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lines", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("articles", type=int)
    options = parser.parse_args()
    write_lines(options.file, options.articles)
    return 0


def write_lines(path: Path, articles: int) -> None:
    """Write a file of so many articles."""
    with path.open("w", encoding="utf-8") as file:
        for line in islice(lines(), articles):
            file.write(f"{json.dumps(line)}\n")


if __name__ == "__main__":
    sys.exit(main())
