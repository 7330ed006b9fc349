"""A wrapper as a line of JSON, to keep it."""

import json

from aggregator.domain.wrappers import Branch, Fate, Layout, Wrapper

#: Of the kinds of places and what is told by them; a wrapper of another version is learned anew.
_VERSION = 1


def to_json(wrapper: Wrapper) -> str:
    """Return a wrapper as `from_json` reads it."""
    layout = wrapper.layout
    shown = layout and [_branch(layout.body), sorted(layout.inline), layout.most_left]
    counts = [wrapper.proofs, wrapper.shortest, wrapper.falls, wrapper.barren]
    return json.dumps([_VERSION, counts, shown], ensure_ascii=False, separators=(",", ":"))


def from_json(line: str) -> Wrapper | None:
    """Return the wrapper that `to_json` wrote; None for what another version wrote."""
    version, *rest = json.loads(line)
    if version != _VERSION:
        return None
    (proofs, shortest, falls, barren), shown = rest
    layout = shown and Layout(body=_read_branch(shown[0]), inline=frozenset(shown[1]), most_left=shown[2])
    return Wrapper(layout=layout, proofs=proofs, shortest=shortest, falls=falls, barren=barren)


def _branch(branch: Branch) -> list[object]:
    within = {kind: _branch(place) for kind, place in branch.branches.items()}
    return [branch.fate.value, within] if within else [branch.fate.value]


def _read_branch(shown: list[object]) -> Branch:
    fate, *within = shown
    assert isinstance(fate, int)
    assert all(isinstance(places, dict) for places in within)
    branches = {
        kind: _read_branch(place) for places in within if isinstance(places, dict) for kind, place in places.items()
    }
    return Branch(fate=Fate(fate), branches=branches)
