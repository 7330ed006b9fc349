"""Arrange the stories anew, all or those that news may still join, from what is stored.

::

    newest texts      ─learn─▶ boilerplate ─▶ store                                             │
    what that changes, and what an older version signed ─sign, verify─▶ signatures, ties ───────┤
    newest profiles   ─learn─▶ vocabularies ─▶ store                                            │
    members, profiles of the stories ─compare─▶ likenesses, backgrounds, key terms ─▶ store     │
                                                     └──── with ties, rulings ─arrange─▶ Placement ─apply─▶ store
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.core.copies.copies import CANDIDATES, WINDOW, strength, strongest, verify
from aggregator.core.events.comparing import Comparison, key_terms, learn_vocabularies
from aggregator.core.events.vocabulary import forget_weights
from aggregator.core.stories.rules import DEFAULT_RULES, Rules
from aggregator.core.words.boilerplate import learn_boilerplate, lines_of, without
from aggregator.core.words.signature import sign
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.stories import DecisionKind, Placement, Profile, Relation, Tie
from aggregator.pipeline.placing import EVENT_WINDOW, arranged, shared_words
from aggregator.pipeline.store_ports import Store

#: Articles from which is learned how common a word is, the newest: some weeks of two thousand feeds. Allsides, 3,418 articles
#: of four years, loses nothing when it learns from itself alone.
LEARNED_FROM = 50_000
#: Articles whose texts are read to learn what lines outlets put everywhere, the newest: some days of two thousand feeds.
READ_FROM = 20_000
#: A rebuild is due before its night when so many times the articles that were learned from are there, for the words of the
#: first hour tell little of those of the first week …
GROWTH = 1.2
#: … but not for the sake of a handful.
LEAST_GROWTH = 10
#: Rebuilds that can be undone.
UNDOABLE = 7
#: Merges and splits told with their reasons.
TOLD = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Stories that became one, or one that became several."""

    #: Before and after, each as the number of its articles here; the largest first.
    parts: tuple[tuple[StoryId, int], ...]
    #: An article of each of the two largest parts, those that are tied most strongly if any are.
    examples: tuple[ArticleId, ArticleId]
    #: What ties these two once they are together; None where nothing does it directly.
    tie: Tie | None = None
    #: How alike they are, of the first `TOLD` changes of a rebuild that was asked for; None of the others.
    likeness: float | None = None
    #: The words both have that tell most, of the same changes.
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild did, or would do."""

    articles: int
    stories_before: int
    stories_after: int
    #: Articles that stand in another story than before.
    moved: int
    #: Most articles first.
    merges: tuple[Change, ...]
    splits: tuple[Change, ...]


class _NotMeant(Exception):
    """Ends a transaction of which nothing is to stay."""

    def __init__(self, report: Rebuilt) -> None:
        self.report = report
        super().__init__()


def rebuild(
    store: Store, now: datetime, *, since: datetime | None = None, rules: Rules = DEFAULT_RULES, dry_run: bool = False
) -> Rebuilt:
    """Arrange anew the stories that have an article dated at or after `since`, all with None; in one transaction.

    It can be undone as a reader's decisions can. With `dry_run` nothing stays changed.
    """
    try:
        with store.transaction():
            before, after, comparison = _rearrange(store, now, since, rules)
            report = _explained(store, _report(before, after), before, after, comparison)
            if dry_run:
                raise _NotMeant(report)  # noqa: TRY301  # what ends a transaction without keeping it
            if report.moved:
                moved = {id: story for id, story in before.items() if after[id] != story}
                store.decide(DecisionKind.REBUILD, _told(report), before=moved, now=now)
                store.forget_rebuilds(UNDOABLE)
            return report
    except _NotMeant as end:
        return end.report


def settle(store: Store, now: datetime, *, rules: Rules = DEFAULT_RULES) -> Rebuilt:
    """Arrange the open stories anew, as the program does by itself: what a reader undoes is his own last decision."""
    with store.transaction():
        before, after, _ = _rearrange(store, now, open_since(now), rules)
        # Nobody asks why, so that need not be found out.
        return _report(before, after)


def is_due(store: Store) -> bool:
    """Tell whether so much has come since the last rebuild that the next night is too far."""
    if store.has_unsigned():
        return True
    learned = sum(vocabulary.articles for vocabulary in store.vocabularies().values())
    return min(store.article_count(), LEARNED_FROM) >= GROWTH * learned + LEAST_GROWTH


def _rearrange(
    store: Store, now: datetime, since: datetime | None, rules: Rules
) -> tuple[dict[ArticleId, StoryId], dict[ArticleId, StoryId], Comparison]:
    """Arrange stories anew; return where their articles stood and where they stand, and what knows how alike they are."""
    for id in dict.fromkeys((*_learn_boilerplate(store), *store.unsigned())):
        sign_again(store, id)
    store.learn(learn_vocabularies(store.newest_profiles(LEARNED_FROM)), now)
    # Else old vocabularies, and each article once for each of them, would stay in memory.
    forget_weights()
    members = store.members(store.stories_since(since))
    profiles = {profile.id: profile for profile in store.profiles([member.id for member in members])}
    comparison = Comparison(profiles=_unmeasured(profiles), vocabularies=store.vocabularies())
    placement = arranged(store, members, alike=comparison, rules=rules)
    _let_be_found(store, placement, profiles, comparison.backgrounds, now)
    before = {member.id: member.story for member in members if member.story is not None}
    store.apply(placement, now)
    after = store.stories_of(before)
    measured = {id: replace(profile, background=comparison.backgrounds.get(id)) for id, profile in profiles.items()}
    return before, after, Comparison(profiles=measured, vocabularies=store.vocabularies())


def _learn_boilerplate(store: Store) -> list[ArticleId]:
    """Learn which lines each outlet puts everywhere; return the articles that this has something to say of."""
    articles = [(id, site, lines_of(text)) for id, site, text in store.newest_texts(READ_FROM)]
    found = learn_boilerplate((site, lines) for _, site, lines in articles)
    changed: dict[str, frozenset[int]] = {}
    for site in sorted({*found, *store.sites_with_boilerplate()}):
        learned = found.get(site, frozenset())
        if difference := learned ^ store.boilerplate(site):
            store.set_boilerplate(site, learned)
            changed[site] = difference
    return [id for id, site, lines in articles if site in changed and not changed[site].isdisjoint(lines)]


def sign_again(store: Store, id: ArticleId) -> None:
    """Sign an article again, as an older version or an older boilerplate signed it otherwise, and find its copies."""
    article, old = store.article(id)
    new = sign(article.title, without(article.text, store.boilerplate(article.source.site)))
    store.sign_anew(id, old, new, article.dated)
    dated = article.dated
    candidates = store.candidates(
        id, new.bands, middle=dated, since=dated - WINDOW, until=dated + WINDOW, limit=CANDIDATES
    )
    found = verify(id, dated=dated, shingles=new.shingles, facts=new.facts, candidates=candidates)
    store.add_ties(strongest(found, candidates))


def _unmeasured(profiles: Mapping[ArticleId, Profile]) -> dict[ArticleId, Profile]:
    """Forget the backgrounds, for they are measured anew."""
    return {id: replace(profile, background=None) for id, profile in profiles.items()}


def _let_be_found(
    store: Store,
    placement: Placement,
    profiles: Mapping[ArticleId, Profile],
    backgrounds: Mapping[ArticleId, float],
    now: datetime,
) -> None:
    """Keep backgrounds and key terms: one article of each text is found by them, unless it is too old to be compared again."""
    vocabularies = store.vocabularies()
    oldest = now - EVENT_WINDOW - timedelta(days=1)
    store.forget_key_terms(oldest)
    text_of = {copy.article: copy.of for story in placement.stories for copy in story.copies}
    measured = {text_of.get(id, id): value for id, value in backgrounds.items()}
    for id, profile in profiles.items():
        if profile.dated is not None:
            is_found = id in backgrounds and profile.dated >= oldest
            keys = key_terms(profile, vocabularies[profile.language]) if is_found else ()
            store.set_key_terms(id, profile.dated, keys, measured.get(text_of.get(id, id)))


def _report(before: Mapping[ArticleId, StoryId], after: Mapping[ArticleId, StoryId]) -> Rebuilt:
    return Rebuilt(
        articles=len(before),
        stories_before=len(set(before.values())),
        stories_after=len(set(after.values())),
        moved=sum(after[id] != story for id, story in before.items()),
        merges=_changes(after, before),
        splits=_changes(before, after),
    )


def _explained(
    store: Store,
    report: Rebuilt,
    before: Mapping[ArticleId, StoryId],
    after: Mapping[ArticleId, StoryId],
    comparison: Comparison,
) -> Rebuilt:
    """Put in why the largest changes were made."""
    merges, splits = report.merges, report.splits
    return replace(
        report,
        merges=(*(_reasoned(store, change, before, comparison) for change in merges[:TOLD]), *merges[TOLD:]),
        splits=(*(_reasoned(store, change, after, comparison) for change in splits[:TOLD]), *splits[TOLD:]),
    )


def _changes(whole: Mapping[ArticleId, StoryId], parts: Mapping[ArticleId, StoryId]) -> tuple[Change, ...]:
    """Return which stories of `whole` stand as several in `parts`."""
    first: dict[tuple[StoryId, StoryId], ArticleId] = {}
    counts: dict[StoryId, Counter[StoryId]] = defaultdict(Counter)
    for id, story in whole.items():
        counts[story][parts[id]] += 1
        first.setdefault((story, parts[id]), id)
    changes = []
    for story, sizes in counts.items():
        if len(sizes) > 1:
            largest = sorted(sizes.items(), key=lambda part: (-part[1], part[0]))
            (one, _), (other, _), *_ = largest
            examples = (first[story, one], first[story, other])
            changes.append(Change(parts=tuple(largest), examples=examples))
    return tuple(sorted(changes, key=lambda change: (-sum(size for _, size in change.parts), change.examples)))


def open_since(now: datetime) -> datetime:
    """Return from which date on a story is open, so that news may still join it."""
    return now - WINDOW


def _reasoned(store: Store, change: Change, parts: Mapping[ArticleId, StoryId], comparison: Comparison) -> Change:
    """Put in what the two largest parts have in common, with the two articles that show it best."""
    one, other = (parts[id] for id in change.examples)
    known = store.ties(set(store.stories_of(change.examples).values()))
    across = [
        tie
        for tie in known
        if tie.relation is not Relation.TEMPLATE and {parts.get(tie.a), parts.get(tie.b)} == {one, other}
    ]
    if across:
        tie = min(across, key=strength)
        examples = (tie.a, tie.b) if parts[tie.a] == one else (tie.b, tie.a)
        change = replace(change, examples=examples, tie=tie)
    likeness = max(comparison({id: {store.member(id).source} for id in change.examples}).values(), default=0.0)
    return replace(change, likeness=round(likeness, 3), shared=shared_words(store, *change.examples))


def _told(report: Rebuilt) -> str:
    return f"rebuilt {report.stories_before:,} stories: {report.moved:,} of {report.articles:,} articles moved"
