"""A large archive, made in minutes: `python -m tests.bench.archive PATH ARTICLES`.

Its news is invented: words as frequent as those of a language, events with words of their own, told by several outlets and
reprinted by others. Texts come again after some thirty days, later than anything is compared with them, so that only the
first of them need be signed. What is stored is what the store itself would have written, but many rows at a time.
"""

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from aggregator.adapters.store import SqliteStore
from aggregator.adapters.store.key_tables import BAND
from aggregator.adapters.store.signatures import signature_columns
from aggregator.adapters.store.texts import octets, packed_text
from aggregator.adapters.store.times import to_seconds, to_text
from aggregator.core.copies.copies import RULE
from aggregator.core.events.comparing import key_terms, learn_vocabularies
from aggregator.core.words.signature import sign
from aggregator.domain.settings import FeedConfig
from aggregator.pipeline.placing import EVENT_WINDOW
from aggregator.pipeline.planning import LEARNED_FROM
from tests.builders import words

#: Outlets, each with one feed, and the articles that they bring a day: a million in a year.
OUTLETS = 500
A_DAY = 2_740
#: Articles after which texts come again; more than the four weeks that are compared.
ROUND = 80_000
#: Words of the language, of the reports of one event beside them, and of a text.
_LANGUAGE, _OF_EVENT = 50_000, 60
#: Words of a text: the mean, the spread of their logarithms, and the most as a multiple of the mean.
WORDS, _SPREAD, _MOST = 400, 0.6, 5
#: One word in so many is one of its event's.
_EVENTFUL = 6
#: How many articles the stories have, how many of a hundred stories have so many, and articles that share a text.
SIZES, SHARES, _REPRINTS = (1, 2, 3, 5, 8, 20, 40), (62, 18, 8, 6, 3, 2, 1), 2
#: Articles, and rows of the keys by which they are found, of one transaction.
_BATCH, _ROWS = 2_000, 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A text that is stored once or more."""

    title: str
    #: The title as it stands in an address.
    slug: str
    text: str
    deflated: bytes
    bands: npt.NDArray[np.int64]
    #: The columns of its signature.
    signed: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """One article."""

    id: int
    story: int
    #: The article whose text it carries, and the first of its story's.
    copy_of: int | None
    first: int
    text: _Text
    outlet: int
    dated: datetime
    url: str


def make_archive(path: Path, articles: int, *, until: datetime, length: int = WORDS, workers: int = 2) -> None:
    """Make a database of so many articles, the last of them dated at `until`; some 2,700 came each day.

    Their texts have `length` words on average. Where only lists of stories are looked at, short ones will do.

    Raises:
        FileExistsError: something is there.
    """
    if path.exists():
        raise FileExistsError(path)
    with SqliteStore(path) as store:
        # Stories and articles name each other.
        store._sql.raw.execute("PRAGMA foreign_keys = OFF")
        store._sql.raw.execute("PRAGMA synchronous = OFF")
        store._sql.raw.execute("PRAGMA wal_autocheckpoint = 100000")
        feeds = [
            FeedConfig(url=f"https://www.paper-{number}.example/feed", name=f"Paper {number}", tags=("news",))
            for number in range(1, OUTLETS + 1)
        ]
        store.sync_feeds(feeds, timedelta(hours=1), until - timedelta(days=articles / A_DAY))
        store.claim({due.feed.id: until + timedelta(days=365) for due in store.all_feeds()})
        with store.transaction():
            store._sql.write("INSERT INTO article_search (article_search, rank) VALUES ('hashsize', 67108864)")
            store._sql.write_all(
                "INSERT INTO source (id, site, name) VALUES (?, ?, ?)",
                [(number, f"paper-{number}.example", f"Paper {number}") for number in range(1, OUTLETS + 1)],
            )
        _fill(store, articles, until, length=length, workers=workers)
        with store.transaction():
            store._sql.write("INSERT INTO article_search (article_search, rank) VALUES ('hashsize', 1048576)")
            store.learn(learn_vocabularies(store.newest_profiles(LEARNED_FROM)), until)
            _let_be_found(store, until)
        store._sql.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _fill(store: SqliteStore, articles: int, until: datetime, *, length: int, workers: int) -> None:
    texts = _texts(min(articles, ROUND), length, workers)
    told = _told(articles, texts, until)
    bands: list[npt.NDArray[np.int64]] = []
    seconds: list[int] = []
    while batch := list(islice(told, _BATCH)):
        with store.transaction():
            _add(store, batch)
        bands += [told.text.bands for told in batch]
        seconds += [to_seconds(told.dated) for told in batch]
    _add_bands(store, bands, np.array(seconds, dtype=np.int64))


def _told(articles: int, texts: Sequence[Sequence[_Text]], until: datetime) -> Iterator[_Told]:
    """Yield the articles story after story, as they are dated."""
    step = timedelta(days=1) / A_DAY
    id = story = 0
    while id < articles:
        for number, of_story in enumerate(texts):
            size = min(len(of_story), articles - id)
            if not size:
                return
            story += 1
            first, sharing = id + 1, dict[int, int]()
            for place, text in enumerate(of_story[:size]):
                id += 1
                told = sharing.setdefault(hash(text.title), id)
                outlet, dated = (number + 7 * place) % OUTLETS + 1, until - (articles - id) * step
                yield _Told(
                    id=id,
                    story=story,
                    copy_of=None if told == id else told,
                    first=first,
                    text=text,
                    outlet=outlet,
                    dated=dated,
                    url=f"https://www.paper-{outlet}.example/{dated:%Y/%m/%d}/{text.slug}-{id}",
                )


def _texts(articles: int, length: int, workers: int) -> list[list[_Text]]:
    """Return the texts of so many articles, by story."""
    chance = random.Random(1)
    sizes = list[int]()
    while sum(sizes) < articles:
        sizes += chance.choices(SIZES, SHARES, k=100)
    sizes = [size for size, end in zip(sizes, accumulate(sizes), strict=True) if end - size < articles]
    chunks = [(number, length, sizes[number : number + 200]) for number in range(0, len(sizes), 200)]
    if workers == 1:
        return [story for chunk in map(_write, chunks) for story in chunk]
    with ProcessPoolExecutor(workers) as pool:
        return [story for chunk in pool.map(_write, chunks) for story in chunk]


def _write(chunk: tuple[int, int, Sequence[int]]) -> list[list[_Text]]:
    """Write and sign the texts of stories of so many articles each."""
    first, length, sizes = chunk
    desk = Desk(first, length)
    stories = []
    for number, size in enumerate(sizes, first):
        texts = [desk.text(number) for _ in range(-(-size // _REPRINTS))]
        stories.append([texts[place // _REPRINTS] for place in range(size)])
    return stories


class Desk:
    """Writes texts."""

    def __init__(self, seed: int, length: int) -> None:
        self._length = length
        self._chance = np.random.default_rng(seed)
        self._words, self._shares = _language()

    def text(self, event: int) -> _Text:
        """Return another text on an event, signed."""
        title, text = self.telling(event)
        signature = sign(title, text)
        return _Text(
            title=title,
            slug="-".join(title.lower().split()[:7]),
            text=text,
            deflated=packed_text(text),
            bands=np.unique(np.array(signature.bands, dtype=np.int64)),
            signed=signature_columns(signature),
        )

    def telling(self, event: int) -> tuple[str, str]:
        """Return another headline and text on an event."""
        own = words(_OF_EVENT, start=_LANGUAGE + _OF_EVENT * event).split()
        length = self._chance.lognormal(math.log(self._length) - _SPREAD**2 / 2, _SPREAD)
        length = 9 + min(max(int(length), self._length // 10), self._length * _MOST)
        places = np.searchsorted(self._shares, self._chance.random(length)).tolist()
        said = [self._words[place] for place in places]
        for place, word in enumerate(self._chance.integers(0, _OF_EVENT * _EVENTFUL, len(said)).tolist()):
            if word < _OF_EVENT:
                # Every third is a name.
                said[place] = own[word].capitalize() if word % 3 == 0 else own[word]
        headline, said = said[:9], said[9:]
        for place in range(30, len(said), 60):
            said[place] = str(self._chance.integers(2, 5000))
        sentences = [" ".join(said[place : place + 16]) + "." for place in range(0, len(said), 16)]
        lines = [
            "".join(sentence[:1].upper() + sentence[1:] + " " for sentence in sentences[place : place + 3]).strip()
            for place in range(0, len(sentences), 3)
        ]
        return " ".join(headline).capitalize(), "\n".join(lines)


@cache
def _language() -> tuple[list[str], npt.NDArray[np.float64]]:
    """Return the words of the language, and of each the share of what is said that it and those before it have."""
    shares = 1 / (np.arange(_LANGUAGE) + 2.7)
    # Short words are the frequent ones, as in every language.
    return sorted(words(_LANGUAGE).split(), key=len), np.cumsum(shares / shares.sum())


def _add(store: SqliteStore, batch: Sequence[_Told]) -> None:
    sql = store._sql
    sql.write_all(
        "INSERT INTO article (id, url, title, author, source_id, is_original, language, summary, published, dated,"
        " first_seen, updated, text_from, text_length, story_id, copy_of, similarity)"
        " VALUES (?, ?, ?, ?, ?, 0, 'en', ?, ?, ?, ?, ?, 'page', ?, ?, ?, ?)",
        [
            (
                told.id,
                told.url,
                told.text.title,
                "A. Writer",
                told.outlet,
                told.text.text[:300],
                to_text(told.dated.replace(microsecond=0)),
                to_text(told.dated),
                to_text(told.dated),
                to_text(told.dated),
                len(told.text.text),
                told.story,
                told.copy_of,
                told.copy_of and 1.0,
            )
            for told in batch
        ],
    )
    sql.write_all(
        "INSERT INTO body (article_id, text, size) VALUES (?, ?, ?)",
        [(told.id, told.text.deflated, octets(told.text.text)) for told in batch],
    )
    sql.write_all(
        "INSERT INTO signature (article_id, shingles, facts, terms) VALUES (:id, :shingles, :facts, :terms)",
        [told.text.signed | {"id": told.id} for told in batch],
    )
    sql.write_all(
        "INSERT INTO article_url (url_key, article_id, is_own) VALUES (?, ?, 1)",
        [(told.url.removeprefix("https://www."), told.id) for told in batch],
    )
    sql.write_all(
        "INSERT INTO entry (feed_id, key, article_id, url, digest, first_seen) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (told.outlet, told.url, told.id, told.url, sha256(told.url.encode()).digest(), to_text(told.dated))
            for told in batch
        ],
    )
    sql.write_all(
        "INSERT INTO tie (a, b, relation, jaccard, containment, likeness, shared, hours_apart, rule) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [tie for told in batch if (tie := _tie(told)) is not None],
    )
    _add_stories(store, batch)


def _tie(told: _Told) -> tuple[Any, ...] | None:
    if told.copy_of is not None:
        return (told.copy_of, told.id, "copy", 1.0, 1.0, None, "[]", 0.01, RULE)
    if told.first != told.id:
        shared = json.dumps(told.text.title.lower().split()[:5])
        return (told.first, told.id, "event", None, None, 0.4, shared, 0.5, RULE)
    return None


def _add_stories(store: SqliteStore, batch: Sequence[_Told]) -> None:
    # The last story of a batch may go on in the next: the later count stands.
    store._sql.write_all(
        "INSERT INTO story (id, canonical_id, articles, texts, sources, first_dated, last_dated, first_seen, updated)"
        " VALUES (:story, :first, 1, 1, 1, :dated, :dated, :dated, :dated)"
        " ON CONFLICT (id) DO UPDATE SET articles = articles + 1, texts = texts + :is_text, sources = sources + 1,"
        " last_dated = :dated, updated = :dated",
        [
            {"story": told.story, "first": told.first, "dated": to_text(told.dated), "is_text": told.copy_of is None}
            for told in batch
        ],
    )


def _add_bands(store: SqliteStore, bands: Sequence[npt.NDArray[np.int64]], seconds: npt.NDArray[np.int64]) -> None:
    """Add the keys of each article in their order, for anywhere in a large table takes many times as long.

    The articles are those numbered from 1, dated as `seconds` says.
    """
    dated = seconds.tolist()
    standing = [np.array(BAND.standing(own.tolist(), at)) for own, at in zip(bands, dated, strict=True)]
    keys = np.concatenate(standing)
    numbers = np.repeat(np.arange(len(bands), dtype=np.int32), [len(own) for own in standing])
    # Articles are dated in their order, so this is by date too.
    order = np.argsort(keys, kind="stable")
    for place in range(0, len(order), _ROWS):
        some = order[place : place + _ROWS]
        articles = numbers[some]
        rows = list(zip(keys[some].tolist(), seconds[articles].tolist(), (articles + 1).tolist(), strict=True))
        with store.transaction():
            store._sql.write_all("INSERT INTO band (key, dated, article_id) VALUES (?, ?, ?)", rows)


def _let_be_found(store: SqliteStore, until: datetime) -> None:
    """Give the articles of the last days the keys that a rebuild would give them."""
    vocabularies = store.vocabularies()
    for profile in store.newest_profiles(A_DAY * (EVENT_WINDOW.days + 1)):
        if profile.dated is not None and profile.dated >= until - EVENT_WINDOW:
            store.set_key_terms(profile.id, profile.dated, key_terms(profile, vocabularies[profile.language]), 0.02)


def main() -> None:
    """Read the command line and make an archive."""
    parser = argparse.ArgumentParser(description="Make a large archive.")
    parser.add_argument("path", type=Path)
    parser.add_argument("articles", type=int)
    parser.add_argument("--words", type=int, default=WORDS, help="of a text, on average")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    began = time.monotonic()
    make_archive(asked.path, asked.articles, until=datetime.now(UTC), length=asked.words, workers=asked.workers)
    took, size = time.monotonic() - began, asked.path.stat().st_size
    sys.stdout.write(f"{asked.articles:,} articles, {size / 1e6:,.0f} MB, {took:,.0f} s\n")


if __name__ == "__main__":
    main()
