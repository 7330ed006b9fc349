"""Looks for what is wrong in a database, and mends what follows from its articles."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from aggregator.adapters.store.connection import Connection, listed, translated
from aggregator.adapters.store.key_tables import BAND, KEY_TERM, SIGNED, KeyTable
from aggregator.adapters.store.times import to_seconds, to_time
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.keeping import Flaw, FlawKind

RESTORE = "restore a backup with `aggregator restore FILE`"
#: Examples of each flaw that are named.
NAMED = 5
#: Complaints of SQLite that are listed.
_COMPLAINTS = 100

_LISTED = "SELECT count(DISTINCT article_id) FROM entry WHERE feed_id = feed.id"
#: Each flaw that a query finds: what it is in words, and which articles or stories have it.
_QUERIES: dict[FlawKind, tuple[str, str]] = {
    FlawKind.NO_SOURCE: (
        "articles name an outlet that is not there",
        "SELECT id FROM article WHERE source_id NOT IN (SELECT id FROM source)",
    ),
    FlawKind.NO_TEXT: (
        "articles have lost their text",
        "SELECT id FROM article WHERE id NOT IN (SELECT article_id FROM body)",
    ),
    FlawKind.NO_SIGNATURE: (
        "articles have lost what is compared of them",
        "SELECT id FROM article WHERE id NOT IN (SELECT article_id FROM signature)",
    ),
    FlawKind.NO_STORY: (
        "articles stand in no story",
        "SELECT id FROM article WHERE story_id IS NULL OR story_id NOT IN (SELECT id FROM story)",
    ),
    FlawKind.EMPTY_STORIES: (
        "stories have no article",
        "SELECT id FROM story WHERE id NOT IN (SELECT story_id FROM article WHERE story_id IS NOT NULL)",
    ),
    FlawKind.COUNTS: (
        "stories say other numbers, dates or another first article than their articles",
        """
        SELECT story.id FROM story JOIN (
            SELECT story_id, count(*) AS articles, sum(copy_of IS NULL) AS texts, count(DISTINCT source_id) AS sources,
                min(dated) AS first_dated, max(dated) AS last_dated, min(first_seen) AS first_seen
            FROM article WHERE story_id IS NOT NULL GROUP BY story_id) AS told ON told.story_id = story.id
        WHERE (story.articles, story.texts, story.sources, story.first_dated, story.last_dated, story.first_seen)
            <> (told.articles, told.texts, told.sources, told.first_dated, told.last_dated, told.first_seen)
        OR story.id IS NOT (SELECT story_id FROM article WHERE id = canonical_id)
        """,
    ),
    FlawKind.COPIES: (
        "articles are copies of one that is not there, in another story, or itself a copy",
        """
        SELECT copy.id FROM article AS copy LEFT JOIN article AS other ON other.id = copy.copy_of
        WHERE copy.copy_of IS NOT NULL
            AND (other.id IS NULL OR other.story_id IS NOT copy.story_id OR other.copy_of IS NOT NULL)
        """,
    ),
    FlawKind.MERGED: (
        "old numbers of stories lead nowhere, or hide a story that lives",
        """
        SELECT old_id FROM merged_story
        WHERE story_id NOT IN (SELECT id FROM story) OR old_id IN (SELECT id FROM story)
        """,
    ),
    FlawKind.FEED_COUNTS: (
        "feeds say another number of articles than they list",
        f"SELECT id FROM feed WHERE articles <> ({_LISTED})",  # noqa: S608 (constants)
    ),
}
#: What nothing that is stored can bring back.
_LOST = {FlawKind.NO_SOURCE, FlawKind.NO_TEXT}
#: Rows that lean on others; those that lean on nothing are of no use. What leans on them in turn comes after them.
_LEANING = (
    ("body", "article_id", "article", "id"),
    ("version", "article_id", "article", "id"),
    ("signature", "article_id", "article", "id"),
    ("article_url", "article_id", "article", "id"),
    ("entry", "article_id", "article", "id"),
    ("entry", "feed_id", "feed", "id"),
    ("missing_page", "entry_id", "entry", "id"),
    ("tie", "a", "article", "id"),
    ("tie", "b", "article", "id"),
    ("ruling", "a", "article", "id"),
    ("ruling", "b", "article", "id"),
    ("ruling", "decision_id", "decision", "id"),
    ("mark", "article_id", "article", "id"),
    ("boilerplate", "source_id", "source", "id"),
    ("poll", "feed_id", "feed", "id"),
    ("state_change", "feed_id", "feed", "id"),
    ("subscription", "feed_id", "feed", "id"),
)
_KEYS = {FlawKind.BANDS: BAND, FlawKind.KEY_TERMS: KEY_TERM}
_SIGNED = "SELECT article_id, dated, shingles, bands, key_terms FROM signature JOIN article ON article.id = article_id"
_TOLD_KEYS = {
    FlawKind.BANDS: "articles are not found by what their texts share",
    FlawKind.KEY_TERMS: "articles are not found by the terms that tell most",
}


class SoundnessTables:
    """Looks through the whole database; for that nobody need stop writing, but for the search index he waits."""

    _sql: Connection

    def flaws(self) -> tuple[Flaw, ...]:
        """Return what is wrong; nothing but the pages where these are, for then nothing else can be believed."""
        pages = self._damaged_pages()
        if pages:
            return pages
        with self._sql.transaction("DEFERRED"), translated(self._sql.name):
            found = [*self._by_query(), *self._leaning_on_nothing(), *self._by_keys()]
        found += self._unsearchable()
        order = list(FlawKind)
        return tuple(sorted(found, key=lambda flaw: order.index(flaw.kind)))

    def mend_rows(self, flaws: Iterable[Flaw]) -> None:
        """Mend what needs no second thought: rows of no use go, and what follows from other rows is made anew."""
        kinds = {flaw.kind for flaw in flaws}
        for table, column, other, key in _LEANING if FlawKind.ORPHANS in kinds else ():
            self._sql.write(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT {key} FROM {other})")  # noqa: S608 (constants)
        # Unsigned, as an older version leaves them: whoever rearranges them signs them.
        self._sql.write(
            "INSERT INTO signature (article_id, shingles, bands) SELECT id, x'', x'' FROM article"
            " WHERE id NOT IN (SELECT article_id FROM signature)"
        )
        self._sql.write(f"DELETE FROM merged_story WHERE old_id IN ({_QUERIES[FlawKind.MERGED][1]})")  # noqa: S608 (constants)
        self._sql.write(
            "UPDATE article SET story_id = NULL, copy_of = NULL, similarity = NULL"
            " WHERE story_id NOT IN (SELECT id FROM story)"
        )
        self._sql.write(f"DELETE FROM story WHERE id IN ({_QUERIES[FlawKind.EMPTY_STORIES][1]})")  # noqa: S608 (constants)
        if FlawKind.FEED_COUNTS in kinds:
            self._sql.write(f"UPDATE feed SET articles = ({_LISTED})")  # noqa: S608 (constants)
        for index in (_KEYS[kind] for kind in _KEYS if kind in kinds):
            self._mend_keys(index)
        if FlawKind.SEARCH in kinds:
            self._sql.write("INSERT INTO article_search (article_search) VALUES ('rebuild')")

    def mend_indexes(self) -> None:
        """Make the indexes of SQLite anew."""
        self._sql.write("REINDEX")

    def unplaced(self) -> tuple[ArticleId, ...]:
        """Return the articles that stand in no story, the earliest dated first."""
        rows = self._sql.rows("SELECT id FROM article WHERE story_id IS NULL ORDER BY dated, id")
        return tuple(ArticleId(row["id"]) for row in rows)

    def miscounted(self) -> tuple[StoryId, ...]:
        """Return the stories whose counts, dates, first article or copies are not as their articles say."""
        copies = f"SELECT story_id FROM article WHERE id IN ({_QUERIES[FlawKind.COPIES][1]})"  # noqa: S608 (constants)
        rows = self._sql.rows(f"SELECT id FROM ({_QUERIES[FlawKind.COUNTS][1]} UNION {copies}) WHERE id NOTNULL")  # noqa: S608
        return tuple(sorted(StoryId(row["id"]) for row in rows))

    def forget_copies(self, stories: Iterable[StoryId]) -> None:
        """Let the articles of `stories` copy none, until they are arranged."""
        self._sql.write(
            "UPDATE article SET copy_of = NULL, similarity = NULL WHERE story_id IN (SELECT value FROM json_each(?))",
            (listed(stories),),
        )

    def _damaged_pages(self) -> tuple[Flaw, ...]:
        rows = self._sql.rows(f"PRAGMA integrity_check({_COMPLAINTS})")
        # Newer versions of SQLite look through the search index as well, which is done below.
        complaints = [row[0] for row in rows if row[0] != "ok" and "fts5" not in row[0].lower()]
        if not complaints:
            return ()
        examples = tuple(complaints[:NAMED])
        if all("index" in complaint for complaint in complaints):
            what = "rows are missing from an index of SQLite's"
            return (Flaw(kind=FlawKind.INDEX, count=len(complaints), what=what, examples=examples),)
        what = "pages of the file are damaged"
        return (Flaw(kind=FlawKind.PAGES, count=len(complaints), what=what, examples=examples, cure=RESTORE),)

    def _by_query(self) -> Iterator[Flaw]:
        for kind, (what, query) in _QUERIES.items():
            ids = [row[0] for row in self._sql.rows(query)]
            if ids:
                yield _flaw(kind, what, ids, cure=RESTORE if kind in _LOST else None)

    def _leaning_on_nothing(self) -> Iterator[Flaw]:
        counts = {
            f"{table}.{column}": self._sql.value(
                f"SELECT count(*) FROM {table} WHERE {column} NOT IN (SELECT {key} FROM {other})"  # noqa: S608 (constants)
            )
            for table, column, other, key in _LEANING
        }
        examples = tuple(f"{name}: {count}" for name, count in counts.items() if count)
        if examples:
            what = "rows belong to something that is not there"
            yield Flaw(kind=FlawKind.ORPHANS, count=sum(counts.values()), what=what, examples=examples[:NAMED])

    def _by_keys(self) -> Iterator[Flaw]:
        for kind, table in _KEYS.items():
            if wrong := self._wrong_keys(table):
                yield _flaw(kind, _TOLD_KEYS[kind], wrong)

    def _wrong_keys(self, table: KeyTable) -> list[int]:
        """Return the articles whose rows in an index of keys are not those that their signatures name.

        What may have gone for its age is left out: it finds little, and goes with the next night.
        """
        found, missing = Counter[int](), table.may_lack(self._sql)
        # The sum of the hashes of many rows is theirs alone, but for a chance of one in 2^60.
        for row in self._sql.raw.execute(f"SELECT key, dated, article_id FROM {table.name}"):  # noqa: S608 (constants)
            if row["key"] not in missing:
                found[row["article_id"]] += hash((row["key"], row["dated"]))
        wrong = []
        for row in self._sql.raw.execute(_SIGNED):
            seconds = to_seconds(to_time(row["dated"]))
            standing = table.standing(table.keys_of(row), seconds)
            if found.pop(row["article_id"], 0) != sum(hash((key, seconds)) for key in standing if key not in missing):
                wrong.append(row["article_id"])
        return sorted((*wrong, *found))

    def _mend_keys(self, table: KeyTable) -> None:
        wrong = listed(self._wrong_keys(table))
        self._sql.write(f"DELETE FROM {table.name} WHERE article_id IN (SELECT value FROM json_each(?))", (wrong,))  # noqa: S608
        for row in self._sql.rows(SIGNED, (wrong,)):
            table.add(self._sql, row["article_id"], table.keys_of(row), to_seconds(to_time(row["dated"])))

    def _unsearchable(self) -> Iterator[Flaw]:
        """Compare the search index with the texts. SQLite takes that for writing, although nothing is written."""
        with self._sql.transaction():
            try:
                self._sql.raw.execute("INSERT INTO article_search (article_search, rank) VALUES ('integrity-check', 1)")
            except sqlite3.DatabaseError as error:
                # The low byte tells a damaged index from, say, a full disk.
                if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CORRUPT:
                    with translated(self._sql.name):
                        raise
                what = "the search index has other words than the texts"
                yield Flaw(kind=FlawKind.SEARCH, count=1, what=what)


def _flaw(kind: FlawKind, what: str, ids: Sequence[int], *, cure: str | None = None) -> Flaw:
    return Flaw(kind=kind, count=len(ids), what=what, examples=tuple(map(str, ids[:NAMED])), cure=cure)
