"""Record what was read: decide whether it is a new article, a known one, or a known one that changed."""

from datetime import datetime
from enum import StrEnum

from aggregator.core.articles import Read
from aggregator.core.stories.similarity import overlap
from aggregator.core.stories.tokens import tokens
from aggregator.core.urls import url_key
from aggregator.domain.articles import Article, Signature
from aggregator.domain.feeds import EntryToRead
from aggregator.domain.ids import ArticleId, FeedId
from aggregator.pipeline.placing import place
from aggregator.pipeline.ports import Store

#: Share of the shorter text that two texts under one claimed address, or under one guid with a new address, must have in
#: common to be one article. An article keeps more than half of itself through corrections and updates; two articles of
#: one site share their boilerplate, some 5 to 20 %.
SAME_TEXT = 0.5


class Recorded(StrEnum):
    """What recording an entry came to."""

    NEW = "new"
    REVISED = "revised"
    SAME = "same"
    ALSO_LISTED = "also-listed"


def record(store: Store, feed: FeedId, task: EntryToRead, read: Read, now: datetime) -> Recorded:
    """Record one entry of one feed, its article and the story it belongs to, in one transaction."""
    with store.transaction():
        known = _known(store, task, read)
        if known is None:
            article = _add(store, read, now)
            outcome = Recorded.NEW
        else:
            article = known
            changed = _revise(store, article, read, now)
            listed_before = task.article == article
            outcome = Recorded.REVISED if changed else Recorded.SAME if listed_before else Recorded.ALSO_LISTED
        store.list_entry(feed, task.entry, article, now)
    return outcome


def record_listing(store: Store, feed: FeedId, task: EntryToRead, now: datetime) -> bool:
    """Record that `feed` lists an article whose address is known already; False when it is not, and must be read."""
    if task.entry.url is None or not task.entry.url_is_own:
        return False
    with store.transaction():
        article = store.article_at((url_key(task.entry.url),))
        if article is None:
            return False
        store.list_entry(feed, task.entry, article, now)
    return True


def _known(store: Store, task: EntryToRead, read: Read) -> ArticleId | None:
    """Return the article that was read, if the store has it.

    Its own address decides. The entry's key decides too, unless the address changed: some feeds use one guid for
    everything. There, and where an address is only claimed, the texts must agree.
    """
    if task.article is not None and not task.url_changed:
        return task.article
    keys = read.article.url_keys
    by_address = store.article_at(keys) if keys else None
    if by_address is not None:
        return by_address
    suspects = (
        task.article,
        store.article_at(read.article.claimed_keys),
        store.article_at((*keys, *read.article.claimed_keys), claimed=True),
    )
    return next((id for id in suspects if id is not None and _agree(store.article(id), read)), None)


def _agree(stored: tuple[Article, Signature], read: Read) -> bool:
    article, signature = stored
    if signature.shingles and read.signature.shingles:
        return overlap(signature.shingles, read.signature.shingles).containment >= SAME_TEXT
    # Too short to compare: then the headline must be the same.
    return tokens(article.title) == tokens(read.article.title)


def _add(store: Store, read: Read, now: datetime) -> ArticleId:
    article = store.add_article(read.article, read.signature, now)
    place(store, article, dated=read.article.dated, shingles=read.signature.shingles, now=now)
    return article


def _revise(store: Store, id: ArticleId, read: Read, now: datetime) -> bool:
    """Make what was read the current version if title or text changed; a text that got lost is no change."""
    store.add_addresses(id, read.article.url_keys)
    store.add_addresses(id, read.article.claimed_keys, claimed=True)
    before, _ = store.article(id)
    if not _differs(before, read.article):
        return False
    store.revise_article(id, read.article, read.signature, now)
    place(store, id, dated=before.dated, shingles=read.signature.shingles, now=now)
    return True


def _differs(before: Article, after: Article) -> bool:
    if before.text_from != after.text_from and len(after.text) < len(before.text):
        # The page could not be had this time, and the feed's shorter text must not push out what we have.
        return False
    return before.title.split() != after.title.split() or before.text.split() != after.text.split()
