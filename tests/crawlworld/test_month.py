"""A month without a stop: what must not grow with time does not."""

from pathlib import Path

import pytest

from tests.crawlworld.month import grown, month


@pytest.mark.slow
def test_a_month_leaves_memory_and_files_flat(tmp_path: Path) -> None:
    """The last quarter holds within 5 % of the second one's memory, no more files and tasks, and a steady size an article."""
    looks = month(tmp_path)
    quarter = len(looks) // 4

    assert len(looks) >= 54
    assert grown(looks) < 0.05
    assert max(look.files for look in looks[-quarter:]) <= max(look.files for look in looks[quarter : 2 * quarter]) + 2
    assert max(look.tasks for look in looks[-quarter:]) <= max(look.tasks for look in looks[quarter : 2 * quarter]) + 5
    sizes = [
        (later.database - earlier.database) / (later.articles - earlier.articles)
        for earlier, later in ((looks[quarter], looks[2 * quarter]), (looks[2 * quarter], looks[-1]))
    ]
    assert sizes[1] < 1.25 * sizes[0]
