"""What programs are told of stories and articles: one shape for `--json` and for the interface over HTTP."""

from aggregator.core.days import iso
from aggregator.core.printable import printable
from aggregator.domain.listing import ListedArticle, ReadArticle
from aggregator.domain.reading import Counts, ListedStory, SearchHit, StoryArticle, StoryView, Version

Shape = dict[str, object]


def counts_json(counts: Counts) -> Shape:
    """Return the three counts."""
    return {"articles": counts.articles, "texts": counts.texts, "sources": counts.sources}


def headed_json(story: ListedStory) -> Shape:
    """Return what is told of a story before its articles."""
    return {
        "id": story.id,
        "title": story.title,
        "url": story.url,
        "source": story.source,
        "published": iso(story.published),
        "first_seen": iso(story.first_seen),
        "updated": iso(story.updated),
        "language": story.language,
        "tags": list(story.tags),
        "summary": story.summary,
        "counts": counts_json(story.counts),
        "read": story.marks.read,
        "starred": story.marks.starred,
        "muted": story.muted and {story.muted.kind: story.muted.what},
        "new": {"articles": story.marks.new_articles, "texts": story.marks.new_texts},
    }


def story_json(story: StoryView) -> Shape:
    """Return a story as `today --json` has it."""
    return headed_json(story) | {"articles": [_member_json(article) for article in story.articles]}


def whole_story_json(story: StoryView) -> Shape:
    """Return a story as `story --json` has it: with whose text it is."""
    agencies = {str(article.id): article.agency for article in story.articles if article.agency}
    return story_json(story) | {"lineage": story.lineage, "agencies": agencies}


def listed_story_json(story: ListedStory) -> Shape:
    """Return a story as lists over HTTP have it: without its articles, with its outlets, the earliest first."""
    carriers = [{"source": one.source, "title": one.title, "url": one.url} for one in story.carriers]
    return headed_json(story) | {"lineage": story.lineage, "carriers": carriers}


def _member_json(article: StoryArticle) -> Shape:
    return {
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "source": article.source,
        "feed": article.feeds[0] if article.feeds else None,
        "published": iso(article.published),
        "copy_of": article.copy_of,
        "similarity": article.similarity,
        "why": article.why,
        "held_back": article.held_back,
    }


def article_json(article: ListedArticle) -> Shape:
    """Return an article by itself, as lists have it."""
    return {
        "id": article.id,
        "story": article.story,
        "title": article.title,
        "url": article.url,
        "source": article.source,
        "published": iso(article.published),
        "dated": iso(article.dated),
        "first_seen": iso(article.first_seen),
        "updated": iso(article.updated),
        "author": article.author,
        "language": article.language,
        "summary": article.summary,
        "image": article.image,
        "agency": article.agency,
        "text_from": article.text_from,
        "versions": article.versions,
        "copy_of": article.copy_of,
        "similarity": article.similarity,
        "held_back": article.held_back,
    }


def whole_article_json(read: ReadArticle) -> Shape:
    """Return an article with its text and what it said before."""
    before = [_version_json(version) for version in read.earlier]
    return article_json(read.article) | {"feeds": list(read.feeds), "text": read.text, "earlier": before}


def _version_json(version: Version) -> Shape:
    return {
        "title": version.title,
        "text": version.text,
        "seen": iso(version.seen),
        "replaced": iso(version.replaced),
    }


def hit_json(hit: SearchHit) -> Shape:
    """Return a hit as `search --json` has it; the snippet is plain text."""
    return {
        "article": hit.article,
        "story": hit.story,
        "title": hit.title,
        "url": hit.url,
        "source": hit.source,
        "dated": iso(hit.dated),
        "snippet": printable(hit.snippet),
    }
