"""From what the store knows to what the tools answer: bounded, on few characters, with nothing in it that is not print."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from aggregator.adapters.store import StoreReader
from aggregator.core.crawling.listing import ListedFeed, trouble_first
from aggregator.core.days import iso
from aggregator.core.emptiness import Empty, why_empty
from aggregator.core.printable import printable
from aggregator.core.secrecy import without_secrets
from aggregator.core.shortening import shortened
from aggregator.core.stories.muting import told
from aggregator.core.stories.ranking import ranked
from aggregator.domain.ids import ArticleId
from aggregator.domain.reading import ListedStory, SearchHit, StoryArticle, StoryQuery, StoryView, Texts, Version
from aggregator.mcp.answers import (
    Brief,
    Copy,
    Counted,
    Earlier,
    Feed,
    Feeds,
    Hit,
    Hits,
    Stories,
    Telling,
    WholeStory,
)

#: Characters of a summary and of the beginning of a text: what an assistant can tell of, with the link to read on.
SUMMARY, EXCERPT = 300, 700
#: Outlets named in a list; texts, and copies of each, in a story; versions of an article.
SOURCES, TEXTS, COPIES, VERSIONS = 5, 15, 10, 5
_WHY_EMPTY = {
    Empty.NO_FEEDS: "There are no feeds yet; `aggregator feeds add URL` adds one.",
    Empty.NOTHING_READ: "No feed was read yet; `aggregator status` tells whether the daemon runs.",
    Empty.NOTHING_FITS: "No story fits; ask for less, or for another day.",
    Empty.NOTHING_YET: "No story on this day; ask for another.",
}


def read_stories(reader: StoreReader, query: StoryQuery, *, limit: int, now: datetime) -> Stories:
    """Return the stories of a span, in the order of the page."""
    assert query.since is not None
    assert query.until is not None
    edition = reader.edition(query)
    order = ranked(edition.stories, min(now, query.until))
    muted = printable(told(edition.muted.values()))
    why = None if order else _WHY_EMPTY[why_empty(*reader.answered(), query)]
    stories = reader.listed([story.id for story in order[:limit]])
    return Stories(
        since=_time(query.since),
        until=_time(query.until),
        total=len(order),
        stories=[brief(story) for story in stories],
        note=f"Left out, as the owner wishes: {muted}." if muted else why,
    )


def brief(story: ListedStory) -> Brief:
    """Return a story as lists have it."""
    return Brief(
        number=story.id,
        title=printable(story.title),
        url=printable(story.url),
        source=printable(story.source),
        summary=shortened(printable(story.summary), SUMMARY),
        counts=Counted(articles=story.counts.articles, texts=story.counts.texts, sources=story.counts.sources),
        sources=[printable(source) for source in story.sources[:SOURCES]],
        more_sources=max(len(story.sources) - SOURCES, 0),
        language=story.language,
        tags=list(story.tags),
        first_dated=_time(story.first_dated),
        updated=_time(story.updated),
        lineage=story.lineage and printable(story.lineage),
        read=story.marks.read,
        starred=story.marks.starred,
        new=story.marks.grown or None,
    )


def whole(story: StoryView, texts: Texts) -> WholeStory:
    """Return a story with its texts, each with its copies."""
    known = {article.id for article in story.articles}
    copies = defaultdict[ArticleId, list[StoryArticle]](list)
    for article in story.articles:
        if article.copy_of in known:
            copies[article.copy_of].append(article)
    heads = [article for article in story.articles if article.copy_of not in known]
    return WholeStory(
        story=brief(story),
        texts=[_telling(head, copies[head.id], texts) for head in heads[:TEXTS]],
        more_texts=max(len(heads) - TEXTS, 0),
    )


def _telling(head: StoryArticle, copies: Sequence[StoryArticle], texts: Texts) -> Telling:
    return Telling(
        article=head.id,
        title=printable(head.title),
        url=printable(head.url),
        source=printable(head.source),
        author=head.author and printable(head.author),
        agency=head.agency and printable(head.agency),
        dated=_time(head.dated),
        why=printable(head.why),
        excerpt=shortened("\n".join(map(printable, texts.current.get(head.id, "").split("\n"))), EXCERPT),
        versions=[_earlier(version) for version in texts.earlier.get(head.id, ())[-VERSIONS:]],
        copies=[_copy(copy) for copy in copies[:COPIES]],
        more_copies=max(len(copies) - COPIES, 0),
    )


def _copy(copy: StoryArticle) -> Copy:
    return Copy(
        article=copy.id,
        title=printable(copy.title),
        url=printable(copy.url),
        source=printable(copy.source),
        dated=_time(copy.dated),
        similarity=copy.similarity,
        why=printable(copy.why),
    )


def _earlier(version: Version) -> Earlier:
    return Earlier(title=printable(version.title), seen=_time(version.seen), replaced=_time(version.replaced))


def hits(found: Sequence[SearchHit]) -> Hits:
    """Return what a search found."""
    listed = [
        Hit(
            article=hit.article,
            story=hit.story,
            title=printable(hit.title),
            url=printable(hit.url),
            source=printable(hit.source),
            dated=_time(hit.dated),
            snippet=printable(hit.snippet),
        )
        for hit in found
    ]
    return Hits(hits=listed, note=None if listed else "No article has all these words; try fewer, or word*.")


def feeds(listed: Iterable[ListedFeed], limit: int) -> Feeds:
    """Return the feeds, trouble first."""
    rows = trouble_first(listed)
    return Feeds(
        total=len(rows),
        states=dict(Counter(str(row.state) for row in rows).most_common()),
        feeds=[_feed(row) for row in rows[:limit]],
        more_feeds=max(len(rows) - limit, 0),
        note=None if rows else _WHY_EMPTY[Empty.NO_FEEDS],
    )


def _feed(row: ListedFeed) -> Feed:
    health = row.health
    return Feed(
        name=printable(without_secrets(row.name)),
        url=printable(row.address),
        tags=list(row.feed.tags),
        state=str(row.state),
        since=iso(health.since) if health else None,
        why=printable(row.trouble) or None,
        cure=row.cure and printable(row.cure),
        articles=health.articles if health else 0,
        articles_a_week=round(health.weekly, 1) if health else 0.0,
        last_success=iso(row.known.last_success),
    )


def _time(moment: datetime) -> str:
    text = iso(moment)
    assert text is not None
    return text
