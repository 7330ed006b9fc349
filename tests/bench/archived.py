"""What an archive costs by its size: `python -m tests.bench.archived` with an order.

The archive is made first, see `tests.bench.archive`; its texts are short ones, but those that are recorded into it are whole.
Each of a few phases records some articles, so that a large archive and a small one can take turns.
"""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from itertools import count, islice
from pathlib import Path
from statistics import median
from typing import Any

from aggregator.adapters.store import SqliteStore, StoreReader
from aggregator.core.articles import Read
from aggregator.core.days import day_span, today
from aggregator.core.stories.ranking import ranked
from aggregator.core.urls import site, url_key
from aggregator.core.words.signature import sign
from aggregator.domain.articles import Article, Source, TextFrom
from aggregator.domain.feeds import Entry, EntryToRead
from aggregator.domain.ids import FeedId
from aggregator.domain.reading import StoryQuery
from aggregator.pipeline.recording import record
from tests.bench.archive import OUTLETS, WORDS, Desk, make_archive
from tests.bench.load import from_json
from tests.bench.measuring import ordered, phase

#: Words of a stored text: lists of stories are as long with these.
_LENGTH = 12
#: How often what takes milliseconds is done, and stories of a list.
_ROUNDS, _STORIES = 9, 40
#: Articles that are recorded before anything is measured, and then in each of so many phases; and the first of their events,
#: which no stored text tells.
_FIRST, _NEW, _PHASES, _EVENT = 100, 50, 8, 10_000_000


def main(order: Mapping[str, Any]) -> None:
    """Make an archive and measure what is asked of it."""
    path = Path(order["database"])
    # Noon, for the day's list is to be that of a day half gone, whenever this is run.
    now = from_json(order["load"]).now.replace(hour=12)
    make_archive(path, order["articles"], until=now, length=_LENGTH)
    with phase("list") as counts:
        counts["list ms"] = _milliseconds(lambda: _list(path, now))
    _record_all(path, now)
    with phase("commands") as counts:
        counts["today CPU ms"], counts["today wall ms"] = _command(path)
        counts["start wall ms"], counts["idle MB"] = _start(path)


def _list(path: Path, now: datetime) -> None:
    """Do what `today` and the page do for a day's list."""
    begin, end = day_span(today(now, now.tzinfo), now.tzinfo)
    reader = StoreReader(path)
    edition = reader.edition(StoryQuery(since=begin, until=end))
    assert reader.listed([story.id for story in ranked(edition.stories, now)[:_STORIES]])
    reader.close()


def _record_all(path: Path, now: datetime) -> None:
    """Record articles of as many words as any, each on an event of its own or of three others."""
    desk = Desk(0, WORDS)
    reads = (_read(*desk.telling(_EVENT + number // 4), number, now) for number in count())
    with SqliteStore(path) as store:
        # What the first ones have read from the disk and learned stays with the daemon.
        for read in islice(reads, _FIRST):
            _record(store, read, now)
        for _ in range(_PHASES):
            some = list(islice(reads, _NEW))
            with phase("new") as counts:
                for read in some:
                    _record(store, read, now)
                counts["new"] = len(some)


def _record(store: SqliteStore, read: Read, now: datetime) -> None:
    url = read.article.url
    entry = Entry(key=url, guid=url, url=url, title=read.article.title, digest=sha256(url.encode()).digest())
    record(store, FeedId(1), EntryToRead(entry=entry), read, now)


def _read(title: str, text: str, number: int, now: datetime) -> Read:
    url = f"https://www.paper-{number % OUTLETS + 1}.example/new/{number}"
    article = Article(
        url=url,
        url_keys=(url_key(url),),
        title=title,
        text=text,
        text_from=TextFrom.PAGE,
        summary=text[:300],
        author="A. Writer",
        source=Source(site=site(url), name=f"Paper {number % OUTLETS + 1}"),
        language="en",
        published=now,
        dated=now,
    )
    return Read(article=article, signature=sign(title, text))


def _command(path: Path) -> tuple[float, float]:
    """Return what `aggregator today` takes, of CPU and in all."""
    found = []
    for _ in range(3):
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(
            _aggregator(path, "today"),
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        found.append((cpu * 1e3, (time.perf_counter() - begun) * 1e3))
    return median(cpu for cpu, _ in found), median(wall for _, wall in found)


def _start(path: Path) -> tuple[float, float]:
    """Return how long the daemon takes to say that it has started, and what its process holds then."""
    begun = time.perf_counter()
    command = _aggregator(path, "run", "--no-web")
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=_environment()) as daemon:
        assert daemon.stderr
        for line in daemon.stderr:
            if "started" in line:
                break
        took = (time.perf_counter() - begun) * 1e3
        time.sleep(2)
        held = next(line for line in Path(f"/proc/{daemon.pid}/status").read_text().splitlines() if "VmRSS" in line)
        os.kill(daemon.pid, signal.SIGTERM)
        daemon.stderr.read()
    return took, int(held.split()[1]) / 1e3


def _aggregator(path: Path, *words: str) -> list[str]:
    config = path.with_suffix(".yaml")
    config.write_text("feeds: []\n", encoding="utf-8")
    return [sys.executable, "-m", "aggregator", f"--config={config}", f"--db={path}", *words]


def _environment() -> dict[str, str]:
    """Return that of somebody whose Python keeps what it has compiled."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _milliseconds(work: Callable[[], object]) -> float:
    found = []
    for _ in range(_ROUNDS):
        begun = time.process_time()
        work()
        found.append((time.process_time() - begun) * 1e3)
    return median(found)


if __name__ == "__main__":
    main(ordered())
