"""Which article speaks for others that carry its text, and which text for a story.

The rule `original`, in this order:

1. an article that stands at the news agency its own text credits, before any reprint;
2. a complete text before a shortened one: complete is what has at least `COMPLETE` of the longest text's length, so that
   a paragraph added by a late reprint does not take the story away from who had it first;
3. the earliest;
4. the higher `weight` of the feed;
5. the address, in the order of its letters, and then the number: they decide nothing, but the same articles always give
   the same answer.

`fullest` puts the longest text first and follows `original` from 3 on. `my-weights` puts the higher weight first and
follows `original` for all articles of that weight.

Of a story of several texts the one that most outlets carry speaks, but an agency's own article comes before it under
`original`; `fullest` and `my-weights` ask first what they ask of articles.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import assert_never

from aggregator.domain.settings import Canonical
from aggregator.domain.stories import Member

#: Share of the longest text that counts as complete. A wire text with one paragraph added is about 1.1 times as long, one
#: cut to half is meant to lose: anything from .6 to .85 tells the two apart.
COMPLETE = 0.8


def ranked(members: Iterable[Member], rule: Canonical = Canonical.ORIGINAL) -> list[Member]:
    """Return `members`, the one that speaks for the others first."""
    members = list(members)
    longest = max((member.length for member in members), default=0)
    return sorted(members, key=_order(rule, longest))


def speaking(texts: Iterable[Sequence[Member]], rule: Canonical = Canonical.ORIGINAL) -> Member:
    """Return the article that speaks for a story; each of `texts` is `ranked`, and there is one at least."""

    def order(text: Sequence[Member]) -> tuple[object, ...]:
        first = text[0]
        spread = (-len({member.source for member in text}), *_earliest(first))
        match rule:
            case Canonical.ORIGINAL:
                return (not first.is_original, *spread)
            case Canonical.FULLEST:
                return (-first.length, *spread)
            case Canonical.MY_WEIGHTS:
                return (-first.weight, not first.is_original, *spread)
            case _:
                assert_never(rule)

    return min(texts, key=order)[0]


def _order(rule: Canonical, longest: int) -> Callable[[Member], tuple[object, ...]]:
    def original(member: Member) -> tuple[object, ...]:
        return (not member.is_original, member.length < COMPLETE * longest, *_earliest(member))

    match rule:
        case Canonical.ORIGINAL:
            return original
        case Canonical.FULLEST:
            return lambda member: (-member.length, *_earliest(member))
        case Canonical.MY_WEIGHTS:
            return lambda member: (-member.weight, *original(member))
        case _:
            assert_never(rule)


def _earliest(member: Member) -> tuple[object, ...]:
    return (member.dated, -member.weight, member.url, member.id)
