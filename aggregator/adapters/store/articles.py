"""The tables of articles: the current version, those before, addresses and what is compared."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.key_tables import BAND
from aggregator.adapters.store.signatures import signature_columns, signature_of
from aggregator.adapters.store.texts import octets, packed_text, unpacked_text
from aggregator.adapters.store.times import to_seconds, to_text, to_time, to_time_or_none
from aggregator.adapters.store.words import characters
from aggregator.core.events.languages import compared_as
from aggregator.domain.articles import Article, HeldBack, Signature, Source, TextFrom
from aggregator.domain.ids import ArticleId, SourceId, UrlKey
from aggregator.domain.stories import Profile

_INSERT = """
    INSERT INTO article (url, title, author, source_id, agency, is_original, language, summary, image, published,
                         dated, first_seen, updated, text_from, text_length, held_back)
    VALUES (:url, :title, :author, :source_id, :agency, :is_original, :language, :summary, :image, :published,
            :dated, :now, :now, :text_from, :text_length, :held_back)
"""
_REVISE = """
    UPDATE article SET url = :url, title = :title, author = :author, source_id = :source_id,
        agency = :agency, is_original = :is_original, language = :language, summary = :summary, image = :image,
        published = :published, text_from = :text_from, text_length = :text_length, held_back = :held_back
    WHERE id = :id
"""
_KEEP_VERSION = """
    INSERT INTO version (article_id, title, text, size, seen, replaced)
    SELECT id, title, text, size, updated, :now FROM article JOIN body ON body.article_id = id WHERE id = :id
"""
_SIGN = """
    INSERT INTO signature (article_id, shingles, bands, facts, terms) VALUES (:id, :shingles, :bands, :facts, :terms)
"""
_SIGN_ANEW = """
    UPDATE signature SET shingles = :shingles, bands = :bands, facts = :facts, terms = :terms WHERE article_id = :id
"""
_ADD_TEXT = """
    INSERT INTO body (article_id, text, size, characters, characters_size)
    VALUES (:id, :text, :size, :characters, :characters_size)
"""
_REVISE_TEXT = """
    UPDATE body SET text = :text, size = :size, characters = :characters, characters_size = :characters_size
    WHERE article_id = :id AND (text <> :text OR characters IS NOT :characters)
"""
# An address goes over to `article` when the article that has it merely claims it and `article` does not, and becomes
# known when the article that claimed it turns out to have it.
_ADD_ADDRESS = """
    INSERT INTO article_url (url_key, article_id, claimed, is_own) VALUES (?, ?, ?, ?)
    ON CONFLICT (url_key) DO UPDATE SET article_id = excluded.article_id, claimed = 0, is_own = excluded.is_own
    WHERE claimed AND NOT excluded.claimed
"""
_MARK_OWN = """
    UPDATE article_url SET is_own = (url_key = :own) WHERE article_id = :id AND is_own <> (url_key = :own)
"""


class ArticleTables:
    """Reads and writes articles."""

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    def article_at(self, keys: Sequence[UrlKey], *, claimed: bool = False) -> ArticleId | None:
        """Return the article known by any of `keys`, the first key that is known deciding.

        With `claimed`, return the article that merely claims one of them.
        """
        for key in keys:
            id = self._sql.value("SELECT article_id FROM article_url WHERE url_key = ? AND claimed = ?", (key, claimed))
            if id is not None:
                return ArticleId(id)
        return None

    def article(self, article: ArticleId) -> tuple[Article, Signature]:
        """Return an article's current version as it was recorded (without `claimed_keys`), and its signature.

        Its source has the name that the outlet was first known by.

        Raises:
            LookupError: there is no such article.
        """
        row = self._sql.row(
            "SELECT article.*, text, size, shingles, bands, facts, terms, site, source.name AS source_name FROM article"
            " JOIN body ON body.article_id = article.id JOIN signature ON signature.article_id = article.id"
            " JOIN source ON source.id = source_id WHERE article.id = ?",
            (article,),
        )
        if row is None:
            raise LookupError(f"no article {article}")
        keys = self._sql.rows(
            "SELECT url_key FROM article_url WHERE article_id = ? AND NOT claimed ORDER BY is_own DESC, id", (article,)
        )
        return _article(row, tuple(UrlKey(key["url_key"]) for key in keys)), signature_of(row)

    def headline_and_text(self, article: ArticleId) -> tuple[str, str]:
        """Return what an article says, at less cost than all that is known of it.

        Raises:
            LookupError: there is no such article.
        """
        row = self._sql.row(
            "SELECT title, text, size FROM article JOIN body ON article_id = id WHERE id = ?", (article,)
        )
        if row is None:
            raise LookupError(f"no article {article}")
        return row["title"], unpacked_text(row["text"], row["size"])

    def add_article(self, article: Article, signature: Signature, now: datetime) -> ArticleId:
        """Record a new article with its addresses (claims too), text, signature and bands; it has no story yet."""
        columns = self._columns(article) | {"now": to_text(now)}
        cursor = self._sql.write(_INSERT, columns)
        id = ArticleId(cursor.lastrowid or 0)
        self._sql.write(_ADD_TEXT, _text_columns(article) | {"id": id})
        self._sql.write(_SIGN, signature_columns(signature) | {"id": id})
        BAND.add(self._sql, id, signature.bands, to_seconds(article.dated))
        self._add_all_addresses(id, article)
        # Whoever places it asks for this at once; the number may have been that of an article that was removed.
        self._sql.profiles.put(id, _profile(id, columns["source_id"], article, signature))
        return id

    def revise_article(
        self, id: ArticleId, article: Article, signature: Signature, now: datetime, *, keep: bool = True
    ) -> None:
        """Make `article` the current version; the one before is kept, unless it was merely incomplete (`keep` False).

        Its ties go, for they spoke of the old text. `dated`, `first_seen` and addresses of before stay, new addresses
        are added.
        """
        before, old_signature = self.article(id)
        columns = self._columns(article) | {"id": id, "now": to_text(now)}
        if keep and (before.title, before.text) != (article.title, article.text):
            self._sql.write(_KEEP_VERSION, columns)
            self._sql.write("UPDATE article SET updated = :now, versions = versions + 1 WHERE id = :id", columns)
            self._sql.write(
                "UPDATE story SET updated = :now WHERE id = (SELECT story_id FROM article WHERE id = :id)", columns
            )
        self._sql.write(_REVISE, columns)
        self._sql.profiles.forget(id)
        self._sql.write(_REVISE_TEXT, _text_columns(article) | {"id": id})
        self.sign_anew(id, old_signature, signature, before.dated)
        self._add_all_addresses(id, article)
        if article.url_keys:
            self._sql.write(_MARK_OWN, {"id": id, "own": article.url_keys[0]})

    def sign_anew(self, id: ArticleId, old: Signature, new: Signature, dated: datetime) -> None:
        """Put a signature in the place of the old one; the ties go, for they spoke of that."""
        self._sql.profiles.forget(id)
        if old != new:
            BAND.remove(self._sql, id, old.bands, to_seconds(dated))
            self._sql.write(_SIGN_ANEW, signature_columns(new) | {"id": id})
            BAND.add(self._sql, id, new.bands, to_seconds(dated))
        else:
            # A text without a term looks like one that is not signed.
            self._sql.write("UPDATE signature SET terms = x'' WHERE article_id = ? AND terms IS NULL", (id,))
        self._sql.write("DELETE FROM tie WHERE a = ?", (id,))
        self._sql.write("DELETE FROM tie WHERE b = ?", (id,))

    def last_article(self) -> ArticleId:
        """Return the number of the article that was recorded last, 0 without any."""
        return ArticleId(self._sql.value("SELECT max(id) FROM article") or 0)

    def articles_after(self, last: ArticleId, site: str) -> tuple[ArticleId, ...]:
        """Return the articles of a site's outlet that were recorded after `last`, in their order."""
        rows = self._sql.rows(
            "SELECT article.id FROM article CROSS JOIN source ON source.id = source_id"
            " WHERE article.id > ? AND site = ? ORDER BY article.id",
            (last, site),
        )
        return tuple(ArticleId(row["id"]) for row in rows)

    def hold_back(self, article: ArticleId, why: HeldBack | None) -> None:
        """Keep why the text of an article's page is not used, or that nothing speaks against it any more."""
        self._sql.write("UPDATE article SET held_back = ? WHERE id = ? AND held_back IS NOT ?", (why, article, why))

    def add_addresses(self, article: ArticleId, keys: Sequence[UrlKey], *, claimed: bool = False) -> None:
        """Make `article` known by `keys` too.

        A key that another article has stays with that one, unless that one merely claims it and `article` does not.
        A key is never both known and claimed.
        """
        self._sql.write_all(_ADD_ADDRESS, [(key, article, claimed, False) for key in keys])

    def _add_all_addresses(self, id: ArticleId, article: Article) -> None:
        own = article.url_keys[:1]
        self._sql.write_all(_ADD_ADDRESS, [(key, id, False, key in own) for key in article.url_keys])
        self.add_addresses(id, article.claimed_keys, claimed=True)

    def _columns(self, article: Article) -> dict[str, Any]:
        return {
            "url": article.url,
            "title": article.title,
            "author": article.author,
            "source_id": self._source(article.source),
            "agency": article.agency,
            "is_original": article.is_original,
            "language": article.language,
            "summary": article.summary,
            "image": article.image,
            "published": to_text(article.published),
            "dated": to_text(article.dated),
            "text_from": article.text_from.value,
            "text_length": len(article.text),
            "held_back": article.held_back,
        }

    def _source(self, source: Source) -> int:
        known = self._sql.row("SELECT id, name FROM source WHERE site = ?", (source.site,))
        if known is None:
            return (
                self._sql.write("INSERT INTO source (site, name) VALUES (?, ?)", (source.site, source.name)).lastrowid
                or 0
            )
        if known["name"] == source.site != source.name:
            # Until now nobody had said what the outlet is called.
            self._sql.write("UPDATE source SET name = ? WHERE id = ?", (source.name, known["id"]))
        return int(known["id"])


def _profile(id: ArticleId, source: int, article: Article, signature: Signature) -> Profile:
    return Profile(
        id=id,
        source=SourceId(source),
        dated=article.dated,
        language=compared_as(article.language),
        headline=article.title,
        terms=signature.terms,
    )


def _text_columns(article: Article) -> dict[str, Any]:
    cut = characters(article.title, article.text)
    return {
        "text": packed_text(article.text),
        "size": octets(article.text),
        "characters": packed_text(cut),
        "characters_size": octets(cut),
    }


def _article(row: sqlite3.Row, url_keys: tuple[UrlKey, ...]) -> Article:
    return Article(
        url=row["url"],
        url_keys=url_keys,
        title=row["title"],
        text=unpacked_text(row["text"], row["size"]),
        text_from=TextFrom(row["text_from"]),
        summary=row["summary"],
        author=row["author"],
        source=Source(site=row["site"], name=row["source_name"]),
        agency=row["agency"],
        is_original=bool(row["is_original"]),
        language=row["language"],
        published=to_time_or_none(row["published"]),
        dated=to_time(row["dated"]),
        image=row["image"],
        held_back=None if row["held_back"] is None else HeldBack(row["held_back"]),
    )
