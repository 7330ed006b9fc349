"""Which article speaks for others that carry its text.

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
"""

from collections.abc import Callable, Iterable
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


def _order(rule: Canonical, longest: int) -> Callable[[Member], tuple[object, ...]]:
    def earliest(member: Member) -> tuple[object, ...]:
        return (member.dated, -member.weight, member.url, member.id)

    def original(member: Member) -> tuple[object, ...]:
        return (not member.is_original, member.length < COMPLETE * longest, *earliest(member))

    match rule:
        case Canonical.ORIGINAL:
            return original
        case Canonical.FULLEST:
            return lambda member: (-member.length, *earliest(member))
        case Canonical.MY_WEIGHTS:
            return lambda member: (-member.weight, *original(member))
        case _:
            assert_never(rule)
