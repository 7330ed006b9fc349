"""Where the keys by which copies are found stand in `band`: those of one part of time together.

The keys of a text are as good as drawn by lot. Where they alone say where a row stands, the rows of a new article are spread
over the pages of the whole archive, and cost the more the larger it is. So what stands in the table is a number of 47 bits,
which SQLite keeps in six bytes::

    part of time, 15 bits | of the key, 32 bits

Thirty-two bits of a key agree by chance: among the 8 million rows of 28,000 articles in each of the three parts that are looked
through, one of the 97 keys of a new article finds a stranger in every fifth case. That costs a look at the text, which says
that it is none.
"""

from collections.abc import Sequence

#: Seconds of a part, 14 days: as long as the window in which copies are looked for before and after an article, so that they
#: stand in three parts at most. The rows that are stored go by it.
PART = 14 * 24 * 60 * 60

_BITS = 32
_MASK = (1 << _BITS) - 1
# What is dated before 1970 or after 3200 stands with the first and the last.
_LAST = (1 << 15) - 1


def in_part(key: int, dated: int) -> int:
    """Return what stands in `band` for a key of an article dated so, in seconds since 1970."""
    return _part(dated) << _BITS | _short(key)


def in_parts(key: int, since: int, until: int) -> Sequence[int]:
    """Return all that may stand there for a key of articles dated in [since, until], in order of time."""
    short = _short(key)
    return [part << _BITS | short for part in range(_part(since), _part(until) + 1)]


def _part(dated: int) -> int:
    return min(max(dated // PART, 0), _LAST)


def _short(key: int) -> int:
    # Both halves count: sampled shingles are told by the lower one alone.
    return (key ^ key >> _BITS) & _MASK
