"""Boilerplate: lines that an outlet puts under many of its articles, learned from the articles and left out of signatures.

"Sign up for our newsletter", "The forecast is issued twice a day by …": they are no part of any news, yet make unlike texts
of one outlet alike, and keep copies at two outlets apart.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeVar
from zlib import crc32

S = TypeVar("S", bound=Hashable)

#: A line is boilerplate when so many articles of an outlet have it that have little else in common. In stream_2020_en these
#: are 186 lines of 74 outlets; all that stand in five articles and more are furniture, read one by one.
ARTICLES = 3
#: Articles that share more than this part of the lines of the shorter one are versions of one text, and count once.
SAME_ARTICLE = 0.5


def lines_of(text: str) -> tuple[int, ...]:
    """Return the hashes of a text's lines, empty ones left out, in order."""
    # Encoded all at once, which costs a quarter of doing it line by line.
    lines = text.encode(errors="surrogatepass").split(b"\n")
    return tuple(map(crc32, filter(None, map(bytes.strip, lines))))


def without(text: str, boilerplate: AbstractSet[int]) -> str:
    """Return a text without those of its lines."""
    if not boilerplate:
        return text
    lines = map(bytes.strip, text.encode(errors="surrogatepass").split(b"\n"))
    hashes = [crc32(line) if line else None for line in lines]
    if boilerplate.isdisjoint(hashes):
        return text
    return "\n".join(line for line, hash in zip(text.split("\n"), hashes, strict=True) if hash not in boilerplate)


def learn_boilerplate(articles: Iterable[tuple[S, Sequence[int]]]) -> dict[S, frozenset[int]]:
    """Return the boilerplate of each outlet that has any.

    Args:
        articles: Of each article its outlet and its `lines_of`, in an order that depends on the articles alone.
    """
    having: dict[S, dict[int, list[frozenset[int]]]] = defaultdict(lambda: defaultdict(list))
    for source, lines in articles:
        whole = frozenset(lines)
        for line in whole:
            having[source][line].append(whole)
    found = {
        source: frozenset(line for line, wholes in of_line.items() if len(wholes) >= ARTICLES and _is_common(wholes))
        for source, of_line in having.items()
    }
    return {source: lines for source, lines in found.items() if lines}


def _is_common(wholes: Iterable[frozenset[int]]) -> bool:
    """Tell whether there are enough articles among these that have little in common."""
    different: list[frozenset[int]] = []
    for whole in wholes:
        if all(len(whole & other) <= SAME_ARTICLE * min(len(whole), len(other)) for other in different):
            different.append(whole)
            if len(different) == ARTICLES:
                return True
    return False
