"""Placing: which articles carry one text, and which story each stands in.

Two steps, both pure. `verify` turns candidates into ties by comparing the texts exactly. `arrange` takes everything that
hangs together by ties, old and new, and says what stories that makes; it looks at the whole of it, never at the order in
which it came, so the same articles make the same stories whatever arrived first.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from aggregator.core.stories.canonical import ranked
from aggregator.core.stories.similarity import Overlap, overlap
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.settings import Canonical
from aggregator.domain.stories import Candidate, Copy, Member, Placement, Story, Tie

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
#: Candidates looked at for one article. The largest set of copies in the English stream of May 2020 has 19; a flood of one
#: boilerplate text costs this much and no more.
CANDIDATES = 200


def verify(article: ArticleId, *, dated: datetime, shingles: bytes, candidates: Iterable[Candidate]) -> tuple[Tie, ...]:
    """Return a tie for each candidate that carries the same text as `article`."""
    if not shingles:
        return ()
    ties = []
    for candidate in candidates:
        if candidate.id == article or not candidate.shingles or abs(candidate.dated - dated) > WINDOW:
            continue
        shared = overlap(shingles, candidate.shingles)
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


def _components(
    by_id: Mapping[ArticleId, Member], near: Mapping[ArticleId, Mapping[ArticleId, Tie]]
) -> list[list[ArticleId]]:
    """Return what hangs together, each set and the list of sets in order of id."""
    unvisited = dict.fromkeys(sorted(by_id))
    components = []
    while unvisited:
        component = [next(iter(unvisited))]
        del unvisited[component[0]]
        for id in component:  # grows while it is walked
            for other in near.get(id, ()):
                if other in unvisited:
                    del unvisited[other]
                    component.append(other)
        components.append(sorted(component))
    return components


def _story(story: StoryId | None, order: Sequence[Member], near: Mapping[ArticleId, Mapping[ArticleId, Tie]]) -> Story:
    """Name who speaks for the story and who copies whom: each article copies the best-ranked text it is tied to."""
    texts: list[ArticleId] = []
    copies = []
    taken: set[ArticleId] = set()
    for leader in order:
        if leader.id in taken:
            continue
        texts.append(leader.id)
        taken.add(leader.id)
        for member in order:
            tie = near.get(leader.id, {}).get(member.id)
            if tie and member.id not in taken:
                taken.add(member.id)
                copies.append(Copy(article=member.id, of=leader.id, similarity=tie.jaccard))
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
