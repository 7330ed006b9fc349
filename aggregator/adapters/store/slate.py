"""A file of articles on its way through `cluster`: written to, read again in other orders, and wiped.

It is a temporary database of SQLite's: in memory while it is small, then in a file in $TMPDIR (or /var/tmp) that nobody else can read and
that has no name any more, so nothing of it stays whatever happens.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from itertools import chain, count
from typing import Any

from aggregator.adapters.store.connection import listed, translated
from aggregator.domain.articles import Signature
from aggregator.domain.ids import ArticleId, SourceId
from aggregator.domain.lines import Line, Meeting, Signed
from aggregator.domain.stories import Member, Profile, Relation, Tie

#: Pages kept in memory before they are written to the file, in KiB.
_CACHE = 65_536
#: Rows read, or written, at once: to write them one by one costs three times as much.
_BATCH = 256
_SCHEMA = """
CREATE TABLE name (article INTEGER PRIMARY KEY, name TEXT UNIQUE, number INTEGER);
CREATE TABLE line (id INTEGER PRIMARY KEY, source INTEGER, published INTEGER, title BLOB, text BLOB, url BLOB, language BLOB);
-- The hashes of a text's lines, as uint32.
CREATE TABLE furniture (source INTEGER, dated INTEGER, id INTEGER, hashes BLOB, PRIMARY KEY (source, dated, id)) WITHOUT ROWID;
CREATE TABLE article (
    id INTEGER PRIMARY KEY, source INTEGER, dated INTEGER, published INTEGER, title BLOB, url BLOB, length INTEGER,
    is_original INTEGER, language TEXT, shingles BLOB, facts BLOB, terms BLOB
);
-- What texts are found by, as int64, in order of time; the undated last.
CREATE TABLE key (is_undated INTEGER, dated INTEGER, id INTEGER, keys BLOB, PRIMARY KEY (is_undated, dated, id)) WITHOUT ROWID;
CREATE TABLE tie (
    a INTEGER, b INTEGER, relation TEXT, jaccard REAL, containment REAL, hours_apart REAL, rule INTEGER, PRIMARY KEY (a, b)
) WITHOUT ROWID;
-- Texts, each by its fullest article, with the numbers of their outlets, as int64.
CREATE TABLE text (
    language TEXT, is_undated INTEGER, dated INTEGER, id INTEGER, sources BLOB, PRIMARY KEY (language, is_undated, dated, id)
) WITHOUT ROWID;
CREATE TABLE likeness (a INTEGER, b INTEGER, value REAL, PRIMARY KEY (a, b)) WITHOUT ROWID;
"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PROFILE = "article.id, article.source, article.published, article.language, article.title, article.terms"


class SqliteSlate:
    """See `pipeline.slate.Slate`."""

    def __init__(self) -> None:
        """Open an empty one."""
        self._sql = sqlite3.connect("", isolation_level=None)
        #: Rows that are still to be written, by the statement that writes them.
        self._waiting = defaultdict[str, list[Sequence[Any]]](list)
        # There is nothing to go back to.
        self._sql.executescript(f"PRAGMA journal_mode = OFF; PRAGMA cache_size = -{_CACHE}; BEGIN; {_SCHEMA}")

    def close(self) -> None:
        """Wipe it."""
        self._sql.close()

    def note_name(self, name: str, number: int) -> int:
        """Note what the next line is called, and its number in the file; return the number of the first one called so."""
        if self._run("INSERT OR IGNORE INTO name (name, number) VALUES (?, ?)", (name, number)).rowcount:
            return number
        return int(next(self._rows("SELECT number FROM name WHERE name = ?", (name,)))[0])

    def name(self, article: ArticleId) -> str:
        """Return what a line is called."""
        return str(next(self._rows("SELECT name FROM name WHERE article = ?", (article,)))[0])

    def names(self) -> Iterator[str]:
        """Yield what the lines are called, in order."""
        return (str(name) for (name,) in self._rows("SELECT name FROM name ORDER BY article"))

    def add_line(self, id: ArticleId, source: SourceId, line: Line, dated: datetime, hashes: Sequence[int]) -> None:
        """Add a line, with the hashes of the lines of its text."""
        told = (_octets(line.title), _octets(line.text), _octets(line.url), _octets(line.language))
        self._write("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?)", (id, source, _number(line.published), *told))
        if source and hashes:
            row = (source, _number(dated), id, array("I", hashes).tobytes())
            self._write("INSERT INTO furniture VALUES (?, ?, ?, ?)", row)

    def hashes(self, most: int) -> Iterator[tuple[SourceId, list[array[int]]]]:
        """Yield of each outlet the hashes of its texts' lines, of no more than `most` texts, the newest, as the file has them."""
        sources = [source for (source,) in self._rows("SELECT DISTINCT source FROM furniture ORDER BY source")]
        for source in sources:
            newest = "SELECT id, hashes FROM furniture WHERE source = ? ORDER BY dated DESC, id DESC LIMIT ?"
            yield source, [_array("I", hashes) for _, hashes in sorted(self._rows(newest, (source, most)))]

    def take_lines(self) -> Iterator[tuple[ArticleId, SourceId, Line]]:
        """Yield the lines in order, a last time."""
        self._run("DROP TABLE furniture")
        for last in count(0, _BATCH):
            rows = list(self._rows("SELECT * FROM line WHERE id > ? ORDER BY id LIMIT ?", (last, _BATCH)))
            for id, source, published, title, text, url, language in rows:
                line = Line(
                    title=_told(title),
                    text=_told(text),
                    published=_moment(published),
                    url=_told(url),
                    language=_told(language),
                )
                yield id, source, line
            # What was read makes room for what is signed.
            self._run("DELETE FROM line WHERE id <= ?", (last + _BATCH,))
            if len(rows) < _BATCH:
                return

    def add_signed(self, signed: Signed) -> None:
        """Add an article."""
        member, profile, signature = signed.member, signed.profile, signed.signature
        dated, published = _number(member.dated), _number(profile.dated)
        self._write(
            "INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                member.id,
                member.source,
                dated,
                published,
                _octets(signed.title),
                _octets(member.url),
                member.length,
                member.is_original,
                profile.language,
                signature.shingles,
                signature.facts,
                profile.terms,
            ),
        )
        if signature.bands:
            row = (published is None, dated, member.id, array("q", signature.bands).tobytes())
            self._write("INSERT INTO key VALUES (?, ?, ?, ?)", row)

    def newest_profiles(self, most: int) -> Iterator[Profile]:
        """Yield the profiles of no more than so many articles, the newest."""
        rows = self._rows(f"SELECT {_PROFILE} FROM article ORDER BY dated DESC, id DESC LIMIT ?", (most,))  # noqa: S608
        return (_profile(row) for row in rows)

    def meetings(self, *, is_dated: bool) -> Iterator[Meeting]:
        """Yield what articles are found by, in order of time: of those whose date is known, or of the others."""
        rows = self._rows("SELECT dated, id, keys FROM key WHERE is_undated = ? ORDER BY dated, id", (not is_dated,))
        return (Meeting(id=id, dated=_date(dated), keys=_array("q", keys)) for dated, id, keys in rows)

    def compared(self, ids: Iterable[ArticleId]) -> dict[ArticleId, Signature]:
        """Return the shingles and facts of some articles."""
        rows = self._of(ids, "SELECT article.id, shingles, facts FROM article WHERE article.id = ids.value")
        return {id: Signature(shingles=shingles, facts=facts) for id, shingles, facts in rows}

    def add_tie(self, tie: Tie) -> None:
        """Add a tie of word sequences."""
        row = (tie.a, tie.b, tie.relation, tie.jaccard, tie.containment, tie.hours_apart, tie.rule)
        self._write("INSERT INTO tie VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def members(self, ids: Iterable[ArticleId]) -> list[Member]:
        """Return some articles, in order of their numbers."""
        columns = "article.id, url, source, dated, length, is_original"
        rows = self._of(ids, f"SELECT {columns} FROM article WHERE article.id = ids.value ORDER BY article.id")  # noqa: S608
        return [
            Member(
                id=id,
                story=None,
                url=_told(url) or "",
                source=source,
                dated=_date(dated),
                length=length,
                is_original=bool(is_original),
            )
            for id, url, source, dated, length, is_original in rows
        ]

    def ties(self, ids: Iterable[ArticleId]) -> list[Tie]:
        """Return the ties of which one of `ids` is the lesser."""
        columns = "a, b, relation, jaccard, containment, hours_apart, rule"
        rows = self._of(ids, f"SELECT {columns} FROM tie WHERE a = ids.value ORDER BY a, b")  # noqa: S608
        return [
            Tie(
                a=a,
                b=b,
                relation=Relation(relation),
                jaccard=jaccard,
                containment=containment,
                hours_apart=hours_apart,
                rule=rule,
            )
            for a, b, relation, jaccard, containment, hours_apart, rule in rows
        ]

    def add_texts(self, texts: Mapping[ArticleId, AbstractSet[SourceId]]) -> None:
        """Add texts, each by its fullest article with the outlets that carry it."""
        of_article = "SELECT language, published IS NULL, dated, id, ? FROM article WHERE id = ?"
        for id, sources in texts.items():
            self._write(f"INSERT INTO text {of_article}", (array("q", sorted(sources)).tobytes(), id))

    def languages(self) -> dict[str, int]:
        """Return how many texts each language has."""
        return dict(self._rows("SELECT language, count(*) FROM text GROUP BY language"))

    def texts(self, language: str, *, is_dated: bool) -> Iterator[tuple[Profile, frozenset[SourceId]]]:
        """Yield the texts of a language in order of time: those whose date is known, or the others."""
        rows = self._rows(
            f"SELECT {_PROFILE}, text.sources FROM text CROSS JOIN article USING (id)"  # noqa: S608
            " WHERE text.language = ? AND is_undated = ? ORDER BY text.dated, text.id",
            (language, not is_dated),
        )
        return ((_profile(row[:-1]), frozenset(map(SourceId, _array("q", row[-1])))) for row in rows)

    def add_likeness(self, a: ArticleId, b: ArticleId, value: float) -> None:
        """Add how alike two texts are; said twice it is the same."""
        self._write("INSERT OR IGNORE INTO likeness VALUES (?, ?, ?)", (a, b, value))

    def likenesses(self, ids: Collection[ArticleId]) -> dict[tuple[ArticleId, ArticleId], float]:
        """Return how alike those of some texts are that are alike."""
        rows = self._of(ids, "SELECT a, b, likeness.value FROM likeness WHERE a = ids.value ORDER BY a, b")
        known = set(ids)
        return {(a, b): value for a, b, value in rows if b in known}

    def signed(self, ids: Sequence[ArticleId]) -> list[Signed]:
        """Return some articles with all that is known of them but what they are found by, in order of their numbers."""
        signatures = self.compared(ids)
        profiles = self._of(ids, f"SELECT {_PROFILE} FROM article WHERE article.id = ids.value ORDER BY article.id")  # noqa: S608
        return [
            Signed(title=profile.headline, member=member, profile=profile, signature=signatures[member.id])
            for member, profile in zip(self.members(ids), map(_profile, profiles), strict=True)
        ]

    def _of(self, ids: Iterable[int], select: str) -> Iterator[Any]:
        return self._rows(select.replace(" FROM ", " FROM json_each(?) AS ids CROSS JOIN ", 1), (listed(ids),))

    def _rows(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Any]:
        return chain.from_iterable(self._batches(sql, parameters))

    def _batches(self, sql: str, parameters: Sequence[Any]) -> Iterator[list[Any]]:
        for statement in self._waiting:
            self._flush(statement)
        with translated("for clustering"):
            cursor = self._sql.execute(sql, parameters)
            while rows := cursor.fetchmany(_BATCH):
                yield rows

    def _run(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        with translated("for clustering"):
            return self._sql.execute(sql, parameters)

    def _write(self, sql: str, row: Sequence[Any]) -> None:
        rows = self._waiting[sql]
        rows.append(row)
        if len(rows) == _BATCH:
            self._flush(sql)

    def _flush(self, sql: str) -> None:
        if rows := self._waiting[sql]:
            with translated("for clustering"):
                self._sql.executemany(sql, rows)
            rows.clear()


def _profile(row: Sequence[Any]) -> Profile:
    id, source, published, language, title, terms = row
    return Profile(
        id=id, source=source, dated=_moment(published), language=language, headline=_told(title) or "", terms=terms
    )


def _array(kind: Any, octets: bytes) -> array[int]:
    found: array[int] = array(kind)
    found.frombytes(octets)
    return found


def _octets(text: str | None) -> bytes | None:
    # Half a surrogate pair is no text to SQLite.
    return None if text is None else text.encode(errors="surrogatepass")


def _told(octets: bytes | None) -> str | None:
    return None if octets is None else octets.decode(errors="surrogatepass")


def _number(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def _date(number: int) -> datetime:
    return _EPOCH + timedelta(microseconds=number)


def _moment(number: int | None) -> datetime | None:
    return None if number is None else _date(number)
