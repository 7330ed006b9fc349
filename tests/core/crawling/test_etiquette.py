"""How we behaved, in sum and in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.crawling.etiquette import share, size, total, worst_first
from aggregator.domain.crawling import SiteHours

COUNTS = st.integers(0, 5)
SITES = st.builds(
    SiteHours,
    site=st.sampled_from("abcdef"),
    requests=COUNTS,
    feeds=COUNTS,
    conditional=COUNTS,
    unchanged=COUNTS,
    throttled=COUNTS,
    early=COUNTS,
    wire_bytes=COUNTS,
    saved_bytes=COUNTS,
    busiest_hour=COUNTS,
)


@given(st.lists(SITES))
def test_who_was_asked_too_early_comes_first(sites: list[SiteHours]) -> None:
    """Then who complained; no site is left out, and the sum is that of all."""
    ordered = worst_first(sites)
    assert sorted(map(repr, ordered)) == sorted(map(repr, sites))
    assert [one.early for one in ordered] == sorted((one.early for one in sites), reverse=True)
    whole = total(sites)
    assert whole.requests == sum(one.requests for one in sites)
    assert whole.busiest_hour == max((one.busiest_hour for one in sites), default=0)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (9_800_000, "9.8 MB"), (1_500, "1.5 kB"), (3 * 10**12, "3.0 TB")]
)
def test_bytes_read_well(count: int, text: str) -> None:
    """A person sees a number of few digits and a unit."""
    assert size(count) == text


def test_a_share_of_nothing_is_none() -> None:
    """A site that no feed comes from has no share of conditional requests."""
    assert (share(1, 4), share(0, 0)) == (0.25, None)
