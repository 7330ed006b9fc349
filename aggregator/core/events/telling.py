"""The words that two texts share and that tell their event, for a person to read."""

import re
import unicodedata

from aggregator.core.events.vocabulary import Vector, weigh
from aggregator.core.words.terms import FIRST, STEM, hashes_of, is_unspaced, stems
from aggregator.core.words.tokens import tokens
from aggregator.domain.stories import Vocabulary

#: Words named of one tie.
NAMED = 6
_WORD = re.compile(r"\w+")
#: Headline and beginning, which is where terms come from.
_SPELLED = 2 * FIRST


def told_by_both(a: bytes, b: bytes, spelled: str, vocabulary: Vocabulary, *, least: float = 0.0) -> tuple[str, ...]:
    """Return the terms that add most to the cosine of two texts, as `spelled` writes them, weightiest first.

    Args:
        a: The packed terms of one text.
        b: Those of the other.
        spelled: Title and text of either.
        vocabulary: That of their language.
        least: What a term must add to the cosine to be named.
    """
    products = shared_weights(weigh(a, vocabulary), weigh(b, vocabulary))
    written = _spelling(spelled)
    best = sorted(products, key=lambda term: (-products[term], term))
    return tuple(written[term] for term in best if term in written and products[term] >= least)[:NAMED]


def shared_weights(a: Vector, b: Vector) -> dict[int, float]:
    """Return what each term that both have adds to their cosine."""
    other = dict(zip(b.terms.tolist(), b.weights.tolist(), strict=True))
    pairs = zip(a.terms.tolist(), a.weights.tolist(), strict=True)
    return {term: weight * other[term] for term, weight in pairs if term in other}


def _spelling(text: str) -> dict[int, str]:
    """Return how each term is first written."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text))[:_SPELLED]
    # A run of characters without spaces is no word: there each term stands as it is.
    stems_of = {stem: stem for stem in stems(tokens(text))} if is_unspaced(text) else {}
    words.reverse()
    # In small letters all at once; no word holds a newline.
    small = "\n".join(words).lower().split("\n")
    stems_of.update(zip([word[:STEM] for word in small], words, strict=False))
    return dict(zip(hashes_of(stems_of), stems_of.values(), strict=True))
