"""Meeting: which articles of a set share a key, all at once; the store finds them one by one."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from aggregator.core.copies.copies import CANDIDATES


def meeting(keys: Sequence[Sequence[int]], since: Sequence[int] = (), *, first: int = 0) -> dict[int, list[int]]:
    """Return for each place those before it that are to be compared with it; places without any are left out.

    Args:
        keys: Of each article its `Signature.bands`; the articles stand in order of time.
        since: Of each article the first place that is near enough in time to be compared with it; of all 0 if not given.
        first: The first place that is asked about.
    """
    owners = np.repeat(np.arange(len(keys)), [len(own) for own in keys])
    if not len(owners):
        return {}
    every = np.concatenate([np.array(own, dtype=np.int64) for own in keys if len(own)])
    order = np.argsort(every, kind="stable")
    every, owners = every[order], owners[order]
    # Most keys have one owner.
    is_next = every[1:] == every[:-1]
    is_shared = np.append(is_next, False) | np.insert(is_next, 0, False)
    every, owners = every[is_shared], owners[is_shared]
    nearest = np.array(since or [0] * len(keys), dtype=np.int64)[owners]
    found = []
    # In a flood of one text each meets those next in time only.
    for distance in range(1, CANDIDATES + 1):
        same = every[distance:] == every[:-distance]
        if not same.any():
            break
        later, earlier = owners[distance:], owners[:-distance]
        same &= (later >= first) & (earlier >= nearest[distance:])
        found.append(later[same] * len(keys) + earlier[same])
    pairs, shared = np.unique(np.concatenate(found), return_counts=True) if found else (np.empty(0, np.int64),) * 2
    later, earlier = np.divmod(pairs, len(keys))
    is_pair = later != earlier
    met: dict[int, list[int]] = defaultdict(list)
    # Those that share most come first.
    for place in np.argsort(-shared, kind="stable"):
        if is_pair[place] and len(near := met[int(later[place])]) < CANDIDATES:
            near.append(int(earlier[place]))
    return {place: near for place, near in met.items() if near}
