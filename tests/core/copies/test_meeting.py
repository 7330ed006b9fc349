"""Which articles of a set share a key."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.copies.copies import CANDIDATES
from aggregator.core.copies.meeting import meeting
from aggregator.core.words.signature import sign
from tests.builders import words

_KEYS = st.lists(st.sets(st.integers(-3, 12) | st.sampled_from([-(2**63), 2**63 - 1]), max_size=6), max_size=14)


def _naive(keys: list[set[int]]) -> dict[int, list[int]]:
    met = {}
    for place, own in enumerate(keys):
        shared = {before: len(own & keys[before]) for before in range(place)}
        near = sorted(
            (before for before, count in shared.items() if count), key=lambda before: (-shared[before], before)
        )
        if near:
            met[place] = near
    return met


@given(_KEYS)
def test_those_that_share_a_key_meet(keys: list[set[int]]) -> None:
    """Each article meets those before it with which it shares a key, the ones first with which it shares most."""
    assert meeting([sorted(own) for own in keys]) == _naive(keys)


def test_a_key_that_stands_twice_counts_for_no_meeting_with_oneself() -> None:
    """An article never meets itself."""
    assert meeting([[5, 5], [7, 7]]) == {}
    assert meeting([[5, 5], [5]]) == {1: [0]}
    assert meeting([]) == meeting([[], []]) == {}


def test_texts_meet_by_their_signatures() -> None:
    """A text meets its whole and its edited copy, and no stranger."""
    whole, cut, stranger = words(300), words(120), words(300, start=5000)

    assert meeting([sign("", text).bands for text in (whole, stranger, cut)]) == {2: [0]}


def test_a_flood_of_one_text_is_bounded() -> None:
    """Of thousands with the same key each meets the CANDIDATES next before it, which keeps the flood linear."""
    met = meeting([[1]] * 3000)

    assert met[10] == list(range(10))
    assert all(sorted(near) == list(range(max(0, place - CANDIDATES), place)) for place, near in met.items())


def test_one_article_meets_no_more_than_can_be_looked_at() -> None:
    """An article that shares a key with each of several floods meets CANDIDATES, first those that share most with it."""
    floods = [[key] for key in range(10) for _ in range(30)]
    met = meeting([*floods, [50, 51], [*range(10), 50, 51]])

    assert len(met[301]) == CANDIDATES
    assert met[301][0] == 300


@given(_KEYS, st.integers(0, 14), st.integers(0, 14))
def test_only_those_near_enough_are_met(keys: list[set[int]], back: int, first: int) -> None:
    """Who is asked about meets as many places back as said, and nobody else is answered for."""
    since = [max(0, place - back) for place in range(len(keys))]
    near = {
        place: kept
        for place, met in _naive(keys).items()
        if place >= first and (kept := [other for other in met if other >= since[place]])
    }

    assert meeting([sorted(own) for own in keys], since, first=first) == near
