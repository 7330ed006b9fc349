"""Judge two articles: why they are together, or what keeps them apart. What weighs most is asked first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aggregator.core.copies.copies import WINDOW, hours_apart, related
from aggregator.core.events.comparing import are_series
from aggregator.core.events.likeness import TINY_SHARED, TINY_TERMS, WINDOW_DAYS
from aggregator.core.events.telling import shared_weights
from aggregator.core.events.vocabulary import weigh
from aggregator.core.explaining.laying_open import Figures, Stories
from aggregator.core.explaining.reasons import (
    Apart,
    LittleShared,
    NotJoinedYet,
    NotOnAverage,
    NoVocabulary,
    OneArticle,
    OnTheWhole,
    OtherFacts,
    OtherLanguages,
    PutApart,
    PutTogether,
    Reason,
    Series,
    Together,
    TooFarApart,
    TooShort,
)
from aggregator.core.words.facts import told_facts
from aggregator.domain.ids import ArticleId
from aggregator.domain.reading import Held
from aggregator.domain.stories import Profile, Relation, Verdict

_HOURS = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Why two articles are together or apart."""

    a: ArticleId
    b: ArticleId
    together: bool
    #: The one that weighs most first.
    reasons: tuple[Reason, ...]
    figures: Figures
    #: Of those that are apart by what they tell: (the article, the fullest one with its text, which was compared).
    spoken_for: tuple[tuple[ArticleId, ArticleId], ...] = ()


def judge(stories: Stories, a: ArticleId, b: ArticleId) -> Judgement:
    """Tell why `a` and `b` are together or apart."""
    figures = stories.figures(a, b)
    if stories.story_of(a) == stories.story_of(b):
        return Judgement(a=a, b=b, together=True, reasons=tuple(_together(stories, a, b, figures)), figures=figures)
    reason: Apart | None = _kept_apart(stories, a, b) or _apart_by_words(stories, a, b, figures)
    if reason is not None:
        return Judgement(a=a, b=b, together=False, reasons=(reason,), figures=figures)
    one, other = stories.fullest(a), stories.fullest(b)
    reason = _not_compared(stories, one, other) or _unlike(stories, a, b, figures)
    pairs = ((a, one.member.id), (b, other.member.id))
    is_of_text = isinstance(reason, LittleShared | NotOnAverage | Series | TooFarApart)
    spoken_for = tuple(pair for pair in pairs if pair[0] != pair[1] and is_of_text)
    return Judgement(a=a, b=b, together=False, reasons=(reason,), figures=figures, spoken_for=spoken_for)


def _together(stories: Stories, a: ArticleId, b: ArticleId, figures: Figures) -> Iterator[Together]:
    if a == b:
        yield OneArticle()
        return
    is_ruled = stories.verdict(a, b) is Verdict.TOGETHER
    if is_ruled:
        yield PutTogether()
    direct = [tied for tied in stories.ties_of(a) if tied.tie.other(a) == b]
    if direct:
        yield direct[0]
    elif not is_ruled:
        whole = OnTheWhole(likeness=figures.likeness or 0.0, mean=figures.mean, words=figures.words)
        yield stories.way(a, b) or whole


def _kept_apart(stories: Stories, a: ArticleId, b: ArticleId) -> PutApart | None:
    """Tell whether a reader keeps them apart: these two, or what else stands where they do."""
    if stories.verdict(a, b) is Verdict.APART:
        return PutApart(is_direct=True)
    both = {stories.story_of(a), stories.story_of(b)}
    apart = (ruling for ruling in stories.rulings if ruling.verdict is Verdict.APART)
    is_between = any({stories.story_of(ruling.a), stories.story_of(ruling.b)} == both for ruling in apart)
    return PutApart(is_direct=False) if is_between else None


def _apart_by_words(stories: Stories, a: ArticleId, b: ArticleId, figures: Figures) -> Apart | None:
    """Judge by the word sequences of two articles."""
    if figures.shared is None:
        return None
    one, other = stories.articles[a], stories.articles[b]
    relation = related(figures.shared, one.signature.facts, other.signature.facts)
    if relation is Relation.TEMPLATE:
        mine, yours = told_facts(one.title, one.text), told_facts(other.title, other.text)
        return OtherFacts(only=(_without(mine, yours), _without(yours, mine)))
    if relation is Relation.COPY and figures.hours_apart > WINDOW.days * _HOURS:
        return TooFarApart(hours=figures.hours_apart, most_days=WINDOW.days)
    return None


def _not_compared(stories: Stories, one: Held, other: Held) -> Apart | None:
    """Tell what keeps two texts from being compared by what they tell."""
    apart = hours_apart(one.member.dated, other.member.dated)
    if apart > WINDOW_DAYS * _HOURS:
        return TooFarApart(hours=apart, most_days=WINDOW_DAYS)
    mine, yours = one.profile, other.profile
    if mine is None or yours is None:
        return TooShort(articles=tuple(held.member.id for held in (one, other) if held.profile is None))
    if mine.language != yours.language:
        return OtherLanguages(languages=(mine.language, yours.language))
    if mine.language not in stories.vocabularies:
        return NoVocabulary(language=mine.language)
    return _too_short(stories, mine, yours) or _one_series(stories, mine, yours)


def _one_series(stories: Stories, mine: Profile, yours: Profile) -> Series | None:
    outlets = stories.outlets_of_both(mine.id, yours.id)
    if not are_series(mine, yours, is_one_outlet=bool(outlets)):
        return None
    return Series(outlet=outlets[0] if outlets else None)


def _too_short(stories: Stories, mine: Profile, yours: Profile) -> TooShort | None:
    one, other = (weigh(profile.terms, stories.vocabularies[profile.language]) for profile in (mine, yours))
    tiny = tuple(id for id, own in ((mine.id, one), (yours.id, other)) if len(own.terms) < TINY_TERMS)
    is_told = len(shared_weights(one, other)) >= TINY_SHARED
    return TooShort(articles=tiny) if tiny and not is_told else None


def _unlike(stories: Stories, a: ArticleId, b: ArticleId, figures: Figures) -> Apart:
    """Judge by how alike the texts and the stories are."""
    likeness, mean, needed = figures.likeness or 0.0, figures.mean or 0.0, figures.needed
    if mean >= needed:
        return NotJoinedYet(mean=mean, needed=needed)
    if likeness < needed:
        part = figures.shared.containment if figures.shared else 0.0
        return LittleShared(likeness=likeness, needed=needed, words=figures.words, part=part)
    sizes = len(stories.places[stories.story_of(a)]), len(stories.places[stories.story_of(b)])
    return NotOnAverage(likeness=likeness, mean=mean, needed=needed, texts=sizes)


def _without(facts: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    known = {fact.lower() for fact in others}
    return tuple(fact for fact in facts if fact.lower() not in known)
