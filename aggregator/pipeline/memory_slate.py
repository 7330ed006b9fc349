"""A file of articles that memory holds whole."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from aggregator.domain.articles import Signature
from aggregator.domain.ids import ArticleId, SourceId
from aggregator.domain.lines import Line, Meeting, Signed
from aggregator.domain.stories import Member, Profile, Tie


class MemorySlate:
    """See `pipeline.slate.Slate`."""

    def __init__(self) -> None:
        """Open an empty one."""
        self._lines: dict[ArticleId, tuple[SourceId, Line]] = {}
        self._hashes = defaultdict[SourceId, list[tuple[datetime, ArticleId, Sequence[int]]]](list)
        self._signed: dict[ArticleId, Signed] = {}
        self._ties = defaultdict[ArticleId, list[Tie]](list)
        self._texts: dict[ArticleId, AbstractSet[SourceId]] = {}
        self._likenesses = defaultdict[ArticleId, dict[ArticleId, float]](dict)

    def add_line(self, id: ArticleId, source: SourceId, line: Line, dated: datetime, hashes: Sequence[int]) -> None:
        """Add a line, with the hashes of the lines of its text."""
        self._lines[id] = (source, line)
        if source and hashes:
            self._hashes[source].append((dated, id, hashes))

    def hashes(self, most: int) -> Iterator[tuple[SourceId, list[Sequence[int]]]]:
        """Yield of each outlet the hashes of its texts' lines, of no more than `most` texts, the newest, as the file has them."""
        for source, known in self._hashes.items():
            newest = sorted(known, key=lambda one: one[:2])[-most:]
            yield source, [hashes for _, _, hashes in sorted(newest, key=lambda one: one[1])]

    def take_lines(self) -> Iterator[tuple[ArticleId, SourceId, Line]]:
        """Yield the lines in order, a last time."""
        self._hashes.clear()
        for id in list(self._lines):
            source, line = self._lines.pop(id)
            yield id, source, line

    def add_signed(self, signed: Signed) -> None:
        """Add an article."""
        self._signed[signed.member.id] = signed

    def signed(self, ids: Sequence[ArticleId]) -> list[Signed]:
        """Return some articles with all that is known of them, in order of their numbers."""
        return [self._signed[id] for id in sorted(ids)]

    def newest_profiles(self, most: int) -> Iterator[Profile]:
        """Yield the profiles of no more than so many articles, the newest."""
        newest = sorted(self._signed.values(), key=_in_time, reverse=True)[:most]
        return (one.profile for one in newest)

    def meetings(self, *, is_dated: bool) -> Iterator[Meeting]:
        """Yield what articles are found by, in order of time: of those whose date is known, or of the others."""
        found = (one for one in self._signed.values() if (one.profile.dated is not None) is is_dated)
        for one in sorted(found, key=_in_time):
            if one.signature.bands:
                yield Meeting(id=one.member.id, dated=one.member.dated, keys=one.signature.bands)

    def compared(self, ids: Iterable[ArticleId]) -> dict[ArticleId, Signature]:
        """Return the shingles and facts of some articles."""
        return {id: self._signed[id].signature for id in ids}

    def members(self, ids: Iterable[ArticleId]) -> list[Member]:
        """Return some articles, in order of their numbers."""
        return [self._signed[id].member for id in sorted(ids)]

    def add_tie(self, tie: Tie) -> None:
        """Add a tie of word sequences."""
        self._ties[tie.a].append(tie)

    def ties(self, ids: Iterable[ArticleId]) -> list[Tie]:
        """Return the ties of which one of `ids` is the lesser."""
        return [tie for id in sorted(ids) if id in self._ties for tie in sorted(self._ties[id], key=lambda tie: tie.b)]

    def add_texts(self, texts: Mapping[ArticleId, AbstractSet[SourceId]]) -> None:
        """Add texts, each by its fullest article with the outlets that carry it."""
        self._texts.update(texts)

    def languages(self) -> Mapping[str, int]:
        """Return how many texts each language has."""
        return Counter(self._signed[id].profile.language for id in self._texts)

    def texts(self, language: str, *, is_dated: bool) -> Iterator[tuple[Profile, AbstractSet[SourceId]]]:
        """Yield the texts of a language in order of time: those whose date is known, or the others."""
        for one in sorted((self._signed[id] for id in self._texts), key=_in_time):
            if one.profile.language == language and (one.profile.dated is not None) is is_dated:
                yield one.profile, self._texts[one.member.id]

    def add_likeness(self, a: ArticleId, b: ArticleId, value: float) -> None:
        """Add how alike two texts are; said twice it is the same."""
        self._likenesses[a][b] = value

    def likenesses(self, ids: Collection[ArticleId]) -> dict[tuple[ArticleId, ArticleId], float]:
        """Return how alike those of some texts are that are alike."""
        known = set(ids)
        return {
            (a, b): value
            for a in sorted(known)
            if a in self._likenesses
            for b, value in sorted(self._likenesses[a].items())
            if b in known
        }


def _in_time(signed: Signed) -> tuple[datetime, ArticleId]:
    return signed.member.dated, signed.member.id
