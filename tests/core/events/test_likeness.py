"""Likeness: how much texts tell of one event."""

from dataclasses import replace
from math import exp
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.events.likeness import (
    BACKGROUND_SCALE,
    BEND,
    DECAY,
    MOST_BACKGROUND,
    ONE_OUTLET,
    RANKS,
    TINY_SHARED,
    TINY_TERMS,
    WINDOW_DAYS,
    Sample,
    nearest,
)
from aggregator.core.events.neighbourhood import neighbourhood
from aggregator.core.events.vocabulary import Vector

#: Likenesses below .02 are left out; so near to that a pair may be in or out.
_LEAST, _NEAR = 0.02, 1e-4


def _sample(
    weights: dict[int, float], *, day: float | None = 0.0, source: int = 0, background: float | None = None
) -> Sample:
    terms = sorted(weights)
    values = np.array([weights[term] for term in terms], dtype=np.float64)
    length = float(np.sqrt(np.sum(values * values))) or 1.0
    vector = Vector(terms=np.array(terms, dtype=np.uint32), weights=(values / length).astype(np.float32))
    return Sample(vector=vector, day=day, sources={source} - {0}, background=background)


def _even(count: int, *, start: int = 0, **more: float | None) -> Sample:
    """Return a text of `count` terms that all weigh the same."""
    return _sample(dict.fromkeys(range(start, start + count), 1.0), **more)  # type: ignore[arg-type]  # as `_sample`


def _likenesses(*samples: Sample) -> dict[tuple[int, int], float]:
    return {(a, b): value for a, b, value in neighbourhood(samples)}


def _pair(a: Sample, b: Sample) -> float:
    return _likenesses(a, b).get((0, 1), 0.0)


def _bent(shared: float) -> object:
    """Return what compares equal to the likeness of texts that share so much."""
    return pytest.approx(1 - exp(-shared / BEND), rel=1e-4)


def test_likeness_is_the_cosine_bent_towards_1() -> None:
    """Texts of equal terms are alike by nearly 1, those that share half by that half, others not at all."""
    whole = _even(40)

    assert _pair(whole, whole) == _bent(1.0)
    assert _pair(whole, _even(40, start=20)) == _bent(0.5)
    assert _pair(whole, _even(40, start=40)) == 0


def test_what_is_shared_decays_with_time() -> None:
    """Days between two texts make them less alike, whichever came first."""
    today, later = _even(40, day=3.0), _even(40, day=5.5)

    assert _pair(today, later) == _pair(later, today) == _bent(exp(-2.5 / DECAY))


def test_an_outlet_that_carries_both_texts_makes_them_less_alike() -> None:
    """Two texts that one outlet published, be it as a copy among many, are mostly two pieces of news."""
    here, there, both = (replace(_even(40), sources=sources) for sources in ({1, 2}, {3}, {2, 3}))

    assert _pair(here, there) == _bent(1.0)
    assert _pair(here, both) == _pair(both, there) == _bent(ONE_OUTLET)


def test_beyond_the_window_nothing_is_alike() -> None:
    """Texts that are more than WINDOW_DAYS apart are not alike, however few or many are compared with them."""
    within, beyond = _even(40, day=WINDOW_DAYS), _even(40, day=WINDOW_DAYS + 0.1)
    unknown = [_even(40, start=1000 * id, day=None) for id in range(1, 4)]

    assert _pair(_even(40), within) > 0
    assert _pair(_even(40), beyond) == 0
    assert _likenesses(_even(40), beyond, *unknown) == {}


def test_an_unknown_date_is_near_to_all() -> None:
    """Where nobody knows a date no time lies between, not even to another unknown one."""
    whole = 1 - exp(-1 / BEND)
    found = _likenesses(_even(40, day=None), _even(40, day=0.0), _even(40, day=100.0), _even(40, day=None))

    assert found == {pair: pytest.approx(whole, rel=1e-4) for pair in [(0, 1), (0, 2), (0, 3), (1, 3), (2, 3)]}


def test_two_texts_of_one_outlet_are_less_alike() -> None:
    """An outlet seldom tells one event twice; outlet 0 is nobody's."""
    assert _pair(_even(40, source=7), _even(40, source=7)) == _bent(ONE_OUTLET)
    assert _pair(_even(40, source=7), _even(40, source=8)) == _bent(1.0)
    assert _pair(_even(40, source=0), _even(40, source=0)) == _bent(1.0)


def test_a_tiny_text_needs_several_shared_terms() -> None:
    """A headline alone ties nothing unless it shares TINY_SHARED terms with the other text, be that tiny or long."""
    tiny = _even(TINY_SHARED)

    assert _pair(tiny, _even(TINY_SHARED)) == _bent(1.0)
    assert _pair(_even(TINY_SHARED - 1), _even(TINY_SHARED - 1)) == 0
    for length in (5, TINY_TERMS, 40):
        assert _pair(tiny, _even(length, start=TINY_SHARED - 2)) == 0
        assert _pair(_even(length, start=TINY_SHARED - 2), tiny) == 0
        assert _pair(tiny, _even(length)) > 0


def test_a_longer_text_may_share_fewer_terms() -> None:
    """From TINY_TERMS terms on each counts by its weight alone."""
    heavy = {0: 10.0} | dict.fromkeys(range(1, TINY_TERMS), 0.1)
    other = {0: 10.0} | dict.fromkeys(range(100, 99 + TINY_TERMS), 0.1)

    assert _pair(_sample(heavy), _sample(other)) > 0.9
    del other[100]
    assert _pair(_sample(heavy), _sample(other)) == 0


def test_the_background_is_taken_from_what_is_shared() -> None:
    """What a text shares with all others of its subject says nothing of an event; a given background is believed."""
    one, other = _even(40, background=0.1), _even(40, background=0.04)

    assert _pair(one, other) == _bent(1 - 0.07)
    assert _pair(_even(40, background=0.9), _even(40, background=0.9, start=20)) == 0
    assert neighbourhood([one, other]).backgrounds.tolist() == [0.1, 0.04]


def test_the_background_is_what_a_text_shares_with_more_distant_neighbours() -> None:
    """Each of sixty texts that share a little has some background; a few texts have none."""
    subject = [_sample({0: 0.2} | dict.fromkeys(range(100 * id, 100 * id + 30), 0.3)) for id in range(1, 61)]
    weight = 0.04 / (0.04 + 30 * 0.09)
    # Itself it is not alike, and it stands last.
    mean = weight * (60 - 1 - RANKS[0]) / (60 - RANKS[0])

    assert neighbourhood(subject).backgrounds == pytest.approx(np.full(60, BACKGROUND_SCALE * mean), rel=1e-4)
    assert neighbourhood(subject[: RANKS[0]]).backgrounds.tolist() == [0.0] * RANKS[0]


def test_the_background_is_capped() -> None:
    """A hundred texts that tell one event are not each other's background."""
    crowd = [_even(40) for _ in range(120)]
    found = neighbourhood(crowd)

    assert found.backgrounds.tolist() == [MOST_BACKGROUND] * 120
    assert len(found.likenesses) == 120 * 119 / 2
    assert found.likenesses == pytest.approx(np.full(120 * 119 // 2, 1 - exp(-0.9 / BEND)))


def test_nothing_is_compared_with_nothing() -> None:
    """No texts have no pairs, and one text, or one without terms, has none either."""
    assert not _likenesses()
    assert not _likenesses(_even(40))
    assert not _likenesses(_sample({}), _sample({}), _even(40))


def test_backgrounds_do_not_depend_on_which_texts_are_compared_at_once() -> None:
    """Many texts are compared in blocks; those that come last have the background that they would have had as the first."""
    crowd = [_sample({0: 0.2} | dict.fromkeys(range(100 * id, 100 * id + 30), 0.3), day=60.0) for id in range(1, 41)]
    others = [_sample(dict.fromkeys(range(100 * id, 100 * id + 30), 0.3), day=0.0) for id in range(100, 228)]
    turned = [Sample(vector=one.vector, day=-(one.day or 0.0), sources=set()) for one in (*others, *crowd)]

    last, first = neighbourhood([*others, *crowd]), neighbourhood(turned)

    assert last.backgrounds == pytest.approx(first.backgrounds)


def _by_definition(samples: list[Sample]) -> tuple[list[float], dict[tuple[int, int], float]]:
    """Compute what the module's docstring says, pair by pair."""
    size = len(samples)
    shared = [[_shared(one, other) if one is not other else 0.0 for other in samples] for one in samples]
    backgrounds = []
    for sample, row in zip(samples, shared, strict=True):
        ranks = sorted(row, reverse=True)[slice(*RANKS)]
        found = min(BACKGROUND_SCALE * sum(ranks) / len(ranks), MOST_BACKGROUND) if ranks else 0.0
        backgrounds.append(found if sample.background is None else sample.background)
    likenesses = {
        (a, b): 1 - exp(-max(0.0, shared[a][b] - (backgrounds[a] + backgrounds[b]) / 2) / BEND)
        for a in range(size)
        for b in range(a + 1, size)
    }
    return backgrounds, likenesses


def _shared(one: Sample, other: Sample) -> float:
    mine, yours = (
        dict(zip(sample.vector.terms.tolist(), sample.vector.weights.tolist(), strict=True)) for sample in (one, other)
    )
    common = mine.keys() & yours.keys()
    if min(len(mine), len(yours)) < TINY_TERMS and len(common) < TINY_SHARED:
        return 0.0
    days = 0.0 if one.day is None or other.day is None else abs(one.day - other.day)
    if days > WINDOW_DAYS:
        return 0.0
    outlet = 1.0 if one.sources.isdisjoint(other.sources) else ONE_OUTLET
    cosine: float = sum(mine[term] * yours[term] for term in common)
    return cosine * exp(-days / DECAY) * outlet


def _assert_by_definition(samples: list[Sample]) -> None:
    found = neighbourhood(samples)
    backgrounds, expected = _by_definition(samples)
    values = {(a, b): value for a, b, value in found}

    assert found.backgrounds == pytest.approx(backgrounds, abs=1e-5)
    assert len(values) == len(found.likenesses)
    for pair, value in expected.items():
        if pair in values:
            assert values[pair] == pytest.approx(value, abs=_NEAR)
        else:
            assert value < _LEAST + _NEAR
    assert values.keys() <= expected.keys()


_SAMPLES = st.builds(
    _sample,
    st.dictionaries(st.integers(0, 30), st.integers(1, 40).map(float), max_size=28),
    day=st.none() | st.integers(0, 40).map(lambda half: half / 2),
    source=st.integers(0, 2),
    background=st.none() | st.sampled_from([0.0, 0.05, 0.1]),
)


@given(st.lists(_SAMPLES, max_size=7))
def test_few_texts_are_compared_as_the_formula_says(samples: list[Sample]) -> None:
    """Pair by pair, whatever the texts, days, outlets and backgrounds, the likeness is that of the module's docstring."""
    _assert_by_definition(samples)


@given(st.lists(_SAMPLES, min_size=1, max_size=7))
def test_the_nearest_of_one_are_those_of_all(samples: list[Sample]) -> None:
    """Comparing one text with others says of it what comparing all of them says, as far as backgrounds are known."""
    known = [replace(sample, background=sample.background or 0.0) for sample in samples]
    one, *others = known
    found, background = nearest(one, others)

    assert background == one.background
    assert found.tolist() == [
        pytest.approx(value, abs=_LEAST)
        for place in range(1, len(known))
        for value in [_likenesses(*known).get((0, place), 0.0)]
    ]


@pytest.mark.parametrize("is_given", [False, True])
@pytest.mark.parametrize("size", [33, 90, 160])
def test_many_texts_are_compared_as_the_formula_says(size: int, *, is_given: bool) -> None:
    """So it is where backgrounds are found among many, and where texts are compared in several blocks."""
    chance = Random(size)
    samples = [
        _sample(
            {chance.randrange(60): chance.random() for _ in range(chance.randrange(50))},
            day=None if chance.random() < 0.05 else chance.random() * 25,
            source=chance.randrange(6),
            background=chance.random() / 10 if is_given and chance.random() < 0.5 else None,
        )
        for _ in range(size)
    ]

    _assert_by_definition(samples)


@given(st.lists(_SAMPLES, max_size=7), st.randoms(use_true_random=False))
def test_the_order_of_texts_makes_no_difference(samples: list[Sample], chance: Random) -> None:
    """Two texts are as alike in any order; pairs name the lesser place first and are found once."""
    places = chance.sample(range(len(samples)), len(samples))
    found, turned = neighbourhood(samples), neighbourhood([samples[place] for place in places])
    values = {tuple(sorted((places[a], places[b]))): value for a, b, value in turned}

    assert (found.pairs[:, 0] < found.pairs[:, 1]).all()
    assert values == {(a, b): pytest.approx(value, abs=_NEAR) for a, b, value in found}
    assert turned.backgrounds == pytest.approx(found.backgrounds[places] if places else [])
