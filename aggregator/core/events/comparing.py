"""Compare articles by their terms, each language for itself."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zlib import crc32

import numpy as np

from aggregator.core.events.likeness import TINY_TERMS, Sample, nearest
from aggregator.core.events.neighbourhood import neighbourhood
from aggregator.core.events.vocabulary import forget_weights, learn, weigh
from aggregator.core.words.terms import Terms
from aggregator.core.words.tokens import tokens
from aggregator.domain.ids import ArticleId, SourceId
from aggregator.domain.stories import Profile, Vocabulary

#: Share of the words of two headlines of one outlet that makes them a series, unless the texts are copies. The sets of events
#: do not feel it (least change: wikinews, .002 B-cubed F1); in our news world it parts the days of weather, traffic and lottery.
#: Of pairs of finance headlines that people say are of different news it keeps .66 apart instead of .44, and parts none that
#: they say are of one.
SERIES = 0.4

#: Weightiest terms by which an article is found. Two articles of one event that share none of 16 are too unlike to be joined.
KEY_TERMS = 16

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Compares those articles whose profiles it has; an `Alike` of `core.stories.placement`."""

    profiles: Mapping[ArticleId, Profile]
    #: By language; articles of a language that is missing are like nothing.
    vocabularies: Mapping[str, Vocabulary]
    #: The background of each article that was compared.
    backgrounds: dict[ArticleId, float] = field(default_factory=dict)

    def __call__(self, carriers: Mapping[ArticleId, AbstractSet[SourceId]]) -> dict[tuple[ArticleId, ArticleId], float]:
        """Return how alike some texts are, each named by an article, given which outlets carry it."""
        languages = defaultdict[str, list[ArticleId]](list)
        for id in carriers:
            if (profile := self.profiles.get(id)) is not None and profile.language in self.vocabularies:
                languages[profile.language].append(id)
        return {pair: value for ids in languages.values() for pair, value in self._compared(ids, carriers)}

    def to(self, article: ArticleId) -> dict[ArticleId, float]:
        """Return how like `article` each other one is of its language that is like it at all."""
        own = self.profiles[article]
        others = [one for one in self.profiles.values() if one.language == own.language and one.id != article]
        sample, *samples = [self._sample(one, {one.source}) for one in (own, *others)]
        found, self.backgrounds[article] = nearest(sample, samples)
        return {
            other.id: value
            for other, value in zip(others, found.tolist(), strict=True)
            if value > 0 and not are_series(own, other, is_one_outlet=own.source == other.source != 0)
        }

    def _compared(
        self, ids: Sequence[ArticleId], carriers: Mapping[ArticleId, AbstractSet[SourceId]]
    ) -> Iterator[tuple[tuple[ArticleId, ArticleId], float]]:
        """Yield the pairs that are alike, but not two of one series."""
        texts = [(self.profiles[id], carriers[id]) for id in ids]
        found = neighbourhood([self._sample(profile, sources) for profile, sources in texts])
        self.backgrounds.update(zip(ids, found.backgrounds.tolist(), strict=True))
        for a, b, value in found:
            if not is_of_series(texts[a], texts[b]):
                yield (ids[a], ids[b]), value

    def _sample(self, profile: Profile, sources: AbstractSet[SourceId]) -> Sample:
        return sample_of(profile, sources, self.vocabularies[profile.language])


def sample_of(profile: Profile, sources: AbstractSet[SourceId], vocabulary: Vocabulary) -> Sample:
    """Return what is compared of an article whose text these outlets carry."""
    return _sample(profile.terms, profile.dated, frozenset(sources), profile.background, vocabulary)


@lru_cache(maxsize=8192)
def _sample(
    terms: bytes,
    dated: datetime | None,
    sources: frozenset[SourceId],
    background: float | None,
    vocabulary: Vocabulary,
) -> Sample:
    # The last are remembered: an article that is near to many is compared with each of them.
    day = None if dated is None else (dated - _EPOCH) / timedelta(days=1)
    return Sample(vector=weigh(terms, vocabulary), day=day, sources=sources - {SourceId(0)}, background=background)


def forget_samples() -> None:
    """Forget what was made with other vocabularies: whoever learned anew never asks again for what the words weighed before."""
    _sample.cache_clear()
    forget_weights()


def is_of_series(one: tuple[Profile, AbstractSet[SourceId]], other: tuple[Profile, AbstractSet[SourceId]]) -> bool:
    """Tell whether two texts, each an article and the outlets that carry it, belong to one series."""
    (a, its), (b, theirs) = one, other
    is_one_outlet = not its.isdisjoint(theirs) and its & theirs != {SourceId(0)}
    return are_series(a, b, is_one_outlet=is_one_outlet)


def key_terms(profile: Profile, vocabulary: Vocabulary) -> dict[int, float]:
    """Return the keys by which an article is found among others, each with the weight of its term."""
    vector = weigh(profile.terms, vocabulary)
    best = np.argsort(-vector.weights, kind="stable")[:KEY_TERMS]
    # Keys are signed and of 64 bits, the language in the upper ones.
    language = (crc32(profile.language.encode()) & 0x7FFFFFFF) << 32
    return {language | int(vector.terms[place]): float(vector.weights[place]) for place in best}


def are_series(one: Profile, other: Profile, *, is_one_outlet: bool) -> bool:
    """Tell whether two articles belong to a series that goes under one headline, with other news each time.

    An outlet's own: "Weather for the coast on Tuesday", "on Wednesday"; what stands below is another piece of news in the same
    words. Or, at whatever outlet, two headlines without a text that each have a word which the other lacks: "Alder Foods to
    speak at the Larkhaven bank's conference", "Brandt Mills to speak …".
    """
    # Headlines are taken apart last, for few pairs get so far.
    if not is_one_outlet and not (_is_tiny(one) and _is_tiny(other)):
        return False
    words, others = _words(one.headline), _words(other.headline)
    common = words & others
    if not common or len(common) < SERIES * len(words | others):
        return False
    return is_one_outlet or common not in (words, others)


@lru_cache(maxsize=8192)
def _words(headline: str) -> frozenset[str]:
    return frozenset(tokens(headline))


def _is_tiny(profile: Profile) -> bool:
    return Terms.size(profile.terms) < TINY_TERMS


def learn_vocabularies(profiles: Iterable[Profile]) -> dict[str, Vocabulary]:
    """Learn from all articles how common the terms of each language are."""
    languages = defaultdict[str, list[Terms]](list)
    for profile in profiles:
        languages[profile.language].append(Terms.unpacked(profile.terms))
    return {language: learn(articles) for language, articles in sorted(languages.items())}
