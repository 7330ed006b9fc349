"""The tables of terms: what articles say, how common it is, and who may tell one event."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from aggregator.adapters.store.connection import Connection, listed, translated
from aggregator.adapters.store.key_tables import KEY_TERM
from aggregator.adapters.store.signatures import packed, terms_of, unpacked
from aggregator.adapters.store.texts import unpacked_text
from aggregator.adapters.store.times import to_seconds, to_text, to_time
from aggregator.core.events.languages import compared_as
from aggregator.domain.ids import ArticleId, SourceId
from aggregator.domain.stories import Profile, Vocabulary

_PROFILES = """
    SELECT article.id, source_id, dated, language, title, terms, background
    FROM json_each(?) AS wanted
    CROSS JOIN article ON article.id = wanted.value
    CROSS JOIN signature ON article_id = article.id
    WHERE terms IS NOT NULL
"""
# Those dated at the same time as the last of them come with them, so that their numbers decide nothing.
_SINCE = "SELECT dated FROM article ORDER BY dated DESC LIMIT 1 OFFSET ?"
# By the index on dates, so that an archive of any size costs nothing.
_NEWEST = """
    SELECT article.id, source_id, dated, language, title, terms, background
    FROM article INDEXED BY article_dated CROSS JOIN signature ON article_id = article.id
    WHERE dated >= ? AND terms IS NOT NULL ORDER BY dated DESC
"""
_NEWEST_TEXTS = """
    SELECT article.id, site, text, size, dated, url
    FROM article INDEXED BY article_dated
    CROSS JOIN body ON article_id = article.id
    CROSS JOIN source ON source.id = source_id
    WHERE dated >= ? ORDER BY dated
"""
_LEARN = """
    INSERT INTO vocabulary (language, articles, terms, counts, learned) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (language) DO UPDATE SET articles = excluded.articles, terms = excluded.terms, counts = excluded.counts,
        learned = excluded.learned
    WHERE articles <> excluded.articles OR terms <> excluded.terms OR counts <> excluded.counts
"""
_TO_FORGET = """
    SELECT article_id, dated, key_terms FROM json_each(?) AS wanted
    CROSS JOIN signature ON article_id = wanted.value CROSS JOIN article ON article.id = article_id
    WHERE key_terms <> x''
"""
_UNSIGNED = "SELECT article.id FROM signature CROSS JOIN article ON article.id = article_id WHERE terms IS NULL ORDER BY dated, article.id"
_UNSIGNED_AMONG = """
    SELECT article.id FROM json_each(?) AS wanted CROSS JOIN signature ON article_id = wanted.value
    CROSS JOIN article ON article.id = article_id WHERE terms IS NULL ORDER BY dated, article.id
"""


class TermTables:
    """Reads and writes profiles, vocabularies and key terms."""

    _sql: Connection
    #: What was read last, and when each language of it was learned.
    _vocabularies: Mapping[str, Vocabulary] = MappingProxyType({})
    _learned: tuple[object, ...] = ()
    #: As of how many times of forgetting that is known to hold.
    _as_of: int = -1

    def profiles(self, articles: Iterable[ArticleId]) -> tuple[Profile, ...]:
        """Return the profiles of `articles` as far as they are signed, in that order."""
        if not self._sql.raw.in_transaction:
            return tuple(self._read_profiles(list(articles)).values())
        return tuple(self._sql.profiles.all(articles, self._read_profiles).values())

    def _read_profiles(self, articles: list[ArticleId]) -> dict[ArticleId, Profile]:
        return {profile.id: profile for profile in map(_profile, self._sql.rows(_PROFILES, (listed(articles),)))}

    def newest_profiles(self, limit: int) -> Iterator[Profile]:
        """Yield the profiles of the articles dated last, the latest first; all of them would be a hundred megabytes."""
        with translated(self._sql.name):
            yield from map(_profile, self._sql.raw.execute(_NEWEST, (self._since(limit),)))

    def vocabularies(self) -> Mapping[str, Vocabulary]:
        """Return what the last rebuild learned, by language; read again only when there is something new."""
        if self._sql.raw.in_transaction and self._as_of == self._sql.times_forgotten:
            return self._vocabularies
        stamps = self._sql.rows("SELECT language, learned, articles FROM vocabulary ORDER BY language")
        learned = tuple(tuple(row) for row in stamps)
        if learned != self._learned:
            rows = self._sql.rows("SELECT * FROM vocabulary")
            self._vocabularies = {
                row["language"]: Vocabulary(articles=row["articles"], terms=row["terms"], counts=row["counts"])
                for row in rows
            }
            self._learned = learned
        self._as_of = self._sql.times_forgotten if self._sql.raw.in_transaction else -1
        return self._vocabularies

    def learn(self, vocabularies: Mapping[str, Vocabulary], now: datetime) -> None:
        """Put `vocabularies` in the place of those learned before; one that is as it was stays."""
        self._as_of = -1
        self._sql.write(
            "DELETE FROM vocabulary WHERE language NOT IN (SELECT value FROM json_each(?))",
            (json.dumps(list(vocabularies)),),
        )
        self._sql.write_all(
            _LEARN,
            [
                (language, known.articles, known.terms, known.counts, to_text(now))
                for language, known in vocabularies.items()
            ],
        )

    def near(
        self, keys: Mapping[int, float], *, middle: datetime, since: datetime, until: datetime, limit: int
    ) -> tuple[ArticleId, ...]:
        """Return articles that have some of `keys` and are dated in [since, until], at most `limit`.

        Those whose keys weigh most together come first, then the lowest id. Of a key that very many have only the articles
        nearest to `middle` are looked at.
        """
        span = (to_seconds(since), to_seconds(middle), to_seconds(until))
        votes = Counter[int]()
        found = KEY_TERM.nearest(self._sql, keys, span, 2 * limit)
        # In the order of the keys, for the sums of floating numbers depend on it.
        for key, weight in keys.items():
            for id in found.get(key, ()):
                votes[id] = votes.get(id, 0) + weight  # type: ignore[assignment]  # a Counter adds up any numbers
        best = sorted((-votes[id], id) for id in votes)[:limit]
        return tuple(ArticleId(id) for _, id in best)

    def set_key_terms(self, article: ArticleId, dated: datetime, keys: Iterable[int], background: float | None) -> None:
        """Let `article` be found by `keys` and no others, and keep its background."""
        old = self._sql.value("SELECT key_terms FROM signature WHERE article_id = ?", (article,))
        seconds, wanted = to_seconds(dated), sorted(set(keys))
        before = unpacked(old or b"")
        if tuple(wanted) != before:
            KEY_TERM.remove(self._sql, article, before, seconds)
            KEY_TERM.add(self._sql, article, wanted, seconds)
        self._sql.profiles.change(article, lambda profile: replace(profile, background=background))
        self._sql.write(
            "UPDATE signature SET key_terms = :keys, background = :background WHERE article_id = :article"
            " AND (key_terms <> :keys OR background IS NOT :background)",
            {"keys": packed(wanted), "background": background, "article": article},
        )

    def found_before(self, before: datetime) -> tuple[ArticleId, ...]:
        """Return the articles dated before a time that are found by their words."""
        rows = self._sql.rows(
            "SELECT DISTINCT article_id FROM key_term WHERE dated < ? ORDER BY article_id", (to_seconds(before),)
        )
        return tuple(ArticleId(row["article_id"]) for row in rows)

    def forget_key_terms(self, articles: Iterable[ArticleId]) -> None:
        """Let articles be found no more by their words."""
        for row in self._sql.rows(_TO_FORGET, (listed(articles),)):
            KEY_TERM.remove(self._sql, row["article_id"], KEY_TERM.keys_of(row), to_seconds(to_time(row["dated"])))
            self._sql.write("UPDATE signature SET key_terms = x'' WHERE article_id = ?", (row["article_id"],))

    def sign_later(self, articles: Iterable[ArticleId]) -> None:
        """Let articles be signed again, as if an older version had made their signatures."""
        ids = list(articles)
        self._sql.profiles.forget(*ids)
        self._sql.write_all("UPDATE signature SET terms = NULL WHERE article_id = ?", [(id,) for id in ids])

    def unsigned(self, among: Iterable[ArticleId] | None = None) -> tuple[ArticleId, ...]:
        """Return the articles that are to be signed again, all or those of `among`, the earliest dated first."""
        rows = self._sql.rows(_UNSIGNED) if among is None else self._sql.rows(_UNSIGNED_AMONG, (listed(among),))
        return tuple(ArticleId(row["id"]) for row in rows)

    def has_unsigned(self) -> bool:
        """Tell whether there is any such article."""
        return self._sql.row("SELECT 1 FROM signature WHERE terms IS NULL") is not None

    def article_count(self, most: int | None = None) -> int:
        """Return how many articles there are, or `most` where they are more: counting a million takes seconds."""
        some = -1 if most is None else most
        return int(self._sql.value("SELECT count(*) FROM (SELECT 1 FROM article LIMIT ?)", (some,)))

    def newest_texts(self, limit: int) -> Iterator[tuple[ArticleId, str, str]]:
        """Yield the articles dated last with their outlet's site and their text, the earliest of them first."""
        rows = self._sql.rows(_NEWEST_TEXTS, (self._since(limit),))
        # In an order that is that of the articles, whatever their numbers.
        for row in sorted(rows, key=lambda row: (row["dated"], row["url"], row["id"])):
            yield ArticleId(row["id"]), row["site"], unpacked_text(row["text"], row["size"])

    def _since(self, limit: int) -> str:
        """Return the date of the article that is the last of the newest `limit`, "" where there are fewer."""
        return self._sql.value(_SINCE, (limit - 1,)) or ""

    def boilerplate(self, site: str) -> frozenset[int]:
        """Return the lines that the outlet of a site puts into many of its articles."""
        rows = self._sql.rows(
            "SELECT line FROM source CROSS JOIN boilerplate ON source_id = source.id WHERE site = ?", (site,)
        )
        return frozenset(row["line"] for row in rows)

    def set_boilerplate(self, site: str, lines: Iterable[int]) -> None:
        """Put `lines` in the place of what was learned before of an outlet."""
        source = self._sql.value("SELECT id FROM source WHERE site = ?", (site,))
        self._sql.write("DELETE FROM boilerplate WHERE source_id = ?", (source,))
        self._sql.write_all(
            "INSERT INTO boilerplate (source_id, line) VALUES (?, ?)", [(source, line) for line in sorted(lines)]
        )

    def sites_with_boilerplate(self) -> tuple[str, ...]:
        """Return the sites of the outlets of which boilerplate is known."""
        rows = self._sql.rows("SELECT site FROM source WHERE id IN (SELECT source_id FROM boilerplate) ORDER BY site")
        return tuple(row["site"] for row in rows)


def _profile(row: sqlite3.Row) -> Profile:
    return Profile(
        id=ArticleId(row["id"]),
        source=SourceId(row["source_id"]),
        dated=to_time(row["dated"]),
        language=compared_as(row["language"]),
        headline=row["title"],
        terms=terms_of(row["terms"]),
        background=row["background"],
    )
