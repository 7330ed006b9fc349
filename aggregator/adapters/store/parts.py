"""Where the keys by which copies are found stand in `band`: those of one part of time together, and apart those that will go.

The keys of a text are as good as drawn by lot. Where they alone say where a row stands, the rows of a new article are spread
over the pages of the whole archive, and cost the more the larger it is. So what stands in the table is a number of 47 bits,
which SQLite keeps in six bytes::

    1 bit: will it go | part of time, 14 bits | of the key, 32 bits

Thirty-two bits of a key agree by chance: among the 11 million rows of 56,000 articles in each of the two parts that are looked
through, one of the 97 keys of a new article finds a stranger in every fourth case. That costs a look at the text, which says
that it is none.

Of an old article one key in `KEPT` is enough: only what comes weeks late is still to find it, and that asks for all of its own.
The keys that stay are told by their own bits. How many in a hundred are then missed, of 1,500 made pairs of texts:

======================================================  =======  =======  =======  ========
one key in …                                                  4        6        8        12
======================================================  =======  =======  =======  ========
the whole of 430 word runs, and of 40                    0, 0     0, 0    0, .2    .1, 1.6
half of all shared (Jaccard .5), of 430 and of 60        0, 7    .1, 16   .3, 25   2.5, 40
200 and 100 word runs out of 430                        0, 3.5   .7, 10   2.6, 20  8.9, 33
======================================================  =======  =======  =======  ========

Fewer would save little: of some 97 rows with 20 bytes each one in four are 0.5 KB, one in twelve 0.2.
"""

from collections.abc import Sequence
from functools import lru_cache

#: Seconds of a part, 28 days: as long as the window in which copies are looked for before and after an article, so that they
#: stand in two parts at most. The rows that are stored go by it.
PART = 28 * 24 * 60 * 60
#: One key in so many stays. The rows that are stored go by this too.
KEPT = 4

_BITS = 32
_MASK = (1 << _BITS) - 1
_WILL_GO = 1 << 46
# What is dated before 1970 or after 2597 stands with the first and the last.
_LAST = (1 << 14) - 1


def in_part(key: int, dated: int) -> int:
    """Return what stands in `band` for a key of an article dated so, in seconds since 1970."""
    return _part(dated) << _BITS | _shortened(key)


def in_parts(key: int, since: int, until: int) -> Sequence[int]:
    """Return all that may stand there for a key of articles dated in [since, until], in order of time."""
    short = _shortened(key)
    return [part | short for part in _parts(since, until)]


def going(before: int) -> range:
    """Return all that may stand there and can go, of articles in parts that were over before a time."""
    return range(_WILL_GO, _WILL_GO | _part(before) << _BITS)


@lru_cache(maxsize=16)
def _parts(since: int, until: int) -> tuple[int, ...]:
    # Remembered, for all keys of an article are looked for in the same ones.
    return tuple(part << _BITS for part in range(_part(since), _part(until) + 1))


def _part(dated: int) -> int:
    return min(max(dated // PART, 0), _LAST)


def _shortened(key: int) -> int:
    # Both halves count: sampled word runs are told by the lower one alone, and stand out by its last bits.
    short = (key ^ key >> _BITS) & _MASK
    return short if short < (1 << _BITS) // KEPT else _WILL_GO | short
