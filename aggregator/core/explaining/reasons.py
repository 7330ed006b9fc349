"""Reasons: why two articles stand together or apart; each says itself in sentences that need no explanation."""

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.core.stories.evidence import SAME
from aggregator.domain.ids import ArticleId
from aggregator.domain.stories import Relation, Tie

#: Numbers and names told of one side.
FACTS_NAMED = 6
#: From here on it is worth telling that a text stands in part in another one.
TOLD_PART = 0.1
_ALL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class OneArticle:
    """Both names lead to one article."""

    def told(self, a: ArticleId, _b: ArticleId) -> str:
        """Say it of an article."""
        return f"Both are article {a}, which may be known by several addresses."


@dataclass(frozen=True, slots=True, kw_only=True)
class PutTogether:
    """A reader said that they belong together."""

    def told(self, a: ArticleId, b: ArticleId) -> str:
        """Say it of two articles."""
        return f"You put articles {a} and {b} together."


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied:
    """They are tied themselves."""

    tie: Tie
    #: Of the two the one whose text is longer.
    longer: ArticleId

    def told(self, a: ArticleId, b: ArticleId) -> str:
        """Say it of the two ends of the tie."""
        tie, longer, shorter = self.tie, self.longer, self.tie.other(self.longer)
        share = int((tie.containment or 0.0) * _ALL)
        if tie.relation is Relation.EVENT:
            words = f": both speak of {_listed(tie.shared)}" if tie.shared else ""
            what = f"Articles {a} and {b} tell the same event{words}"
        elif tie.relation is Relation.PART:
            what = f"Article {shorter} stands in good part ({share} %) in article {longer}"
        elif (tie.jaccard or 0.0) >= SAME:
            what = f"Articles {a} and {b} carry the same text"
        else:
            part = "all" if share >= _ALL else f"{share} %"
            what = f"Articles {a} and {b} carry one text: {part} of article {shorter} stands in article {longer}"
        apart = f"{lasting(tie.hours_apart)} apart" if tie.hours_apart else "at the same time"
        return f"{what}; {apart}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ByWayOf:
    """Others lead from one to the other."""

    #: The articles on the way, both ends included.
    way: tuple[ArticleId, ...]
    #: What leads from each to the next.
    steps: tuple[Tied | PutTogether, ...]

    def told(self, a: ArticleId, b: ArticleId) -> str:
        """Say it of the two ends of the way."""
        pairs = zip(self.way, self.way[1:], strict=False)
        steps = " ".join(step.told(*pair) for step, pair in zip(self.steps, pairs, strict=True))
        return f"Articles {a} and {b} are together by way of others. {steps}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTheWhole:
    """Nothing leads from one to the other step by step, but the texts of their story are alike on average."""

    likeness: float
    #: Of all texts of the story; None of one text.
    mean: float | None
    words: tuple[str, ...]

    def told(self, a: ArticleId, b: ArticleId) -> str:
        """Say it of two articles."""
        words = f" Both speak of {_listed(self.words)}." if self.words else ""
        return (
            f"No tie leads from article {a} to article {b}, but the texts of their story are alike on the whole.{words}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PutApart:
    """A reader took them apart, or others of their stories."""

    #: Whether the reader spoke of these two.
    is_direct: bool

    def told(self, a: ArticleId, b: ArticleId) -> str:
        """Say it of two articles."""
        if self.is_direct:
            return f"You took articles {a} and {b} apart."
        return "You took other articles of their two stories apart, and that keeps these apart too."


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherFacts:
    """Their words are the same, their numbers and names are not."""

    #: Told by one of the two only.
    only: tuple[tuple[str, ...], tuple[str, ...]]

    def told(self, a: ArticleId, b: ArticleId) -> str:
        """Say it of two articles."""
        one, other = map(_facts, self.only)
        return (
            "They have nearly the same words about other facts, as two weather reports do:"
            f" only article {a} has {one}; only article {b} has {other}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TooFarApart:
    """So much time lies between them that they are not compared."""

    hours: float
    most_days: float

    def told(self, _a: ArticleId, _b: ArticleId) -> str:
        """Say it of two articles."""
        return (
            f"They are too far apart in time: {lasting(self.hours)}, and beyond {self.most_days:g} days two texts are"
            " taken for different news."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLanguages:
    """They are written in two languages, or one in nobody knows which."""

    #: Two letters each, "" where unknown.
    languages: tuple[str, str]

    def told(self, a: ArticleId, b: ArticleId) -> str:
        """Say it of two articles."""
        unknown = [id for id, language in zip((a, b), self.languages, strict=True) if not language]
        if unknown:
            return f"Only texts of one language are compared, and the language of article {unknown[0]} is not known."
        one, other = self.languages
        return f"They are in different languages ({one} and {other}), and only texts of one language are compared."


@dataclass(frozen=True, slots=True, kw_only=True)
class NoVocabulary:
    """How common the words of their language are was not learned yet."""

    language: str

    def told(self, _a: ArticleId, _b: ArticleId) -> str:
        """Say it of two articles."""
        language = f"their language ({self.language})" if self.language else "texts whose language is not known"
        return (
            "They carry different texts, and whether these tell one event cannot be said yet: which words are common in"
            f" {language} is still to be learned. `aggregator rebuild` does it."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TooShort:
    """There are too few words to tell by."""

    articles: tuple[ArticleId, ...]

    def told(self, _a: ArticleId, _b: ArticleId) -> str:
        """Say it of two articles."""
        first, *more = self.articles
        return f"{'Both have' if more else f'Article {first} has'} too few words to be compared."


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Nearly the same headline goes with different news."""

    #: The outlet whose series it is; None for headlines without a text, at whatever outlets.
    outlet: str | None

    def told(self, _a: ArticleId, _b: ArticleId) -> str:
        """Say it of two articles."""
        if self.outlet is None:
            return (
                "Their headlines follow one pattern with other names in it, and there is no text that would tell more."
            )
        return (
            f"They are a series of one outlet, {self.outlet}: under headlines of one pattern, as of each day's weather,"
            " each tells something new."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LittleShared:
    """They are less alike than texts on one event are."""

    likeness: float
    needed: float
    words: tuple[str, ...]
    #: How much of the shorter text stands word for word in the longer one.
    part: float = 0.0

    def told(self, _a: ArticleId, _b: ArticleId) -> str:
        """Say it of two articles."""
        what = f"likeness {max(self.likeness, 0.0):.2f} of the {self.needed:.2f} that is needed"
        words = f"In both stand: {_listed(self.words)}." if self.words else "No word that tells something is in both."
        part = (
            f" {int(self.part * _ALL)} % of the shorter text stands in the longer one."
            if self.part >= TOLD_PART
            else ""
        )
        return f"They share too little to tell one event ({what}). {words}{part}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOnAverage:
    """They are alike, but the stories that they stand in are not."""

    likeness: float
    mean: float
    needed: float
    #: Texts of either story.
    texts: tuple[int, int]

    def told(self, a: ArticleId, b: ArticleId) -> str:
        """Say it of two articles."""
        one, other = self.texts
        return (
            f"Articles {a} and {b} are alike, but the stories they stand in are not alike on average: the {one * other:,}"
            f" pairs of a text of one ({one:,}) and a text of the other ({other:,}) have a mean likeness of"
            f" {self.mean:.2f}, and {self.needed:.2f} is needed."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotJoinedYet:
    """By what is known today they belong together; a rebuild would see it."""

    mean: float
    needed: float

    def told(self, _a: ArticleId, _b: ArticleId) -> str:
        """Say it of two articles."""
        return "By what is known today they belong together; `aggregator rebuild` can put them into one story."


Together = OneArticle | PutTogether | Tied | ByWayOf | OnTheWhole
Apart = (
    PutApart
    | OtherFacts
    | TooFarApart
    | OtherLanguages
    | NoVocabulary
    | TooShort
    | Series
    | LittleShared
    | NotOnAverage
    | NotJoinedYet
)
Reason = Together | Apart


def lasting(hours: float) -> str:
    """Say how long some hours are."""
    for size, noun, most in ((1 / 60, "minute", 59.5), (1, "hour", 47.5)):
        count = hours / size
        if count < most:
            return f"{count:.0f} {noun}{'' if round(count) == 1 else 's'}"
    return f"{hours / 24:.0f} days"


def _facts(facts: Sequence[str]) -> str:
    more = len(facts) - FACTS_NAMED
    return _listed(facts[:FACTS_NAMED]) + (f" and {more} more" if more > 0 else "")


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words) or "none"
