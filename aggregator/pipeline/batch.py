"""Place a file of articles, all at once and in memory, by the same rules as the store's.

::

    [Line] ─sign─▶ [Signature] ─meeting, verify─▶ [Tie] ─┐
                        └─terms─▶ Vocabulary ─compare─▶ likenesses ─arrange─▶ Placement
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime

from aggregator.core.copies.copies import verify
from aggregator.core.copies.meeting import meeting
from aggregator.core.events.comparing import Comparison, learn_vocabularies
from aggregator.core.events.languages import compared_as
from aggregator.core.pages.language import language_code, language_of
from aggregator.core.stories.placement import arrange
from aggregator.core.stories.rules import Rules
from aggregator.core.urls import site
from aggregator.core.wire.wire import agency_of, is_original
from aggregator.core.words.boilerplate import learn_boilerplate, lines_of, without
from aggregator.core.words.signature import sign
from aggregator.domain.articles import Signature
from aggregator.domain.ids import ArticleId, SourceId, StoryId
from aggregator.domain.stories import Candidate, Copy, Member, Placement, Profile, Tie


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One article of a file; what is None is unknown."""

    title: str | None = None
    text: str | None = None
    published: datetime | None = None
    source: str | None = None
    url: str | None = None
    #: A language tag, such as "en" or "pt-BR".
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where the article of a line went; `article` and `copy_of` count the lines from 1."""

    article: ArticleId
    story: StoryId
    copy_of: ArticleId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchArticle:
    """One article of a batch with what is compared of it."""

    title: str
    member: Member
    profile: Profile
    signature: Signature


@dataclass(slots=True, eq=False)
class Batch:
    """Articles that were placed together; ids count them from 1 in their order."""

    articles: Mapping[ArticleId, BatchArticle] = field(default_factory=dict)
    ties: tuple[Tie, ...] = ()
    placement: Placement = field(default_factory=lambda: Placement(ties=(), stories=()))
    likenesses: Mapping[tuple[ArticleId, ArticleId], float] = field(default_factory=dict)

    def arranged(self, rules: Rules) -> Placement:
        """Return the stories that the articles make by other rules."""
        members = [article.member for article in self.articles.values()]
        return arrange(members, self.ties, alike=lambda _: self.likenesses, rules=rules)

    def likeness(self, a: ArticleId, b: ArticleId) -> float | None:
        """Return how much two articles tell of one event; None where that is nothing or was not asked."""
        return self.likenesses.get((a, b), self.likenesses.get((b, a)))

    def placed(self) -> Iterator[Placed]:
        """Say where each article went, in order. Stories are numbered in the order of their first articles."""
        stories = sorted(self.placement.stories, key=lambda story: story.members)
        story_of = {id: StoryId(number) for number, story in enumerate(stories, 1) for id in story.members}
        copies: dict[ArticleId, Copy] = {copy.article: copy for story in stories for copy in story.copies}
        for id in self.articles:
            copy_of = copies[id].of if id in copies else None
            yield Placed(article=id, story=story_of[id], copy_of=copy_of)


def place_all(lines: Iterable[Line], now: datetime) -> Batch:
    """Place the articles of `lines`; each line is an article of its own, even where addresses repeat.

    `now` stands in for a date that nobody knows where the articles must have an order.
    """
    numbered = [(ArticleId(number), line) for number, line in enumerate(lines, 1)]
    sources = _sources(line for _, line in numbered)
    boilerplate = learn_boilerplate(
        (sources[name], lines_of(line.text or "")) for _, line in numbered if (name := _source(line))
    )
    articles = {id: _read(id, line, sources, boilerplate, now) for id, line in numbered}
    profiles = {id: article.profile for id, article in articles.items()}
    comparison = Comparison(profiles=profiles, vocabularies=learn_vocabularies(profiles.values()))
    batch = Batch(articles=articles, ties=tuple(_ties(articles)))
    kept: dict[tuple[ArticleId, ArticleId], float] = {}

    def alike(carriers: Mapping[ArticleId, AbstractSet[SourceId]]) -> Mapping[tuple[ArticleId, ArticleId], float]:
        kept.update(comparison(carriers))
        return kept

    members = [article.member for article in articles.values()]
    batch.placement = arrange(members, batch.ties, alike=alike)
    batch.likenesses = kept
    return batch


def _ties(articles: Mapping[ArticleId, BatchArticle]) -> Iterator[Tie]:
    order = sorted(articles.values(), key=lambda article: (article.member.dated, article.member.id))
    for place, near in meeting([article.signature.bands for article in order]).items():
        article = order[place]
        dated = article.member.dated
        yield from verify(
            article.member.id,
            dated=dated,
            shingles=article.signature.shingles,
            facts=article.signature.facts,
            candidates=[_candidate(order[other], article.profile.dated, dated) for other in near],
        )


def _candidate(article: BatchArticle, known: datetime | None, dated: datetime) -> Candidate:
    """Return an article as a candidate for one that is `dated` so; where either's date is unknown they are near."""
    return Candidate(
        id=article.member.id,
        story=StoryId(0),
        text=article.member.id,
        dated=dated if known is None or article.profile.dated is None else article.member.dated,
        shingles=article.signature.shingles,
        facts=article.signature.facts,
    )


def _sources(lines: Iterable[Line]) -> dict[str, SourceId]:
    """Number the outlets; 0 is no outlet, so that two lines which name none are not taken for one outlet's."""
    names = dict.fromkeys(filter(None, map(_source, lines)))
    return {"": SourceId(0)} | {name: SourceId(number) for number, name in enumerate(names, 1)}


def _read(
    id: ArticleId,
    line: Line,
    sources: Mapping[str, SourceId],
    boilerplate: Mapping[SourceId, frozenset[int]],
    now: datetime,
) -> BatchArticle:
    title, text = line.title or "", line.text or ""
    name = _source(line)
    source = sources[name]
    credit = agency_of(text, author=None, source_site=name, source_name=name)
    signature = sign(title, without(text, boilerplate.get(source, frozenset())))
    language = compared_as(language_code(line.language) or language_of(f"{title}\n{text}", declared=None))
    return BatchArticle(
        title=title,
        member=Member(
            id=id,
            story=None,
            url=line.url or "",
            source=source,
            dated=line.published or now,
            length=len(text),
            is_original=is_original(credit, source_site=name, source_name=name),
        ),
        profile=Profile(
            id=id, source=source, dated=line.published, language=language, headline=title, terms=signature.terms
        ),
        signature=replace(signature, terms=b""),
    )


def _source(line: Line) -> str:
    """Return what tells an outlet from others; nothing where the line does not say."""
    try:
        return line.source or (site(line.url) if line.url else "")
    except ValueError:
        return ""
