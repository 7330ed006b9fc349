"""What it costs to record and place one new article in an archive of any size.

::

    python -m tests.bench.placing --articles 10000 --new 400 [--together 16] [--keep FOLDER] [--profile FILE]

The archive is real news told again and again, two days after two days, each time with its rarer words exchanged for others: so
its stories, copies and likenesses are those of the real days, and one time shares with another what news of different
weeks shares.
"""

import argparse
import cProfile
import hashlib
import json
import re
import resource
import shutil
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aggregator.adapters.store import SqliteStore
from aggregator.core.articles import Read
from aggregator.core.events.comparing import key_terms, learn_vocabularies
from aggregator.core.stories.placement import arrange
from aggregator.core.urls import site, url_key
from aggregator.core.words.signature import sign
from aggregator.domain.articles import Article, Source, TextFrom
from aggregator.domain.feeds import Entry, EntryToRead
from aggregator.domain.ids import ArticleId, FeedId
from aggregator.domain.settings import FeedConfig
from aggregator.domain.stories import Placement, Tie
from aggregator.pipeline.batch import Batch
from aggregator.pipeline.placing import EVENT_WINDOW
from aggregator.pipeline.planning import LEARNED_FROM
from aggregator.pipeline.recording import record
from tests.builders import placed_lines
from tests.quality.copies import STREAM
from tests.quality.corpora import as_line, read_lines

#: Words that so many articles of the stream have stay as they are; the others are others each time. What stays is three of
#: five words, and one of fifteen runs of five words.
COMMON = 300
#: From one telling to the next.
SPAN = timedelta(days=2)
_END = datetime(2026, 3, 2, tzinfo=UTC)
_WORD = re.compile(r"\w+")
_SPACE = re.compile(r"[^a-z0-9]+")
_LETTERS = "etaoinshrdlucmfwypvbgkjqxz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one new article costs on average."""

    #: In the archive before.
    articles: int
    new: int
    #: So many share a transaction.
    together: int
    #: Of CPU, recording and placing with all that SQLite does.
    milliseconds: float
    #: The same in times of what signing the article costs, measured in turn: other work on the machine does not change it much.
    signings: float
    #: Of SQL, with those of triggers.
    statements: float
    #: Inserted, updated or deleted, with what triggers do.
    rows_written: float
    #: Appended to the write-ahead log.
    wal_kilobytes: float
    #: Memory of the process at its largest, with the stream itself.
    peak_megabytes: float
    #: Of all that was written by placing: two versions of the rules that are equal have equal ones.
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article of the stream."""

    title: str
    text: str
    source: str
    dated: datetime
    url: str


def main() -> int:
    """Print what it costs as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.placing", description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000, help="how many the archive has before")
    parser.add_argument("--new", type=int, default=400, help="how many are placed")
    parser.add_argument("--together", type=int, default=1, help="how many share a transaction")
    parser.add_argument("--keep", type=Path, help="a folder where made archives are kept and taken from")
    parser.add_argument("--profile", type=Path, help="write a profile there; it makes everything slower")
    options = parser.parse_args()
    if not STREAM.exists():
        print(f"{STREAM} is not here", file=sys.stderr)
        return 1
    with TemporaryDirectory() as folder:
        path = (options.keep or Path(folder)) / f"archive-{options.articles}-{options.new}.db"
        if not path.exists():
            make_archive(path, options.articles, options.new)
        cost = measure(path, options.new, together=options.together, profile=options.profile)
        print(json.dumps(asdict(cost), indent=1))
    return 0


def make_archive(path: Path, articles: int, new: int) -> None:
    """Make a database with so many articles, those of the stream but for its last `new` being the latest of them."""
    stream = _stream()
    stories = Stories.of(stream)
    latest = stream[: len(stream) - new]
    with SqliteStore(path) as store:
        store.sync_feeds([FeedConfig(url="https://feed.example/")], timedelta(hours=1), _END)
        counts = _spread(stream)
        left = articles - len(latest)
        if left < 0:
            raise ValueError(f"the latest telling alone has {len(latest)} articles")
        tellings = -(-left // len(stream))
        for ago in range(tellings, 0, -1):
            told = [_exchanged(article, ago, counts) for article in stream]
            count = left - (ago - 1) * len(stream) if ago == tellings else len(stream)
            _add(store, told[len(told) - count :], stories.of_part(len(told) - count, len(told)))
        _add(store, latest, stories.of_part(0, len(latest)))
        with store.transaction():
            store.learn(learn_vocabularies(store.newest_profiles(LEARNED_FROM)), _END)
            _let_be_found(store)
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def measure(path: Path, new: int, *, together: int = 1, profile: Path | None = None) -> Cost:
    """Record and place the last `new` articles of the stream in a copy of the archive at `path`, once timed, once counted."""
    fresh = [_read(one) for one in _stream()[-new:]]
    # The first few find cold what the others find warm.
    warm, counted = fresh[: new // 8], fresh[new // 8 :]
    seconds, signing = _timed(path, warm, counted, together, profile)
    return Cost(
        new=len(counted),
        together=together,
        milliseconds=round(1000 * seconds / len(counted), 3),
        signings=round(seconds / signing, 2),
        peak_megabytes=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        **_counted(path, warm, counted, together),
    )


def _timed(
    path: Path, warm: Sequence[Read], counted: Sequence[Read], together: int, profile: Path | None
) -> tuple[float, float]:
    """Return the seconds that recording and placing take, and those that signing the same articles takes."""
    signing, seconds = 0.0, 0.0
    profiler = cProfile.Profile(time.thread_time)
    with _copied(path) as store:
        _record(store, warm, together)
        if profile:
            profiler.enable()
        for start in range(0, len(counted), together):
            began = time.thread_time()
            with store.transaction():
                for read in counted[start : start + together]:
                    started = time.thread_time()
                    sign(read.article.title, read.article.text)
                    signing += time.thread_time() - started
                    _record_one(store, read)
            seconds += time.thread_time() - began
        profiler.disable()
    if profile:
        profiler.dump_stats(profile)
    return seconds - signing, signing


def _counted(path: Path, warm: Sequence[Read], counted: Sequence[Read], together: int) -> dict[str, Any]:
    """Return what SQLite is asked and writes, and a digest of what comes of it."""
    statements = list[str]()
    with _copied(path) as store:
        before, raw = store.article_count(), store._sql.raw
        _record(store, warm, together)
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.execute("PRAGMA wal_autocheckpoint = 0")
        changes = raw.total_changes
        raw.set_trace_callback(statements.append)
        _record(store, counted, together)
        raw.set_trace_callback(None)
        log = Path(f"{raw.execute('PRAGMA database_list').fetchone()['file']}-wal")
        return {
            "articles": before,
            "statements": round(len(statements) / len(counted), 1),
            "rows_written": round((raw.total_changes - changes) / len(counted), 1),
            "wal_kilobytes": round(log.stat().st_size / 1024 / len(counted), 1),
            "digest": digest_of(store),
        }


@contextmanager
def _copied(path: Path) -> Iterator[SqliteStore]:
    with TemporaryDirectory() as folder, SqliteStore(shutil.copy(path, Path(folder) / "news.db")) as store:
        yield store


def digest_of(store: SqliteStore) -> str:
    """Return a digest of all that placing writes."""
    queries = (
        "SELECT id, story_id, copy_of, similarity FROM article ORDER BY id",
        "SELECT a, b, relation, jaccard, containment, likeness, shared, hours_apart, rule FROM tie ORDER BY a, b",
        "SELECT id, canonical_id, articles, texts, sources, first_dated, last_dated FROM story ORDER BY id",
        "SELECT old_id, story_id FROM merged_story ORDER BY old_id",
        "SELECT key, dated, article_id FROM key_term ORDER BY key, dated, article_id",
        "SELECT article_id, background FROM signature ORDER BY article_id",
    )
    sha = hashlib.sha256()
    for query in queries:
        for row in store._sql.raw.execute(query):
            sha.update(repr(tuple(row)).encode())
    return sha.hexdigest()[:16]


def _stream() -> list[Told]:
    """Return the stream in order of time, moved so that it ends at a time of ours."""
    articles = list(read_lines(STREAM))
    lines = [as_line(article) for article in articles]
    dates = [line.published for line in lines if line.published is not None]
    moved = _END - max(dates)
    told = [
        Told(
            title=line.title or "",
            text=line.text or "",
            source=line.source or "",
            dated=(line.published or max(dates)) + moved,
            url=f"https://{_SPACE.sub('-', (line.source or '').lower())}.example/{number}",
        )
        for number, line in enumerate(lines)
    ]
    return sorted(told, key=lambda one: (one.dated, one.url))


def _spread(stream: Sequence[Told]) -> Counter[str]:
    """Return how many articles have each word."""
    counts = Counter[str]()
    for told in stream:
        counts.update(set(_WORD.findall(f"{told.title} {told.text}".lower())))
    return counts


def _exchanged(told: Told, ago: int, counts: Mapping[str, int]) -> Told:
    """Return an article as news of other days, so many tellings before: other rare words in the places of its own."""

    def other(match: re.Match[str]) -> str:
        word = match[0]
        if counts[word.lower()] >= COMMON or word.isdigit():
            return word
        first = _LETTERS[ago % 26] + _LETTERS[ago // 26 % 26]
        return (first.title() if word[0].isupper() else first) + word.lower()

    return replace(
        told,
        title=_WORD.sub(other, told.title),
        text=_WORD.sub(other, told.text),
        dated=told.dated - ago * SPAN,
        url=f"{told.url}/{ago}",
    )


def _read(told: Told) -> Read:
    article = Article(
        url=told.url,
        url_keys=(url_key(told.url),),
        title=told.title,
        text=told.text,
        text_from=TextFrom.PAGE,
        summary=told.text[:300],
        source=Source(site=site(told.url), name=told.source),
        language="en",
        published=told.dated,
        dated=told.dated,
    )
    return Read(article=article, signature=sign(told.title, told.text))


def _task(read: Read) -> EntryToRead:
    url = read.article.url
    entry = Entry(key=url, guid=url, url=url, title=read.article.title, digest=hashlib.sha256(url.encode()).digest())
    return EntryToRead(entry=entry)


def _record(store: SqliteStore, reads: Sequence[Read], together: int) -> None:
    for start in range(0, len(reads), together):
        with store.transaction():
            for read in reads[start : start + together]:
                _record_one(store, read)


def _record_one(store: SqliteStore, read: Read) -> None:
    record(store, FeedId(1), _task(read), read, read.article.dated + timedelta(minutes=10))


@dataclass(frozen=True, slots=True)
class Stories:
    """How the stream is placed, by places in it."""

    batch: Batch

    @classmethod
    def of(cls, stream: Sequence[Told]) -> "Stories":
        """Place the stream."""
        lines = [
            as_line({"title": told.title, "text": told.text, "source": told.source, "lang": "en"} | _published(told))
            for told in stream
        ]
        return cls(placed_lines(lines, _END))

    def of_part(self, start: int, end: int) -> Placement:
        """Return the stories that the articles at these places make, numbered from 1."""
        members = [
            replace(article.member, id=ArticleId(id - start))
            for id, article in self.batch.articles.items()
            if start < id <= end
        ]
        ties = [_shifted(tie, -start) for tie in self.batch.ties]
        likenesses = {
            (ArticleId(a - start), ArticleId(b - start)): value
            for (a, b), value in self.batch.likenesses.items()
            if start < min(a, b) and max(a, b) <= end
        }
        placement = arrange(members, ties, alike=lambda _: likenesses)
        known = {member.id for member in members}
        return replace(placement, ties=tuple(tie for tie in ties if tie.a in known and tie.b in known))


def _published(told: Told) -> dict[str, Any]:
    return {"published": told.dated.isoformat()}


def _shifted(tie: Tie, by: int) -> Tie:
    return replace(tie, a=ArticleId(tie.a + by), b=ArticleId(tie.b + by))


def _add(store: SqliteStore, told: Sequence[Told], placement: Placement) -> None:
    """Add articles with the stories that they make; ids of the placement count them from 1."""
    with store.transaction():
        before = store.article_count()
        for one in told:
            read = _read(one)
            id = store.add_article(read.article, read.signature, one.dated)
            store.list_entry(FeedId(1), _task(read).entry, id, one.dated)
        stories = tuple(
            replace(
                story,
                id=None,
                members=tuple(ArticleId(member + before) for member in story.members),
                canonical=ArticleId(story.canonical + before),
                copies=tuple(
                    replace(copy, article=ArticleId(copy.article + before), of=ArticleId(copy.of + before))
                    for copy in story.copies
                ),
                first_dated=min(told[member - 1].dated for member in story.members),
                last_dated=max(told[member - 1].dated for member in story.members),
            )
            for story in placement.stories
        )
        store.apply(
            Placement(
                ties=tuple(_shifted(tie, before) for tie in placement.ties),
                stories=stories,
                events=tuple(replace(_shifted(tie, before), shared=("words",)) for tie in placement.events),
            ),
            told[-1].dated,
        )


def _let_be_found(store: SqliteStore) -> None:
    """Let the articles of the window be found by their terms, one of each text, as a rebuild does."""
    vocabularies = store.vocabularies()
    rows = store._sql.rows("SELECT id FROM article WHERE copy_of IS NULL")
    for profile in store.profiles([row["id"] for row in rows]):
        if profile.dated is not None and profile.dated >= _END - EVENT_WINDOW - timedelta(days=1):
            keys = key_terms(profile, vocabularies[profile.language])
            store.set_key_terms(profile.id, profile.dated, keys, 0.03)


if __name__ == "__main__":
    sys.exit(main())
