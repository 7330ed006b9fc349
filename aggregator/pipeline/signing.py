"""Sign articles again when it is known better what of their texts is news.

::

    newest texts ─learn─▶ what outlets put everywhere ─▶ store ─▶ articles to be signed again ─sign, verify─▶ signatures, ties

What is to be signed again stands in the database, so that who breaks off can go on later.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from aggregator.core.copies.copies import CANDIDATES, WINDOW, strongest, verify
from aggregator.core.words.boilerplate import learn_boilerplate, lines_of, without
from aggregator.core.words.signature import sign
from aggregator.domain.ids import ArticleId
from aggregator.pipeline.store_ports import Store

#: Articles whose texts are read to learn what lines outlets put everywhere, the newest: some days of two thousand feeds.
READ_FROM = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Boilerplate:
    """What an outlet puts everywhere, where that is not what was known before."""

    site: str
    lines: frozenset[int]
    #: The articles of which this says something else than was said before …
    articles: tuple[ArticleId, ...]
    #: … of those up to this one.
    last: ArticleId


def new_boilerplate(store: Store) -> tuple[Boilerplate, ...]:
    """Learn which lines each outlet puts everywhere, and return what of it is new; nothing is written."""
    last = store.last_article()
    articles = [(id, site, lines_of(text)) for id, site, text in store.newest_texts(READ_FROM)]
    found = learn_boilerplate((site, lines) for _, site, lines in articles)
    known = {site: store.boilerplate(site) for site in sorted({*found, *store.sites_with_boilerplate()})}
    changed = {site: found.get(site, frozenset()) ^ lines for site, lines in known.items()}
    concerned: dict[str, list[ArticleId]] = {site: [] for site, difference in changed.items() if difference}
    for id, site, lines in articles:
        if site in concerned and not changed[site].isdisjoint(lines):
            concerned[site].append(id)
    return tuple(
        Boilerplate(site=site, lines=found.get(site, frozenset()), articles=tuple(ids), last=last)
        for site, ids in concerned.items()
    )


def take_up(store: Store, boilerplate: Boilerplate) -> None:
    """Keep what an outlet puts everywhere, and have the articles signed again that it concerns, or that came meanwhile."""
    with store.joined():
        store.set_boilerplate(boilerplate.site, boilerplate.lines)
        store.sign_later((*boilerplate.articles, *store.articles_after(boilerplate.last, boilerplate.site)))


def sign_again(store: Store, articles: Iterable[ArticleId] | None = None) -> None:
    """Sign the articles that are to be signed again, all or those of `articles`, as if they came now, and find their copies."""
    with store.joined():
        for id in store.unsigned(articles):
            _sign_again(store, id)


def unsigned(store: Store) -> tuple[ArticleId, ...]:
    """Return the articles that are to be signed again."""
    return store.unsigned()


def _sign_again(store: Store, id: ArticleId) -> None:
    article, old = store.article(id)
    new = sign(article.title, without(article.text, store.boilerplate(article.source.site)))
    store.sign_anew(id, old, new, article.dated)
    dated = article.dated
    candidates = store.candidates(
        id, new.bands, middle=dated, since=dated - WINDOW, until=dated + WINDOW, limit=CANDIDATES
    )
    found = verify(id, dated=dated, shingles=new.shingles, facts=new.facts, candidates=candidates)
    store.add_ties(strongest(found, candidates))
