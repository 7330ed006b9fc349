"""Average link: join what is alike on average, so that one bridge between two crowds joins nothing.

Hierarchical agglomeration with the unweighted average (UPGMA; Sokal and Michener 1958): again and again the two clusters
with the highest mean likeness over all their pairs are joined, until no mean reaches the threshold. A pair of which nothing
is known counts as 0, so a chain of likenesses ends by itself: each further link adds pairs that are not alike.
"""

import heapq
from array import array
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

N = TypeVar("N", bound=Hashable)
#: What may be joined next: less than nothing by their mean likeness, the two clusters, the lesser first, and their sizes.
_Entry = tuple[float, int, int, int, int]


def link(
    nodes: Sequence[N],
    likenesses: Mapping[tuple[N, N], float],
    threshold: float,
    *,
    together: Iterable[tuple[N, N]] = (),
    apart: Iterable[tuple[N, N]] = (),
) -> list[list[N]]:
    """Return clusters of `nodes`, each in the order of `nodes`, as are the clusters themselves.

    The answer depends on the order of `nodes` alone where two means are equal to the last digit, on nothing else.

    Args:
        nodes: All different.
        likenesses: Of pairs, either way round; at most 1, below 0 for pairs that speak against each other.
        threshold: The least mean likeness of two clusters that are joined; above 0.
        together: Pairs joined whatever their likeness.
        apart: Pairs never joined, unless `together` does it.
    """
    place = {node: number for number, node in enumerate(nodes)}
    pairs = {(place[a], place[b]): value for (a, b), value in likenesses.items()}
    forced = [(place[a], place[b]) for a, b in together]
    # Two clusters whose mean reaches the threshold have a pair that does: each part can be linked for itself.
    part_of = _parts(len(nodes), [*(pair for pair, value in pairs.items() if value >= threshold), *forced])
    sizes = Counter(part_of)
    parts: dict[int, _Part] = defaultdict(_Part)
    # Most nodes are alone in their part, and need no more than that.
    clusters = [[number] for number, part in enumerate(part_of) if sizes[part] == 1]
    for number, part in enumerate(part_of):
        if sizes[part] > 1:
            parts[part].add_node(number)
    for (a, b), value in pairs.items():
        if part_of[a] == part_of[b]:
            parts[part_of[a]].add_likeness(a, b, value)
    for one, other in apart:
        a, b = place[one], place[other]
        if a != b and part_of[a] == part_of[b]:
            parts[part_of[a]].keep_apart(a, b)
    for a, b in forced:
        parts[part_of[a]].join(a, b)
    clusters += [cluster for part in parts.values() for cluster in part.linked(threshold)]
    return [[nodes[number] for number in cluster] for cluster in sorted(clusters)]


@dataclass(slots=True)
class _Part:
    """Clusters on their way, each known by its first node."""

    members: dict[int, list[int]] = field(default_factory=dict)
    #: Of each cluster: the sum of likenesses to each other one that has any.
    sums: dict[int, dict[int, float]] = field(default_factory=dict)
    #: Of each cluster: those it may not be joined with.
    barred: dict[int, set[int]] = field(default_factory=dict)
    #: Where nodes went that name no cluster any more.
    gone: dict[int, int] = field(default_factory=dict)

    def add_node(self, number: int) -> None:
        self.members[number] = [number]
        self.sums[number] = {}
        self.barred[number] = set()

    def add_likeness(self, a: int, b: int, value: float) -> None:
        self.sums[a][b] = self.sums[b][a] = value

    def keep_apart(self, a: int, b: int) -> None:
        self.barred[a].add(b)
        self.barred[b].add(a)

    def join(self, a: int, b: int) -> int:
        """Make one cluster of those that hold `a` and `b`; return its name."""
        a, b = self._name(a), self._name(b)
        if a == b:
            return a
        kept, lost = min(a, b), max(a, b)
        self.members[kept] += self.members.pop(lost)
        self.gone[lost] = kept
        mine, theirs = self.sums[kept], self.sums.pop(lost)
        for other, value in theirs.items():
            del self.sums[other][lost]
            if other != kept:
                mine[other] = self.sums[other][kept] = mine.get(other, 0.0) + value
        for other in self.barred.pop(lost):
            self.barred[other].discard(lost)
            if other != kept:
                self.barred[other].add(kept)
                self.barred[kept].add(other)
        return kept

    def linked(self, threshold: float) -> Iterable[list[int]]:
        """Join what is alike until nothing is any more."""
        queue = [entry for name in self.members for entry in self._near(name, threshold, after=name)]
        heapq.heapify(queue)
        size_of = {name: len(nodes) for name, nodes in self.members.items()}
        while queue:
            _, a, b, size_a, size_b = heapq.heappop(queue)
            # An entry of clusters that have grown since, or are no more, is out of date.
            if size_of.get(a) != size_a or size_of.get(b) != size_b:
                continue
            size_of[self.join(a, b)] = size_a + size_b
            del size_of[max(a, b)]
            for entry in self._near(min(a, b), threshold):
                heapq.heappush(queue, entry)
        return [sorted(cluster) for cluster in self.members.values()]

    def _near(self, name: int, threshold: float, *, after: int = -1) -> list[_Entry]:
        """Return what `name` may be joined with, of the clusters that come after one, for each pair has two sides."""
        members, barred = self.members, self.barred[name]
        size = len(members[name])
        found = []
        for other, total in self.sums[name].items():
            if other <= after:
                continue
            other_size = len(members[other])
            mean = total / (size * other_size)
            if mean >= threshold and other not in barred:
                if name < other:
                    found.append((-mean, name, other, size, other_size))
                else:
                    found.append((-mean, other, name, other_size, size))
        return found

    def _name(self, node: int) -> int:
        while node in self.gone:
            node = self.gone[node]
        return node


class Parts:
    """Numbers from 0 on in connected parts, in a few bytes each, however many there are."""

    def __init__(self, size: int) -> None:
        """Let each number be a part of its own."""
        self._parent = array("q", range(size))

    def join(self, a: int, b: int) -> None:
        """Make one part of those that hold `a` and `b`."""
        a, b = self.name(a), self.name(b)
        self._parent[max(a, b)] = min(a, b)

    def name(self, number: int) -> int:
        """Return the first number of a part, which names it."""
        parent = self._parent
        while parent[number] != number:
            parent[number] = number = parent[parent[number]]
        return number

    def batches(self, least: int) -> Iterator[list[int]]:
        """Yield all numbers in lists of whole parts, each of `least` numbers at least but the last."""
        size = len(self._parent)
        following, last = array("q", [-1]) * size, array("q", range(size))
        for number in range(size):
            part = self.name(number)
            if part != number:
                following[last[part]] = last[part] = number
        batch: list[int] = []
        for part in range(size):
            if self._parent[part] != part:
                continue
            number = part
            while number >= 0:
                batch.append(number)
                number = following[number]
            if len(batch) >= least:
                yield batch
                batch = []
        if batch:
            yield batch


def _parts(size: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """Return for each node what names its connected part."""
    parts = Parts(size)
    for a, b in pairs:
        parts.join(a, b)
    return [parts.name(node) for node in range(size)]
