"""Kill -9 at any moment: nothing that was recorded is lost, nothing is twice, nothing is half there."""

from pathlib import Path

import pytest

from tests.end_to_end.kills import live_through


@pytest.mark.slow
def test_kills_at_random_moments_lose_nothing(tmp_path: Path) -> None:
    """After each kill the database is sound and holds what it held; the updates that are let live bring all the rest."""
    left = live_through(tmp_path, 12, seed=7)

    assert left.kills == 12
    assert left.in_time >= 6
    assert (left.articles, left.missing) == (123, 0)
