"""Layouts of several pages as one, and in a form that can be kept."""

from collections.abc import Mapping

from aggregator.core.wrappers.places import LINES, LOOSE, loose_kind
from aggregator.domain.wrappers import Branch, Fate, Layout


def places(branch: Branch) -> int:
    """Count the places of a branch."""
    return 1 + sum(places(within) for within in branch.branches.values())


def merged(one: Layout, other: Layout) -> Layout:
    """Return what two layouts of a site show together."""
    return Layout(
        body=_both(one.body, other.body),
        inline=one.inline | other.inline,
        most_left=max(one.most_left, other.most_left),
    )


def looks_elsewhere(known: Branch, shown: Branch) -> bool:
    """Tell whether a page's text was taken from where other pages have none: a stub, whose offers were read instead."""
    if known.fate is Fate.LEFT:
        return shown.fate is not Fate.LEFT
    return any(
        kind in known.branches and looks_elsewhere(known.branches[kind], branch)
        for kind, branch in shown.branches.items()
        if kind[0] not in LINES
    )


def _both(one: Branch, other: Branch) -> Branch:
    fate = one.fate | other.fate
    if fate is Fate.LEFT:
        return Branch(fate=fate)
    branches = dict(one.branches)
    for kind, branch in other.branches.items():
        known = kind if kind in branches else loose_kind(kind, branches)
        if known is None and (akin := _akin(kind, branch, branches, other.branches)):
            known = _common(akin, kind)
            branches[known] = _both(branches.get(known, branches[akin]), branches.pop(akin))
        branches[known or kind] = _both(branches[known], branch) if known else branch
    return Branch(fate=fate, branches=branches)


def _akin(kind: str, branch: Branch, known: Mapping[str, Branch], on_page: Mapping[str, Branch]) -> str | None:
    """Return the kind of the place that stood here on other pages with partly other classes."""
    for akin, place in known.items():
        is_left = place.fate is Fate.LEFT
        if akin not in on_page and is_left == (branch.fate is Fate.LEFT) and _common(akin, kind):
            return akin
    return None


def _common(one: str, other: str) -> str:
    """Return a loose kind of what two kinds share; empty where that is less than half of either's classes."""
    (tag, *names), (other_tag, *other_names) = one.removeprefix(LOOSE).split("."), other.removeprefix(LOOSE).split(".")
    shared = [name for name in names if name in other_names]
    if tag != other_tag or not shared or 2 * len(shared) < min(len(names), len(other_names)):
        return ""
    return f"{LOOSE}{'.'.join((tag, *shared))}"
