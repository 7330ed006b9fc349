"""Arrange the stories anew at a person's word, all or those that news may still join, from what is stored.

It is one transaction, so that all of it can be tried and undone. `pipeline.settling` does the same a little at a time.

::

    sign again (pipeline.signing) ─▶ plan ─[Step]─▶ take (pipeline.planning) ─▶ what merged and what split
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.core.copies.copies import WINDOW, strength
from aggregator.core.events.comparing import Comparison
from aggregator.core.stories.rules import DEFAULT_RULES, Rules
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.stories import DecisionKind, Relation, Tie
from aggregator.pipeline.placing import shared_words
from aggregator.pipeline.planning import LEARNED_FROM, plan, take
from aggregator.pipeline.signing import new_boilerplate, sign_again, take_up
from aggregator.pipeline.store_ports import Store

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


def is_due(store: Store) -> bool:
    """Tell whether so much has come since the last rebuild that the next night is too far."""
    if store.has_unsigned():
        return True
    learned = sum(vocabulary.articles for vocabulary in store.vocabularies().values())
    return store.article_count(most=LEARNED_FROM) >= GROWTH * learned + LEAST_GROWTH


def _rearrange(
    store: Store, now: datetime, since: datetime | None, rules: Rules
) -> tuple[dict[ArticleId, StoryId], dict[ArticleId, StoryId], Comparison]:
    """Arrange stories anew; return where their articles stood and where they stand, and what knows how alike they are."""
    for boilerplate in new_boilerplate(store):
        take_up(store, boilerplate)
    sign_again(store)
    planned = plan(store, now, since=since, rules=rules)
    before: dict[ArticleId, StoryId] = {}
    after: dict[ArticleId, StoryId] = {}
    for step in planned.steps:
        taken = take(store, step, now)
        before |= taken.before
        after |= taken.after
    return before, after, planned.comparison


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
    return replace(
        change, likeness=round(likeness, 3), shared=shared_words(store, *change.examples, comparison.vocabularies)
    )


def _told(report: Rebuilt) -> str:
    return f"rebuilt {report.stories_before:,} stories: {report.moved:,} of {report.articles:,} articles moved"
