"""Vocabulary: how common each term of a language is, learned from the articles themselves, and what that makes of a text.

The weight of a term is (1 + ln count) ln (N / df), with df the number of articles that have it among N (Salton and Buckley,
Term-weighting approaches in automatic text retrieval, 1988). Nothing is given: function words of any language weigh
next to nothing because every article has them, and so does the subject that is in all the news of these weeks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from aggregator.core.words.terms import Terms
from aggregator.domain.stories import Vocabulary

#: Terms kept of one article, the weightiest. With 60 the event sets lose .004, with 200 they gain nothing.
KEPT = 120
#: A term that only one article has ties it to nothing …
LEAST_DF = 2
#: … but it is there: it counts by half in what the text tells altogether. With many articles the sets of events do not feel
#: it; where a language has ten, texts that share a few common words are no longer taken for alike (precision of the stories
#: in our news world, whose small languages have seven to fifteen articles: .73 without it, .85 with it).
UNKNOWN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """A text as a point: its weightiest terms, the weights being of length 1 together."""

    #: Ascending.
    terms: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.float32]


@lru_cache(maxsize=8192)
def weigh(packed: bytes, vocabulary: Vocabulary) -> Vector:
    """Weigh the terms of an article.

    Those weighed last are remembered, for news is compared with what came just before it.

    Args:
        packed: As `Terms.packed` returns them.
        vocabulary: That of the article's language.
    """
    terms = Terms.unpacked(packed)
    kept = terms.hashes
    known_terms = np.frombuffer(vocabulary.terms, dtype="<u4")
    if not len(known_terms) or not len(kept):
        return Vector(terms=np.empty(0, dtype=np.uint32), weights=np.empty(0, dtype=np.float32))
    place = np.minimum(np.searchsorted(known_terms, kept), len(known_terms) - 1)
    is_known = known_terms[place] == kept
    df = np.where(is_known, np.frombuffer(vocabulary.counts, dtype="<u4")[place], 1)
    weights = (1 + np.log(terms.counts.astype(np.float32))) * np.log(np.float32(vocabulary.articles) / df)
    weights[~is_known] *= UNKNOWN
    if len(weights) > KEPT:
        # Stable, so that among equals the lower hash stays wherever this runs.
        best = np.sort(np.argsort(-weights, kind="stable")[:KEPT])
        kept, weights = kept[best], weights[best]
    # All of a text may be in every article there is.
    length = float(np.sqrt(np.sum(weights * weights))) or 1.0
    return Vector(terms=kept, weights=(weights / length).astype(np.float32))


def forget_weights() -> None:
    """Forget what was weighed: whoever learned anew never asks again for what the words weighed before."""
    weigh.cache_clear()


def learn(articles: Sequence[Terms]) -> Vocabulary:
    """Count the terms of all articles of one language."""
    hashes = [terms.hashes for terms in articles]
    found, counts = np.unique(np.concatenate(hashes) if hashes else np.empty(0, dtype=np.uint32), return_counts=True)
    common = counts >= LEAST_DF
    return Vocabulary(
        articles=len(articles),
        terms=found[common].astype("<u4").tobytes(),
        counts=counts[common].astype("<u4").tobytes(),
    )
