"""Short ways to make values for tests; each fills in what the test does not speak of."""

from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from xxhash import xxh64_hexdigest

from aggregator.adapters.store import SqliteStore
from aggregator.adapters.store.slate import SqliteSlate
from aggregator.core.words.signature import sign
from aggregator.core.words.terms import hashes_of, terms
from aggregator.core.words.tokens import tokens
from aggregator.domain.articles import Article, Source, TextFrom
from aggregator.domain.ids import ArticleId, SourceId, StoryId, UrlKey
from aggregator.domain.lines import Line
from aggregator.domain.stories import Candidate, Member, Profile, Relation, Ruling, Tie, Verdict
from aggregator.pipeline.batch import Batch, place_all

#: A text as it was before it was packed, to a statement that reads it.
TEXT = "CAST(sqlar_uncompress(text, size) AS TEXT)"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

_SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "ke", "li", "mo", "nu", "pra", "ster", "tin", "vol", "wex", "zam")


def words(count: int, *, start: int = 0) -> str:
    """Return `count` words of an invented language, all different; equal `start`, equal words."""
    return " ".join(_word(number) for number in range(start, start + count))


def _word(number: int) -> str:
    syllables = []
    number += 17
    while number:
        number, rest = divmod(number, len(_SYLLABLES))
        syllables.append(_SYLLABLES[rest])
    return "".join(syllables)


def hash_of(stem: str) -> int:
    """Return what the terms of an article have for a stem."""
    (found,) = hashes_of([stem])
    return found


def hours(count: float) -> datetime:
    """Return the time so many hours after noon of the tests' day."""
    return NOON + timedelta(hours=count)


def member(id: int, *, story: int | None = None, at: float = 0, source: int | None = None, **more: Any) -> Member:
    """Return a member of a story; its source is its own unless named."""
    fields: dict[str, Any] = {"url": f"https://paper-{id}.example/a", "length": 1000} | more
    return Member(
        id=ArticleId(id),
        story=None if story is None else StoryId(story),
        source=SourceId(id if source is None else source),
        dated=hours(at),
        **fields,
    )


def tie(
    a: int,
    b: int,
    *,
    jaccard: float | None = 0.9,
    containment: float | None = 1.0,
    relation: Relation = Relation.COPY,
    **more: Any,
) -> Tie:
    """Return a tie between two articles: that of a copy unless another relation is named."""
    if relation is Relation.EVENT:
        jaccard = containment = None
    fields: dict[str, Any] = {"hours_apart": 0.0, "rule": 1} | more
    return Tie(
        a=ArticleId(min(a, b)),
        b=ArticleId(max(a, b)),
        relation=relation,
        jaccard=jaccard,
        containment=containment,
        **fields,
    )


def together(a: int, b: int) -> Ruling:
    """Return a reader's word that two articles belong to one story."""
    return Ruling(a=ArticleId(min(a, b)), b=ArticleId(max(a, b)), verdict=Verdict.TOGETHER)


def apart(a: int, b: int) -> Ruling:
    """Return a reader's word that two articles belong to different stories."""
    return Ruling(a=ArticleId(min(a, b)), b=ArticleId(max(a, b)), verdict=Verdict.APART)


def candidate(id: int, text: str, *, story: int = 1, carries: int | None = None, at: float = 0) -> Candidate:
    """Return a candidate with the signature of `text`; it carries its own text unless another article's is named."""
    signature = sign("", text)
    return Candidate(
        id=ArticleId(id),
        story=StoryId(story),
        text=ArticleId(id if carries is None else carries),
        dated=hours(at),
        shingles=signature.shingles,
        facts=signature.facts,
    )


def profile(
    id: int,
    text: str,
    *,
    headline: str = "",
    language: str = "en",
    at: float | None = 0,
    source: int | None = None,
    background: float | None = None,
) -> Profile:
    """Return what is compared of an article's words; its outlet is its own unless named."""
    return Profile(
        id=ArticleId(id),
        source=SourceId(id if source is None else source),
        dated=None if at is None else hours(at),
        language=language,
        headline=headline,
        terms=terms(tokens(headline), tokens(text)).packed(),
        background=background,
    )


def article(text: str, *, title: str = "A headline", at: float = 0, outlet: str = "paper", **more: Any) -> Article:
    """Return an article of an invented outlet."""
    url = more.pop("url", f"https://{outlet}.example/{xxh64_hexdigest(repr((title, text, at)).encode())}")
    fields: dict[str, Any] = {
        "url_keys": (UrlKey(url),),
        "text_from": TextFrom.PAGE,
        "summary": "",
        "source": Source(site=f"{outlet}.example", name=outlet.title()),
        "published": hours(at),
        "dated": hours(at),
    } | more
    return Article(url=url, title=title, text=text, **fields)


def placed(store: SqliteStore) -> list[tuple[ArticleId, StoryId, ArticleId | None]]:
    """Return every article with its story and the article it copies, by id."""
    rows = store._sql.rows("SELECT id, story_id, copy_of FROM article WHERE story_id IS NOT NULL ORDER BY id")
    return [(row["id"], row["story_id"], row["copy_of"]) for row in rows]


def placed_lines(lines: Iterable[Line], now: datetime) -> Batch:
    """Place the lines of a file."""
    with closing(SqliteSlate()) as slate:
        return place_all(lines, now, slate)
