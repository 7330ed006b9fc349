"""Placing: which articles carry one text, and which story each stands in.

Pure steps. `verify` turns candidates into ties by comparing the texts exactly. `arrange` takes everything that hangs
together by ties, old and new, and says what stories that makes; it looks at the whole of it, never at the order in which it
came, so the same articles make the same stories whatever arrived first. `join` is a short cut to the same end for one more
copy of a text, so that the thousandth costs what the second did.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from aggregator.core.stories.canonical import ranked
from aggregator.core.stories.similarity import Overlap, overlaps
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.settings import Canonical
from aggregator.domain.stories import Candidate, Copy, Join, Member, Placement, Story, StoryFacts, Tie

#: The ties of each article, by the article at their other end.
Near = Mapping[ArticleId, Mapping[ArticleId, Tie]]

#: The version of the rule below; ties keep it, so that a change of the rule can be told apart from a change of the news.
RULE = 1
#: Two texts are copies when half of all their word sequences are shared …
COPY_JACCARD = 0.5
#: … or when nearly all of the shorter one stands in the longer one: a text that was cut or built upon. Unrelated texts of
#: one outlet share boilerplate, hence a longer minimum for the shorter text than comparison as such asks for.
COPY_CONTAINMENT = 0.8
CONTAINMENT_SHINGLES = 60
#: Only articles this near in time are compared: a text that comes back after weeks is a new piece of news about an old one.
WINDOW = timedelta(days=14)
#: Candidates looked at for one article, those that share most with it. The largest set of copies in the English stream of
#: May 2020 has 19, and one copy is enough to find the story; a flood of one boilerplate text costs this much and no more.
CANDIDATES = 64
#: From this Jaccard on two articles are the same to the letter, but for a headline or a credit line: they stand or fall
#: together when texts are told apart. Of the 2,531 pairs of copies in that stream 1,268 reach it.
TWIN_JACCARD = 0.9
#: Ties kept of one article to one story, the strongest. Enough to know every pair in the largest set of that stream, and
#: what keeps a flood of copies linear.
TIES = 24


def verify(article: ArticleId, *, dated: datetime, shingles: bytes, candidates: Iterable[Candidate]) -> tuple[Tie, ...]:
    """Return a tie for each candidate that carries the same text as `article`."""
    if not shingles:
        return ()
    comparable = [
        candidate
        for candidate in candidates
        if candidate.id != article and candidate.shingles and abs(candidate.dated - dated) <= WINDOW
    ]
    found = overlaps(shingles, [candidate.shingles for candidate in comparable])
    ties = []
    for candidate, shared in zip(comparable, found, strict=True):
        if is_copy(shared):
            ties.append(
                Tie(
                    a=min(article, candidate.id),
                    b=max(article, candidate.id),
                    jaccard=round(shared.jaccard, 4),
                    containment=round(shared.containment, 4),
                    hours_apart=round(abs(candidate.dated - dated) / timedelta(hours=1), 2),
                    rule=RULE,
                )
            )
    return tuple(ties)


def is_copy(shared: Overlap) -> bool:
    """Tell whether two texts that overlap so much are one text, whole, trimmed or built upon."""
    if shared.jaccard >= COPY_JACCARD:
        return True
    return shared.containment >= COPY_CONTAINMENT and shared.shorter >= CONTAINMENT_SHINGLES


def strongest(ties: Iterable[Tie], candidates: Iterable[Candidate]) -> tuple[Tie, ...]:
    """Return the ties to be kept: to each story the `TIES` strongest, so that none loses its connection."""
    story_of = {candidate.id: candidate.story for candidate in candidates}
    by_story = defaultdict[StoryId, list[Tie]](list)
    for tie in sorted(ties, key=lambda tie: (-tie.jaccard, -tie.containment, tie.a, tie.b)):
        by_story[story_of[tie.a] if tie.a in story_of else story_of[tie.b]].append(tie)
    return tuple(tie for several in by_story.values() for tie in several[:TIES])


def join(
    article: Member,
    ties: Sequence[Tie],
    candidates: Iterable[Candidate],
    story: StoryFacts,
    *,
    canonical: Canonical = Canonical.ORIGINAL,
) -> Join | None:
    """Return how a new article joins `story` as one more copy, None where `arrange` must look at the whole story.

    It must when the article might speak for the story, might change which texts count as complete, or stands between
    two texts of it.
    """
    if article.length > story.longest or ranked((article, story.canonical), canonical)[0] is article:
        return None
    tie_to = {tie.b if tie.a == article.id else tie.a: tie for tie in ties}
    texts = {candidate.text for candidate in candidates if candidate.id in tie_to}
    if len(texts) != 1:
        return None
    (text,) = texts
    if text not in tie_to and not any(tie.jaccard >= TWIN_JACCARD for tie in ties):
        return None
    similarity = tie_to[text].jaccard if text in tie_to else None
    return Join(story=story.id, copy=Copy(article=article.id, of=text, similarity=similarity), ties=tuple(ties))


def arrange(
    members: Sequence[Member],
    ties: Iterable[Tie],
    *,
    new: tuple[Tie, ...] = (),
    canonical: Canonical = Canonical.ORIGINAL,
) -> Placement:
    """Return the stories that `members` make, given all ties among them.

    Args:
        members: Every article of every story that is touched, and the article to be placed.
        ties: The ties known so far; those to articles that are not among `members` are left out.
        new: Ties found just now; they become part of the placement so that they are kept.
        canonical: The rule by which one article speaks for the others.
    """
    by_id = {member.id: member for member in members}
    near: dict[ArticleId, dict[ArticleId, Tie]] = defaultdict(dict)
    for tie in (*ties, *new):
        if tie.a in by_id and tie.b in by_id:
            near[tie.a][tie.b] = tie
            near[tie.b][tie.a] = tie
    components = _components(by_id, near)
    ids, merged = _keep_ids(components, by_id)
    stories = tuple(
        _story(story, ranked((by_id[id] for id in component), canonical), near)
        for story, component in zip(ids, components, strict=True)
    )
    return Placement(ties=new, stories=stories, merged=merged)


def _components(by_id: Iterable[ArticleId], near: Near, *, least: float = 0.0) -> list[list[ArticleId]]:
    """Return what hangs together by ties of `least` Jaccard and more, each set and the list of sets in order of id."""
    unvisited = dict.fromkeys(sorted(by_id))
    components = []
    while unvisited:
        component = [next(iter(unvisited))]
        del unvisited[component[0]]
        for id in component:  # grows while it is walked
            for other, tie in near.get(id, {}).items():
                if other in unvisited and tie.jaccard >= least:
                    del unvisited[other]
                    component.append(other)
        components.append(sorted(component))
    return components


def _story(story: StoryId | None, order: Sequence[Member], near: Near) -> Story:
    """Name who speaks for the story and who copies whom: each article copies the best-ranked text it is tied to.

    Twins go together: what is tied to one of them is tied to all.
    """
    twins = {id: class_ for class_ in _components((m.id for m in order), near, least=TWIN_JACCARD) for id in class_}
    texts: list[ArticleId] = []
    copies = []
    taken: set[ArticleId] = set()
    for leader in order:
        if leader.id in taken:
            continue
        texts.append(leader.id)
        reached = {id for twin in twins[leader.id] for other in (twin, *near.get(twin, ())) for id in twins[other]}
        for member in order:
            if member.id in reached and member.id not in taken and member is not leader:
                tie = near.get(leader.id, {}).get(member.id)
                copies.append(Copy(article=member.id, of=leader.id, similarity=tie.jaccard if tie else None))
        taken |= reached
    dates = [member.dated for member in order]
    return Story(
        id=story,
        members=tuple(sorted(member.id for member in order)),
        canonical=order[0].id,
        copies=tuple(copies),
        texts=len(texts),
        sources=len({member.source for member in order}),
        first_dated=min(dates),
        last_dated=max(dates),
    )


def _keep_ids(
    components: Sequence[Sequence[ArticleId]], by_id: Mapping[ArticleId, Member]
) -> tuple[list[StoryId | None], tuple[tuple[StoryId, StoryId], ...]]:
    """Let each set of articles go on under the story most of it stood in; say where the other stories went."""
    claims = Counter[tuple[int, StoryId]]()
    for place, component in enumerate(components):
        for id in component:
            story = by_id[id].story
            if story is not None:
                claims[place, story] += 1
    kept: dict[int, StoryId] = {}
    gone: dict[StoryId, int] = {}
    # The larger part keeps the name; among equals the older story and the earlier article.
    for (place, story), _ in sorted(claims.items(), key=lambda claim: (-claim[1], claim[0][1], claim[0][0])):
        if story in kept.values():
            continue
        if place in kept:
            gone.setdefault(story, place)
        else:
            kept[place] = story
    merged = tuple((story, kept[place]) for story, place in sorted(gone.items()) if story not in kept.values())
    return [kept.get(place) for place in range(len(components))], merged
