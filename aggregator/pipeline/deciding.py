"""A reader's word on stories: put together, taken apart, taken back. It holds through every rebuild."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from itertools import product

from aggregator.core.stories.rules import DEFAULT_RULES, Rules
from aggregator.domain.errors import UsageError
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.stories import Decision, DecisionKind, Member, Placement, Ruling, Story, Tie, Verdict
from aggregator.pipeline.archive_ports import ArchiveStore
from aggregator.pipeline.placing import arranged
from aggregator.pipeline.store_ports import Store


def merge(store: Store, stories: Sequence[StoryId], now: datetime, *, rules: Rules = DEFAULT_RULES) -> StoryId:
    """Make one story of several for good; return its number.

    Raises:
        UsageError: there are not two different ones, or one of them does not exist.
    """
    with store.transaction():
        stories = list(dict.fromkeys(living(store, story) for story in stories))
        if len(stories) < 2:  # noqa: PLR2004  # what two means
            raise UsageError(
                "name two different stories to be made one; `aggregator today` lists them with their numbers"
            )
        members = store.members(stories)
        rulings = _all_together(member.id for member in members)
        told = f"merged stories {_and(stories)}"
        store.decide(DecisionKind.MERGE, told, before=_standing(members), rulings=rulings, now=now)
        store.apply(arranged(store, members, rules=rules), now)
        (into,) = set(store.stories_of(_standing(members)).values())
        return into


def split(
    store: Store, story: StoryId, articles: Sequence[ArticleId], now: datetime, *, rules: Rules = DEFAULT_RULES
) -> tuple[StoryId, ...]:
    """Take articles out of a story for good, to stand together elsewhere; return the stories that there are afterwards.

    Raises:
        UsageError: there is no such story, an article is not in it, or nothing would be left of it.
    """
    with store.transaction():
        story = living(store, story)
        members = store.members([story])
        taken = set(articles)
        if strangers := sorted(taken - {member.id for member in members}):
            raise UsageError(
                f"story {story} has no article {_and(strangers)}; `aggregator story {story}` lists those it has"
            )
        left = sorted({member.id for member in members} - taken)
        if not taken or not left:
            raise UsageError(
                f"name some of the articles of story {story}, not all; `aggregator story {story}` lists them"
            )
        rulings = [_ruling(one, other, Verdict.APART) for one, other in product(sorted(taken), left)]
        rulings += _all_together(taken)
        rulings += _all_together(_held_by(store.rulings(member.id for member in members), taken))
        told = f"split {_and(sorted(taken))} from story {story}"
        store.decide(DecisionKind.SPLIT, told, before=_standing(members), rulings=rulings, now=now)
        store.apply(arranged(store, members, rules=rules), now)
        return tuple(sorted(set(store.stories_of(_standing(members)).values())))


def undo(store: Store, now: datetime, *, rules: Rules = DEFAULT_RULES, only: int | None = None) -> Decision:
    """Take back the last merge, split or rebuild: the articles it moved stand where they stood; return what it was.

    Articles that came since stay where they are.

    Raises:
        UsageError: there is nothing to take back, or it is another decision than the one that `only` is meant.
    """
    with store.transaction():
        decision = store.last_decision()
        if decision is None:
            raise UsageError("there is nothing to undo: no story was merged, split or rebuilt")
        if only is not None and decision.id != only:
            raise UsageError(f"something came after it: {decision.told}; `aggregator undo` takes back the last first")
        store.take_back(decision.id, now)
        before = dict(decision.before)
        # Where they stand now, and the stories they go back to: these may have kept other articles.
        touched = set(store.stories_of(before).values())
        touched |= {found for story in set(before.values()) if (found := store.living_story(story)) is not None}
        members = [replace(member, story=before.get(member.id, member.story)) for member in store.members(touched)]
        store.apply(as_they_stand(store, members, rules), now)
        return decision


def living(store: ArchiveStore, story: StoryId) -> StoryId:
    """Return the story of that number, or the one it was merged into.

    Raises:
        UsageError: there never was one.
    """
    found = store.living_story(story)
    if found is None:
        raise UsageError(f"there is no story {story}; `aggregator today` lists stories with their numbers")
    return found


def as_they_stand(store: Store, members: Sequence[Member], rules: Rules) -> Placement:
    """Describe the stories that `members` name, whatever their likeness."""
    stories: list[Story] = []
    events: list[Tie] = []
    for id in sorted({member.story for member in members if member.story is not None}):
        own = [member for member in members if member.story == id]
        placement = arranged(store, own, rules=rules, as_one=True)
        stories += placement.stories
        events += placement.events
    return Placement(ties=(), stories=tuple(stories), events=tuple(events))


def _standing(members: Iterable[Member]) -> Mapping[ArticleId, StoryId]:
    return {member.id: member.story for member in members if member.story is not None}


def _ruling(one: ArticleId, other: ArticleId, verdict: Verdict) -> Ruling:
    return Ruling(a=min(one, other), b=max(one, other), verdict=verdict)


def _all_together(articles: Iterable[ArticleId]) -> list[Ruling]:
    """Let articles be one story: each goes with the first."""
    order = sorted(articles)
    return [Ruling(a=order[0], b=other, verdict=Verdict.TOGETHER) for other in order[1:]]


def _held_by(rulings: Iterable[Ruling], taken: AbstractSet[ArticleId]) -> set[ArticleId]:
    """Return the articles that stay, and stood where they stand because a reader put them to one that is taken out."""
    pairs = [{ruling.a, ruling.b} for ruling in rulings if ruling.verdict is Verdict.TOGETHER]
    return {id for pair in pairs if pair & taken for id in pair - taken}


def _and(numbers: Sequence[int]) -> str:
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}" if most else last
