"""Plan how stories are arranged anew, from what is stored; and carry such a plan out, all at once or a little at a time.

::

    newest profiles   ─learn─▶ vocabularies ──────────────────────────────────────────────────────┐
    members, profiles of the stories ─compare─▶ likenesses, backgrounds, key terms ───────────────┤
                                                     └── with ties, rulings ─arrange─▶ Placement ─┴─▶ [Step] ─take─▶ store

A plan only reads, so it can be made beside the writer, of the store as it was at one moment. It falls apart into parts: stories that
exchange articles with each other and with no others. A part is carried out only while its stories stand as the plan saw them: the
same articles, saying the same, with the same ties and the same rulings. What changed meanwhile was placed as ever, and stays so.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import TypeVar

from aggregator.core.events.comparing import Comparison, forget_samples, key_terms, learn_vocabularies
from aggregator.core.linking import link
from aggregator.core.stories.rules import DEFAULT_RULES, Rules
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.stories import Member, Placement, Profile, Tie, Vocabulary
from aggregator.pipeline.placing import EVENT_WINDOW, arranged
from aggregator.pipeline.store_ports import Store

#: Articles from which is learned how common a word is, the newest: some weeks of two thousand feeds. Allsides, 3,418 articles
#: of four years, loses nothing when it learns from itself alone.
LEARNED_FROM = 50_000
#: Articles of one step, unless a part has more.
STEP = 25

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """By which words an article is found, and what it has in common with others of its subject."""

    article: ArticleId
    dated: datetime
    keys: tuple[int, ...]
    background: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some stories that exchange articles with each other and with no others, or one that stays by itself."""

    #: What tells each of them, as the plan saw it, from what it may become.
    standing: tuple[tuple[StoryId, bytes], ...]
    placement: Placement
    found: tuple[Found, ...]

    @property
    def articles(self) -> tuple[ArticleId, ...]:
        """The articles of these stories."""
        return tuple(chain.from_iterable(story.members for story in self.placement.stories))

    @property
    def size(self) -> int:
        """How many articles are written."""
        return max(len(self.articles), len(self.found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What of a plan is written at once."""

    #: What was learned; None where that is no part of the step.
    vocabularies: Mapping[str, Vocabulary] | None = None
    #: Articles too old to be found by their words.
    forgotten: tuple[ArticleId, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a step did: where articles stood and where they stand."""

    before: Mapping[ArticleId, StoryId] = field(default_factory=dict)
    after: Mapping[ArticleId, StoryId] = field(default_factory=dict)
    #: How many articles stand in stories that were left alone, because something became of them since the plan was made.
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How stories are to be arranged."""

    steps: tuple[Step, ...]
    #: What knows how alike the articles are.
    comparison: Comparison


def plan(store: Store, now: datetime, *, since: datetime | None, rules: Rules = DEFAULT_RULES) -> Plan:
    """Plan how the stories that have an article dated at or after `since`, all with None, are arranged anew."""
    vocabularies = learn_vocabularies(store.newest_profiles(LEARNED_FROM))
    members = store.members(store.stories_since(since))
    profiles = {profile.id: profile for profile in store.profiles([member.id for member in members])}
    comparison = Comparison(profiles=_unmeasured(profiles), vocabularies=vocabularies)
    placement = arranged(store, members, alike=comparison, vocabularies=vocabularies, rules=rules)
    oldest = now - EVENT_WINDOW - timedelta(days=1)
    found = {one.article: one for one in _found(placement, profiles, comparison, oldest)}
    forgotten = [id for id in store.found_before(oldest) if id not in found]
    steps = (
        Step(vocabularies=vocabularies),
        *(Step(forgotten=tuple(some)) for some in in_steps(forgotten)),
        *(Step(parts=tuple(some)) for some in _together(_parts(store, members, placement, found))),
    )
    measured = {id: replace(profile, background=comparison.backgrounds.get(id)) for id, profile in profiles.items()}
    return Plan(steps=steps, comparison=Comparison(profiles=measured, vocabularies=vocabularies))


def take(store: Store, step: Step, now: datetime) -> Taken:
    """Carry out a step of a plan, as far as nothing became of its stories since."""
    with store.joined():
        if step.vocabularies is not None:
            store.learn(step.vocabularies, now)
            # Else old vocabularies, and each article once for each of them, would stay in memory.
            forget_samples()
        store.forget_key_terms(step.forgotten)
        standing = store.standing(story for part in step.parts for story, _ in part.standing)
        parts = [part for part in step.parts if all(standing.get(story) == seen for story, seen in part.standing)]
        articles = [id for part in parts for id in part.articles]
        for found in chain.from_iterable(part.found for part in parts):
            store.set_key_terms(found.article, found.dated, found.keys, found.background)
        before = store.stories_of(articles)
        store.apply(_joined(part.placement for part in parts), now)
        return Taken(
            before=before,
            after=store.stories_of(articles),
            left=sum(len(part.articles) for part in step.parts) - len(articles),
        )


def in_steps(values: Sequence[T], size: int = STEP) -> Iterator[Sequence[T]]:
    """Yield values, as many at a time as are written at once."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _unmeasured(profiles: Mapping[ArticleId, Profile]) -> dict[ArticleId, Profile]:
    """Forget the backgrounds, for they are measured anew."""
    return {id: replace(profile, background=None) for id, profile in profiles.items()}


def _found(
    placement: Placement, profiles: Mapping[ArticleId, Profile], comparison: Comparison, oldest: datetime
) -> Iterator[Found]:
    """Yield backgrounds and key terms: one article of each text is found by them, unless it is too old to be compared again."""
    text_of = {copy.article: copy.of for story in placement.stories for copy in story.copies}
    measured = {text_of.get(id, id): value for id, value in comparison.backgrounds.items()}
    for id, profile in profiles.items():
        if profile.dated is not None:
            is_found = id in comparison.backgrounds and profile.dated >= oldest
            keys = key_terms(profile, comparison.vocabularies[profile.language]) if is_found else ()
            background = measured.get(text_of.get(id, id))
            yield Found(article=id, dated=profile.dated, keys=tuple(keys), background=background)


def _parts(
    store: Store, members: Sequence[Member], placement: Placement, found: Mapping[ArticleId, Found]
) -> Iterator[Part]:
    """Take a placement apart into what can be done by itself, the stories of the lowest numbers first."""
    before = {member.id: member.story for member in members if member.story is not None}
    bound = [(before[story.members[0]], before[id]) for story in placement.stories for id in story.members[1:]]
    parts = link(sorted(set(before.values())), {}, 1.0, together=set(bound))
    part_of = {story: place for place, part in enumerate(parts) for story in part}
    stories, merged = defaultdict(list), defaultdict(list)
    events = defaultdict[int, list[Tie]](list)
    for story in placement.stories:
        stories[part_of[before[story.members[0]]]].append(story)
    for tie in placement.events:
        events[part_of[before[tie.a]]].append(tie)
    for old, into in placement.merged:
        merged[part_of[old]].append((old, into))
    for some in in_steps(range(len(parts))):
        standing = store.standing(story for place in some for story in parts[place])
        for place in some:
            seen = tuple((story, standing[story]) for story in parts[place])
            own = Placement(
                ties=(), stories=tuple(stories[place]), events=tuple(events[place]), merged=tuple(merged[place])
            )
            words = [found[id] for story in own.stories for id in story.members if id in found]
            *most, last = in_steps(words) if words else [()]
            # In a crowd each step has some of its words, the last one the stories.
            for few in most:
                yield Part(standing=seen, placement=_joined(()), found=tuple(few))
            yield Part(standing=seen, placement=own, found=tuple(last))


def _together(parts: Iterable[Part]) -> Iterator[list[Part]]:
    """Yield parts that make up a step together."""
    some: list[Part] = []
    size = 0
    for part in parts:
        if some and size + part.size > STEP:
            yield some
            some, size = [], 0
        some.append(part)
        size += part.size
    if some:
        yield some


def _joined(placements: Iterable[Placement]) -> Placement:
    placements = list(placements)
    return Placement(
        ties=(),
        stories=tuple(chain.from_iterable(one.stories for one in placements)),
        events=tuple(chain.from_iterable(one.events for one in placements)),
        merged=tuple(chain.from_iterable(one.merged for one in placements)),
    )
