"""Placing: which story each article stands in.

`arrange` takes articles with all that is known among them and says what stories they make: first which carry one text, then
which texts tell one event. It looks at the whole of it, never at the order in which it came, so the same articles make the
same stories whatever arrived first. `join` is a short cut to the same end for one more copy of a text, so that the
thousandth costs what the second did.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from aggregator.core.copies.copies import RULE, TWIN_JACCARD, hours_apart, strength
from aggregator.core.stories.canonical import ranked, speaking
from aggregator.core.stories.rules import DEFAULT_RULES, Rules
from aggregator.core.stories.rulings import grouped, ruled_texts, told_apart
from aggregator.domain.ids import ArticleId, SourceId, StoryId
from aggregator.domain.settings import Canonical
from aggregator.domain.stories import (
    Candidate,
    Copy,
    Join,
    Member,
    Placement,
    Relation,
    Ruling,
    Story,
    StoryFacts,
    Tie,
    Verdict,
)

#: Likenesses by pairs of articles, either way round.
Likenesses = Mapping[tuple[ArticleId, ArticleId], float]
#: Tells how alike some texts are, each named by its fullest article, given which outlets carry it.
Alike = Callable[[Mapping[ArticleId, AbstractSet[SourceId]]], Likenesses]
#: A text that in part stands in another is as like it as that part is large, less a fifth: so a digest that holds two reports
#: whole does not make one story of them.
_PART = 0.8
#: Two texts made from one template speak against each other as much as two equal ones would speak for each other.
_TEMPLATE = -1.0


def nothing_alike(_texts: Mapping[ArticleId, AbstractSet[SourceId]]) -> Likenesses:
    """Know of no likeness: then stories are made of copies alone."""
    return {}


def join(
    article: Member,
    ties: Sequence[Tie],
    candidates: Iterable[Candidate],
    story: StoryFacts,
    *,
    canonical: Canonical = Canonical.ORIGINAL,
) -> Join | None:
    """Return how a new article joins `story` as one more twin of its canonical article, None where `arrange` must look.

    It must when the article might speak for the story, might change which articles count as complete, or has to do with
    another text too.
    """
    speaker = story.canonical
    if article.length > story.longest or ranked((article, speaker), canonical)[0] is article:
        return None
    tie_to = {tie.other(article.id): tie for tie in ties}
    carried = {candidate.text for candidate in candidates if candidate.id in tie_to}
    if carried != {speaker.id} or any(tie.relation is not Relation.COPY for tie in ties):
        return None
    tie = tie_to.get(speaker.id)
    if tie is None or (tie.jaccard or 0.0) < TWIN_JACCARD:
        return None
    copy = Copy(article=article.id, of=speaker.id, similarity=tie.jaccard)
    return Join(story=story.id, copy=copy, ties=tuple(ties))


def join_crowd(article: ArticleId, ties: Sequence[Tie], candidates: Iterable[Candidate]) -> Join | None:
    """Return how a new article joins the text that it is the nearest copy of, whatever else it has to do with; None for no copy.

    That is for a crowd too large to be arranged anew for one article: a rebuild has the last word. Of a text only the article
    that it is told by counts, not its copies, so that no chain of small changes leads from one text to another.
    """
    told_by = {candidate.id: candidate for candidate in candidates if candidate.text == candidate.id}
    copies = [tie for tie in ties if tie.relation is Relation.COPY and tie.other(article) in told_by]
    if not copies:
        return None
    nearest = min(copies, key=strength)
    text = told_by[nearest.other(article)]
    copy = Copy(article=article, of=text.id, similarity=nearest.jaccard)
    return Join(story=text.story, copy=copy, ties=tuple(ties))


def arrange(
    members: Sequence[Member],
    ties: Iterable[Tie],
    *,
    new: tuple[Tie, ...] = (),
    alike: Alike = nothing_alike,
    rulings: Sequence[Ruling] = (),
    rules: Rules = DEFAULT_RULES,
) -> Placement:
    """Return the stories that `members` make, given all ties among them.

    Args:
        members: Every article of every story that is touched, and the article to be placed.
        ties: The ties known so far; those to articles that are not among `members` are left out, as are those of events,
            which are found anew.
        new: Ties found just now; they become part of the placement so that they are kept.
        alike: How much texts tell of one event.
        rulings: What a reader said; the last word.
        rules: How stories are made.
    """
    by_id = {member.id: member for member in members}
    known = {(tie.a, tie.b): tie for tie in (*ties, *new) if tie.a in by_id and tie.b in by_id}
    words = [tie for tie in known.values() if tie.relation is not Relation.EVENT]
    rulings = [ruling for ruling in rulings if ruling.a in by_id and ruling.b in by_id]
    found = told_apart(members, words, rulings)
    text_of = {member.id: number for number, text in enumerate(found) for member in text}
    fullest, likenesses = likened(found, words, alike)
    ruled = {verdict: ruled_texts(rulings, verdict, text_of) for verdict in Verdict}
    groups = grouped(len(found), likenesses, rules.same_event, ruled)
    components = [sorted(member.id for number in group for member in found[number]) for group in groups]
    ids, merged = _keep_ids(components, by_id)
    stories = tuple(
        _story(id, [found[number] for number in group], known, rules.canonical)
        for id, group in zip(ids, groups, strict=True)
    )
    return Placement(
        ties=new, stories=stories, events=tuple(_events(groups, likenesses, fullest, known)), merged=merged
    )


def _in_order(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def fullest_of(text: Sequence[Member]) -> Member:
    """Return the article of a text by which it is compared with others."""
    return max(text, key=lambda member: member.length)


def likened(
    found: Sequence[Sequence[Member]], ties: Iterable[Tie], alike: Alike
) -> tuple[list[Member], dict[tuple[int, int], float]]:
    """Return the fullest article of each text, and how alike the texts are, by pairs of their places in `found`.

    Args:
        found: Texts, each as the articles that carry it.
        ties: Those of word sequences among these articles.
        alike: As for `arrange`.
    """
    fullest = [fullest_of(text) for text in found]
    text_of = {member.id: number for number, text in enumerate(found) for member in text}
    place = {member.id: number for number, member in enumerate(fullest)}
    carriers = {first.id: {member.source for member in text} for first, text in zip(fullest, found, strict=True)}
    likenesses = {_in_order(place[a], place[b]): value for (a, b), value in alike(carriers).items()}
    _heed_words(likenesses, ties, found, text_of)
    return fullest, likenesses


def _heed_words(
    likenesses: dict[tuple[int, int], float],
    ties: Iterable[Tie],
    found: Sequence[Sequence[Member]],
    text_of: Mapping[ArticleId, int],
) -> None:
    """Put in what the word sequences of texts say of them, which counts for more than their terms."""
    parts = defaultdict[tuple[int, int], float](float)
    templates = Counter[tuple[int, int]]()
    # In one order, for the sums of floating numbers depend on it.
    for tie in sorted(ties, key=lambda tie: (tie.a, tie.b)):
        a, b = _in_order(text_of[tie.a], text_of[tie.b])
        if a == b:
            continue
        if tie.relation is Relation.TEMPLATE:
            templates[a, b] += 1
        else:
            templates[a, b] -= 1
            parts[a, b] += _PART * (tie.containment or 0.0) / (len(found[a]) * len(found[b]))
    for pair, surplus in templates.items():
        likenesses[pair] = _TEMPLATE if surplus > 0 else max(likenesses.get(pair, 0.0), parts[pair])


def _story(
    story: StoryId | None,
    found: Sequence[Sequence[Member]],
    known: Mapping[tuple[ArticleId, ArticleId], Tie],
    rule: Canonical,
) -> Story:
    """Name who speaks for the story and who copies whom: all articles of a text copy the one that ranks first."""
    orders = [ranked(text, rule) for text in found]
    copies = []
    for first, *others in orders:
        for member in others:
            tie = known.get((min(first.id, member.id), max(first.id, member.id)))
            is_copy = tie is not None and tie.relation is Relation.COPY
            copies.append(Copy(article=member.id, of=first.id, similarity=tie.jaccard if tie and is_copy else None))
    members = [member for text in found for member in text]
    dates = [member.dated for member in members]
    return Story(
        id=story,
        members=tuple(sorted(member.id for member in members)),
        canonical=speaking(orders, rule).id,
        copies=tuple(copies),
        texts=len(found),
        sources=len({member.source for member in members}),
        first_dated=min(dates),
        last_dated=max(dates),
    )


def _events(
    groups: Iterable[Sequence[int]],
    likenesses: Mapping[tuple[int, int], float],
    fullest: Sequence[Member],
    known: Mapping[tuple[ArticleId, ArticleId], Tie],
) -> Iterable[Tie]:
    """Say of each text in a story of several which other one it is most alike, unless their words say it already."""
    group_of = {number: place for place, group in enumerate(groups) for number in group}
    best: dict[int, tuple[float, tuple[int, int]]] = {}
    for (one, other), value in sorted(likenesses.items()):
        if group_of[one] == group_of[other] and value > 0:
            for number in (one, other):
                if number not in best or value > best[number][0]:
                    best[number] = value, (one, other)
    for (one, other), value in sorted({(pair, value) for value, pair in best.values()}):
        a, b = sorted((fullest[one], fullest[other]), key=lambda member: member.id)
        tie = known.get((a.id, b.id))
        if tie is not None and tie.relation is not Relation.EVENT:
            continue
        shared = tie.shared if tie else ()
        apart = hours_apart(a.dated, b.dated)
        yield Tie(
            a=a.id,
            b=b.id,
            relation=Relation.EVENT,
            likeness=round(value, 3),
            shared=shared,
            hours_apart=apart,
            rule=RULE,
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
