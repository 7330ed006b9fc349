"""A search: what is gathered for `search.html`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.adapters.store import StoreReader
from aggregator.domain.errors import UsageError
from aggregator.domain.reading import SearchHit

#: Articles that are shown, the best.
MOST = 50
_MARKED = re.compile("\x02(.*?)\x03", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article with the words around what was looked for."""

    found: SearchHit
    #: Words, and whether they were looked for.
    snippet: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What was found."""

    words: str
    hits: tuple[Hit, ...] = ()
    #: Why nothing could be looked for.
    problem: str | None = None

    @property
    def is_full(self) -> bool:
        """Whether there may be more."""
        return len(self.hits) == MOST


def read_search(reader: StoreReader, words: str) -> Search:
    """Look for articles that have all of `words`."""
    if not words.strip():
        return Search(words="")
    try:
        found = reader.search(words, MOST)
    except UsageError as error:
        return Search(words=words, problem=str(error))
    return Search(words=words, hits=tuple(Hit(found=hit, snippet=tuple(_parts(hit.snippet))) for hit in found))


def _parts(snippet: str) -> Iterator[tuple[str, bool]]:
    # re.split puts what the parentheses caught, the hits, at the odd places.
    for place, part in enumerate(_MARKED.split(snippet)):
        if part:
            yield part, bool(place % 2)
