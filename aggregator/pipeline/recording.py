"""Record what was read: decide whether it is a new article, a known one, or a known one that changed."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from aggregator.core.articles import Read
from aggregator.core.copies.similarity import overlap
from aggregator.core.stories.rules import DEFAULT_RULES, Rules
from aggregator.core.urls import url_key
from aggregator.core.words.boilerplate import without
from aggregator.core.words.signature import sign
from aggregator.core.words.tokens import tokens
from aggregator.domain.articles import Article, HeldBack, Signature, TextFrom
from aggregator.domain.feeds import EntryToRead
from aggregator.domain.ids import ArticleId, FeedId
from aggregator.pipeline.placing import place
from aggregator.pipeline.store_ports import Store

#: Share of the shorter text that two texts under one claimed address, or under one guid with a new address, must have in
#: common to be one article. An article keeps more than half of itself through corrections and updates; two articles of
#: one site share their boilerplate, some 5 to 20 %.
SAME_TEXT = 0.5
#: Share of the shorter headline's words that two articles under one claimed address must have in common as well: where
#: all pages of a site lead to one form, their texts are that form's. Enough for "Bridge closed | The Paper".
SAME_HEADLINE = 0.5


class Recorded(StrEnum):
    """What recording an entry came to."""

    NEW = "new"
    REVISED = "revised"
    SAME = "same"
    ALSO_LISTED = "also-listed"
    #: It was removed for its age, and stays so.
    REMOVED = "removed"


def record(
    store: Store,
    feed: FeedId,
    task: EntryToRead,
    read: Read,
    now: datetime,
    *,
    rules: Rules = DEFAULT_RULES,
    page_due: datetime | None = None,
) -> Recorded:
    """Record one entry of one feed, its article and the story it belongs to, all or nothing; others may share the transaction.

    `rules` are those of placing; at `page_due` a page that could not be had is asked for again.
    """
    with store.joined():
        if store.is_buried(feed, task.entry.key):
            # It was removed while it was being read.
            return Recorded.REMOVED
        outcome = _record(store, feed, task, read, now=now, rules=rules)
        if page_due is not None or task.tries:
            store.miss_page(feed, task.entry.key, page_due, task.tries + 1)
    return outcome


def _record(store: Store, feed: FeedId, task: EntryToRead, read: Read, *, now: datetime, rules: Rules) -> Recorded:
    read = _without_boilerplate(store, read)
    known = _known(store, task, read)
    if known is None and _was_removed(store, read.article):
        store.bury_entry(feed, task.entry.key, read.article.dated)
        return Recorded.REMOVED
    if known is None:
        article = store.add_article(read.article, read.signature, now)
        # Before it is placed, for the weight of the feed has a say in that.
        store.list_entry(feed, task.entry, article, now)
        _place(store, article, read.article.dated, read.signature, now=now, rules=rules)
        return Recorded.NEW
    _list(store, feed, task, known, now=now, rules=rules)
    if _revise(store, known, read, now=now, rules=rules):
        return Recorded.REVISED
    return Recorded.SAME if task.article == known else Recorded.ALSO_LISTED


def record_missing(
    store: Store,
    feed: FeedId,
    task: EntryToRead,
    page_due: datetime | None,
    held_back: HeldBack | None = None,
) -> None:
    """Record that a page was asked for again in vain, and why it was if it is held back; all else stays as it is."""
    with store.joined():
        if store.is_buried(feed, task.entry.key):
            return
        store.miss_page(feed, task.entry.key, page_due, task.tries + 1)
        if task.article is None or held_back is None:
            return
        # What another feed had us read of the page meanwhile is there to stay.
        if store.article(task.article)[0].text_from is not TextFrom.PAGE:
            store.hold_back(task.article, held_back)


def record_listing(
    store: Store, feed: FeedId, task: EntryToRead, now: datetime, *, rules: Rules = DEFAULT_RULES
) -> bool:
    """Record that `feed` lists an article whose address is known already; False when it is not, and must be read."""
    if task.entry.url is None or not task.entry.url_is_own:
        return False
    with store.joined():
        article = store.article_at((url_key(task.entry.url),))
        if article is None:
            return False
        _list(store, feed, task, article, now=now, rules=rules)
    return True


def _was_removed(store: Store, article: Article) -> bool:
    """Tell whether an article was removed for its age and is now read by another way.

    There is no text any more to compare it with, so an address that it merely claims counts where the dates agree.
    """
    return store.was_removed(article.url_keys) or store.was_removed(article.claimed_keys, dated=article.dated)


def _without_boilerplate(store: Store, read: Read) -> Read:
    """Sign anew where the text has lines that its outlet puts everywhere, which the worker that signed it cannot know."""
    text = without(read.article.text, store.boilerplate(read.article.source.site))
    return read if text == read.article.text else replace(read, signature=sign(read.article.title, text))


def _known(store: Store, task: EntryToRead, read: Read) -> ArticleId | None:
    """Return the article that was read, if the store has it.

    Its own address decides. The entry's key decides too, unless the address changed: some feeds use one guid for
    everything. There the texts must agree; where an address is only claimed, the headlines as well.
    """
    if task.article is not None and not task.url_changed:
        return task.article
    keys, claimed = read.article.url_keys, read.article.claimed_keys
    by_address = store.article_at(keys)
    if by_address is not None:
        return by_address
    if task.article is not None and _texts_agree(store.article(task.article), read):
        return task.article
    suspects = (store.article_at(claimed), store.article_at((*keys, *claimed), claimed=True))
    return next((id for id in suspects if id is not None and _agree(store.article(id), read)), None)


def _agree(stored: tuple[Article, Signature], read: Read) -> bool:
    mine, theirs = set(tokens(stored[0].title)), set(tokens(read.article.title))
    if stored[0].held_back or read.article.held_back:
        # Of one of them nothing but the feed's text is known, as of a print view that is not to be indexed.
        return mine == theirs
    shared = len(mine & theirs) >= SAME_HEADLINE * min(len(mine), len(theirs))
    return shared and _texts_agree(stored, read)


def _texts_agree(stored: tuple[Article, Signature], read: Read) -> bool:
    article, signature = stored
    if signature.shingles and read.signature.shingles:
        return overlap(signature.shingles, read.signature.shingles).containment >= SAME_TEXT
    # Too short to compare: then the headline must be the same.
    return tokens(article.title) == tokens(read.article.title)


def _list(store: Store, feed: FeedId, task: EntryToRead, article: ArticleId, *, now: datetime, rules: Rules) -> None:
    before = store.member(article)
    store.list_entry(feed, task.entry, article, now)
    if store.member(article) != before:
        # A feed of more weight lists it: it may speak for its story now.
        stored, signature = store.article(article)
        _place(store, article, stored.dated, signature, now=now, rules=rules)


def _revise(store: Store, id: ArticleId, read: Read, *, now: datetime, rules: Rules) -> bool:
    """Make what was read the current version if title or text changed."""
    store.add_addresses(id, read.article.url_keys)
    store.add_addresses(id, read.article.claimed_keys, claimed=True)
    before, signature = store.article(id)
    if _is_lost(before, read.article):
        read = Read(article=_kept(before, read.article), signature=signature)
    if before.title.split() == read.article.title.split() and before.text.split() == read.article.text.split():
        store.hold_back(id, read.article.held_back)
        return False
    # The page of an article that was so far known by its feed's teaser completes it, and is no edit of the outlet's.
    completes = before.text_from is not TextFrom.PAGE and read.article.text_from is TextFrom.PAGE
    same_title = before.title.split() == read.article.title.split()
    keep = not (completes and same_title) and read.article.held_back is not HeldBack.NOINDEX
    store.revise_article(id, read.article, read.signature, now, keep=keep)
    _place(store, id, before.dated, read.signature, now=now, rules=rules)
    return True


def _place(
    store: Store, article: ArticleId, dated: datetime, signature: Signature, *, now: datetime, rules: Rules
) -> None:
    place(store, article, signature, dated=dated, now=now, rules=rules)


def _kept(before: Article, after: Article) -> Article:
    """Return what is known of an article with what is new of it without its text."""
    held_back = before.held_back if before.text_from is TextFrom.PAGE else after.held_back
    return replace(before, title=after.title, summary=after.summary, held_back=held_back)


def _is_lost(before: Article, after: Article) -> bool:
    """Tell whether the text could not be had this time, so that the teaser at hand must not push out what we have.

    What was read while robots.txt let us, or before a paywall was put up, is there to stay. What a page does not want to
    be indexed goes, and no version of it is kept; unless the page names another as the article's own, as print views do.
    """
    if before.text_from is TextFrom.PAGE and after.held_back is HeldBack.NOINDEX and not after.claimed_keys:
        return False
    if after.text_from != before.text_from:
        return len(after.text) < len(before.text)
    # One feed of an article may carry it all, the next one a teaser.
    return after.text_from is TextFrom.FEED and len(after.text) < SAME_TEXT * len(before.text)
