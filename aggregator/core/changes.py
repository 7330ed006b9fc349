"""What changed from one text to another, word by word: of a copy against what it reprints, of one version against the next."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from aggregator.core.words.tokens import UNSPACED

#: Words around a change that are shown; what else is the same is left out.
AROUND = 8
#: Words of one change that are shown, from its beginning.
SHOWN = 40
#: Changes that are shown, the first ones.
MOST = 20
#: Words between the first and the last difference, on either side, beyond which all of that counts as one change: the time
#: of a comparison may grow with their square, half a second for this many that were chosen to harm.
COMPARED = 1_200
#: A word with the space after it; a character of scripts without spaces is a word.
_WORD = re.compile(rf"(?:[{UNSPACED}]|[^\s{UNSPACED}]+)\s*")


class Change(StrEnum):
    """What became of some words."""

    SAME = "same"
    GONE = "gone"
    ADDED = "added"


class Kind(StrEnum):
    """What one text made of another."""

    WHOLE = "word for word"
    SHORTENED = "shortened"
    EXTENDED = "extended"
    EDITED = "edited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Words in a row that had the same fate."""

    change: Change
    text: str
    #: Words that are not in `text`: they come after it, or in its stead where it is empty.
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a text differs from another."""

    #: In the order of the text, the first `MOST` changes with what stands around them.
    pieces: tuple[Piece, ...]
    gone: int
    added: int
    #: Whether there are more changes than `pieces` shows.
    has_more: bool = False

    @property
    def kind(self) -> Kind:
        """What was made of the other text, in a word or three."""
        if not self.gone and not self.added:
            return Kind.WHOLE
        if not self.added:
            return Kind.SHORTENED
        return Kind.EDITED if self.gone else Kind.EXTENDED

    def __str__(self) -> str:
        """Say it with how many words went and came."""
        parts = [f"−{self.gone:,}"] * bool(self.gone) + [f"+{self.added:,}"] * bool(self.added)
        last = self.added or self.gone
        return f"{self.kind}, {' '.join(parts)} word{'' if last == 1 else 's'}" if parts else str(self.kind)


def compare(before: str, after: str) -> Comparison:
    """Hold `after` against `before`; how words are spaced and parted into paragraphs does not matter."""
    one, other = _WORD.findall(before), _WORD.findall(after)
    steps = list(_steps(one, other))
    changes = [step for step in steps if step[0] is not Change.SAME]
    last = changes[MOST - 1] if len(changes) > MOST else None
    shown = steps if last is None else steps[: steps.index(last) + 1]
    return Comparison(
        pieces=tuple(piece for place, step in enumerate(shown) for piece in _told(step, place, len(shown))),
        gone=sum(len(words) for change, words in changes if change is Change.GONE),
        added=sum(len(words) for change, words in changes if change is Change.ADDED),
        has_more=last is not None,
    )


_Step = tuple[Change, list[str]]


def _steps(one: list[str], other: list[str]) -> Iterator[_Step]:
    """Yield what is the same, gone and added, in order."""
    mine, yours = [word.rstrip() for word in one], [word.rstrip() for word in other]
    head = _alike(mine, yours)
    tail = min(_alike(mine[::-1], yours[::-1]), min(len(mine), len(yours)) - head)
    if head:
        yield Change.SAME, other[:head]
    yield from _middle(one[head : len(one) - tail], other[head : len(other) - tail])
    if tail:
        yield Change.SAME, other[len(other) - tail :]


def _middle(one: list[str], other: list[str]) -> Iterator[_Step]:
    if max(len(one), len(other)) > COMPARED:
        blocks = [("replace", 0, len(one), 0, len(other))]
    else:
        matcher = SequenceMatcher(None, [word.rstrip() for word in one], [word.rstrip() for word in other])
        blocks = list(matcher.get_opcodes())
    for tag, start, end, other_start, other_end in blocks:
        if tag == "equal":
            yield Change.SAME, other[other_start:other_end]
            continue
        if end > start:
            yield Change.GONE, one[start:end]
        if other_end > other_start:
            yield Change.ADDED, other[other_start:other_end]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many words both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (mine, yours) in pairs if mine != yours), min(len(one), len(other)))


def _told(step: _Step, place: int, steps: int) -> Iterator[Piece]:
    change, words = step
    if change is not Change.SAME:
        yield Piece(change=change, text=_joined(words[:SHOWN]), left_out=max(len(words) - SHOWN, 0))
        return
    # Words beside a change are shown, on both sides between two of them.
    before = AROUND if place else 0
    after = AROUND if place < steps - 1 else 0
    if len(words) <= before + after:
        yield Piece(change=change, text=_joined(words))
        return
    if before:
        yield Piece(change=change, text=_joined(words[:before]))
    yield Piece(change=change, text="", left_out=len(words) - before - after)
    if after:
        yield Piece(change=change, text=_joined(words[-after:]))


def _joined(words: Sequence[str]) -> str:
    return " ".join("".join(words).split())
