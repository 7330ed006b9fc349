"""Whether two texts that share most of their words agree in their facts: what tells two reports of one template apart.

The thresholds were measured on the pairs that `copies.is_copy` accepts in two sets. stream_2020_en has 2,608, true copies
nearly all: 2,607 stay. day_2019_06_01 has 866: 84 are made from templates, and none of those stays; 780 of the other 782 do.
The stream's figure does not fall when all its words are put in small letters, or a quarter of them in capitals as in German.
`scripts/quality` repeats the second measurement.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aggregator.core.copies.similarity import Overlap
from aggregator.core.words.facts import MAX_FACTS
from aggregator.core.words.shingles import SHINGLE

#: From this Jaccard on two texts differ by a headline, a credit, a mended number. No template of day_2019_06_01 is above .76.
SAME_JACCARD = 0.9
#: How much of what a side has alone its own facts must account for; below it is prose that differs. One changed word changes
#: SHINGLE shingles. The least of the templates has .69.
EXPLAINED = 0.5
#: Share of its facts that a side may have alone. Two copies of the stream go beyond it, and one of them by its prose.
ALONE = 0.4
#: The same for numbers, where several differ: a language that writes all nouns with capital letters has few numbers among its
#: facts. Two copies of the stream go beyond it, one by two numbers, one by its prose.
NUMBERS_ALONE = 0.5
SEVERAL = 3
#: The same for short texts in which one stretch stands for another of about its length; here several numbers are decisive,
#: and one date or credit is not. The least of the templates has .20; of the 194 pairs of copies in the stream that are so
#: short none differs in this way.
ALONE_IN_PLACE = 0.15
SHORT_SHINGLES = 160
EQUAL_LENGTH = 0.7


def same_facts(a: bytes, b: bytes, shared: Overlap) -> bool:
    """Tell whether two texts that share most of their words agree in their facts too, so that they are one text.

    Args:
        a: The `facts` of one text.
        b: Those of the other.
        shared: How their shingles overlap.
    """
    changed = _changed(shared)
    if shared.jaccard >= SAME_JACCARD or changed[0] < SHINGLE:
        return True
    mine, yours = _comparable(np.frombuffer(a, dtype="<u4"), np.frombuffer(b, dtype="<u4"))
    every, numbers = _alone(mine, yours), _alone(mine[mine % 2 == 1], yours[yours % 2 == 1])
    if any(own * SHINGLE < EXPLAINED * part for own, part in zip(every.counts, changed, strict=True)):
        return True
    if shared.shorter <= SHORT_SHINGLES and changed[0] >= EQUAL_LENGTH * changed[1]:
        return every.share <= ALONE_IN_PLACE and numbers.counts[0] < SEVERAL
    return every.share <= ALONE and (numbers.share <= NUMBERS_ALONE or numbers.counts[0] < SEVERAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alone:
    """What each of two sets has alone."""

    #: How many on either side, the smaller number first.
    counts: tuple[int, int]
    #: What share of its set, on the side where it is smaller: a text that was cut has next to nothing alone.
    share: float


def _alone(a: npt.NDArray[np.uint32], b: npt.NDArray[np.uint32]) -> _Alone:
    common = len(np.intersect1d(a, b, assume_unique=True))
    fewer, more = sorted((len(a) - common, len(b) - common))
    return _Alone(counts=(fewer, more), share=fewer / max(1, common + fewer))


def _comparable(
    a: npt.NDArray[np.uint32], b: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Leave out what a side that is full may have had and dropped."""
    last = min((side[-1] for side in (a, b) if len(side) == MAX_FACTS), default=None)
    return (a, b) if last is None else (a[a <= last], b[b <= last])


def _changed(shared: Overlap) -> tuple[int, int]:
    """Return how many shingles each side has alone, the smaller number first."""
    if not shared.jaccard:
        return shared.shorter, shared.shorter
    common = shared.containment * shared.shorter
    fewer = shared.shorter - common
    return round(fewer), round((1 / shared.jaccard - 1) * common - fewer)
