"""Which of any number of texts are alike, as they pass in order of time: only those near in time are held.

What is found is what `neighbourhood` finds among all of them at once. Texts that nobody knows the time of are near to all
others, so they are held from the beginning to the end.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from aggregator.core.events.comparing import is_of_series, sample_of
from aggregator.core.events.likeness import (
    BEND,
    LEAST,
    WINDOW_DAYS,
    Sample,
    background,
    bent,
    days_of,
    is_worth,
    known_of,
)
from aggregator.core.events.neighbourhood import BLOCK, NEIGHBOURS, Compared
from aggregator.domain.ids import ArticleId, SourceId
from aggregator.domain.stories import Profile, Vocabulary

#: Two texts and how alike they are.
_Alike = tuple[tuple[ArticleId, ArticleId], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """A text that passes, by its fullest article, with the outlets that carry it."""

    profile: Profile
    sources: AbstractSet[SourceId]


@dataclass(frozen=True, slots=True)
class _Held:
    text: Passing
    sample: Sample

    @property
    def day(self) -> float:
        assert self.sample.day is not None
        return self.sample.day


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """Texts to be compared, those at places from `start` to before `end`, with all dated ones that are near to them."""

    held: Sequence[_Held]
    #: Of the first that is held, counted from the first that passed.
    number: int
    start: int
    end: int

    def text(self, number: int) -> Passing:
        """Return a text that is held by its number."""
        return self.held[number - self.number].text


@dataclass(frozen=True, slots=True)
class _Pairs:
    """What texts share, two by two; those of a known time have numbers from 0 on, others from -1 down."""

    ones: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    others: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    shared: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def where(self, mask: npt.NDArray[np.bool_]) -> "_Pairs":
        """Return some of them."""
        return _Pairs(self.ones[mask], self.others[mask], self.shared[mask])

    @staticmethod
    def joined(several: "Sequence[_Pairs]") -> "_Pairs":
        """Return all of several."""
        return _Pairs(
            np.concatenate([pairs.ones for pairs in several]),
            np.concatenate([pairs.others for pairs in several]),
            np.concatenate([pairs.shared for pairs in several]),
        )


def alike(
    texts: Iterable[Passing], undated: Sequence[Passing], vocabulary: Vocabulary, *, size: int, rows: int
) -> Iterator[_Alike]:
    """Yield the pairs that are alike, some of them twice, the lesser article first.

    Args:
        texts: Those of a known time, all in one language, in order of it.
        undated: The others.
        vocabulary: That of their language.
        size: How many there are in all.
        rows: How many are compared before others are taken in: to lay out those of the window costs what some thousand cost.
    """
    walk = _Walk([_held(text, vocabulary) for text in undated], size)
    for stretch in _stretches((_held(text, vocabulary) for text in texts), rows):
        yield from walk.along(stretch)
    yield from walk.end()


def _held(text: Passing, vocabulary: Vocabulary) -> _Held:
    return _Held(text, sample_of(text.profile, text.sources, vocabulary))


def _stretches(texts: Iterator[_Held], rows: int) -> Iterator[_Stretch]:
    held: list[_Held] = []
    number = start = 0
    while True:
        # One beyond the window tells that all within it are here.
        while len(held) < start + rows or held[-1].day <= held[start + rows - 1].day + WINDOW_DAYS:
            if (text := next(texts, None)) is None:
                break
            held.append(text)
        end = min(start + rows, len(held))
        if start < end:
            yield _Stretch(held=held, number=number, start=start, end=end)
        if end == len(held):
            return
        gone = bisect_left(held, held[end].day - WINDOW_DAYS, key=lambda text: text.day)
        del held[:gone]
        number, start = number + gone, end - gone


class _Walk:
    """What is known on the way."""

    def __init__(self, undated: Sequence[_Held], size: int) -> None:
        self._undated = undated
        self._size = size
        #: Of texts of a known time.
        self._backgrounds = array("d")
        #: Pairs of which one's background is still to be found.
        self._waiting = _Pairs()
        self._with_undated = [_Pairs()]
        #: What undated texts, a row each, share most with others, and the numbers of these.
        self._shared = np.empty((len(undated), 0))
        self._numbers = np.empty((len(undated), 0), dtype=np.int64)
        #: Texts of these numbers that share something with undated ones.
        self._met: dict[int, Passing] = {}

    def along(self, stretch: _Stretch) -> Iterator[_Alike]:
        """Compare the texts of a stretch."""
        every = [*stretch.held, *self._undated]
        samples = [one.sample for one in every]
        compared = Compared.of(samples, days_of(samples), size=self._size)
        dated = len(stretch.held)
        found = [self._waiting]
        for block in compared.blocks(stretch.start, stretch.end):
            self._backgrounds.extend(block.backgrounds.tolist())
            others = np.where(block.columns < dated, stretch.number + block.columns, dated - block.columns - 1)
            found.append(_Pairs(stretch.number + block.rows, others, block.shared))
        self._meet(compared, stretch)
        pairs = _Pairs.joined(found)
        known = pairs.others < len(self._backgrounds)
        self._waiting = pairs.where(~known)
        self._keep_with_undated(pairs.where(pairs.others < 0), stretch)
        # Both are near to this stretch, where the later one is.
        backgrounds = np.array(self._backgrounds)
        yield from _likenesses(pairs.where(known & (pairs.others >= 0)), backgrounds, stretch.text)

    def end(self) -> Iterator[_Alike]:
        """Compare the undated texts with one another, and tell what they have in common with all."""
        if not self._undated:
            return
        samples = [one.sample for one in self._undated]
        compared = Compared.of(samples, days_of(samples), size=self._size)
        near = compared.near(np.arange(len(samples)))
        numbers = -1 - np.arange(len(samples))
        backgrounds = []
        for start in range(0, len(samples), BLOCK):
            rows = np.arange(start, min(start + BLOCK, len(samples)))
            best, who = _best((self._shared[rows], self._numbers[rows]), (compared.shared(rows, near), numbers))
            own = background(best, known_of(samples)[rows], self._size)
            backgrounds.append(own)
            row, place = np.nonzero(is_worth(best, own))
            self._with_undated.append(_Pairs(numbers[rows[row]], who[row, place], best[row, place]))
        # Numbers from -1 down count from the end.
        every = np.concatenate((self._backgrounds, np.concatenate(backgrounds)[::-1]))
        yield from _likenesses(_Pairs.joined(self._with_undated), every, self._text)

    def _text(self, number: int) -> Passing:
        return self._met[number] if number >= 0 else self._undated[-1 - number].text

    def _keep_with_undated(self, pairs: _Pairs, stretch: _Stretch) -> None:
        self._with_undated.append(pairs)
        self._met.update((number, stretch.text(number)) for number in set(pairs.ones.tolist()))

    def _meet(self, compared: Compared, stretch: _Stretch) -> None:
        """Compare the undated texts with those of a stretch."""
        if not self._undated:
            return
        places = np.arange(stretch.start, stretch.end)
        near = compared.near(places)
        undated = len(stretch.held) + np.arange(len(self._undated))
        shared = np.concatenate(
            [compared.shared(undated[start : start + BLOCK], near) for start in range(0, len(undated), BLOCK)]
        )
        for place in places[(shared > LEAST * BEND).any(axis=0)].tolist():
            self._met[stretch.number + place] = stretch.held[place].text
        self._shared, self._numbers = _best((self._shared, self._numbers), (shared, stretch.number + places))


def _best(
    known: tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]],
    more: tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return the `NEIGHBOURS` that share most of those known and of more, whose numbers are the same in all rows."""
    values = np.concatenate((known[0], more[0]), axis=1)
    numbers = np.concatenate((known[1], np.broadcast_to(more[1], more[0].shape)), axis=1)
    size = min(NEIGHBOURS, values.shape[1])
    best = np.argpartition(-values, size - 1, axis=1)[:, :size]
    return np.take_along_axis(values, best, axis=1), np.take_along_axis(numbers, best, axis=1)


def _likenesses(
    pairs: _Pairs, backgrounds: npt.NDArray[np.float64], text: Callable[[int], Passing]
) -> Iterator[_Alike]:
    """Yield the pairs that are alike, but not two of one series, given the backgrounds of texts by their numbers."""
    likenesses = bent(pairs.shared, (backgrounds[pairs.ones] + backgrounds[pairs.others]) / 2)
    kept = likenesses >= LEAST
    ones, others = pairs.ones[kept], pairs.others[kept]
    # Most pairs are found from either side, and with the same value.
    _, first = np.unique(np.minimum(ones, others) * (1 << 32) + np.maximum(ones, others), return_index=True)
    found = zip(ones[first].tolist(), others[first].tolist(), likenesses[kept][first].tolist(), strict=True)
    for number, another, value in found:
        one, other = text(number), text(another)
        if not is_of_series((one.profile, one.sources), (other.profile, other.sources)):
            a, b = one.profile.id, other.profile.id
            yield ((a, b) if a < b else (b, a)), value
