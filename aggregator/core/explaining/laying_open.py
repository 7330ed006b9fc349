"""Lay stories open: their texts and ties, and what was measured of them, by the same comparison that made the stories.

::

    Material ─texts, likened─▶ Stories ─┬─judging.judge(a, b)─▶ Judgement: why two articles are together or apart
                                        ├─nearest(s, t)───────▶ the two articles of two stories that are most alike
                                        └─standings(s)────────▶ each text of a story, and what ties it to the rest
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from aggregator.core.copies.copies import hours_apart, strength, texts
from aggregator.core.copies.similarity import Overlap, overlap
from aggregator.core.events.comparing import Comparison
from aggregator.core.events.telling import told_by_both
from aggregator.core.explaining.reasons import ByWayOf, PutTogether, Tied
from aggregator.core.stories.placement import likened
from aggregator.core.stories.rules import DEFAULT_RULES, Rules
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.reading import Held, Material
from aggregator.domain.stories import Member, Relation, Tie, Verdict

#: A word that adds less to what two texts share than this is not named: "said" and "on" tell nothing.
TELLING = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured of two articles."""

    hours_apart: float
    #: How their word sequences overlap; None where one is too short.
    shared: Overlap | None
    #: How alike their texts are, below 0 where they speak against each other; None within one text.
    likeness: float | None
    #: Of all pairs of texts of their two stories, or of their one; None where that is one text.
    mean: float | None
    needed: float
    #: Words that both have and that tell something, weightiest first.
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One text of a story, and what ties it to the rest."""

    #: The article that the others with this text are copies of.
    article: ArticleId
    articles: int
    #: Mean likeness to the other texts of the story; None where there is no other.
    mean: float | None
    #: Strongest first, one for each other text that it is tied to.
    ties: tuple[Tied, ...]
    #: Articles that a reader put it together with.
    ruled: tuple[ArticleId, ...]


class Stories:
    """Some stories, laid open."""

    def __init__(self, material: Material, rules: Rules = DEFAULT_RULES) -> None:
        self.articles = material.articles
        self.rulings = material.rulings
        self.vocabularies = material.vocabularies
        self.rules = rules
        profiles = {id: held.profile for id, held in material.articles.items() if held.profile is not None}
        self.comparison = Comparison(profiles=profiles, vocabularies=material.vocabularies)
        #: Those that speak for one story, the strongest first.
        self.ties = sorted((tie for tie in material.ties if tie.relation is not Relation.TEMPLATE), key=strength)
        members = defaultdict[StoryId, list[Member]](list)
        for id, held in material.articles.items():
            members[self.story_of(id)].append(held.member)
        words = [tie for tie in material.ties if tie.relation is not Relation.EVENT]
        #: The texts of each story, as places in one list of all.
        self.places: dict[StoryId, range] = {}
        self._texts: list[list[Member]] = []
        for story, own in sorted(members.items()):
            found = texts(own, words, material.rulings)
            self.places[story] = range(len(self._texts), len(self._texts) + len(found))
            self._texts += found
        self._text_of = {member.id: place for place, text in enumerate(self._texts) for member in text}
        self._fullest, self._likenesses = likened(self._texts, words, self.comparison)

    def story_of(self, article: ArticleId) -> StoryId:
        """Return the story that an article stands in."""
        story = self.articles[article].member.story
        assert story is not None  # read by way of its story
        return story

    def fullest(self, article: ArticleId) -> Held:
        """Return the fullest article that carries the text of `article`: it was compared in the place of all of them."""
        return self.articles[self._fullest[self._text_of[article]].id]

    def outlets_of_both(self, a: ArticleId, b: ArticleId) -> list[str]:
        """Return the names of the outlets that carry the texts of both articles."""
        names = [
            {
                member.source: self.articles[member.id].source
                for member in self._texts[self._text_of[id]]
                if member.source
            }
            for id in (a, b)
        ]
        return sorted(names[0][source] for source in names[0].keys() & names[1].keys())

    def nearest(self, one: StoryId, other: StoryId, *, to: ArticleId | None = None) -> tuple[ArticleId, ArticleId]:
        """Return the articles of two stories whose texts are most alike, of `one` that named by `to`."""
        mine = self.places[one] if to is None else [self._text_of[to]]

        def order(pair: tuple[int, int]) -> tuple[float, float]:
            first, second = (self._fullest[place] for place in pair)
            return -self._likeness(*pair), hours_apart(first.dated, second.dated)

        first, second = min(product(mine, self.places[other]), key=order)
        return to or self._fullest[first].id, self._fullest[second].id

    def mean(self, one: StoryId, other: StoryId) -> float | None:
        """Return how alike the texts of two stories are on average, or those of one story; None of one text."""
        pairs = [(a, b) for a, b in product(self.places[one], self.places[other]) if a < b or one != other]
        return sum(self._likeness(*pair) for pair in pairs) / len(pairs) if pairs else None

    def figures(self, a: ArticleId, b: ArticleId) -> Figures:
        """Return what is measured of two articles."""
        one, other = self.articles[a], self.articles[b]
        mine, yours = one.signature.shingles, other.signature.shingles
        place, other_place = self._text_of[a], self._text_of[b]
        return Figures(
            hours_apart=hours_apart(one.member.dated, other.member.dated),
            shared=overlap(mine, yours) if mine and yours else None,
            likeness=None if place == other_place else self._likeness(place, other_place),
            mean=self.mean(self.story_of(a), self.story_of(b)),
            needed=self.rules.same_event,
            words=self._words(one, other),
        )

    def verdict(self, a: ArticleId, b: ArticleId) -> Verdict | None:
        """Return what a reader said of two articles."""
        pair = (min(a, b), max(a, b))
        return next((ruling.verdict for ruling in self.rulings if (ruling.a, ruling.b) == pair), None)

    def ruled_with(self, article: ArticleId) -> tuple[ArticleId, ...]:
        """Return the articles that a reader put `article` together with."""
        pairs = [(r.a, r.b) for r in self.rulings if r.verdict is Verdict.TOGETHER and article in {r.a, r.b}]
        return tuple(b if a == article else a for a, b in pairs)

    def ties_of(self, article: ArticleId) -> tuple[Tied, ...]:
        """Return what ties an article to others of its story, the strongest first."""
        return tuple(step for step in self._steps.get(article, {}).values() if isinstance(step, Tied))

    def way(self, a: ArticleId, b: ArticleId) -> ByWayOf | None:
        """Return the shortest way through articles of their story, of equally short ones that of the strongest ties."""
        ways: dict[ArticleId, tuple[ArticleId, ...]] = {a: (a,)}
        queue = [a]
        for here in queue:  # grows while it is walked
            for there in self._steps.get(here, {}):
                if there not in ways:
                    ways[there] = (*ways[here], there)
                    queue.append(there)
        if b not in ways:
            return None
        steps = tuple(self._steps[one][other] for one, other in zip(ways[b], ways[b][1:], strict=False))
        return ByWayOf(way=ways[b], steps=steps)

    def standings(self, story: StoryId) -> tuple[Standing, ...]:
        """Tell of each text of a story what ties it to the rest, the text that most articles carry first."""
        places = sorted(self.places[story], key=lambda place: (-len(self._texts[place]), place))
        return tuple(self._standing(place, self.places[story]) for place in places)

    def standing_end(self, standing: Standing, tied: Tied) -> ArticleId:
        """Return the end of a tie that carries the text of `standing`."""
        text = self._text_of[standing.article]
        return tied.tie.a if self._text_of[tied.tie.a] == text else tied.tie.b

    def _standing(self, place: int, places: range) -> Standing:
        own = [member.id for member in self._texts[place]]
        first = next((id for id in own if self.articles[id].copy_of is None), own[0])
        others = [self._likeness(place, other) for other in places if other != place]
        best: dict[int, Tied] = {}
        for id in own:
            for tied in self.ties_of(id):
                text = self._text_of[tied.tie.other(id)]
                if text != place and (text not in best or strength(tied.tie) < strength(best[text].tie)):
                    best[text] = tied
        ruled = {other for id in own for other in self.ruled_with(id)}.difference(own)
        return Standing(
            article=first,
            articles=len(own),
            mean=sum(others) / len(others) if others else None,
            ties=tuple(sorted(best.values(), key=lambda tied: strength(tied.tie))),
            ruled=tuple(sorted(ruled)),
        )

    def _likeness(self, one: int, other: int) -> float:
        return self._likenesses.get((one, other), self._likenesses.get((other, one), 0.0))

    def _words(self, one: Held, other: Held) -> tuple[str, ...]:
        mine, yours = one.profile, other.profile
        if mine is None or yours is None or mine.language != yours.language:
            return ()
        vocabulary = self.vocabularies.get(mine.language)
        if vocabulary is None:
            return ()
        return told_by_both(mine.terms, yours.terms, f"{one.title}\n{one.text}", vocabulary, least=TELLING)

    @cached_property
    def _steps(self) -> Mapping[ArticleId, Mapping[ArticleId, Tied | PutTogether]]:
        """Of each article those of its story that it leads to, and how: the strongest ties first, then a reader's word."""
        steps = defaultdict[ArticleId, dict[ArticleId, Tied | PutTogether]](dict)
        for a, b, step in self._all_steps():
            if self.story_of(a) == self.story_of(b):
                steps[a].setdefault(b, step)
                steps[b].setdefault(a, step)
        return steps

    def _all_steps(self) -> Iterator[tuple[ArticleId, ArticleId, Tied | PutTogether]]:
        for tie in self.ties:
            yield tie.a, tie.b, self._tied(tie)
        for ruling in self.rulings:
            if ruling.verdict is Verdict.TOGETHER:
                yield ruling.a, ruling.b, PutTogether()

    def _tied(self, tie: Tie) -> Tied:
        a, b = (self.articles[id].member for id in (tie.a, tie.b))
        return Tied(tie=tie, longer=max((a, b), key=lambda member: member.length).id)
