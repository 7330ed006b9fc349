"""A few texts are compared without a matrix library, to the same end as many."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.core.events.likeness import Sample, few, nearest
from aggregator.core.events.neighbourhood import in_blocks
from aggregator.core.events.vocabulary import Vector

# Terms that differ in their last bits, and some that do not.
_terms = st.integers(0, 40).map(lambda number: (number * 2_654_435_761) % 2**32) | st.integers(0, 3).map(
    lambda high: high << 16
)
_weights = st.dictionaries(_terms, st.floats(0.015625, 1.0, width=32), max_size=30)
_samples = st.builds(
    lambda weights, day, sources, background: Sample(
        vector=_vector(weights), day=day, sources=sources, background=background
    ),
    _weights,
    st.none() | st.floats(0, 12),
    st.frozensets(st.integers(1, 4), max_size=2),
    st.none() | st.floats(0, 0.1),
)


def _vector(weights: dict[int, float]) -> Vector:
    terms = sorted(weights)
    values = np.array([weights[term] for term in terms], dtype=np.float32)
    length = np.sqrt(np.sum(values * values)) if terms else np.float32(1)
    return Vector(terms=np.array(terms, dtype=np.uint32), weights=(values / length).astype(np.float32))


@settings(max_examples=60)
@given(st.lists(_samples, min_size=1, max_size=40))
def test_a_few_texts_are_as_alike_as_among_many(samples: list[Sample]) -> None:
    """Pairs, likenesses and backgrounds are those of the blocks, to the last digit."""
    one, other = few(samples), in_blocks(samples)

    assert one.pairs.tolist() == other.pairs.tolist()
    assert one.likenesses.tolist() == other.likenesses.tolist()
    assert one.backgrounds.tolist() == other.backgrounds.tolist()


@settings(max_examples=60)
@given(_samples, st.lists(_samples, max_size=40))
def test_one_text_has_the_background_that_it_has_among_all(one: Sample, others: list[Sample]) -> None:
    """The one that is compared with each of the others shares with them what it does when all are compared with all."""
    likenesses, background = nearest(one, others)

    assert len(likenesses) == len(others)
    assert background == in_blocks([one, *others]).backgrounds[0]
