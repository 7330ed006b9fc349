"""Heed what a reader said of articles, above everything that is found."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise

from aggregator.core.copies.copies import texts
from aggregator.core.linking import link
from aggregator.domain.ids import ArticleId
from aggregator.domain.stories import Member, Ruling, Tie, Verdict


def told_apart(members: Sequence[Member], ties: Sequence[Tie], rulings: Sequence[Ruling]) -> list[list[Member]]:
    """Return the texts, none of which brings into one story what a reader parted, by way of what is to be together."""
    while True:
        found = texts(members, ties, rulings)
        bars = _bars(found, rulings)
        if not bars:
            return found
        rulings = [*rulings, *bars]


def _bars(found: Iterable[Sequence[Member]], rulings: Sequence[Ruling]) -> list[Ruling]:
    """Return which articles must not carry one text beside those that a reader named: one is to be with what he parted."""
    parted = {(ruling.a, ruling.b) for ruling in rulings if ruling.verdict is Verdict.APART}
    joined = [(ruling.a, ruling.b) for ruling in rulings if ruling.verdict is Verdict.TOGETHER]
    if not parted or not joined:
        return []
    named = {id for pair in (*parted, *joined) for id in pair}
    of_one_text = [pair for text in found for pair in pairwise(one.id for one in text if one.id in named)]
    side = _numbered(link(sorted(named), {}, 1.0, together=joined))
    bound = link(sorted(named), {}, 1.0, together=[*joined, *of_one_text])
    bound_in = _numbered(bound)
    torn = {bound_in[a] for a, b in parted if bound_in[a] == bound_in[b] and side[a] != side[b]}
    return [
        Ruling(a=a, b=b, verdict=Verdict.APART)
        for number in sorted(torn)
        for a, b in combinations(bound[number], 2)
        if side[a] != side[b] and (a, b) not in parted
    ]


def _numbered(clusters: Iterable[Sequence[ArticleId]]) -> dict[ArticleId, int]:
    return {id: number for number, ids in enumerate(clusters) for id in ids}


def grouped(
    size: int,
    likenesses: Mapping[tuple[int, int], float],
    threshold: float,
    ruled: Mapping[Verdict, Sequence[tuple[int, int]]],
) -> list[list[int]]:
    """Return which texts make a story: those that tell one event, and then what a reader put together.

    In this order, so that news of one of two events that are to be together still finds its own, instead of being held
    against both. Only where that would bring together what a reader parted, his word comes first.
    """
    together, apart = ruled[Verdict.TOGETHER], ruled[Verdict.APART]
    groups = link(range(size), likenesses, threshold, apart=apart)
    if not together:
        return groups
    groups = link(
        range(size), {}, threshold, together=[*together, *(pair for group in groups for pair in pairwise(group))]
    )
    group_of = {number: place for place, group in enumerate(groups) for number in group}
    if any(group_of[a] == group_of[b] for a, b in apart):
        return link(range(size), likenesses, threshold, together=together, apart=apart)
    return groups


def ruled_texts(rulings: Iterable[Ruling], verdict: Verdict, text_of: Mapping[ArticleId, int]) -> list[tuple[int, int]]:
    """Return the pairs of texts that a reader spoke of so, given the place of each article's text."""
    pairs = {(text_of[ruling.a], text_of[ruling.b]) for ruling in rulings if ruling.verdict is verdict}
    return sorted((a, b) for a, b in pairs if a != b)
