"""Place an article among the stories, the one way that every caller takes.

::

    article ─candidates─▶ [Candidate] ─verify─▶ [Tie] ─┬─ twin of a story's own text ─join─▶ Join ─────────────▶ store
            ─near───────▶ [Profile]  ─compare─▶ near ──┴─ members, ties, rulings ─arrange─▶ Placement ─apply──▶ store

What is arranged anew are the stories that the article is tied to and the few that tell most nearly what it tells, so that an
article costs the same whatever the archive holds. `pipeline.rebuild` arranges everything and comes to the same stories but
for a few articles in a thousand.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate, takewhile

from aggregator.core.copies.copies import CANDIDATES, WINDOW, strongest, verify
from aggregator.core.events.comparing import Comparison, key_terms
from aggregator.core.events.likeness import RANKS, WINDOW_DAYS
from aggregator.core.events.telling import told_by_both
from aggregator.core.stories.placement import Alike, arrange, join, join_crowd
from aggregator.core.stories.rules import DEFAULT_RULES, SAME_EVENT, Rules
from aggregator.domain.articles import Signature
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.stories import Candidate, Join, Member, Placement, Relation, Ruling, Tie, Verdict, Vocabulary
from aggregator.pipeline.store_ports import StoryStore

#: Articles compared with a new one, those that share its weightiest terms: as many as its background is measured by.
NEAR = RANKS[1]
#: Of these, stories arranged anew with it: those that have the articles most like it …
NEAR_STORIES = 8
#: … if these are at least so like it, a good part of what joins two texts that stand alone.
NEAR_LIKENESS = SAME_EVENT / 3
#: Articles arranged anew at the most, beside those of stories that share word sequences with the new one.
MOST_MEMBERS = 400
#: Articles of the stories that share word sequences with a new one, arranged anew with it at the most: ten times the largest
#: set of copies in a real day's stream. More of them are a flood, and arranging costs a millisecond for two of them.
CROWD = 200
#: Only articles this near in time are compared by their terms.
EVENT_WINDOW = timedelta(days=WINDOW_DAYS)


def place(
    store: StoryStore,
    article: ArticleId,
    signature: Signature,
    *,
    dated: datetime,
    now: datetime,
    rules: Rules = DEFAULT_RULES,
    crowd: int = CROWD,
) -> None:
    """Find what `article` has to do with others, and write the stories as they stand with it. Needs an open transaction.

    Stories of more than `crowd` articles in all are not arranged anew for it: a copy joins the text it copies, anything else
    stands apart from them until the next rebuild.
    """
    candidates = _candidates(store, article, signature, dated)
    found = verify(article, dated=dated, shingles=signature.shingles, facts=signature.facts, candidates=candidates)
    found = strongest(found, candidates)
    tied = {tie.other(article) for tie in found if tie.relation in {Relation.COPY, Relation.PART}}
    stories = {candidate.story for candidate in candidates if candidate.id in tied}
    own = store.member(article)
    if own.story is None and len(stories) == 1:
        joined = join(own, found, candidates, store.story_facts(*stories), canonical=rules.canonical)
        if joined is not None:
            _join(store, joined, dated, now)
            return
    stories = _with_copying(store, stories if own.story is None else stories | {own.story})
    if own.story is None and _size(store, stories) > crowd:
        joined = join_crowd(article, found, candidates)
        if joined is not None:
            _join(store, joined, dated, now)
            return
        stories = set()
    stories |= _near_stories(store, article, known=stories)
    members = store.members(stories)
    if own.story is None:
        members = (*members, own)
    store.apply(arranged(store, members, new=found, rules=rules), now)


def _join(store: StoryStore, joined: Join, dated: datetime, now: datetime) -> None:
    twin = next(iter(store.profiles([joined.copy.of])), None)
    store.set_key_terms(joined.copy.article, dated, (), twin.background if twin else None)
    store.join(joined, now)


def arranged(
    store: StoryStore,
    members: Sequence[Member],
    *,
    new: tuple[Tie, ...] = (),
    alike: Alike | None = None,
    vocabularies: Mapping[str, Vocabulary] | None = None,
    rules: Rules = DEFAULT_RULES,
    as_one: bool = False,
) -> Placement:
    """Arrange `members` by all that the store knows of them.

    Args:
        store: What knows them.
        members: As for `arrange`.
        new: The same.
        alike: How like they are; where it is not given, by their profiles.
        vocabularies: What words are worth; where it is not given, as the last rebuild learned it.
        rules: How stories are made.
        as_one: Whether they are one story whatever they say.
    """
    ids = [member.id for member in members]
    vocabularies = store.vocabularies() if vocabularies is None else vocabularies
    if alike is None:
        profiles = {profile.id: profile for profile in store.profiles(ids)}
        alike = Comparison(profiles=profiles, vocabularies=vocabularies)
    # Of what is taken back the members name other stories than those in which they, and so their ties, still stand.
    named = {member.story for member in members if member.story is not None}
    placement = arrange(
        members,
        store.ties(set(store.stories_of(ids).values()) if as_one else named),
        new=new,
        alike=alike,
        # Of one article there is no pair.
        rulings=_as_one(ids) if as_one else store.rulings(ids) if len(ids) > 1 else (),
        rules=rules,
    )
    return replace(placement, events=tuple(_worded(store, placement.events, vocabularies)))


def _as_one(ids: Sequence[ArticleId]) -> list[Ruling]:
    first, *others = sorted(ids)
    return [Ruling(a=first, b=other, verdict=Verdict.TOGETHER) for other in others]


def _candidates(store: StoryStore, article: ArticleId, signature: Signature, dated: datetime) -> tuple[Candidate, ...]:
    """Return what may be a copy, and the articles whose texts these carry: in a flood they may not be among the nearest."""
    found = store.candidates(
        article, signature.bands, middle=dated, since=dated - WINDOW, until=dated + WINDOW, limit=CANDIDATES
    )
    carried = {candidate.text for candidate in found} - {candidate.id for candidate in found} - {article}
    return (*found, *store.comparable(sorted(carried))) if carried else found


def _with_copying(store: StoryStore, stories: set[StoryId]) -> set[StoryId]:
    """Add the stories that share copies with these, and so on: what one text loses may belong to the next."""
    found, size = set(stories), _size(store, stories)
    new = found
    while new:
        new = set(store.copying(new)) - found
        size += _size(store, new)
        if size > MOST_MEMBERS:
            break
        found |= new
    return found


def _size(store: StoryStore, stories: Collection[StoryId]) -> int:
    """Return how many articles some stories have in all."""
    return sum(store.sizes_of(stories).values())


def _near_stories(store: StoryStore, article: ArticleId, *, known: Iterable[StoryId]) -> set[StoryId]:
    """Return the stories that tell most nearly what `article` tells, and let it be found by others."""
    profile = next(iter(store.profiles([article])), None)
    vocabularies = store.vocabularies()
    # Without a vocabulary nobody can say what a word is worth; the next rebuild learns one.
    if profile is None or profile.dated is None or profile.language not in vocabularies:
        return set()
    dated = profile.dated
    keys = key_terms(profile, vocabularies[profile.language])
    ids = store.near(keys, middle=dated, since=dated - EVENT_WINDOW, until=dated + EVENT_WINDOW, limit=NEAR)
    near = {one.id: one for one in store.profiles(ids)} | {article: replace(profile, background=None)}
    comparison = Comparison(profiles=near, vocabularies=vocabularies)
    likenesses = comparison.to(article)
    store.set_key_terms(article, dated, keys, comparison.backgrounds[article])
    best = sorted((-likeness, id) for id, likeness in likenesses.items() if likeness >= NEAR_LIKENESS)
    stories = store.stories_of(id for _, id in best)
    # In the order of their nearest articles.
    nearest = [story for story in dict.fromkeys(stories[id] for _, id in best if id in stories) if story not in known]
    sizes = store.sizes_of(nearest[:NEAR_STORIES])
    fitting = takewhile(lambda size: size <= MOST_MEMBERS, accumulate(sizes[story] for story in nearest[:NEAR_STORIES]))
    return {story for story, _ in zip(nearest, fitting, strict=False)}


def _worded(store: StoryStore, events: Iterable[Tie], vocabularies: Mapping[str, Vocabulary]) -> Iterable[Tie]:
    """Put in the words that make each event, where they are not known yet."""
    for tie in events:
        yield tie if tie.shared else replace(tie, shared=shared_words(store, tie.a, tie.b, vocabularies))


def shared_words(
    store: StoryStore, a: ArticleId, b: ArticleId, vocabularies: Mapping[str, Vocabulary]
) -> tuple[str, ...]:
    """Return the words that two articles share and that tell most; nothing where their language is not known yet."""
    profiles = {profile.id: profile for profile in store.profiles([a, b])}
    if a not in profiles or b not in profiles or profiles[a].language not in vocabularies:
        return ()
    headline, text = store.headline_and_text(a)
    return told_by_both(
        profiles[a].terms,
        profiles[b].terms,
        f"{headline}\n{text}",
        vocabularies[profiles[a].language],
    )
