"""Where a file of articles is kept while it is placed, so that memory need not hold it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Protocol

from aggregator.domain.articles import Signature
from aggregator.domain.ids import ArticleId, SourceId
from aggregator.domain.lines import Line, Meeting, Signed
from aggregator.domain.stories import Member, Profile, Tie


class Slate(Protocol):
    """Lines are added, then signed, then tied, compared and arranged; what is yielded is read as it is asked for."""

    def add_line(self, id: ArticleId, source: SourceId, line: Line, dated: datetime, hashes: Sequence[int]) -> None:
        """Add a line, with the hashes of the lines of its text."""

    def hashes(self, most: int) -> Iterator[tuple[SourceId, Sequence[Sequence[int]]]]:
        """Yield of each outlet the hashes of its texts' lines, of no more than `most` texts, the newest, as the file has them."""

    def take_lines(self) -> Iterator[tuple[ArticleId, SourceId, Line]]:
        """Yield the lines in order, a last time."""

    def add_signed(self, signed: Signed) -> None:
        """Add an article."""

    def signed(self, ids: Sequence[ArticleId]) -> list[Signed]:
        """Return some articles with all that is known of them but what they are found by, in order of their numbers."""

    def newest_profiles(self, most: int) -> Iterator[Profile]:
        """Yield the profiles of no more than so many articles, the newest."""

    def meetings(self, *, is_dated: bool) -> Iterator[Meeting]:
        """Yield what articles are found by, in order of time: of those whose date is known, or of the others."""

    def compared(self, ids: Iterable[ArticleId]) -> Mapping[ArticleId, Signature]:
        """Return the shingles and facts of some articles."""

    def members(self, ids: Iterable[ArticleId]) -> list[Member]:
        """Return some articles, in order of their numbers."""

    def add_tie(self, tie: Tie) -> None:
        """Add a tie of word sequences."""

    def ties(self, ids: Iterable[ArticleId]) -> list[Tie]:
        """Return the ties of which one of `ids` is the lesser."""

    def add_texts(self, texts: Mapping[ArticleId, AbstractSet[SourceId]]) -> None:
        """Add texts, each by its fullest article with the outlets that carry it."""

    def languages(self) -> Mapping[str, int]:
        """Return how many texts each language has."""

    def texts(self, language: str, *, is_dated: bool) -> Iterator[tuple[Profile, AbstractSet[SourceId]]]:
        """Yield the texts of a language in order of time: those whose date is known, or the others."""

    def add_likeness(self, a: ArticleId, b: ArticleId, value: float) -> None:
        """Add how alike two texts are; said twice it is the same."""

    def likenesses(self, ids: Collection[ArticleId]) -> Mapping[tuple[ArticleId, ArticleId], float]:
        """Return how alike those of some texts are that are alike."""
