"""What a page that was read in full teaches of its site: which places its lines came from."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

from selectolax.lexbor import LexborNode

from aggregator.core.wrappers.places import DEEPEST, HEADINGS, Line, inside, kind_of
from aggregator.core.wrappers.reading import LEAST_TEXT, letters
from aggregator.domain.wrappers import Branch, Fate, Layout

#: Lines of a page that are looked at.
_MOST_LINES = 5_000
_DASH = "- "


@dataclass(slots=True)
class _Stands:
    """A line of a page with the kinds of all that it stands in."""

    text: str
    path: tuple[str, ...]
    inline: set[str]
    is_heading: bool
    fate: Fate = Fate.LEFT


@dataclass(slots=True)
class _Growing:
    fate: Fate = Fate.NONE
    branches: dict[str, "_Growing"] = field(default_factory=dict)


def layout_of(body: LexborNode, text: str, *, whole: int) -> Layout | None:
    """Return where on a page of `whole` letters the lines of its main text stand.

    None where they cannot all be found in their order, or are so few that they may have been found anywhere.
    """
    if len(text) < LEAST_TEXT:
        return None
    stands: list[_Stands] = []
    _list(body, (), stands)
    wanted = text.split("\n")
    if len(stands) > _MOST_LINES or not _align(stands, wanted):
        return None
    root = _Growing()
    inline: set[str] = set()
    for line in stands:
        place = root
        place.fate |= line.fate
        for kind in line.path:
            place = place.branches.setdefault(kind, _Growing())
            place.fate |= line.fate
        if line.fate & (Fate.KEPT | Fate.LISTED):
            inline |= line.inline
    branch = _grown(root)
    return Layout(body=branch, inline=frozenset(inline), most_left=max(0, whole - letters(text)))


def _list(node: LexborNode, path: tuple[str, ...], stands: list[_Stands]) -> None:
    if len(path) > DEEPEST or len(stands) > _MOST_LINES:
        return
    is_heading = node.tag in HEADINGS
    for piece in inside(node):
        if isinstance(piece, Line):
            stands.append(
                _Stands(
                    text=normalize("NFC", piece.text),
                    path=(*path, piece.kind),
                    inline=piece.inline,
                    is_heading=is_heading,
                )
            )
        else:
            _list(piece, (*path, kind_of(piece)), stands)


def _align(stands: list[_Stands], wanted: Sequence[str]) -> bool:
    """Give each line its fate; False where not all that is wanted stands there in its order."""
    found = min(filter(None, (_from_start(stands, wanted), _from_end(stands, wanted))), key=_span, default=None)
    if not found:
        return False
    for place, line in zip(found, wanted, strict=True):
        stands[place].fate = Fate.KEPT if stands[place].text == line else Fate.LISTED
    for place in range(found[-1] + 1, len(stands)):
        if not stands[place].is_heading:
            break
        stands[place].fate = Fate.TRAILING
    return True


def _from_start(stands: Sequence[_Stands], wanted: Sequence[str]) -> list[int]:
    by_text = defaultdict[str, list[int]](list)
    for number, stand in enumerate(stands):
        by_text[stand.text].append(number)
    found: list[int] = []
    last = -1
    for line in wanted:
        numbers = by_text.get(line) or by_text.get(line.removeprefix(_DASH)) or ()
        place = bisect_right(numbers, last)
        if place == len(numbers):
            return []
        last = numbers[place]
        found.append(last)
    return found


def _from_end(stands: Sequence[_Stands], wanted: Sequence[str]) -> list[int]:
    count = len(stands)
    return [count - 1 - number for number in reversed(_from_start(stands[::-1], wanted[::-1]))]


def _span(found: Sequence[int]) -> int:
    return found[-1] - found[0]


def _grown(place: _Growing) -> Branch:
    if place.fate in (Fate.LEFT, Fate.NONE):
        return Branch(fate=Fate.LEFT)
    return Branch(fate=place.fate, branches={kind: _grown(within) for kind, within in place.branches.items()})
